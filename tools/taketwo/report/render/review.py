"""
What differs in one cassette, line by line with a little of what is around it, for a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taketwo.cassette.model import JsonValue
from taketwo.report.page.content import case_items
from taketwo.report.page.rows import ADDED, CHANGED, GAP, REMOVED, SAME
from taketwo.report.text import Line
from taketwo.results import CassetteResult

_CONTEXT = 2
_MOST_LINES = 200


def review_lines(case: CassetteResult) -> list[Line]:
    """
    At most a few hundred lines; ``taketwo diff`` and the page show all.
    """
    lines = [Line(case.cassette, "bold"), *_case_lines(case)]
    if len(lines) <= _MOST_LINES:
        return lines
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], Line(f"  and {more} lines more: taketwo report --html FILE", "dim")]


def _case_lines(case: CassetteResult) -> Iterator[Line]:
    if case.message:
        yield from (Line(f"  {line}") for line in case.message.splitlines())
        return
    if not case.differences:
        yield Line("  requests and responses are unchanged", "dim")
        return
    for item in case_items(case):
        if isinstance(item, dict) and item["mark"] != "=":
            yield from _item(item)


def _item(item: dict[str, JsonValue]) -> Iterator[Line]:
    severity = f"  ({item['severity']})" if item.get("severity") else ""
    mark = "" if item["mark"] == "~" else f"{item['mark']} "
    yield Line(f"  {mark}{item['number']}. {item['title']}{severity}", "bold")
    parts = item.get("sections")
    for part in parts if isinstance(parts, list) else []:
        if not isinstance(part, dict) or not isinstance(part["rows"], list):
            continue
        rows = [row for row in part["rows"] if isinstance(row, list)]
        if any(row[0] not in {SAME, GAP} for row in rows):
            name = part["of"] if part["of"] == part["part"] else f"{part['of']} {part['part']}"
            yield Line(f"    {name}", "dim")
            yield from _rows(rows)


def _rows(rows: Sequence[Sequence[JsonValue]]) -> Iterator[Line]:
    near = {
        place
        for index, row in enumerate(rows)
        if row[0] not in {SAME, GAP}
        for place in range(index - _CONTEXT, index + _CONTEXT + 1)
    }
    last = -1
    for index, row in enumerate(rows):
        if index not in near:
            continue
        if index > last + 1:
            yield Line("      …", "dim")
        last = index
        yield from _row(row)


def _row(row: Sequence[JsonValue]) -> Iterator[Line]:
    kind = row[0]
    if kind == CHANGED:
        yield Line(f"    - {row[1]}", "red")
        yield Line(f"    + {row[2]}", "green")
    elif kind == REMOVED:
        yield Line(f"    - {row[1]}", "red")
    elif kind == ADDED:
        yield Line(f"    + {row[1]}", "green")
    elif kind == SAME:
        yield Line(f"      {row[1]}", "dim")
    else:
        yield Line("      …", "dim")
