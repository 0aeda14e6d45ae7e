"""
The order in which times of a recording are numbered: that of time, as far as it does not hang on chance.

Which of two things in two messages came first cannot be read from times to the second: the second ends
between them in one recording, and not in the next. Nor is it the same each time for requests beside each
other. Such times follow the order of their messages where they are near each other. In one message they
follow their order and, where they are equal, what their names say.
"""

from __future__ import annotations

import heapq
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial

from taketwo.cassette.volatile.timestamps import Instant


class Chance(Enum):
    """
    What decides which of two times near each other comes first, and how near they are then.
    """

    NONE = timedelta(0)
    SECONDS = timedelta(seconds=5)
    """The recording has times of that form only to the second."""

    BESIDE = timedelta(minutes=5)
    """The service made it for one of several requests that were under way beside each other."""


_LAST = datetime.max.replace(tzinfo=UTC)
_NEVER: Instant = (_LAST, "~")
"""Behind every instant: digits come before this sign."""

_BEGINS = frozenset(
    {"begin", "begun", "created", "iat", "issued", "nbf", "opened", "queued", "start", "started"}
)
_ENDS = frozenset({"closed", "completed", "done", "end", "ended", "finished"})
_PLANNED = frozenset(
    {
        "deadline",
        "due",
        "exp",
        "expiration",
        "expires",
        "expiry",
        "next",
        "renewal",
        "renews",
        "reset",
        "retry",
        "scheduled",
        "until",
        "valid",
    }
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

_Key = tuple[int, Instant, int, int]
_BEHIND: _Key = (sys.maxsize, _NEVER, 0, 0)


@dataclass(frozen=True, slots=True)
class TimeInMessage:
    """
    A time as it appeared first: in the message with this number of the file, as the value of *name* there.
    """

    instant: Instant
    message: int
    name: str
    chance: Chance

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word.lower() for word in _WORD.findall(self.name))

    @property
    def is_planned(self) -> bool:
        return self.chance is not Chance.NONE and not _PLANNED.isdisjoint(self.words)


def in_order(times: Sequence[TimeInMessage]) -> list[int]:
    """
    The positions of *times*, given by first appearance, in the order in which they are numbered.

    Those that are exact keep their order among each other, and so do those that are planned for later and
    all others.
    """
    if all(one.chance is Chance.NONE for one in times):
        return sorted(range(len(times)), key=lambda number: times[number].instant)
    planned = _Queue(times, lambda one: one.is_planned)
    others = {chance: _Queue(times, partial(_is_of, chance)) for chance in Chance}
    exact = others[Chance.NONE]
    ordered: list[int] = []
    while len(ordered) < len(times):
        earliest = min(queue.earliest for queue in others.values())
        if planned.earliest < earliest:
            planned.admit(min(_after(planned.earliest, Chance.SECONDS), earliest))
            ordered.append(planned.take())
            continue
        for chance in (Chance.SECONDS, Chance.BESIDE):
            others[chance].admit(min(_after(earliest, chance), planned.earliest))
        # Of what is exact only the earliest can be next.
        exact.admit(min(exact.earliest, _after(earliest, Chance.SECONDS), planned.earliest))
        ordered.append(min(others.values(), key=lambda queue: queue.key).take())
    return ordered


def _is_of(chance: Chance, time: TimeInMessage) -> bool:
    return time.chance is chance and not time.is_planned


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


def _after(instant: Instant, chance: Chance) -> Instant:
    return min(instant[0], _LAST - chance.value) + chance.value, instant[1]


def _key(time: TimeInMessage, number: int) -> _Key:
    side = (not _ENDS.isdisjoint(time.words)) - (not _BEGINS.isdisjoint(time.words))
    return time.message, time.instant, side, number
