"""
What a refresh is asked for, and what it finds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from taketwo.cassette import Cassette
from taketwo.compare import Drift, worst
from taketwo.contract import Change, Contracts
from taketwo.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    What to record again: everything, what *paths* and *keyword* select, or, by default, every cassette of
    a service whose contract differs from its lock.
    """

    everything: bool = False
    paths: tuple[str, ...] = ()
    keyword: str = ""

    @property
    def is_explicit(self) -> bool:
        return self.everything or bool(self.paths or self.keyword)

    @property
    def is_whole(self) -> bool:
        return self.everything and not (self.paths or self.keyword)


class Status(Enum):
    """
    What became of one test's cassette.

    * ``UNCHANGED``: not one byte differs
    * ``RENEWED``: only the contract's hash differs, nothing that was said
    * ``DRIFTED``: something that was said differs
    * ``NEW``: there was no cassette
    * ``FAILED``: the test does not pass any more; its cassette stays
    """

    UNCHANGED = "unchanged"
    RENEWED = "renewed"
    DRIFTED = "drifted"
    NEW = "new"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retake:
    """
    One test's new take beside its accepted one. *cassette* is relative to the project.

    Where they differ, *before* and *after* are what they hold, for whoever shows or keeps them.
    """

    test: str
    cassette: str
    status: Status
    drifts: tuple[Drift, ...] = ()
    message: str = ""
    before: Cassette | None = field(default=None, repr=False)
    after: Cassette | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractNews:
    """
    What a service's contract shows now, and what changed since the lock.
    """

    service: str
    live: Contracts
    changes: tuple[Change, ...]
    is_locked: bool

    @property
    def differs(self) -> bool:
        return self.is_locked and bool(self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """
    Everything that a refresh found.

    *written* tells whether pending takes and locks were left for a review.
    """

    news: tuple[ContractNews, ...]
    retakes: tuple[Retake, ...] = ()
    orphans: tuple[str, ...] = ()
    written: bool = False

    @property
    def exit_code(self) -> int:
        """
        0 clean; 1 drift to review; 2 breaking drift, or a test that no longer passes.
        """
        failed = any(retake.status is Status.FAILED for retake in self.retakes)
        if failed or any(worst(retake.drifts) is Severity.BREAKING for retake in self.retakes):
            return 2
        to_review = {Status.RENEWED, Status.DRIFTED} | (set() if self.written else {Status.NEW})
        unlocked = not self.written and any(not news.is_locked for news in self.news)
        differs = unlocked or any(news.differs for news in self.news)
        return 1 if differs or any(retake.status in to_review for retake in self.retakes) else 0
