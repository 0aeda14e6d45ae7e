"""
What the code under test does with faults, test by test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taketwo.refresh.ports import Observer
from taketwo.refresh.runner import PytestRunner

_PLUGIN = "taketwo.plugin.rerun.fault_trials"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FoundFault:
    """
    One finding: what the code at *line* does, by the first test that showed it; *others* are how many more
    trials showed the same.
    """

    line: str
    what: str
    detail: str
    test: str
    fault: str
    place: str
    marker: str
    others: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultReport:
    """
    * ``unrecorded`` is how many trials made the code ask for what is not recorded, of which nothing is known
    * ``red`` do not pass as they were recorded, so that nothing is known of them
    * ``elsewhere`` ask from another process, whose errors are not seen
    * ``unstable`` passed before the trials and not after: something of one run was left for the next
    """

    tests: int = 0
    possible: int = 0
    tried: int = 0
    unrecorded: int = 0
    findings: tuple[FoundFault, ...] = ()
    red: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    unstable: tuple[str, ...] = ()


def try_faults(
    runner: PytestRunner, tests: Sequence[str], *, wanted: Mapping[str, object], jobs: int, observer: Observer
) -> FaultReport:
    """
    Try faults on *tests* in several processes, each with its share of them.
    """
    by_state = runner.rerun_in_shares(tests, plugin=_PLUGIN, wanted=wanted, jobs=jobs, observer=observer)
    named = {state: tuple(sorted({one["test"] for one in found})) for state, found in by_state.items()}
    judged, red = by_state.get("judged", []), named.get("red", ())
    return FaultReport(
        tests=len(judged),
        possible=sum(one["possible"] for one in judged),
        tried=sum(one["tried"] for one in judged),
        unrecorded=sum(one["unrecorded"] for one in judged),
        findings=together(judged),
        red=red,
        skipped=named.get("skipped", ()),
        elsewhere=named.get("elsewhere", ()),
        unstable=tuple(test for test in named.get("unstable", ()) if test not in red),
    )


def together(judged: Sequence[Mapping[str, Any]]) -> tuple[FoundFault, ...]:
    """
    The findings, one for each line and what it does.
    """
    found: dict[tuple[str, str, str], list[FoundFault]] = {}
    for one in sorted(judged, key=lambda each: str(each["test"])):
        for finding in one["findings"]:
            each = FoundFault(test=one["test"], **finding)
            found.setdefault((each.line, each.what, _kind(each.detail)), []).append(each)
    return tuple(
        sorted(
            (
                FoundFault(
                    line=first.line,
                    what=first.what,
                    detail=first.detail,
                    test=first.test,
                    fault=first.fault,
                    place=first.place,
                    marker=first.marker,
                    others=len(others),
                )
                for first, *others in found.values()
            ),
            key=_order,
        )
    )


def _order(one: FoundFault) -> tuple[str, int, FoundFault]:
    """
    By file, and there by the number of the line.
    """
    file, _, number = one.line.rpartition(":")
    return file, int(number or 0), one


def _kind(detail: str) -> str:
    """
    *detail* without the words of an error, which differ from fault to fault.
    """
    return detail.partition(": ")[0]
