"""
Recorded requests that hold what the client draws anew: found whatever it drew this time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from taketwo.cassette.index import Fingerprint, Group, Index
from taketwo.cassette.model import StoredRequest
from taketwo.cassette.replay import Replay
from taketwo.cassette.volatile.drawn import Alignment, aligned
from taketwo.cassette.volatile.generate import Bindings

Print = Callable[[StoredRequest], Fingerprint]


class DrawnRequests:
    """
    Those of the cassette of *replay*; *fingerprint* tells which requests are equal.
    """

    def __init__(self, replay: Replay, fingerprint: Print) -> None:
        self._replay = replay
        self._print = fingerprint
        self._nearest: dict[int, Alignment] = {}

    def __bool__(self) -> bool:
        return bool(self._recorded)

    def find(self, received: StoredRequest, index: Index, *, repeats: bool) -> Group | None:
        """
        The group of the first unplayed one that *received* is; with *repeats* also of one that is played.
        """
        groups = ((number, index.group_of(number)) for number in list(self._left))
        for number, group in groups:
            if group.is_used_up:
                self._left.remove(number)
            elif self._is_same(number, received, self._replay.bound(number)):
                return group
        played = reversed(list(self._recorded)) if repeats else iter(())
        again = (each for each in played if self._is_same(each, received, Bindings()))
        last = next(again, None)
        return None if last is None else index.group_of(last)

    def times_played(self, received: StoredRequest) -> int:
        """
        How many are like *received*, whatever the client drew.
        """
        return sum(self._is_same(number, received, Bindings()) for number in self._recorded)

    def bind(self, number: int, receive: Callable[[], StoredRequest]) -> None:
        """
        Keep what the client drew for the request that interaction *number* answers.
        """
        if number in self._recorded:
            found = aligned(self._recorded[number], receive(), Bindings())
            self._replay.bound(number).update(found.bindings)

    def shown(self, requests: Sequence[StoredRequest], received: StoredRequest) -> list[StoredRequest]:
        """
        *requests* of the cassette, with what *received* has where any value of the kind matches.
        """
        found = list(requests)
        for number, recorded in self._recorded.items():
            alignment = aligned(recorded, received, self._replay.bound(number))
            found[number] = alignment.request
            self._nearest[id(alignment.request)] = alignment
        return found

    def notes(self, nearest: StoredRequest) -> Iterator[str]:
        """
        Where any value matches in the *nearest* of the requests that were shown.
        """
        alignment = self._nearest.get(id(nearest))
        kinds = sorted({*alignment.kinds.values()}) if alignment is not None else []
        if kinds:
            drawn = ", ".join(kinds)
            yield f"  (left out: {drawn} that the client draws anew each time; any other matches)"

    @cached_property
    def _recorded(self) -> Mapping[int, StoredRequest]:
        return self._replay.drawn_requests()

    @cached_property
    def _left(self) -> list[int]:
        return list(self._recorded)

    def _is_same(self, number: int, received: StoredRequest, bound: Bindings) -> bool:
        recorded = self._recorded[number]
        if recorded.method != received.method or type(recorded.body) is not type(received.body):
            return False
        return self._print(aligned(recorded, received, bound).request) == self._print(received)
