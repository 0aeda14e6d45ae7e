"""
What ``taketwo faults`` writes.
"""

from __future__ import annotations

from collections.abc import Sequence

from taketwo.cassette.model import JsonValue
from taketwo.features.faults.run import FaultReport, FoundFault
from taketwo.report.text import Line


def fault_lines(report: FaultReport) -> list[Line]:
    lines: list[Line] = []
    for one in report.findings:
        lines.append(Line(f"{one.line}: {one.what} ({one.fault} at {one.place})", "red"))
        lines.append(Line(f"  {one.detail}"))
        lines.append(Line(f"  {one.test}{_others(one)}"))
        lines.append(Line(f"  {one.marker}"))
    lines += _listed("red as they were recorded, so not judged:", report.red)
    lines += _listed("skipped, so not judged:", report.skipped)
    lines += _listed("ask from another process (children=True), so not judged:", report.elsewhere)
    lines += _listed("red after their trials: a run leaves something for the next:", report.unstable)
    return [*lines, *_sum(report)]


def fault_json(report: FaultReport) -> JsonValue:
    return {
        "tests": report.tests,
        "possible": report.possible,
        "tried": report.tried,
        "unrecorded": report.unrecorded,
        "findings": [
            {
                "what": one.what,
                "line": one.line,
                "detail": one.detail,
                "fault": one.fault,
                "place": one.place,
                "test": one.test,
                "others": one.others,
                "marker": one.marker,
            }
            for one in report.findings
        ],
        "red": list(report.red),
        "skipped": list(report.skipped),
        "elsewhere": list(report.elsewhere),
        "unstable": list(report.unstable),
    }


def _others(one: FoundFault) -> str:
    if not one.others:
        return ""
    return f" (and {one.others} more {'trial' if one.others == 1 else 'trials'})"


def _sum(report: FaultReport) -> list[Line]:
    tests = f"{report.tests} {'test' if report.tests == 1 else 'tests'}"
    count = len(report.findings)
    found = f"{count} {'finding' if count == 1 else 'findings'}" if count else "no findings"
    unrecorded = (
        [Line(f"in {report.unrecorded} of them the code asked for what is not recorded")]
        if report.unrecorded
        else []
    )
    return [
        Line(f"{tests}, {report.tried} of {report.possible} faults tried"),
        *unrecorded,
        Line(found, "bold red" if count else "bold green"),
    ]


def _listed(title: str, names: Sequence[str]) -> list[Line]:
    return [Line(title, "red"), *(Line(f"  {name}") for name in names)] if names else []
