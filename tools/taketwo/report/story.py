"""
A refresh as the reports tell it: one value, from which every format is made.

It is plain: names, sentences, severities, and the cassettes themselves for whoever shows them. Secrets are
out of it before it is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from taketwo.cassette import Cassette, JsonValue
from taketwo.compare import Drift, worst
from taketwo.severity import Severity

FAILED: Final = "failed"
DRIFTED: Final = "drifted"
RENEWED: Final = "renewed"
NEW: Final = "new"
UNCHANGED: Final = "unchanged"

STATUSES: Final = {
    FAILED: "no longer passing",
    DRIFTED: "differing",
    RENEWED: "the same under the changed contract",
    NEW: "recorded for the first time",
    UNCHANGED: "unchanged",
}

VERDICTS: Final = {
    "clean": "nothing changed",
    "not exercised": "the contract changed, and nothing that was said",
    "explained": "the contract changed, and so did what was said",
    "undocumented": "what was said changed, and no contract explains it",
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
    def is_documented(self) -> bool:
        return bool(self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One test's new take beside its accepted one; ``causes`` are the ids of what it touches.
    """

    test: str
    cassette: str
    status: str
    verdict: str = "clean"
    causes: tuple[str, ...] = ()
    drifts: tuple[Drift, ...] = ()
    message: str = ""
    before: Cassette | None = field(default=None, repr=False)
    after: Cassette | None = field(default=None, repr=False)

    @property
    def severity(self) -> Severity | None:
        return Severity.BREAKING if self.status == FAILED else worst(self.drifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """
    Everything that is told.

    * ``command`` is what a user types to refresh
    * ``verdict`` is one of ``VERDICTS``
    * ``written`` tells whether pending takes and locks were left for a review
    * ``unlocked`` are the services whose contract had no lock
    * ``takes`` is the folder that holds what would wait, when a check was told to keep it
    * ``coverage`` is what no recording exercises, when that is known
    * ``error`` is why there is nothing to tell
    """

    command: str
    verdict: str = "clean"
    exit_code: int = 0
    written: bool = True
    causes: tuple[Cause, ...] = ()
    cases: tuple[Case, ...] = ()
    unlocked: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    takes: str = ""
    coverage: JsonValue = None
    error: str = ""

    def of(self, status: str) -> list[Case]:
        return [case for case in self.cases if case.status == status]

    @property
    def documented(self) -> list[Cause]:
        return [cause for cause in self.causes if cause.is_documented]

    @property
    def undocumented(self) -> list[Cause]:
        return [cause for cause in self.causes if not cause.is_documented]

    @property
    def waits(self) -> bool:
        """
        Whether there is something to accept or reject.
        """
        return bool(self.of(DRIFTED) or self.of(RENEWED) or self.documented)

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


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def passes(number: int) -> str:
    return "passes" if number == 1 else "pass"


def some(names: Sequence[str], most: int) -> str:
    """
    The first names, and how many more there are.
    """
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
