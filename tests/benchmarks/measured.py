"""
What one process measures of one peer: times, answers that were wrong, bytes on the disk, memory.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.benchmarks.samples import Sample


@dataclass(slots=True, kw_only=True)
class Measured:
    """
    ``times`` are milliseconds by what was timed; ``wrong`` counts the answers that mean something else than
    what was recorded, ``rewritten`` those that mean the same in other bytes.
    """

    times: dict[str, list[float]] = field(default_factory=dict)
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

    def add(self, label: str, milliseconds: float) -> None:
        self.times.setdefault(label, []).append(milliseconds)

    def merge(self, other: Measured) -> None:
        for label, times in other.times.items():
            self.times.setdefault(label, []).extend(times)
        self.checked += other.checked
        self.wrong += other.wrong
        self.rewritten += other.rewritten
        self.on_disk = other.on_disk if other.on_disk is not None else self.on_disk
        self.peak = max(self.peak or 0, other.peak) if other.peak is not None else self.peak
        self.failure = self.failure or other.failure

    def median(self, label: str) -> float | None:
        return statistics.median(self.times[label]) if self.times.get(label) else None


def _same_json(got: bytes, wanted: bytes) -> bool:
    try:
        return bool(json.loads(got) == json.loads(wanted))
    except ValueError:
        return False
