"""
What one process measures of one peer: times, answers that were wrong, bytes on the disk, memory.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter, process_time

from tests.benchmarks.samples import Sample


@dataclass(frozen=True, slots=True)
class Moment:
    """
    What two clocks say, in seconds: the one on the wall, and the one that runs while this process does.
    """

    wall: float
    processor: float

    @classmethod
    def now(cls) -> Moment:
        return cls(perf_counter(), process_time())


@dataclass(slots=True, kw_only=True)
class Measured:
    """
    ``times`` are milliseconds by what was timed, ``processor`` those of the processor alone, which other
    programs disturb less; what is too short to ask for them has none.

    ``wrong`` counts the answers that mean something else than what was recorded, ``rewritten`` those that
    mean the same in other bytes.
    """

    times: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)
    checked: int = 0
    wrong: int = 0
    rewritten: int = 0
    on_disk: int | None = None
    peak: float | None = None
    failure: str = ""

    def check(self, got: bytes | None, wanted: bytes | None) -> None:
        self.checked += 1
        if got == wanted:
            return
        if got is None or wanted is None or not _same_json(got, wanted):
            self.wrong += 1
        else:
            self.rewritten += 1

    def check_all(self, got: Mapping[str, bytes], samples: Iterable[Sample]) -> None:
        """
        What was *got* for each address.
        """
        for sample in samples:
            self.check(got.get(sample.url), sample.answer)

    def add(self, label: str, milliseconds: float, processor: float | None = None) -> None:
        self.times.setdefault(label, []).append(milliseconds)
        if processor is not None:
            self.processor.setdefault(label, []).append(processor)

    def took(self, label: str, began: Moment, ended: Moment) -> None:
        self.add(label, 1000 * (ended.wall - began.wall), 1000 * (ended.processor - began.processor))

    def merge(self, other: Measured) -> None:
        for mine, others in ((self.times, other.times), (self.processor, other.processor)):
            for label, times in others.items():
                mine.setdefault(label, []).extend(times)
        self.checked += other.checked
        self.wrong += other.wrong
        self.rewritten += other.rewritten
        self.on_disk = other.on_disk if other.on_disk is not None else self.on_disk
        self.peak = max(self.peak or 0, other.peak) if other.peak is not None else self.peak
        self.failure = self.failure or other.failure

    def median(self, label: str) -> float | None:
        """
        Of the processor's time where that is known, else of the time that passed.
        """
        times = self.processor.get(label) or self.times.get(label)
        return statistics.median(times) if times else None

    def elapsed(self, label: str) -> float | None:
        return statistics.median(self.times[label]) if self.times.get(label) else None


def _same_json(got: bytes, wanted: bytes) -> bool:
    try:
        return bool(json.loads(got) == json.loads(wanted))
    except ValueError:
        return False
