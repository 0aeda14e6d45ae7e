"""
What a refresh needs from outside: something that runs tests, and someone who listens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from taketwo.usage.reads import Reads


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How pytest saw one test; *message* is its failure, *reads* what it read of the answers of each service,
    *source* a digest of its file.
    """

    test: str
    passed: bool
    cassette: str | None
    message: str = ""
    reads: Mapping[str, Reads] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class RecordingRun:
    """
    The tests that were selected, and how those ended that were not skipped.

    Each fixture of wider scope that recorded something for them has an outcome as well.
    """

    tests: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    fixtures: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collected:
    """
    The ids of the tests that have a cassette, and of the fixtures of wider scope, each with its tests.
    """

    tests: tuple[str, ...] = ()
    fixtures: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Runner(Protocol):
    """
    What runs the tests.
    """

    def collect(self, paths: Sequence[str] = (), *, keyword: str = "") -> Collected:
        """
        All tests that have a cassette: those in *paths*, or where pytest looks by itself.
        """

    def record(
        self,
        paths: Sequence[str],
        *,
        keyword: str,
        pending_folder: Path,
        environment: Mapping[str, str],
        observer: Observer,
        journal: Path | None = None,
        lock: int | None = None,
    ) -> RecordingRun:
        """
        Record what *paths*, as pytest takes them, and *keyword* select, into the folder *pending_folder*.

        *observer* hears how many tests that are, and of each one that has ended. What happens is written to
        the file *journal* as well, and *lock* is held until the last of it is.
        """

    def read_journal(self, journal: Path) -> RecordingRun:
        """
        What a *journal* says, whether it came to its end or not.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """
    Hears what happens while it happens.

    ``done`` gets the id of a test, and how it ended: in one word, or empty for the usual way.
    """

    say: Callable[[str], None]
    begin: Callable[[int], None]
    done: Callable[[str, str], None]
