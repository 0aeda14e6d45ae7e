"""
The rules that two recordings taught, ready to be pasted, and what they do not explain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taketwo.cassette.model import JsonValue
from taketwo.report.text import Line

_LONGEST = 60
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedRule:
    """
    ``lines`` are those of its table in TOML, and ``table`` is what they say.
    """

    lines: Sequence[str]
    table: Mapping[str, str]
    places: Sequence[str]
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnReport:
    tests: int
    rules: Sequence[ProposedRule]
    unexplained: Sequence[tuple[str, str, str]]
    failed: Sequence[str]


def learn_lines(report: LearnReport) -> list[Line]:
    count = f"{report.tests} test{'' if report.tests == 1 else 's'}"
    lines = [Line(f"recorded {count} three times; nothing was written", "bold")]
    if not (report.rules or report.unexplained or report.failed):
        same = "the recordings are the same: placeholders cover whatever the services generate"
        return [*lines, Line(same, "green")]
    if report.rules:
        lines.append(Line("rules that make the recordings the same, for pyproject.toml:", "yellow"))
    for rule in report.rules:
        lines += [Line(""), *_rule(rule)]
    unexplained = [f"{test}: {place + ': ' if place else ''}{why}" for test, place, why in report.unexplained]
    lines += _listed("what no rule explains:", unexplained)
    lines += _listed("tests that did not pass each time, of which nothing is learned:", report.failed)
    return lines


def learn_json(report: LearnReport) -> JsonValue:
    return {
        "tests": report.tests,
        "rules": [
            {
                "rule": dict(rule.table),
                "toml": "".join(f"{line}\n" for line in _table(rule)),
                "places": list(rule.places),
                "before": rule.before,
                "after": rule.after,
            }
            for rule in report.rules
        ],
        "unexplained": [
            {"test": test, "place": place, "reason": why} for test, place, why in report.unexplained
        ],
        "failed": list(report.failed),
    }


def _listed(title: str, names: Sequence[str]) -> list[Line]:
    if not names:
        return []
    lines = [Line(""), Line(title, "red"), *(Line(f"  {name}") for name in names[:_MOST])]
    return [*lines, Line(f"  and {len(names) - _MOST} more")] if len(names) > _MOST else lines


def _rule(rule: ProposedRule) -> list[Line]:
    more = f", and {len(rule.places) - 1} more places" if len(rule.places) > 1 else ""
    return [
        Line(f"# {_short(rule.before)}, then {_short(rule.after)}: {rule.places[0]}{more}"),
        *map(Line, _table(rule)),
    ]


def _table(rule: ProposedRule) -> list[str]:
    return ["[[tool.taketwo.placeholders]]", *rule.lines]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
