"""
Ages as text, as JSON, and as a badge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from taketwo.cassette.model import JsonValue
from taketwo.features.age.ages import Age, older_than
from taketwo.report.badge import AMBER, GREEN, GREY, RED, badge
from taketwo.report.text import Line

_MOST: Final = 10
_LABEL: Final = "oldest cassette"
_USUAL: Final = 365.0
"""After how many days a badge turns red where the project has no max_age."""


def age_lines(found: Sequence[Age], max_age: float) -> Iterator[Line]:
    if not found:
        yield Line("there is no cassette")
        return
    yield Line(f"{len(found)} cassettes; the oldest is {days(found[0].days)} old: {found[0].path}")
    if max_age:
        yield from old_lines(found, max_age)


def old_lines(found: Sequence[Age], max_age: float) -> Iterator[Line]:
    """
    Which cassettes are older than *max_age* days, the oldest first.
    """
    old = older_than(found, max_age)
    if not old:
        yield Line(f"none is older than {days(max_age)}", "green")
        return
    yield Line(f"{len(old)} of {len(found)} cassettes are older than {days(max_age)}:", "yellow")
    for age in old[:_MOST]:
        yield Line(f"  {days(age.days)}  {age.path}")
    if len(old) > _MOST:
        yield Line(f"  and {len(old) - _MOST} more; all of them: taketwo age --json")
    yield Line("to record them again: taketwo refresh --all")


def age_json(found: Sequence[Age], max_age: float) -> JsonValue:
    return {
        "max_age": max_age or None,
        "cassettes": [
            {"path": age.path, "days": round(age.days, 1), "old": bool(max_age) and age.days > max_age}
            for age in found
        ],
    }


def age_badge(found: Sequence[Age], max_age: float) -> str:
    """
    The age of the oldest cassette: amber from half of *max_age* on, red beyond it.
    """
    if not found:
        return badge(_LABEL, "none", GREY)
    oldest, most = found[0].days, max_age or _USUAL
    return badge(_LABEL, days(oldest), RED if oldest > most else AMBER if oldest > most / 2 else GREEN)


def days(value: float) -> str:
    return f"{value:.0f} d" if value >= 1 else f"{value * 24:.0f} h"
