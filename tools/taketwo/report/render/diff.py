"""
Two cassettes, compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from taketwo.cassette.model import JsonValue
from taketwo.report.render.terminal import difference_lines
from taketwo.report.text import Line
from taketwo.results import Difference, Location, worst_severity


def diff_lines(before: str, after: str, differences: Sequence[Difference], *, same_bytes: bool) -> list[Line]:
    """
    Every difference, however many there are.
    """
    if not differences:
        what = "same bytes" if same_bytes else "same meaning, other bytes"
        return [Line(f"{what}: {before} -> {after}")]
    count = "1 difference" if len(differences) == 1 else f"{len(differences)} differences"
    return [
        Line(f"{before} -> {after}: {count}", "bold"),
        *difference_lines(differences, most=len(differences)),
    ]


def diff_json(
    before: str, after: str, differences: Sequence[Difference], *, same_bytes: bool
) -> dict[str, JsonValue]:
    severity = worst_severity(tuple(differences))
    return {
        "before": before,
        "after": after,
        "severity": severity.value if severity else None,
        "same_bytes": same_bytes,
        "differences": [difference_json(difference) for difference in differences],
    }


def difference_json(difference: Difference) -> JsonValue:
    location = difference.location
    return {
        "kind": difference.kind.value,
        "severity": difference.severity.value,
        "place": location.heading,
        "path": location.inside or None,
        "location": location_json(location),
        "explained": difference.is_explained,
        "causes": list(difference.causes),
        "before": difference.before,
        "after": difference.after,
    }


def location_json(location: Location) -> JsonValue:
    """
    A location with its numbers from 1, as people and the other members count them; indexes are from 0.
    """
    return {
        "interaction": None if location.interaction is None else location.interaction + 1,
        "conversation": None if location.conversation is None else location.conversation + 1,
        "frame": None if location.frame is None else location.frame + 1,
        "target": location.target or None,
        "side": location.side or None,
        "part": location.part or None,
        "path": list(location.path),
    }
