"""
One test's recording or replay, apart from how its HTTP is intercepted.

A *recorder* gathers exchanges in the order in which they are issued; a *player* hands out recorded answers.
Both may be called from several threads and tasks at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from taketwo.audio_rules import AudioRule
from taketwo.cassette import (
    Bases,
    Cassette,
    Exchange,
    Group,
    Index,
    LiveRequest,
    LiveResponse,
    Redactor,
    Replay,
    StoredRequest,
    Wire,
    fingerprint,
)
from taketwo.config import Order, Playback
from taketwo.errors import CassetteNotFound, NoMatch

if TYPE_CHECKING:
    from taketwo.recording.earlier import Earlier

Stream = Callable[[], None]
"""Ends a streamed answer where it is, and has it recorded."""

Hint = Callable[[LiveRequest], Sequence[str]]


class Recorder:
    """
    The exchanges of a take in the making.
    """

    def __init__(self, earlier: Earlier | None = None) -> None:
        # A stream that nobody holds any more ends where it is collected: that may be in the midst of a call
        # of this same thread.
        self._lock = threading.RLock()
        self.earlier = len(earlier.exchanges) if earlier else 0
        self.known_conversations = list(earlier.conversations) if earlier else []
        self._moments = count(earlier.clock + 1 if earlier else 1)
        self._exchanges = list(earlier.exchanges) if earlier else []
        self._open: set[int] = set()
        self._streams: dict[int, Stream] = {}
        self._home = threading.get_ident()
        self._threads: dict[int, int] = {self._home: 0}
        # The tasks themselves are kept: the identity of one that has gone may be given to another.
        self._tasks: dict[object, int] = {None: 0}
        self._senders: dict[int, tuple[int, int]] = {}

    def tick(self) -> int:
        """
        Count one more event of the take, which belongs to none of its requests.
        """
        return next(self._moments)

    def issue(self) -> int:
        """
        Note that a request goes out now; the ticket says when.
        """
        with self._lock:
            ticket = next(self._moments)
            self._open.add(ticket)
            self._senders[ticket] = self._sender()
            return ticket

    def drop(self, ticket: int) -> None:
        """
        Note that the answer to the request of *ticket* is not to be recorded.
        """
        with self._lock:
            self._open.discard(ticket)
            self._streams.pop(ticket, None)

    def begin(self, ticket: int, stream: Stream) -> int:
        """
        Note that the request of *ticket* begins to be answered: from now on the client knows something of it.

        What *stream* gives is recorded if the test ends before the answer does.
        """
        with self._lock:
            self._streams[ticket] = stream
            return next(self._moments)

    def answer(
        self, ticket: int, request: LiveRequest, response: LiveResponse, *, begun: int | None = None
    ) -> None:
        """
        Note that the request of *ticket* has been answered; *begun* is what :meth:`begin` said.
        """
        with self._lock:
            self._open.discard(ticket)
            self._streams.pop(ticket, None)
            answered = next(self._moments) if begun is None else begun
            thread, task = self._senders.get(ticket, (0, 0))
            self._exchanges.append(
                Exchange(
                    request=request,
                    response=response,
                    issued=ticket,
                    answered=answered,
                    thread=thread,
                    task=task,
                )
            )

    def _sender(self) -> tuple[int, int]:
        """
        Who sends a request now: a thread, and a task if there is one, by their numbers.
        """
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        return (
            self._threads.setdefault(threading.get_ident(), len(self._threads)),
            self._tasks.setdefault(task, len(self._tasks)),
        )

    def finish(self) -> None:
        """
        Note that the test has ended; what is still streaming ends with it.
        """
        with self._lock:
            streams = list(self._streams.values())
        for stream in streams:
            stream()

    @property
    def exchanges(self) -> list[Exchange]:
        with self._lock:
            return list(self._exchanges)

    @property
    def unanswered(self) -> int:
        """
        How many requests went out and got no answer: the cassette has none for them either.
        """
        with self._lock:
            return len(self._open)


class Player:
    """
    A cassette being played for a test; ``unmatched`` keeps the errors of requests that it could not answer.

    Nothing is made of the cassette before it is asked for: requests when the first one comes in, a response
    when it is played.
    """

    def __init__(
        self,
        cassette: Cassette | None,
        replay: Replay,
        *,
        name: str,
        test: str,
        bases: Bases,
        playback: Playback,
        hint: Hint,
    ) -> None:
        self.cassette = cassette
        self.replay = replay
        self.name = name
        self.test = test
        self.bases = bases
        self.playback = playback
        self._hint = hint
        self.unmatched: list[str] = []
        self.plays: dict[int, int] = {}
        self._lock = threading.Lock()
        self._next = 0
        # Of requests that were found at a glance, one for all that have equal headers: what these teach of
        # secrets is seldom needed, and to keep every request would keep its whole body.
        self._unread: dict[object, Asked] = {}

    @property
    def count(self) -> int:
        return len(self.cassette.interactions) if self.cassette else 0

    def take(self, request: LiveRequest) -> int | None:
        """
        The number of the interaction that answers *request*, which is used up by it; None if there is none.
        """
        return self.find(asked(request))

    def find(self, wanted: Asked) -> int | None:
        """
        The same for a request of which no more is read than what it takes.
        """
        with self._lock:
            group = self._index.by_wire(wanted.wire)
            if group is None:
                group = self._index.by_value(fingerprint(self._incoming(wanted)), wanted.wire)
            else:
                self._unread.setdefault(wanted.headers, wanted)
            number = None if group is None else self._played(group)
            return self._as_vcrpy(wanted) if number is None else number

    def use(self, number: int) -> None:
        """
        Note that an interaction is played which was found in another way.
        """
        with self._lock:
            self._count(number)

    def refuse(self, request: LiveRequest) -> NoMatch | CassetteNotFound:
        """
        The error for a request that :meth:`take` found no answer to.
        """
        hint = self._hint(request)
        with self._lock:
            incoming = self._incoming(asked(request))
            said, _, advice = self._told(incoming).rpartition("\n")
            told = "\n".join([said, *hint, advice])
            self.unmatched.append(told)
        return CassetteNotFound(told) if self.cassette is None else NoMatch(told)

    @property
    def unplayed_numbers(self) -> list[int]:
        with self._lock:
            return [number for number in range(self.count) if number not in self.plays]

    @property
    def unplayed(self) -> int:
        return self.count - len(self.plays)

    def lines(self, numbers: Sequence[int]) -> list[str]:
        """
        The requests of those interactions, each in one line.
        """
        from taketwo.recording.explain import line_of  # noqa: PLC0415 - as below

        return [line_of(self._requests[number]) for number in numbers]

    @cached_property
    def _requests(self) -> Sequence[StoredRequest]:
        return self.replay.requests()

    @cached_property
    def _index(self) -> Index:
        return Index(self._requests, self.replay.wires(), self.replay.equals())

    def _incoming(self, wanted: Asked) -> StoredRequest:
        for earlier in self._unread.values():
            self.replay.learn(earlier.whole().headers)
        self._unread.clear()
        return self.replay.incoming(wanted.whole(), self.bases)

    def _as_vcrpy(self, wanted: Asked) -> int | None:
        """
        What VCR.py would play of a cassette of its own: it looks at methods and URLs, and at no body.
        """
        if self.cassette is None or self.cassette.tests:
            return None
        group = self._index.by_address(fingerprint(self._incoming(wanted)))
        return None if group is None else self._played(group)

    def _played(self, group: Group) -> int | None:
        number = group.next(repeats=self.playback.repeats)
        if number is None or (not group.is_used_up and number != self._turn(number)):
            return None
        group.advance()
        self._count(number)
        return number

    def _count(self, number: int) -> None:
        self.plays[number] = self.plays.get(number, 0) + 1

    def _turn(self, number: int) -> int:
        """
        The number of the interaction whose turn it is: *number* where any order will do.
        """
        if self.playback.order is Order.ANY:
            return number
        while self._next < self.count and self._next in self.plays:
            self._next += 1
        return self._next

    def _told(self, incoming: StoredRequest) -> str:
        from taketwo.recording.explain import no_cassette, no_match, out_of_order  # noqa: PLC0415 - seldom needed

        if self.cassette is None:
            return no_cassette(self.name, incoming, test=self.test)
        group = self._index.by_value(fingerprint(incoming))
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
        played = 0 if group is None else len(group.numbers)
        return no_match(incoming, self._requests, cassette=self.name, test=self.test, times_played=played)


class Asked:
    """
    A request as the client's library holds it: what decides on a match at a glance, and *whole* for the rest.

    *headers* are equal for requests whose headers are.
    """

    __slots__ = ("headers", "whole", "wire")

    def __init__(self, wire: Wire, headers: Hashable, whole: Callable[[], LiveRequest]) -> None:
        self.wire = wire
        self.headers = headers
        self.whole = whole


def asked(request: LiveRequest) -> Asked:
    media_type = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    body = bytes(request.body)
    wire = Wire(request.method, request.url, media_type if body else "", body)
    return Asked(wire, request.headers, lambda: request)


def play(
    cassette: Cassette | None,
    *,
    name: str,
    test: str,
    redactor: Redactor,
    reveal: Mapping[str, str],
    bases: Bases,
    playback: Playback = Playback(),  # noqa: B008 - a frozen value
    hint: Hint = lambda _: (),
    audio: Sequence[AudioRule] = (),
) -> Player:
    """
    A player of *cassette* for *test*; one that has none answers nothing.

    *hint* may know more of a request that finds no answer; *audio* are the rules it was recorded by.
    """
    replay = Replay(cassette or Cassette(test=""), redactor=redactor, reveal=reveal, audio=audio)
    return Player(cassette, replay, name=name, test=test, bases=bases, playback=playback, hint=hint)
