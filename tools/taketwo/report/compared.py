"""
Two cassettes, compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from taketwo.cassette import JsonValue
from taketwo.compare import Drift, worst
from taketwo.report.line import Line
from taketwo.report.refreshed import drift_lines


def compared_lines(before: str, after: str, drifts: Sequence[Drift]) -> list[Line]:
    """
    Every drift, however many there are: whoever compares two files wants them all.
    """
    if not drifts:
        return [Line(f"nothing that was said differs: {before} -> {after}")]
    count = "1 difference" if len(drifts) == 1 else f"{len(drifts)} differences"
    return [Line(f"{before} -> {after}: {count}", "bold"), *drift_lines(drifts, most=len(drifts))]


def compared_json(before: str, after: str, drifts: Sequence[Drift]) -> JsonValue:
    severity = worst(tuple(drifts))
    return {
        "before": before,
        "after": after,
        "severity": severity.value if severity else None,
        "drifts": [drift_json(drift) for drift in drifts],
    }


def drift_json(drift: Drift) -> JsonValue:
    place, _, path = drift.place.partition("  ")
    return {
        "kind": drift.kind.value,
        "severity": drift.severity.value,
        "place": place,
        "path": path or None,
        "before": drift.before,
        "after": drift.after,
    }
