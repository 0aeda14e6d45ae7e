"""
How much the tests notice of what is not as it was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taketwo.cassette.model import JsonValue
from taketwo.report.text import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOfMutants:
    """
    ``survivors`` are places, each with the change that no test noticed.
    """

    __test__ = False  # pytest takes whatever is called Test…

    test: str
    possible: int
    mutants: int
    hung: int
    survivors: Sequence[tuple[str, str]]
    noticed_changes: frozenset[str] = frozenset()
    survived_changes: frozenset[str] = frozenset()

    @property
    def killed(self) -> int:
        return self.mutants - len(self.survivors)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationReport:
    tests: Sequence[TestOfMutants]
    red: Sequence[str] = ()
    skipped: Sequence[str] = ()
    unstable: Sequence[str] = ()
    wanted: float | None = None

    @property
    def mutants(self) -> int:
        return sum(one.mutants for one in self.tests)

    @property
    def killed(self) -> int:
        return sum(one.killed for one in self.tests)

    @property
    def noticed(self) -> frozenset[str]:
        """
        The changes that a test noticed: many cassettes hold one answer, and one test that looks is enough.
        """
        return frozenset[str]().union(*(one.noticed_changes for one in self.tests))

    @property
    def unnoticed(self) -> frozenset[str]:
        return frozenset[str]().union(*(one.survived_changes for one in self.tests)) - self.noticed

    @property
    def score(self) -> float:
        """
        How many of a hundred changes some test noticed.
        """
        count = len(self.noticed) + len(self.unnoticed)
        return 100 * len(self.noticed) / count if count else 100.0


def mutation_lines(report: MutationReport) -> list[Line]:
    lines: list[Line] = []
    for one in sorted(report.tests, key=lambda each: (_share(each), each.test)):
        if one.survivors:
            lines.append(Line(f"{one.test}: {one.killed} of {one.mutants} noticed", "yellow"))
            lines += [Line(f"  {place}: {mutation}") for place, mutation in one.survivors]
    lines += _listed("red as they were recorded, so not judged:", report.red)
    lines += _listed("skipped, so not judged:", report.skipped)
    lines += _listed("red after their mutants: a run leaves something for the next:", report.unstable)
    return [*lines, *_sum(report)]


def mutation_json(report: MutationReport) -> JsonValue:
    return {
        "score": round(report.score, 2),
        "noticed": len(report.noticed),
        "unnoticed": sorted(report.unnoticed),
        "mutants": report.mutants,
        "killed": report.killed,
        "tests": [
            {
                "test": one.test,
                "possible": one.possible,
                "mutants": one.mutants,
                "killed": one.killed,
                "hung": one.hung,
                "survivors": [{"place": place, "mutation": mutation} for place, mutation in one.survivors],
            }
            for one in report.tests
        ],
        "red": list(report.red),
        "skipped": list(report.skipped),
        "unstable": list(report.unstable),
    }


def _sum(report: MutationReport) -> list[Line]:
    possible = sum(one.possible for one in report.tests)
    tests = f"{len(report.tests)} test{'' if len(report.tests) == 1 else 's'}"
    share = 100 * report.killed / report.mutants if report.mutants else 100.0
    count = len(report.noticed) + len(report.unnoticed)
    is_enough = report.wanted is None or report.score >= report.wanted
    hung = sum(one.hung for one in report.tests)
    return [
        *_listed("noticed by no test, in whichever cassette:", sorted(report.unnoticed)),
        Line(f"{tests}, {report.mutants} of {possible} mutants: {report.killed} noticed, {share:.1f} %"),
        *([Line(f"{hung} of them by waiting for what never came")] if hung else []),
        Line(
            f"{count} different changes: {len(report.noticed)} noticed by some test, {report.score:.1f} %",
            "bold green" if is_enough else "bold red",
        ),
        *([] if is_enough else [Line(f"wanted are {report.wanted:g} %", "bold red")]),
    ]


def _share(one: TestOfMutants) -> float:
    return one.killed / one.mutants if one.mutants else 1.0


def _listed(title: str, names: Sequence[str]) -> list[Line]:
    return [Line(title, "red"), *(Line(f"  {name}") for name in names)] if names else []
