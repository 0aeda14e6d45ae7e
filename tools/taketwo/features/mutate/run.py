"""
How much a replay checks: which mutants of the cassettes the tests notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taketwo.refresh.ports import Observer
from taketwo.refresh.runner import PytestRunner

_PLUGIN = "taketwo.plugin.rerun.mutation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    place: str
    mutation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MutatedTest:
    """
    What became of the mutants of one test's cassette; ``hung`` are those of the killed that never ended.
    """

    test: str
    possible: int
    mutants: int
    hung: int = 0
    survivors: tuple[Survivor, ...] = ()
    noticed_changes: frozenset[str] = frozenset()
    survived_changes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationResult:
    """
    * ``red`` do not pass as they were recorded, so that nothing is known of them
    * ``unstable`` passed before their mutants and not after: something of one run was left for the next
    """

    judged: tuple[MutatedTest, ...] = ()
    red: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    unstable: tuple[str, ...] = ()


def mutate(
    runner: PytestRunner, tests: Sequence[str], *, wanted: Mapping[str, object], jobs: int, observer: Observer
) -> MutationResult:
    """
    Judge *tests* in several processes, each with its share of them.
    """
    by_state = runner.rerun_in_shares(tests, plugin=_PLUGIN, wanted=wanted, jobs=jobs, observer=observer)
    named = {state: tuple(sorted({one["test"] for one in found})) for state, found in by_state.items()}
    red, unstable = named.get("red", ()), named.get("unstable", ())
    return MutationResult(
        judged=tuple(sorted(map(_mutated_test, by_state.get("judged", ())), key=lambda one: one.test)),
        red=red,
        skipped=named.get("skipped", ()),
        unstable=tuple(test for test in unstable if test not in red),
    )


def _mutated_test(event: Mapping[str, Any]) -> MutatedTest:
    return MutatedTest(
        test=event["test"],
        possible=event["possible"],
        mutants=event["mutants"],
        hung=event["hung"],
        survivors=tuple(Survivor(**survivor) for survivor in event["survivors"]),
        noticed_changes=frozenset(event["noticed_changes"]),
        survived_changes=frozenset(event["survived_changes"]),
    )
