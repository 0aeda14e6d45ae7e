"""
A new recording compared with the accepted cassette: what differs, what explains it, what is to be decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from taketwo.cassette.model import Cassette
from taketwo.cassette.parts import part_of
from taketwo.cassette.store.read import read_cassette, read_text
from taketwo.compare.recordings import compare_cassettes
from taketwo.contract.changes import Change, Severity
from taketwo.errors import CassetteError
from taketwo.refresh.answer_reading import ServiceContracts
from taketwo.refresh.attribution import ServiceChange, attribute
from taketwo.refresh.failures import is_shown_in
from taketwo.refresh.inventory import StoredCassette
from taketwo.refresh.unread import UnreadValues
from taketwo.report.result_text import behaviour_text
from taketwo.results import (
    CassetteResult,
    Cause,
    Difference,
    DifferenceKind,
    Status,
    behaviour_cause_id,
    contract_cause_id,
    worst_severity,
)
from taketwo.usage.usage import UsageReader

Changes = Mapping[str, Sequence[Change]]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """
    Explains results by the changes of contracts.

    *changes* are by service; *services* read recordings by the old and the new contracts of those, *readers*
    by the locks of all services.
    """

    changes: Changes
    services: Sequence[ServiceContracts] = field(default=(), repr=False)
    readers: Sequence[UsageReader] = field(default=(), repr=False)

    def explained(self, result: CassetteResult, stored: StoredCassette | None) -> CassetteResult:
        """
        *result* with the causes of its differences; *stored* is its accepted cassette.
        """
        touched_by = stored.touched_by(self.changes) if stored is not None else ()
        differences = tuple(self._differences(result))
        if stored is not None and result.before is not None and stored.unread:
            unread = UnreadValues(cassette=result.before, locks=stored.unread, readers=self.readers)
            differences = tuple(
                one if self._is_noticed(one, stored) else unread.judged(one) for one in differences
            )
        result = replace(result, touched_by=touched_by, differences=differences)
        if result.status is Status.FAILED:
            return _failure_explained(result)
        causes = [cause for one in differences for cause in one.causes]
        if not differences:
            causes = [self.id_of(reason) for reason in self._touching(touched_by)]
        return replace(result, causes=tuple(dict.fromkeys(causes)))

    @cached_property
    def groups(self) -> list[tuple[str, list[Change]]]:
        """
        The changes of each service; a change of something that many places share is one.
        """
        return [
            (service, group) for service, listed in sorted(self.changes.items()) for group in _groups(listed)
        ]

    def id_of(self, reason: ServiceChange) -> str:
        return self._ids[reason]

    @cached_property
    def _ids(self) -> dict[ServiceChange, str]:
        return {
            (service, change): contract_cause_id(service, group[0])
            for service, group in self.groups
            for change in group
        }

    def _differences(self, result: CassetteResult) -> Iterator[Difference]:
        if result.before is None or result.after is None:
            return
        reasons = attribute(result.before, result.after, result.differences, self.services)
        for one, own in zip(result.differences, reasons, strict=True):
            if one.location.is_head:
                yield one
            elif own:
                causes = tuple(dict.fromkeys(self.id_of(reason) for reason in own))
                yield replace(one, causes=causes, is_explained=True)
            else:
                yield replace(one, causes=(behaviour_cause_id(one),))

    def _is_noticed(self, difference: Difference, stored: StoredCassette) -> bool:
        """
        Whether it is due to a change that concerns more than what the test leaves unread, such as one that
        has the service refuse the request: that the test does not look at the answer makes it no safer.
        """
        groups = {contract_cause_id(service, group[0]): (service, group) for service, group in self.groups}
        found = [groups[cause] for cause in difference.causes if cause in groups]
        return not all(stored.leaves_unread(service, group) for service, group in found)

    def _touching(self, touched_by: Sequence[Change]) -> Iterator[ServiceChange]:
        touched = set(touched_by)
        for service, group in self.groups:
            yield from ((service, change) for change in group if change in touched)


def explain_all(
    results: Iterable[CassetteResult], all_stored: Iterable[StoredCassette], explanation: Explanation
) -> tuple[CassetteResult, ...]:
    """
    Each result explained; what was accepted for a test may have had another name then.
    """
    by_test = {(one.name, test): one for one in all_stored for test in (one.cassette.test, "")}
    return tuple(
        explanation.explained(one, by_test.get((one.cassette, one.test)) or by_test.get((one.cassette, "")))
        for one in results
    )


def causes_of(
    explanation: Explanation, all_stored: Sequence[StoredCassette], results: Sequence[CassetteResult]
) -> tuple[Cause, ...]:
    """
    What is to be decided: first what no contract explains, then one cause for each change of a contract, the
    worst that is used first.
    """
    worst_first = list(Severity)[::-1]
    found = [_contract_cause(service, group, all_stored, results) for service, group in explanation.groups]
    ordered = sorted(found, key=lambda cause: (not cause.is_used, worst_first.index(cause.severity)))
    return (*behaviour_causes(results), *ordered)


def behaviour_causes(results: Iterable[CassetteResult]) -> tuple[Cause, ...]:
    """
    What no change explains, once for each place, however many cassettes show it, the worst first.
    """
    seen: dict[str, list[tuple[CassetteResult, Difference]]] = {}
    for result in results:
        for difference in result.unexplained:
            seen.setdefault(behaviour_cause_id(difference), []).append((result, difference))
    found = [_behaviour_cause(identity, shown) for identity, shown in seen.items()]
    return tuple(sorted(found, key=order_of_unexplained))


def order_of_unexplained(cause: Cause) -> tuple[int, str, str]:
    """
    The worst first, then by place.
    """
    return -list(Severity).index(cause.severity), cause.coordinate, cause.sentence


def compare_recordings(result: CassetteResult, accepted: Path, recording: Path) -> CassetteResult:
    """
    *result* with its status, and what differs between the two files.

    :raises CassetteError: when the recording cannot be read; a damaged accepted cassette is reported.
    """
    try:
        return _compare_one(result, accepted, recording)
    except CassetteError as error:
        # Damaged is not missing: what is left of it may be wanted, so the new recording waits beside it.
        after = read_cassette(recording)
        return replace(result, status=Status.CHANGED, message=str(error), after=after)


def compare_failed(result: CassetteResult, accepted: Path, recording: Path) -> CassetteResult:
    """
    *result*, of a test that failed, with what differs in what it had recorded until then.
    """
    try:
        before, after = read_cassette(accepted), read_cassette(recording)
    except CassetteError:
        return result
    before = before and part_of(before, result.test)
    if before is None or after is None:
        return result
    return replace(result, differences=tuple(_until_failure(before, after)), before=before, after=after)


def _until_failure(before: Cassette, after: Cassette) -> Iterator[Difference]:
    """
    What the test did not come to is no difference of the service.
    """
    for one in compare_cassettes(before, after):
        is_gone = one.kind is DifferenceKind.REMOVED and (
            one.is_whole or one.location.conversation is not None
        )
        if not (is_gone or one.location.is_head):
            yield one


def _failure_explained(result: CassetteResult) -> CassetteResult:
    """
    A failure is explained when every difference that it shows is, and by the causes of those.
    """
    shown = [one for one in result.differences if is_shown_in(result.message, one)]
    causes = tuple(dict.fromkeys(cause for one in shown for cause in one.causes))
    is_explained = bool(shown) and all(one.is_explained for one in shown)
    return replace(result, causes=causes, is_failure_explained=is_explained)


def _compare_one(result: CassetteResult, accepted: Path, recording: Path) -> CassetteResult:
    before_text, before = read_text(accepted), read_cassette(accepted)
    after = read_cassette(recording)
    is_shared = bool(before and before.parts) or bool(after and after.parts)
    if is_shared:
        # What another test of the same cassette recorded is reported with that one.
        before, after = (one and part_of(one, result.test) for one in (before, after))
    if before is None or after is None:
        return replace(result, status=Status.NEW, after=after)
    if before_text == read_text(recording) or (is_shared and before == after):
        return result
    differences = compare_cassettes(before, after)
    status = Status.CHANGED if differences else Status.RENEWED
    return replace(result, status=status, differences=differences, before=before, after=after)


def _groups(changes: Iterable[Change]) -> Iterable[list[Change]]:
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.id, change.message), []).append(change)
    return groups.values()


def _contract_cause(
    service: str,
    group: Sequence[Change],
    all_stored: Iterable[StoredCassette],
    results: Iterable[CassetteResult],
) -> Cause:
    identity = contract_cause_id(service, group[0])
    touching = [one for one in all_stored if one.touched_by({service: group})]
    caused = [one for one in results if identity in one.causes]
    more = len(group) - 1
    failing = [one.test for one in caused if one.status is Status.FAILED and one.is_failure_explained]
    unread = [one for one in touching if one.leaves_unread(service, group)]
    is_unread = bool(unread) and len(unread) == len(touching) and not failing
    readers = {one.name for one in touching if one not in unread}
    return Cause(
        id=identity,
        severity=Severity.SAFE if is_unread else group[0].severity,
        promised=group[0].severity,
        unread=tuple(dict.fromkeys(one.name for one in unread if one.name not in readers)),
        coordinate=f"{group[0].coordinate} (and {more} more)" if more else group[0].coordinate,
        sentence=group[0].message,
        service=service,
        changes=tuple(group),
        tests=tuple(dict.fromkeys(one.cassette.test for one in touching if one.cassette.test)),
        cassettes=tuple(dict.fromkeys([*(one.name for one in touching), *(one.cassette for one in caused)])),
        explained=tuple(
            dict.fromkeys(
                one.cassette for one in caused if one.differences and one.status is not Status.FAILED
            )
        ),
        failing=tuple(failing),
    )


def _behaviour_cause(identity: str, shown: Sequence[tuple[CassetteResult, Difference]]) -> Cause:
    example = shown[0][1]
    cassettes = tuple(dict.fromkeys(result.cassette for result, _ in shown))
    return Cause(
        id=identity,
        severity=worst_severity(difference for _, difference in shown) or Severity.SAFE,
        coordinate=example.location.pattern,
        sentence=behaviour_text(example),
        tests=tuple(dict.fromkeys(result.test for result, _ in shown)),
        cassettes=cassettes,
        explained=tuple(
            dict.fromkeys(result.cassette for result, _ in shown if result.status is not Status.FAILED)
        ),
        failing=tuple(
            dict.fromkeys(
                result.test
                for result, _ in shown
                if result.status is Status.FAILED and identity in result.causes
            )
        ),
    )
