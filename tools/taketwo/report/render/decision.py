"""
What an acceptance by cause did, what it left, and what to type to accept that as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from taketwo.cassette.model import JsonValue
from taketwo.report.render.terminal import cause_lines
from taketwo.report.text import Line, count
from taketwo.results import Cause, Decision

_MOST_IDLE = 5


def decision_lines(decision: Decision, chosen: Sequence[str], command: str) -> list[Line]:
    """
    What is left, each with its causes; and the lock, whether it moved or not.
    """
    lines: list[Line] = []
    for cassette, causes in decision.left.items():
        lines.append(Line(f"left {cassette}: not accepted are", "yellow"))
        lines += _causes(causes)
    for service, causes in decision.open_locks.items():
        if causes:
            lines.append(Line(f"the lock of {service} stays; not accepted are", "yellow"))
            lines += _causes(causes)
        else:
            lines.append(Line(f"the lock of {service} stays until no recording is pending", "yellow"))
    for service, causes in decision.locks.items():
        if causes:
            changes = count(len(causes), "change")
            lines.append(Line(f"the lock of {service} is accepted, with {changes} that no cassette touches:"))
            lines += _causes(causes[:_MOST_IDLE])
            if len(causes) > _MOST_IDLE:
                lines.append(Line(f"  and {len(causes) - _MOST_IDLE} more"))
    missing = _missing(decision)
    if missing:
        options = " ".join(f"--cause {cause}" for cause in (*chosen, *missing))
        lines.append(Line(f"to accept these as well: {command} {options}"))
    return lines


def decision_json(decision: Decision) -> dict[str, JsonValue]:
    return {
        "left": {name: [cause.id for cause in causes] for name, causes in decision.left.items()},
        "locks": list(decision.locks),
        "open_locks": {name: [cause.id for cause in causes] for name, causes in decision.open_locks.items()},
    }


def _causes(causes: Sequence[Cause]) -> list[Line]:
    return [line for cause in causes for line in cause_lines(cause)]


def _missing(decision: Decision) -> list[str]:
    both = (*decision.left.values(), *decision.open_locks.values())
    return list(dict.fromkeys(cause.id for causes in both for cause in causes))
