"""
What a refresh is asked for, and what it finds.

Contract and recording are two axes, so there are four verdicts on a cassette, and on all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from taketwo.cassette.model import Cassette
from taketwo.compare.recordings import Difference, worst_severity
from taketwo.contract.changes import Change, Severity
from taketwo.contract.document import Contracts


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRequest:
    """
    What to record again: everything, what *paths* and *keyword* select, or, by default, what a change of a
    contract touches.

    *since* names a revision of git: then the changes are those of the locks since that revision, and what
    was edited since then is recorded too.
    """

    everything: bool = False
    paths: tuple[str, ...] = ()
    keyword: str = ""
    since: str = ""

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
    * ``CHANGED``: something that was said differs
    * ``NEW``: there was no cassette
    * ``FAILED``: the test does not pass any more; its cassette stays
    """

    UNCHANGED = "unchanged"
    RENEWED = "renewed"
    CHANGED = "changed"
    NEW = "new"
    FAILED = "failed"


class Verdict(Enum):
    """
    What became of the contract and of what was said; the worse one is the later one.

    * ``CLEAN``: neither changed
    * ``NOT_EXERCISED``: a contract changed, and nothing that was said
    * ``EXPLAINED``: both did
    * ``UNEXPLAINED``: something that was said changed, and no contract that would explain it
    """

    CLEAN = "clean"
    NOT_EXERCISED = "not exercised"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteResult:
    """
    One test's new take beside its accepted one. *cassette* is relative to the project.

    * where they differ, *before* and *after* are what they hold, for whoever shows or keeps them
    * *touched_by* are the changes of contracts that the cassette touches
    * *unexplained* are those of the drifts that none of these explains
    """

    test: str
    cassette: str
    status: Status
    differences: tuple[Difference, ...] = ()
    message: str = ""
    before: Cassette | None = field(default=None, repr=False)
    after: Cassette | None = field(default=None, repr=False)
    touched_by: tuple[Change, ...] = ()
    unexplained: tuple[Difference, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """
        A test that fails under the same contract may do so for reasons of its own: that is CLEAN here, and
        the failure itself is told by ``status``.
        """
        if self.unexplained:
            return Verdict.UNEXPLAINED
        if self.touched_by:
            changed = self.differences or self.status is Status.FAILED
            return Verdict.EXPLAINED if changed else Verdict.NOT_EXERCISED
        return Verdict.CLEAN


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedTest:
    """
    Why a test was recorded again: the changes its cassette touches, or another reason in words.
    """

    test: str
    cassette: str
    changes: tuple[Change, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """
    One change of a service's contract, with all that it touches: one decision.

    * *also* is the same change where other places share what changed
    * *tests* and *cassettes* touch it, whether they were recorded again or not
    * *explained* are the cassettes whose drift it explains
    * *failing* are the tests that no longer pass with it
    """

    service: str
    change: Change
    also: tuple[Change, ...] = ()
    tests: tuple[str, ...] = ()
    cassettes: tuple[str, ...] = ()
    explained: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """
        Whether any cassette touches it. A breaking change that none does breaks no test.
        """
        return bool(self.cassettes)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedDifference:
    """
    One change of behaviour that no contract tells of, wherever it was seen: one decision.

    *place* is that of the drifts without the numbers that differ: ``GET /notes  response.json[].text``.
    """

    place: str
    severity: Severity
    cassettes: tuple[str, ...]
    example: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDiff:
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
class RefreshResult:
    """
    Everything that a refresh found.

    *written* tells whether pending takes and locks were left for a review. *causes* are the changes of all
    contracts, the worst that is used first; *unexplained* is what none of them explains; *chosen* tells why
    each test was recorded.
    """

    contract_diffs: tuple[ContractDiff, ...]
    cassette_results: tuple[CassetteResult, ...] = ()
    orphans: tuple[str, ...] = ()
    written: bool = False
    causes: tuple[Cause, ...] = ()
    unexplained: tuple[UnexplainedDifference, ...] = ()
    chosen: tuple[SelectedTest, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """
        The worst of the cassettes; NOT_EXERCISED when a contract changed and no cassette touches that.
        """
        told = [cassette_result.verdict for cassette_result in self.cassette_results]
        if self.causes:
            told.append(Verdict.NOT_EXERCISED)
        return max(told, key=list(Verdict).index, default=Verdict.CLEAN)

    @property
    def exit_code(self) -> int:
        """
        0 clean; 1 drift to review; 2 breaking drift, or a test that no longer passes.
        """
        failed = any(cassette_result.status is Status.FAILED for cassette_result in self.cassette_results)
        if failed or any(
            worst_severity(cassette_result.differences) is Severity.BREAKING
            for cassette_result in self.cassette_results
        ):
            return 2
        to_review = {Status.RENEWED, Status.CHANGED} | (set() if self.written else {Status.NEW})
        unlocked = not self.written and any(not diff.is_locked for diff in self.contract_diffs)
        differs = unlocked or any(diff.differs for diff in self.contract_diffs)
        return (
            1
            if differs
            or any(cassette_result.status in to_review for cassette_result in self.cassette_results)
            else 0
        )
