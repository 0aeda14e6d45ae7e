"""
The cassette of one test while it is replayed, apart from how the test's HTTP is intercepted.

Several threads and tasks may call it concurrently.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.deciding_headers import counted, preferred
from taketwo.cassette.glance import Glance, glance_at
from taketwo.cassette.index import Fingerprint, Group, Index, Wire
from taketwo.cassette.model import Cassette, LiveRequest, LiveResponse, Pairs, StoredRequest
from taketwo.config.playback import Order, Pace, Playback
from taketwo.errors import CassetteNotFound, NoMatch

if TYPE_CHECKING:
    from taketwo.cassette.replay import Replay
    from taketwo.cassette.secrets.redact import Redactor
    from taketwo.compare.structure import ValueDifference
    from taketwo.config.audio import AudioRule
    from taketwo.playback.drawn_requests import DrawnRequests
    from taketwo.playback.faults import Faults

Secrets = Callable[[], "tuple[Redactor, Mapping[str, str]]"]
"""Gives what finds secrets, and the values in force by name."""

Hint = Callable[[LiveRequest], Sequence[str]]


_MOST_COUNTED = 256
_counted: dict[tuple[Hashable, tuple[str, ...]], Pairs] = {}
"""
The headers that count of those that were sent, by the names that count beside the usual: clients send the
same ones in every test.
"""


class Player:
    """
    A cassette being played for a test; ``unmatched`` keeps the errors of requests that it could not answer,
    ``advice`` is a line for each of them. ``faults`` are those that its requests meet, if there are any.

    Nothing is made of the cassette before it is asked for: requests when the first one comes in, a response
    when it is played. The *replay*, which knows secrets and generated values, is made when a glance at the
    cassette is not enough.
    """

    def __init__(
        self,
        cassette: Cassette | None,
        replay: Callable[[], Replay],
        *,
        name: str,
        test: str,
        bases: BaseUrls,
        playback: Playback,
        hint: Hint,
    ) -> None:
        self.cassette = cassette
        self._make_replay = replay
        self._replay: Replay | None = None
        self._making = threading.Lock()
        self.name = name
        self.test = test
        self.bases = bases
        self.playback = playback
        self.advice = ""
        self._hint = hint
        self.unmatched: list[str] = []
        self.loose: list[tuple[int, StoredRequest]] = []
        self.plays: dict[int, int] = {}
        self.faults: Faults | None = None
        self._lock = threading.Lock()
        self._next = 0
        # Of requests that were found at a glance, one for all that have equal headers: what these teach of
        # secrets is seldom needed, and to keep every request would keep its whole body.
        self._unread: dict[object, IncomingRequest] = {}

    @cached_property
    def _glance(self) -> Glance | None:
        return None if self.cassette is None else glance_at(self.cassette, self.playback.match_headers)

    @property
    def replay(self) -> Replay:
        """
        What the cassette gives beyond a glance at it.
        """
        if self._replay is None:
            with self._making:
                self._replay = self._made_once()
        return self._replay

    def _made_once(self) -> Replay:
        """
        Another thread may have made it meanwhile.
        """
        return self._replay or self._make_replay()

    def response(self, number: int) -> LiveResponse:
        """
        The response of the interaction *number*, as it goes to the client.
        """
        found = None if self._glance is None else self._glance.response(number)
        return self.replay.response(number) if found is None else found

    @property
    def count(self) -> int:
        return len(self.cassette.interactions) if self.cassette else 0

    def take(self, request: LiveRequest) -> int | None:
        """
        The number of the interaction that answers *request*, which is used up by it; None if there is none.
        """
        return self.find(incoming_request(request))

    def find(self, wanted: IncomingRequest) -> int | None:
        """
        The same for a request of which no more is read than what it takes.
        """
        with self._lock:
            counting = _counted.get((wanted.headers, self.playback.match_headers))
            if counting is None:
                counting = self._counting(wanted)
            wire = wanted.wire._replace(headers=counting) if counting else wanted.wire
            group = self._index.by_wire(wire)
            if group is None:
                group = self._index.by_value(self._print(self._incoming(wanted)), wire)
            else:
                self._unread.setdefault(wanted.headers, wanted)
            if group is None and self._has_drawn:
                group = self._drawn.find(self._incoming(wanted), self._index, repeats=self.playback.repeats)
            number = None if group is None else self._played(self._variant(group, wanted), wanted)
            if number is not None and self._has_drawn:
                self._drawn.bind(number, lambda: self._incoming(wanted))
            if number is not None and self._repeats_secrets(number):
                self._incoming(wanted)
                self.replay.note_sent(number)
            return self._as_vcrpy(wanted) if number is None else number

    def find_refusal(self, wanted: IncomingRequest) -> int | None:
        """
        The same for a client that waits to be asked for the body of its request, where the service answered
        instead.
        """
        with self._lock:
            group = self._index.by_value(self._print(self._incoming(wanted)))
            if group is None or group.is_used_up:
                return None
            headers = dict(self._requests[group.numbers[0]].headers)
            return self._played(group, wanted) if "expect" in headers else None

    def use(self, number: int, request: LiveRequest) -> None:
        """
        Note that an interaction is played to *request* which was found in another way.
        """
        with self._lock:
            if not self._meets_fault(number, request):
                self._count(number)

    def rewind(self) -> None:
        """
        Play everything from the beginning again.
        """
        with self._lock:
            self.plays.clear()
            self._next = 0
            vars(self).pop("_index", None)

    def refuse(self, request: LiveRequest) -> NoMatch | CassetteNotFound:
        """
        The error for a request that :meth:`take` found no answer to.
        """
        hint = [*self._hint(request), *([self.advice] if self.advice else [])]
        with self._lock:
            incoming = self._incoming(incoming_request(request))
            what, _, advice = self._explained(incoming).rpartition("\n")
            message = "\n".join([what, *hint, advice])
            self.unmatched.append(message)
        return CassetteNotFound(message) if self.cassette is None else NoMatch(message)

    def nearness(self, request: LiveRequest) -> tuple[float, ...]:
        """
        How far the nearest recorded request is from *request*, where several cassettes may be asked.
        """
        from taketwo.playback.messages import nearness  # noqa: PLC0415 - as below

        with self._lock:
            incoming = self._incoming(incoming_request(request))
            return nearness(incoming, self._requests, self.playback.match_headers)

    def meet(self, faults: Faults) -> None:
        """
        Have requests meet *faults* from now on.
        """
        self.faults = faults
        faults.report = self.unmatched.append

    @property
    def unplayed_numbers(self) -> list[int]:
        if self.faults is None and len(self.plays) == self.count:
            return []
        with self._lock:
            return [number for number in range(self.count) if not self._is_met(number)]

    @property
    def unplayed(self) -> int:
        return self.count - len(self.plays) if self.faults is None else len(self.unplayed_numbers)

    def _is_met(self, number: int) -> bool:
        """
        Whether the interaction was played, or met a fault.
        """
        return number in self.plays or (self.faults is not None and self.faults.has_struck(number))

    def line(self, request: LiveRequest) -> str:
        """
        A request of the client in one line.
        """
        from taketwo.playback.messages import line_of  # noqa: PLC0415 - as below

        with self._lock:
            return line_of(self._incoming(incoming_request(request)))

    def lines(self, numbers: Sequence[int]) -> list[str]:
        """
        The requests of those interactions, each in one line.
        """
        from taketwo.playback.messages import line_of  # noqa: PLC0415 - as below

        return [line_of(self._requests[number]) for number in numbers]

    @cached_property
    def _requests(self) -> Sequence[StoredRequest]:
        return self.replay.requests()

    @cached_property
    def _index(self) -> Index:
        # No method of this: what refers to itself stays in memory until the garbage is collected.
        by_value = partial(_fingerprint, self.playback.match_headers)
        return self.replay.index() if self._glance is None else self._glance.index(by_value)

    def _repeats_secrets(self, number: int) -> bool:
        if self._glance is not None and not self._glance.may_repeat_secrets(number):
            return False
        return self.replay.repeats_secrets(number)

    def _counting(self, wanted: IncomingRequest) -> Pairs:
        """
        The headers of a request that count; most have none. It is the first with these headers.
        """
        found = counted(wanted.whole().headers, self.playback.match_headers)
        if len(_counted) >= _MOST_COUNTED:
            _counted.clear()
        _counted[wanted.headers, self.playback.match_headers] = found
        return found

    def _print(self, request: StoredRequest) -> Fingerprint:
        return _fingerprint(self.playback.match_headers, request)

    def _variant(self, group: Group, wanted: IncomingRequest) -> Group:
        """
        Those of *group* that have the deciding headers of the request.
        """
        return group.variant(preferred(self._incoming(wanted).headers, group.names)) if group.names else group

    @cached_property
    def _has_drawn(self) -> bool:
        may_be = self._glance is None or self._glance.may_be_drawn()
        return may_be and bool(self._drawn)

    @cached_property
    def _drawn(self) -> DrawnRequests:
        from taketwo.playback.drawn_requests import DrawnRequests  # noqa: PLC0415 - as in player_of

        return DrawnRequests(self.replay, partial(_fingerprint, self.playback.match_headers))

    def _incoming(self, wanted: IncomingRequest) -> StoredRequest:
        for earlier in self._unread.values():
            self.replay.learn(earlier.whole().headers)
        self._unread.clear()
        return self.replay.incoming(wanted.whole(), self.bases)

    def _as_vcrpy(self, wanted: IncomingRequest) -> int | None:
        """
        What VCR.py would play of a cassette of its own: it looks at methods and URLs, and at no body.
        """
        if self.cassette is None or self.cassette.tests:
            return None
        incoming = self._incoming(wanted)
        group = self._index.by_address(self._print(incoming))
        number = None if group is None else self._played(self._variant(group, wanted), wanted)
        if number is not None:
            self.loose.append((number, incoming))
        return number

    @property
    def loose_requests(self) -> list[tuple[str, list[ValueDifference]]]:
        """
        The requests that only VCR.py's rules found an answer to, each with what differs from the recorded.
        """
        if not self.loose:
            return []
        from taketwo.playback.messages import matched_loosely  # noqa: PLC0415 - seldom needed

        blank = self.replay.redactor.blanked
        return [matched_loosely(self._requests[number], sent, blank=blank) for number, sent in self.loose]

    def _played(self, group: Group, wanted: IncomingRequest) -> int | None:
        number = group.next(repeats=self.playback.repeats)
        if number is None or (not group.is_used_up and number != self._turn(number)):
            return None
        if self.faults is not None and self._meets_fault(number, wanted.whole()):
            return number
        group.advance()
        self._count(number)
        return number

    def _meets_fault(self, number: int, request: LiveRequest) -> bool:
        """
        Whether *request* meets a fault; then the interaction is left to be played when it is sent again.
        """
        if self.faults is None:
            return False
        recorded = self._requests[number]
        alike = sum(recorded.is_alike(one) for one in self._requests)
        return self.faults.strike(number, recorded, request, alike=alike)

    def _count(self, number: int) -> None:
        self.plays[number] = self.plays.get(number, 0) + 1

    def _turn(self, number: int) -> int:
        """
        The number of the interaction that is to be played next: *number* where any order is allowed.
        """
        if self.playback.order is Order.ANY or self._is_met(number):
            return number
        while self._next < self.count and self._is_met(self._next):
            self._next += 1
        return self._next

    def _explained(self, incoming: StoredRequest) -> str:
        from taketwo.playback.messages import (  # noqa: PLC0415 - seldom needed
            no_cassette,
            no_match,
            out_of_order,
        )

        if self.cassette is None:
            return no_cassette(self.name, incoming, test=self.test, is_with_fault=self.faults is not None)
        group = self._index.by_value(self._print(incoming))
        deciding: Pairs = ()
        if group is not None and group.names:
            deciding = preferred(incoming.headers, group.names)
            deciding, group = (deciding if deciding in group.variants else ()), group.variant(deciding)
        if group is not None and not group.is_used_up:
            turn = self._turn(group.numbers[group.position])
            return out_of_order(
                incoming,
                self._requests,
                turn=turn,
                place=group.numbers[group.position],
                cassette=self.name,
                test=self.test,
            )
        played = self._drawn.times_played(incoming) if group is None else len(group.numbers)
        return no_match(
            incoming,
            self._drawn.shown(self._requests, incoming) if self._drawn else self._requests,
            notes=self._drawn.notes,
            cassette=self.name,
            test=self.test,
            times_played=played,
            deciding=deciding,
            headers=self.playback.match_headers,
            blank=self.replay.redactor.blanked,
        )


def _fingerprint(listed: Collection[str], request: StoredRequest) -> Fingerprint:
    from taketwo.cassette.match import fingerprint  # noqa: PLC0415 - as in player_of

    return fingerprint(request, listed)


class IncomingRequest:
    """
    A request as the client's library holds it: what decides on a match at a glance, and *whole* for the rest.

    *headers* are equal for requests whose headers are.
    """

    __slots__ = ("headers", "whole", "wire")

    def __init__(self, wire: Wire, headers: Hashable, whole: Callable[[], LiveRequest]) -> None:
        self.wire = wire
        self.headers = headers
        self.whole = whole


def incoming_request(request: LiveRequest) -> IncomingRequest:
    media_type = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    body = bytes(request.body)
    wire = Wire(request.method, request.url, media_type if body else "", body)
    return IncomingRequest(wire, request.headers, lambda: request)


def play(
    cassette: Cassette | None,
    *,
    name: str,
    test: str,
    redactor: Redactor,
    reveal: Mapping[str, str],
    bases: BaseUrls,
    playback: Playback = Playback(),  # noqa: B008 - a frozen value
    hint: Hint = lambda _: (),
    audio: Sequence[AudioRule] = (),
) -> Player:
    """
    A player of *cassette* for *test*; one that has none answers nothing.

    *redactor* finds secrets, *reveal* has their values in force. *hint* may know more of a request that finds
    no answer; *audio* are the rules it was recorded by.
    """
    return player_of(
        cassette,
        name=name,
        test=test,
        secrets=lambda: (redactor, reveal),
        bases=bases,
        playback=playback,
        hint=hint,
        audio=audio,
    )


def player_of(
    cassette: Cassette | None,
    *,
    name: str,
    test: str,
    secrets: Secrets,
    bases: BaseUrls,
    playback: Playback = Playback(),  # noqa: B008 - as above
    hint: Hint = lambda _: (),
    audio: Sequence[AudioRule] = (),
) -> Player:
    """
    The same where *secrets* are made when the player needs them, which most never do.
    """

    def replay() -> Replay:
        from taketwo.cassette.replay import Replay  # noqa: PLC0415 - a glance is enough for most cassettes

        redactor, reveal = secrets()
        return Replay(
            cassette or Cassette(test=""),
            redactor=redactor,
            reveal=reveal,
            audio=audio,
            listed=playback.match_headers,
            pauses=playback.pace is Pace.RECORDED,
        )

    return Player(cassette, replay, name=name, test=test, bases=bases, playback=playback, hint=hint)
