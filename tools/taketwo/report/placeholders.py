"""
What became of the rules for placeholders in a run that recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_MOST_PLACES = 5


def merged_rules(reports: Iterable[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """
    The reports of several processes as one; see :meth:`taketwo.cassette.Finder.report`.
    """
    merged: dict[str, dict[str, Any]] = {}
    for one in (one for report in reports for one in report):
        known = merged.setdefault(one["rule"], {**one, "uses": 0, "mistyped": []})
        known["uses"] += one["uses"]
        known["mistyped"] += one["mistyped"]
    return list(merged.values())


def rule_lines(rules: Iterable[Mapping[str, Any]], *, is_whole: bool) -> list[str]:
    """
    The rules that found nothing, which only a run of all tests tells, and those that found something else.
    """
    lines: list[str] = []
    for rule in rules:
        if is_whole and not rule["uses"]:
            lines.append(f"a placeholder rule matched nothing: {rule['rule']}")
            lines.append("  correct it, or delete it from [[tool.taketwo.placeholders]]")
        if rule["mistyped"]:
            counted = Counter(rule["mistyped"])
            lines.append(f"a placeholder rule met what is no {rule['type']}: {rule['rule']}")
            lines += [f"  {_times(count)}{place}" for place, count in sorted(counted.items())[:_MOST_PLACES]]
            lines += [f"  and {len(counted) - _MOST_PLACES} more"] if len(counted) > _MOST_PLACES else []
    return lines


def _times(count: int) -> str:
    return f"{count} times " if count > 1 else ""
