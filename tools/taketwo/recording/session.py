"""
One test's recording or replay, apart from how its HTTP is intercepted.

A *recorder* gathers exchanges in the order in which they are issued; a *player* hands out recorded answers.
Both may be called from several threads and tasks at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from taketwo.cassette import (
    Bases,
    Cassette,
    Exchange,
    Index,
    LiveRequest,
    LiveResponse,
    Redactor,
    Replay,
    StoredRequest,
    fingerprint,
)
from taketwo.errors import CassetteNotFound, NoMatch
from taketwo.recording.explain import no_cassette, no_match

Hint = Callable[[LiveRequest], Sequence[str]]


class Recorder:
    """
    The exchanges of a take in the making.
    """

    def __init__(self, earlier: Sequence[Exchange] = ()) -> None:
        self._lock = threading.Lock()
        self._clock = 2 * len(earlier)
        self._exchanges = list(earlier)
        self._open: set[int] = set()

    def tick(self) -> int:
        """
        Count one more event of the take, which belongs to none of its requests.
        """
        with self._lock:
            self._clock += 1
            return self._clock

    def issue(self) -> int:
        """
        Note that a request goes out now; the ticket says when.
        """
        with self._lock:
            self._clock += 1
            self._open.add(self._clock)
            return self._clock

    def drop(self, ticket: int) -> None:
        """
        Note that the answer to the request of *ticket* is not to be recorded.
        """
        with self._lock:
            self._open.discard(ticket)

    def answer(self, ticket: int, request: LiveRequest, response: LiveResponse) -> None:
        """
        Note that the request of *ticket* has been answered.
        """
        with self._lock:
            self._clock += 1
            self._open.discard(ticket)
            self._exchanges.append(
                Exchange(request=request, response=response, issued=ticket, answered=self._clock)
            )

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """
    A cassette being played for a test; ``unmatched`` keeps the errors of requests that it could not answer.
    """

    name: str
    test: str
    cassette: Cassette | None
    replay: Replay
    bases: Bases
    repeats: bool
    unmatched: list[str] = field(default_factory=list)
    _hint: Hint
    _requests: list[StoredRequest]
    _index: Index
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _played: set[int] = field(default_factory=set)

    def take(self, request: LiveRequest) -> int | None:
        """
        The number of the interaction that answers *request*, which is used up by it; None if there is none.
        """
        wanted = fingerprint(self.replay.incoming(request, self.bases))
        with self._lock:
            number = self._index.take(wanted, repeats=self.repeats)
            if number is not None:
                self._played.add(number)
            return number

    def refuse(self, request: LiveRequest) -> NoMatch | CassetteNotFound:
        """
        The error for a request that :meth:`take` found no answer to.
        """
        incoming = self.replay.incoming(request, self.bases)
        if self.cassette is None:
            error: NoMatch | CassetteNotFound = CassetteNotFound(
                no_cassette(self.name, incoming, test=self.test)
            )
        else:
            with self._lock:
                played = self._index.played(fingerprint(incoming))
            error = NoMatch(
                no_match(incoming, self._requests, cassette=self.name, test=self.test, times_played=played)
            )
        if hint := self._hint(request):
            said, _, advice = str(error).rpartition("\n")
            error = type(error)("\n".join([said, *hint, advice]))
        self.unmatched.append(str(error))
        return error

    @property
    def unplayed(self) -> int:
        return len(self._requests) - len(self._played)


def play(
    cassette: Cassette | None,
    *,
    name: str,
    test: str,
    redactor: Redactor,
    reveal: Mapping[str, str],
    bases: Bases,
    repeats: bool = False,
    hint: Hint = lambda _: (),
) -> Player:
    """
    A player of *cassette* for *test*; one that has none answers nothing.

    *hint* may know more of a request that finds no answer.
    """
    replay = Replay(cassette or Cassette(test=""), redactor=redactor, reveal=reveal)
    requests = replay.requests()
    return Player(
        name=name,
        test=test,
        cassette=cassette,
        replay=replay,
        bases=bases,
        repeats=repeats,
        _hint=hint,
        _requests=requests,
        _index=Index(requests),
    )


def earlier_exchanges(player: Player, count: int | None = None) -> list[Exchange]:
    """
    The first *count* interactions, or all, as exchanges one after the other, for a take that adds to them.
    """
    if count is None:
        count = len(player.cassette.interactions) if player.cassette else 0
    return [
        Exchange(
            request=player.replay.live_request(number),
            response=player.replay.response(number),
            issued=2 * number + 1,
            answered=2 * number + 2,
        )
        for number in range(count)
    ]
