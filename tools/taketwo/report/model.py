"""
A refresh as the reports tell it: one value, from which every format is made.

It is plain: names, sentences, severities, and the cassettes themselves for whoever shows them. Secrets are
out of it before it is made.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from taketwo.cassette.model import Cassette, JsonValue
from taketwo.compare.recordings import Difference, worst_severity
from taketwo.contract.changes import Severity
from taketwo.report.text import count, passes

FAILED: Final = "failed"
CHANGED: Final = "changed"
RENEWED: Final = "renewed"
NEW: Final = "new"
UNCHANGED: Final = "unchanged"

STATUSES: Final = {
    FAILED: "no longer passing",
    CHANGED: "differing",
    RENEWED: "the same under the changed contract",
    NEW: "recorded for the first time",
    UNCHANGED: "unchanged",
}

VERDICTS: Final = {
    "clean": "nothing changed",
    "not exercised": "the contract changed, and nothing that was said",
    "explained": "the contract changed, and so did what was said",
    "unexplained": "what was said changed, and no contract explains it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """
    What one decision is about: a change of a contract, or one of behaviour that no contract tells of.

    * ``id`` is short, the same in every run, and what ``--cause`` takes
    * ``rule`` is the id of the change; empty when it is one of behaviour
    * ``cassettes`` touch it; of those, ``explained`` differ because of it
    * ``failing`` are the tests that no longer pass with it
    """

    id: str
    rule: str
    service: str
    coordinate: str
    sentence: str
    severity: Severity
    cassettes: tuple[str, ...] = ()
    explained: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()

    @property
    def is_contract_change(self) -> bool:
        return bool(self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteReport:
    """
    One test's new take beside its accepted one; ``causes`` are the ids of what it touches.
    """

    test: str
    cassette: str
    status: str
    verdict: str = "clean"
    causes: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    message: str = ""
    before: Cassette | None = field(default=None, repr=False)
    after: Cassette | None = field(default=None, repr=False)

    @property
    def severity(self) -> Severity | None:
        return Severity.BREAKING if self.status == FAILED else worst_severity(self.differences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    Everything that is told.

    * ``command`` is what a user types to refresh
    * ``verdict`` is one of ``VERDICTS``
    * ``written`` tells whether pending takes and locks were left for a review
    * ``unlocked`` are the services whose contract had no lock
    * ``pending`` is the folder that holds what would wait, when a check was told to keep it
    * ``coverage`` is what no recording exercises, when that is known
    * ``error`` is why there is nothing to tell
    """

    command: str
    verdict: str = "clean"
    exit_code: int = 0
    written: bool = True
    causes: tuple[Cause, ...] = ()
    cases: tuple[CassetteReport, ...] = ()
    unlocked: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    pending: str = ""
    coverage: JsonValue = None
    error: str = ""

    def of(self, status: str) -> list[CassetteReport]:
        return [case for case in self.cases if case.status == status]

    @property
    def documented(self) -> list[Cause]:
        return [cause for cause in self.causes if cause.is_contract_change]

    @property
    def unexplained(self) -> list[Cause]:
        return [cause for cause in self.causes if not cause.is_contract_change]

    @property
    def has_pending(self) -> bool:
        """
        Whether there is something to accept or reject.
        """
        return bool(self.of(CHANGED) or self.of(RENEWED) or self.documented)

    @property
    def headline(self) -> str:
        """
        All of it in one sentence.
        """
        if self.error:
            return "the check could not run"
        failed = len(self.of(FAILED))
        if failed:
            return f"{count(failed, 'test')} no longer {passes(failed)}"
        return f"{self.verdict}: {VERDICTS[self.verdict]}" if self.verdict != "clean" else self._clean()

    def _clean(self) -> str:
        new = len(self.of(NEW))
        return f"clean; {count(new, 'cassette')} recorded for the first time" if new else "clean"

    @property
    def sum(self) -> str:
        """
        How many cassettes there are of each status.
        """
        parts = [f"{len(self.of(status))} {status}" for status in STATUSES if self.of(status)]
        return f"{count(len(self.cases), 'test')} recorded again: {', '.join(parts)}" if parts else ""


def cause_id(*parts: str) -> str:
    """
    Six signs that are the same in every run, and on every machine.
    """
    text = "\n".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
