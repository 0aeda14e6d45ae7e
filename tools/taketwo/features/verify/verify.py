"""
Cassettes held against a live service: which of the recorded answers it still gives.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from taketwo.cassette.base_urls import BaseUrls, is_at
from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.body.embedded import expanded
from taketwo.cassette.meaning import MEANINGLESS_HEADERS
from taketwo.cassette.model import DRAWN, Cassette, Exchange, Interaction, LiveRequest, Pairs, StoredRequest
from taketwo.cassette.normalize import normalize_exchange
from taketwo.cassette.parts import parts_of
from taketwo.cassette.record import make_cassette_after
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.visit import map_interaction
from taketwo.cassette.volatile.catalogue import catalogue_of
from taketwo.cassette.volatile.detect import Detector
from taketwo.cassette.volatile.generate import PLACEHOLDER
from taketwo.cassette.wire import with_query
from taketwo.compare.recordings import answer_difference, interaction_differences
from taketwo.compare.structure import ValueDifference
from taketwo.config.project import Config
from taketwo.config.services import ServiceConfig
from taketwo.contract.changes import Severity
from taketwo.contract.locks import read_locks
from taketwo.errors import ContractError, ServiceError, ServiceUnreachable
from taketwo.features.verify.live_contract import contract_diff
from taketwo.features.verify.live_service import LiveService
from taketwo.features.verify.live_values import LiveValues, MissingValueError
from taketwo.features.verify.permitted_data import PermittedByLock
from taketwo.features.verify.shapes import shape_differences
from taketwo.features.verify.writes import has_changed_something, is_found, is_write, reads_what_it_changes
from taketwo.refresh.explain import Explanation, causes_of, explain_all
from taketwo.refresh.inventory import inventory, name_of, service_contracts
from taketwo.refresh.ports import Observer
from taketwo.results import (
    CassetteResult,
    Cause,
    ContractDiff,
    Difference,
    DifferenceKind,
    Location,
    RefreshResult,
    Status,
)
from taketwo.services.service import Service
from taketwo.usage.usage import UsageReader
from taketwo.usage.validate import counts

_BUSY = frozenset({429, 503})
_REFUSED = frozenset({401, 403})
_NOT_COMPARED = frozenset({"reason", "chunks", "ended", "style"})


class Comparison(Enum):
    """
    What has to be as it was recorded.

    * ``SHAPE``: status, media type, and of JSON the members and types
    * ``CONTRACT``: the status, and whatever the contract in the lock says
    * ``EXACT``: everything but volatile values
    """

    SHAPE = "shape"
    CONTRACT = "contract"
    EXACT = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    What is verified: ``url`` is where it listens, ``recorded`` the address by which cassettes know it.

    ``service`` is None for what is no service of the project.
    """

    url: str
    recorded: str
    service: ServiceConfig | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """
    A recorded request that was not sent, or, where it *was_sent*, that the answer to says nothing.
    """

    cassette: str
    request: str
    reason: str
    was_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """
    What was found.

    * ``asked`` counts the requests that were sent
    * ``permitted`` are differences of other data: the lock says that both answers may be
    """

    result: RefreshResult
    asked: int
    skipped: tuple[Skipped, ...]
    permitted: tuple[Permitted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """
    A difference that the lock permits.
    """

    cassette: str
    difference: Difference


@dataclass(slots=True)
class _Sent:
    """
    The answers to what one test recorded, by the numbers of the interactions, and which of those *depend* on
    a request that changes something and was not sent.
    """

    exchanges: dict[int, Exchange] = field(default_factory=dict)
    dependent: set[int] = field(default_factory=set)
    drawn: Collection[str] = ()


@dataclass(slots=True, kw_only=True)
class Verification:
    """
    The parts that a verification works with.

    With *writes*, requests that change something are sent too, and the service is reset before each cassette
    where the project says how. *headers* are sent with each request, *own_headers* in the place of recorded
    ones of their names. *secrets* are the values in force by name.
    """

    config: Config
    target: Target
    live: LiveService
    comparison: Comparison
    writes: bool
    redactor: Redactor
    headers: Pairs = field(repr=False)
    own_headers: Pairs = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    observer: Observer
    _asked: int = field(default=0, init=False)
    _refused: list[str] = field(default_factory=list, init=False)
    _skipped: list[Skipped] = field(default_factory=list, init=False)
    _permitted: list[Permitted] = field(default_factory=list, init=False)
    _has_other_contract: bool = field(default=False, init=False)
    _reader: UsageReader | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        # Read once: each answer is compared with it.
        if (service := self.target.service) is not None:
            self._reader = UsageReader(service, read_locks(self.config.locks, service.name))

    def run(self, paths: Sequence[Path]) -> Verified:
        """
        Send what the cassettes at *paths* recorded of the target, and compare the answers.

        :raises ServiceError: when nothing listens there, or every request is refused.
        """
        diffs = tuple(self._contract_diffs())
        self._has_other_contract = any(one.differs for one in diffs)
        results = [one for path in paths for one in self._cassette(path)]
        if self._refused and len(self._refused) == self._asked:
            raise ServiceError(self._all_refused())
        explained, causes = self._explained(results, diffs)
        result = RefreshResult(contract_diffs=diffs, cassette_results=explained, causes=causes)
        return Verified(
            result=result, asked=self._asked, skipped=tuple(self._skipped), permitted=tuple(self._permitted)
        )

    def _all_refused(self) -> str:
        requests = "the one request" if self._asked == 1 else f"all {self._asked} requests"
        return (
            f"{self.target.url} refused {requests}; the first: {self._refused[0]}\n"
            "see whether the credentials are right: those of the environment and the headers of the service, "
            "or give others with --header 'NAME: VALUE'"
        )

    # ------------------------------------------------------------ contract

    def _contract_diffs(self) -> Iterator[ContractDiff]:
        if self._service is None:
            return
        try:
            yield from contract_diff(self.config, self._service)
        except ServiceUnreachable:
            raise
        except (ContractError, ServiceError) as error:
            self.observer.say(self.redactor.text(f"the contract is not compared: {error}"))

    @property
    def _service(self) -> Service | None:
        config = self.target.service
        if config is None:
            return None
        here = replace(config, command=(), address=None, health=None, url=self.target.url)
        return Service(here, environment=self.environment, root=self.config.root)

    def _explained(
        self, results: Sequence[CassetteResult], diffs: Sequence[ContractDiff]
    ) -> tuple[tuple[CassetteResult, ...], tuple[Cause, ...]]:
        changes = {one.service: one.changes for one in diffs}
        locked = {one.service: read_locks(self.config.locks, one.service) for one in diffs}
        new = {one.service: one.live for one in diffs if one.differs}
        stored = list(inventory(self.config, locked, new))
        services = service_contracts(self.config, locked, new, changes)
        explanation = Explanation(changes=changes, services=services)
        explained = explain_all(results, stored, explanation)
        return explained, causes_of(explanation, stored, explained)

    # ----------------------------------------------------------- cassettes

    def _cassette(self, path: Path) -> Iterator[CassetteResult]:
        cassette = read_cassette(path)
        for part in parts_of(cassette) if cassette is not None else ():
            if any(is_at(item.request.url, self.target.recorded) for item in part.interactions):
                found = self._part(name_of(self.config, path), part)
                if found is not None:
                    yield found

    def _part(self, name: str, part: Cassette) -> CassetteResult | None:
        """
        What differs in the answers to what one test recorded; None where nothing of it could be sent.
        """
        if self.writes:
            self._reset()
        result = CassetteResult(test=part.test, cassette=name, status=Status.UNCHANGED)
        try:
            sent = self._sent(name, part)
        except ServiceUnreachable:
            raise
        except ServiceError as error:
            return replace(result, status=Status.FAILED, message=self.redactor.text(str(error)))
        self._skip_conversations(name, part)
        return self._compared(result, part, sent) if sent.exchanges else None

    def _sent(self, name: str, part: Cassette) -> _Sent:
        """
        :raises ServiceError: when there is no answer.
        """
        sent, values = _Sent(), LiveValues(part, self.secrets)
        unsent: list[StoredRequest] = []
        for number, item in enumerate(part.interactions):
            reason = self._reason_to_skip(item)
            try:
                request = None if reason else self._live(values, number, part)
            except MissingValueError as error:
                request, reason = None, str(error)
            if request is None:
                self._skip(name, item.request, reason)
                unsent += [item.request] if has_changed_something(item) else []
                continue
            exchange = self._answered(request, item, number)
            values.learn(number, normalize_exchange(exchange, self._bases).response)
            changed_by = next((one for one in unsent if reads_what_it_changes(item.request, one)), None)
            if changed_by is not None:
                sent.dependent.add(number)
            if changed_by is not None and _is_there_in_one(item.response.status, exchange.response.status):
                why = f"it asks for what {changed_by.method} {changed_by.url} changes, which was not sent"
                self._skip(name, item.request, why, was_sent=True)
            else:
                sent.exchanges[number] = exchange
        sent.drawn = values.drawn
        return sent

    def _answered(self, request: LiveRequest, item: Interaction, number: int) -> Exchange:
        answer = self.live.ask(request, is_busy_expected=item.response.status in _BUSY)
        self._asked += 1
        if answer.status in _REFUSED:
            self._refused.append(f"{item.request.method} {item.request.url} gave status {answer.status}")
        return Exchange(request=request, response=answer, issued=2 * number, answered=2 * number + 1)

    def _reset(self) -> None:
        service = self._service
        if service is not None and service.config.reset is not None:
            service.start()
            service.reset()

    def _reason_to_skip(self, item: Interaction) -> str:
        if not is_at(item.request.url, self.target.recorded):
            return "it goes to another address"
        if is_write(item.request) and not self.writes:
            return "it may change something; --writes sends it"
        if item.response.status in _REFUSED:
            return "it was refused when it was recorded; no cassette holds the credentials that were"
        return ""

    def _skip(self, cassette: str, request: StoredRequest, reason: str, *, was_sent: bool = False) -> None:
        what = f"{request.method} {request.url}"
        self._skipped.append(Skipped(cassette=cassette, request=what, reason=reason, was_sent=was_sent))

    def _skip_conversations(self, name: str, part: Cassette) -> None:
        for talk in part.conversations:
            self._skip(name, talk.request, "conversations over WebSockets are not verified")

    def _live(self, values: LiveValues, number: int, part: Cassette) -> LiveRequest:
        """
        :raises MissingValueError: when a value is needed that no answer has given.
        """
        given = self._given_headers(part.interactions[number].request)
        stored = values.request(number, without={name.lower() for name, _ in given})
        there = BaseUrls({self.target.recorded: self.target.url}).stable
        url = self.target.url + stored.url.removeprefix(self.target.recorded)
        return LiveRequest(
            method=stored.method,
            url=with_query(url, stored.query),
            headers=(*((name, there(value)) for name, value in stored.headers), *given),
            body=body_to_bytes(expanded(stored.body, part.files)),
        )

    def _given_headers(self, recorded: StoredRequest) -> Pairs:
        """
        What replaces recorded headers, or comes beside them.
        """
        names = {name for name, _ in recorded.headers} - {name.lower() for name, _ in self.headers}
        own = (pair for pair in self.own_headers if pair[0].lower() in names)
        return (*own, *self.headers)

    @property
    def _bases(self) -> BaseUrls:
        return BaseUrls({self.target.url: self.target.recorded})

    # ---------------------------------------------------------- comparison

    def _compared(self, result: CassetteResult, part: Cassette, sent: _Sent) -> CassetteResult:
        before = replace(
            part, interactions=tuple(part.interactions[number] for number in sent.exchanges), conversations=()
        )
        after = make_cassette_after(
            list(sent.exchanges.values()),
            head=replace(before, interactions=(), files={}),
            redactor=self.redactor,
            bases=self._bases,
            conversations=(),
            finder=Detector(
                self.config.placeholders, catalogue=catalogue_of(self.config.volatile), now=time.time()
            ),
            audio=self.config.audio,
            is_constant=lambda text: text not in sent.drawn,
        ).cassette
        before, after = (_in_place(_renumbered(one), part, sent) for one in (before, after))
        differences = tuple(self._differences(result.cassette, before, after, sent))
        if not differences:
            return result
        return replace(result, status=Status.CHANGED, differences=differences, before=before, after=after)

    def _differences(
        self, cassette: str, before: Cassette, after: Cassette, sent: _Sent
    ) -> Iterator[Difference]:
        if self.comparison is Comparison.CONTRACT:
            yield from self._contradictions(before, after)
        for number in sent.exchanges:
            if self.comparison is Comparison.EXACT:
                for one in interaction_differences(number, before, after, number):
                    if _counts_exactly(one):
                        yield one
                continue
            yield from self._shape_differences(cassette, before, after, number, sent)

    def _shape_differences(
        self, cassette: str, before: Cassette, after: Cassette, number: int, sent: _Sent
    ) -> Iterator[Difference]:
        old, new = before.interactions[number], after.interactions[number]
        is_permitted = self._what_is_permitted(old, new)
        for found in shape_differences(old.response, new.response):
            if self.comparison is not Comparison.SHAPE and found.steps[1] != "status":
                continue
            if number in sent.dependent and _is_null_in_one(found):
                continue
            difference = answer_difference(found, number, old)
            if is_permitted(found):
                self._permitted.append(Permitted(cassette=cassette, difference=difference))
            else:
                yield difference

    def _what_is_permitted(self, old: Interaction, new: Interaction) -> Callable[[ValueDifference], bool]:
        """
        Which differences are those of other data; none where the contract itself is another one by now.
        """
        if self._reader is None or self._has_other_contract:
            return lambda _: False
        return PermittedByLock(self._reader, old, new)

    def _contradictions(self, before: Cassette, after: Cassette) -> Iterator[Difference]:
        """
        What of the answers the contract in the lock does not allow.
        """
        if self._reader is None:
            return
        recorded = {(number, str(one)) for number, one in self._reader.usage(before).mistakes}
        for number, mistake in self._reader.usage(after).mistakes:
            if counts(mistake) and (number, str(mistake)) not in recorded:
                request = after.interactions[number].request
                place = Location(interaction=number, target=f"{request.method} {request.url}")
                yield Difference(
                    kind=DifferenceKind.CHANGED,
                    location=place.at(("response", "contract")),
                    new_location=place.at(("response", "contract")),
                    before=mistake.coordinate,
                    after=mistake.message,
                    severity=Severity.BREAKING,
                )


def _counts_exactly(difference: Difference) -> bool:
    place = difference.location
    if place.side != "response" or place.part in _NOT_COMPARED:
        return False
    return place.part != "headers" or place.name not in MEANINGLESS_HEADERS


def _is_there_in_one(recorded: int, live: int) -> bool:
    """
    Whether by these statuses the service has what it was asked for, and has not, one of the two times.
    """
    return {is_found(recorded), is_found(live)} == {False, True}


def _is_null_in_one(difference: ValueDifference) -> bool:
    return difference.kind is DifferenceKind.CHANGED and (
        difference.before is None or difference.after is None
    )


def _in_place(compared: Cassette, part: Cassette, sent: _Sent) -> Cassette:
    """
    *part* with the interactions that are *compared*, so that each keeps its number in the cassette.
    """
    interactions = dict(enumerate(part.interactions))
    interactions |= dict(zip(sent.exchanges, compared.interactions, strict=True))
    return replace(compared, interactions=tuple(interactions.values()))


def _renumbered(cassette: Cassette) -> Cassette:
    """
    *cassette* with placeholders that are numbered as they appear: some requests may not have been sent.
    """
    numbers: dict[tuple[str, str], int] = {}

    def numbered(text: str) -> str:
        if "<" not in text:
            return text
        return PLACEHOLDER.sub(lambda found: _with_number(found, numbers), text)

    return replace(
        cassette, interactions=tuple(map_interaction(item, numbered) for item in cassette.interactions)
    )


def _with_number(found: re.Match[str], numbers: dict[tuple[str, str], int]) -> str:
    escaped, kind, name = found.groups()
    if escaped or kind in DRAWN or kind == "secret":
        return found[0]
    number, colon, form = name.partition(":")
    return f"<{kind}:{numbers.setdefault((kind, number), len(numbers) + 1)}{colon}{form}>"
