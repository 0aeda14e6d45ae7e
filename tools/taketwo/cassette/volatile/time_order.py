"""
The order in which times of a recording are numbered: that of time, as far as it does not hang on chance.

Which of two things in two messages came first cannot be read from times to the second: the second ends
between them in one recording, and not in the next. Such times follow the order of their messages where they
are near each other. In one message they follow their order and, where they are equal, what their names say.
"""

from __future__ import annotations

import heapq
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from taketwo.cassette.volatile.timestamps import Instant

_NEAR = timedelta(seconds=5)
"""A service says sooner what it did for a request, and plans for what is further away."""

_LAST = datetime.max.replace(tzinfo=UTC)
_NEVER: Instant = (_LAST, "~")
"""Behind every instant: digits come before this sign."""

_BEGINS = frozenset(
    {"begin", "begun", "created", "iat", "issued", "nbf", "opened", "queued", "start", "started"}
)
_ENDS = frozenset({"closed", "completed", "done", "end", "ended", "finished"})
_PLANNED = frozenset({"deadline", "due", "exp", "expires", "expiry", "expiration", "until", "valid"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

_Key = tuple[int, Instant, int, int]
_BEHIND: _Key = (sys.maxsize, _NEVER, 0, 0)


@dataclass(frozen=True, slots=True)
class TimeInMessage:
    """
    A time as it appeared first: in the message with this number of the file, as the value of *name* there.

    ``is_coarse`` where the recording has times of its form only to the second.
    """

    instant: Instant
    message: int
    name: str
    is_coarse: bool

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word.lower() for word in _WORD.findall(self.name))


def in_order(times: Sequence[TimeInMessage]) -> list[int]:
    """
    The positions of *times*, given by first appearance, in the order in which they are numbered.

    Those that are exact keep their order among each other, and so do those that are planned for later and
    all others.
    """
    if not any(one.is_coarse for one in times):
        return sorted(range(len(times)), key=lambda number: times[number].instant)
    exact = _Queue(times, lambda one: not one.is_coarse)
    planned = _Queue(times, lambda one: one.is_coarse and not _PLANNED.isdisjoint(one.words))
    coarse = _Queue(times, lambda one: one.is_coarse and _PLANNED.isdisjoint(one.words))
    ordered: list[int] = []
    while len(ordered) < len(times):
        earliest = min(exact.earliest, coarse.earliest)
        if planned.earliest < earliest:
            planned.admit(min(_soon_after(planned.earliest), earliest))
            ordered.append(planned.take())
            continue
        end = min(_soon_after(earliest), planned.earliest)
        coarse.admit(end)
        exact.admit(min(exact.earliest, end))
        ordered.append((coarse if coarse.key <= exact.key else exact).take())
    return ordered


class _Queue:
    """
    The times that are *of_kind*; of those that are admitted, the first by the order of messages is taken.
    """

    def __init__(self, times: Sequence[TimeInMessage], of_kind: Callable[[TimeInMessage], bool]) -> None:
        self._times = times
        self._waiting = sorted(
            (number for number, one in enumerate(times) if of_kind(one)),
            key=lambda number: (times[number].instant, number),
            reverse=True,
        )
        self._by_time = self._waiting.copy()
        self._admitted: list[_Key] = []
        self._taken: set[int] = set()

    @property
    def earliest(self) -> Instant:
        """
        The earliest time that was not taken.
        """
        while self._by_time and self._by_time[-1] in self._taken:
            self._by_time.pop()
        return self._times[self._by_time[-1]].instant if self._by_time else _NEVER

    @property
    def key(self) -> _Key:
        """
        Where the next one stands; behind all others where none was admitted.
        """
        return self._admitted[0] if self._admitted else _BEHIND

    def admit(self, end: Instant) -> None:
        """
        Admit all times up to *end*.
        """
        while self._waiting and self._times[self._waiting[-1]].instant <= end:
            number = self._waiting.pop()
            heapq.heappush(self._admitted, _key(self._times[number], number))

    def take(self) -> int:
        number = heapq.heappop(self._admitted)[-1]
        self._taken.add(number)
        return number


def _soon_after(instant: Instant) -> Instant:
    return min(instant[0], _LAST - _NEAR) + _NEAR, instant[1]


def _key(time: TimeInMessage, number: int) -> _Key:
    side = (not _ENDS.isdisjoint(time.words)) - (not _BEGINS.isdisjoint(time.words))
    return time.message, time.instant, side, number
