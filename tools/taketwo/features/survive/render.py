"""
Crashes on permitted answers, as lines and as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from taketwo.cassette.model import JsonValue
from taketwo.features.survive.run import Finding, SurvivalResult
from taketwo.report.text import Line

_SHORTEST_RUN = 40
_MOST_TESTS = 3


def survival_lines(result: SurvivalResult) -> list[Line]:
    lines: list[Line] = []
    for one in result.findings:
        lines.append(Line(f"{one.permitted}: {one.place}", "red"))
        if one.message:
            lines.append(Line(f"  {one.message}"))
        lines.append(Line(f"  {one.location}"))
        lines += [Line(f"  {test}") for test in one.tests[:_MOST_TESTS]]
        if len(one.tests) > _MOST_TESTS:
            lines.append(Line(f"  and {len(one.tests) - _MOST_TESTS} more tests"))
        lines.append(Line(f"  reproduce it: {marker(one)}"))
    lines += _listed("red as they were recorded, so not tried:", result.red)
    lines += _listed("skipped, so not tried:", result.skipped)
    lines += _listed("ask from another process (children=True), so not tried:", result.elsewhere)
    lines += _listed("red after their changes: a run leaves something for the next:", result.unstable)
    return [*lines, *_sum(result)]


def survival_json(result: SurvivalResult) -> JsonValue:
    return {
        "crashes": len(result.findings),
        "tried": sum(one.tried for one in result.tried),
        "findings": [
            {
                "permitted": one.permitted,
                "coordinate": one.coordinate,
                "kind": one.kind,
                "location": one.location,
                "file": one.file,
                "line": one.line,
                "error": one.error,
                "message": one.message,
                "tests": list(one.tests),
                "answer": [dict(each) for each in one.answer],
                "marker": marker(one),
            }
            for one in result.findings
        ],
        "tests": [
            {
                "test": one.test,
                "possible": one.possible,
                "tried": one.tried,
                "failed": one.failed,
                "hung": one.hung,
            }
            for one in result.tried
        ],
        "red": list(result.red),
        "skipped": list(result.skipped),
        "elsewhere": list(result.elsewhere),
        "unstable": list(result.unstable),
    }


def marker(finding: Finding) -> str:
    """
    What a test is marked with that is to meet the answer of *finding*.
    """
    tables = [dict(one) for one in finding.answer]
    return f"@pytest.mark.vcr(answer={python_literal(tables[0] if len(tables) == 1 else tables)})"


def python_literal(value: object) -> str:
    """
    *value* as Python, with what is repeated in it written once: ``"a" + "x" * 4096``.
    """
    if isinstance(value, str):
        return _text_literal(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {python_literal(one)}' for key, one in value.items())}}}"
    if isinstance(value, list | tuple):
        items = list(value)
        period = _period(items)
        if period < len(items):
            whole, rest = divmod(len(items), period)
            repeated = f"[{', '.join(map(python_literal, items[:period]))}] * {whole}"
            return f"{repeated} + {python_literal(items[:rest])}" if rest else repeated
        return f"[{', '.join(map(python_literal, items))}]"
    return repr(value)


def _text_literal(text: str) -> str:
    parts: list[str] = []
    plain = ""
    for sign, run in groupby(text):
        count = len(list(run))
        if count < _SHORTEST_RUN:
            plain += sign * count
            continue
        parts += [repr(plain)] if plain else []
        parts.append(f"{sign!r} * {count}")
        plain = ""
    parts += [repr(plain)] if plain or not parts else []
    return " + ".join(parts)


def _period(items: Sequence[object]) -> int:
    """
    After how many items they begin again; as many as there are where they do not.
    """
    for size in range(1, len(items) // 2 + 1):
        if all(items[number] == items[number % size] for number in range(len(items))):
            return size
    return max(len(items), 1)


def _sum(result: SurvivalResult) -> list[Line]:
    possible, tried = (sum(getattr(one, name) for one in result.tried) for name in ("possible", "tried"))
    hung, failed = (sum(getattr(one, name) for one in result.tried) for name in ("hung", "failed"))
    crashes = len(result.findings)
    tests = f"{len(result.tried)} test{'' if len(result.tried) == 1 else 's'}"
    found = f"{crashes} crash{'' if crashes == 1 else 'es'} of the code under test"
    return [
        Line(
            f"{tests}, {tried} of {possible} permitted answers: {found}",
            "bold red" if crashes else "bold green",
        ),
        *(
            [Line(f"with {failed} of them the test fails by itself, or asks for what was never recorded")]
            if failed
            else []
        ),
        *([Line(f"with {hung} of them it waits for what never comes")] if hung else []),
    ]


def _listed(title: str, names: Sequence[str]) -> list[Line]:
    return [Line(title, "yellow"), *(Line(f"  {name}") for name in names)] if names else []
