"""
What a refresh needs from outside: something that runs tests, and someone who listens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How pytest saw one test; *message* is its failure.
    """

    test: str
    passed: bool
    cassette: str | None
    message: str = ""


class Runner(Protocol):
    """
    What runs the tests.
    """

    def collect(self, *, paths: Sequence[str], keyword: str) -> list[str]:
        """
        The ids of the tests that have a cassette, among those selected.
        """

    def record(
        self,
        tests: Sequence[str],
        *,
        takes: Path,
        environment: Mapping[str, str],
        done: Callable[[str], None],
    ) -> list[Outcome]:
        """
        Record *tests* into the folder *takes*; *done* hears of each test that has ended.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """
    Hears what happens while it happens.
    """

    say: Callable[[str], None]
    begin: Callable[[int], None]
    done: Callable[[str], None]
