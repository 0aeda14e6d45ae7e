"""
Where the code under test crashes on answers that the contracts permit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from taketwo.refresh.ports import Observer
from taketwo.refresh.runner import PytestRunner

_PLUGIN = "taketwo.plugin.rerun.survival"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    A crash: what is *permitted*, in words, and where the code under test does not survive it.

    * ``location`` is where in the cassette of the first of ``tests`` the answer changes
    * ``answer`` are the tables that a marker of that test takes
    """

    coordinate: str
    kind: str
    permitted: str
    location: str
    file: str
    line: int
    error: str
    message: str
    answer: Sequence[Mapping[str, Any]]
    tests: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line} {self.error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedTest:
    """
    How many answers are ``possible`` and were ``tried``; with ``failed`` of them the test failed by itself or
    asked for what was never recorded, and ``hung`` never ended.
    """

    test: str
    possible: int
    tried: int
    failed: int
    hung: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalResult:
    """
    * ``red`` do not pass as they were recorded, so that nothing is known of them
    * ``elsewhere`` ask from another process, whose errors are not seen
    * ``unstable`` passed before the changes and not after: something of one run was left for the next
    """

    findings: tuple[Finding, ...] = ()
    tried: tuple[TriedTest, ...] = ()
    red: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    unstable: tuple[str, ...] = ()


def survive(
    runner: PytestRunner, tests: Sequence[str], *, wanted: Mapping[str, object], jobs: int, observer: Observer
) -> SurvivalResult:
    """
    Try the permitted answers of *tests* in several processes, each with its share of them.
    """
    by_state = runner.rerun_in_shares(tests, plugin=_PLUGIN, wanted=wanted, jobs=jobs, observer=observer)
    named = {state: tuple(sorted({one["test"] for one in found})) for state, found in by_state.items()}
    judged = sorted(by_state.get("judged", ()), key=lambda one: one["test"])
    red, unstable = named.get("red", ()), named.get("unstable", ())
    return SurvivalResult(
        findings=_findings(judged),
        tried=tuple(
            TriedTest(**{name: one[name] for name in ("test", "possible", "tried", "failed", "hung")})
            for one in judged
        ),
        red=red,
        skipped=named.get("skipped", ()),
        elsewhere=named.get("elsewhere", ()),
        unstable=tuple(test for test in unstable if test not in red),
    )


def _findings(judged: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """
    Each crash once, with all tests that run into it.
    """
    found: dict[tuple[object, ...], Finding] = {}
    for one in judged:
        for each in one["findings"]:
            finding = Finding(**each, tests=(one["test"],))
            key = finding.coordinate, finding.kind, finding.file, finding.line, finding.error
            known = found.get(key)
            if known is None:
                found[key] = finding
            elif one["test"] not in known.tests:
                found[key] = replace(known, tests=(*known.tests, one["test"]))
    return tuple(sorted(found.values(), key=lambda one: (one.file, one.line, one.error, one.permitted)))
