"""
Two cassettes, compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from taketwo.cassette.model import JsonValue
from taketwo.compare.recordings import Difference, worst_severity
from taketwo.report.render.terminal import difference_lines
from taketwo.report.text import Line


def diff_lines(before: str, after: str, differences: Sequence[Difference]) -> list[Line]:
    """
    Every drift, however many there are: whoever compares two files wants them all.
    """
    if not differences:
        return [Line(f"nothing that was said differs: {before} -> {after}")]
    count = "1 difference" if len(differences) == 1 else f"{len(differences)} differences"
    return [
        Line(f"{before} -> {after}: {count}", "bold"),
        *difference_lines(differences, most=len(differences)),
    ]


def diff_json(before: str, after: str, differences: Sequence[Difference]) -> JsonValue:
    severity = worst_severity(tuple(differences))
    return {
        "before": before,
        "after": after,
        "severity": severity.value if severity else None,
        "differences": [difference_json(difference) for difference in differences],
    }


def difference_json(difference: Difference) -> JsonValue:
    place, _, path = difference.place.partition("  ")
    return {
        "kind": difference.kind.value,
        "severity": difference.severity.value,
        "place": place,
        "path": path or None,
        "before": difference.before,
        "after": difference.after,
    }
