"""
A page that shows the results as bars and lines; it needs nothing but itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from math import log10

from tests.benchmarks.peers.registry import OURS
from tests.benchmarks.plan import FLOORS, Result
from tests.benchmarks.tables import facts, glance, machine, measure_of, table, versions

_COLOURS = ("#1f6feb", "#d1242f", "#e0823d", "#8250df", "#bf3989", "#1a7f37", "#0a7ea4", "#9a6700", "#57606a")
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 420, 20, 280
"""The edges of a drawing; right of it there is room for the names."""

_READING = (
    "Medians in milliseconds, of the processor's time where a process is measured alone; less is better. "
    "Every answer was checked. Scales are logarithmic: a line that rises as the dotted one does grows in "
    "proportion to the size, a flatter one more slowly."
)
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:1300px;margin:2rem auto;padding:0 1rem;color:#1f2328}
h1{font-size:1.6rem}h2{margin:2.5rem 0 .3rem;font-size:1.2rem;border-top:1px solid #d1d9e0;padding-top:1rem}
h3{font-size:1rem;margin:1.2rem 0 .3rem;font-weight:600}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.5rem 0}
td,th{padding:.15rem .8rem;text-align:right;border-bottom:1px solid #eaeef2;font-weight:400}
td:first-child,th:first-child{text-align:left}tr.ours td{font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0}dd{margin:0}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,560px),1fr));gap:0 2rem}
.plots>div,details{min-width:0;overflow-x:auto}
svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#1f2328}
details{margin:.5rem 0}summary{cursor:pointer;color:#57606a}
"""


def render(results: Sequence[Result]) -> str:
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>taketwo: benchmarks</title>",
        f"<style>{_STYLE}</style></head><body><h1>taketwo and its peers</h1>",
        f"<p>{_READING}</p>",
        _definitions({**machine(), **{name: value for name, value in versions().items() if name}}),
    ]
    parts += ["<h2>At a glance</h2>", _table(glance(results))]
    for result in results:
        parts.append(f"<h2>{escape(result.section.title)}</h2>")
        parts += [f"<p>{escape(result.section.note)}</p>"] if result.section.note else []
        parts.append("<div class='plots'>")
        for label in result.section.labels:
            plot = _lines(result, label) if len(result.measured) > 1 else _bars(result, label)
            numbers = f"numbers: {measure_of(result, label)}"
            shown = f"<h3>{escape(label)}</h3>{plot}{_details(numbers, _table(table(result, label)))}"
            parts.append(f"<div>{shown}</div>")
        parts.append("</div>")
        parts.append(_details("answers, disk and memory", _table(facts(result))))
    return "\n".join([*parts, "</body></html>\n"])


def _bars(result: Result, label: str) -> str:
    """
    One size: a bar for each peer, the shortest first.
    """
    [(_, by_peer)] = result.measured.items()
    found = {name: median for name, one in by_peer.items() if (median := one.median(label)) is not None}
    if not found:
        return ""
    low, high = _decades(found.values())
    rows = []
    for row, (name, value) in enumerate(sorted(found.items(), key=lambda item: item[1])):
        y, width = 24 * row + 4, max(390 * (log10(value) - low) / (high - low), 2)
        rows.append(
            f"<text x='130' y='{y + 14}' text-anchor='end'{_weight(name)}>{escape(name)}</text>"
            f"<rect x='140' y='{y}' width='{width:.1f}' height='18' rx='2' fill='{_colour(result, name)}'/>"
            f"<text x='{146 + width:.1f}' y='{y + 14}'>{value:,.3g}</text>"
        )
    return f"<svg viewBox='0 0 600 {24 * len(found) + 8}' width='600' role='img'>{''.join(rows)}</svg>"


def _lines(result: Result, label: str) -> str:
    """
    Several sizes: a line for each peer.
    """
    sizes = list(result.measured)
    found = {
        name: [(size, value) for size in sizes if (value := _value(result, size, name, label)) is not None]
        for name in result.section.peers
    }
    return plot(found, {name: _colour(result, name) for name in found}, unit="ms", bold=OURS)


def plot(
    lines: Mapping[str, Sequence[tuple[int, float]]], colours: Mapping[str, str], *, unit: str, bold: str = ""
) -> str:
    """
    A drawing of *lines* over both axes in decades, so that growth is a slope; it is empty without a value.
    """
    values = [value for points in lines.values() for _, value in points]
    if not values:
        return ""
    sizes = sorted({size for points in lines.values() for size, _ in points})
    low, high = _decades(values)
    across = _Scale(log10(sizes[0]), log10(sizes[-1]), _LEFT, _RIGHT)
    up = _Scale(low, high, _BOTTOM, _TOP)
    parts = [*_grid(low, high, sizes, across, up, unit), _in_proportion(low, high, sizes, across, up)]
    ends = sorted(((up(log10(points[-1][1])), name) for name, points in lines.items() if points))
    for place, name in _apart(ends):
        points = " ".join(f"{across(log10(size)):.1f},{up(log10(value)):.1f}" for size, value in lines[name])
        width = 3.5 if name == bold else 1.7
        parts.append(
            f"<polyline points='{points}' fill='none' stroke='{colours[name]}' stroke-width='{width}'/>"
            f"<text x='{_RIGHT + 10}' y='{place + 4:.1f}' style='fill:{colours[name]}'{_weight(name)}>"
            f"{escape(name)} {lines[name][-1][1]:,.3g} {unit}</text>"
        )
    return f"<svg viewBox='0 0 600 320' width='600' role='img'>{''.join(parts)}</svg>"


class _Scale:
    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low, self._factor, self._start = low, (end - start) / ((high - low) or 1), start

    def __call__(self, value: float) -> float:
        return self._start + (value - self._low) * self._factor


def _grid(low: int, high: int, sizes: Sequence[int], across: _Scale, up: _Scale, unit: str) -> Iterator[str]:
    for decade in range(low, high + 1):
        y = up(decade)
        yield f"<line x1='{_LEFT}' x2='{_RIGHT}' y1='{y}' y2='{y}' stroke='#d1d9e0'/>"
        yield f"<text x='{_LEFT - 8}' y='{y + 4}' text-anchor='end'>{10.0**decade:,g} {unit}</text>"
    for size in sizes:
        x = across(log10(size))
        yield f"<line x1='{x}' x2='{x}' y1='{_TOP}' y2='{_BOTTOM}' stroke='#d1d9e0'/>"
        yield f"<text x='{x}' y='{_BOTTOM + 20}' text-anchor='middle'>{size:,}</text>"


def _in_proportion(low: int, high: int, sizes: Sequence[int], across: _Scale, up: _Scale) -> str:
    """
    A line of what grows as the size does, as far as there is room.
    """
    first, last = log10(sizes[0]), log10(sizes[-1])
    end = min(high, low + last - first)
    ends = f"{_LEFT},{up(low):.1f} {across(first + end - low):.1f},{up(end):.1f}"
    return f"<polyline points='{ends}' fill='none' stroke='#8c959f' stroke-dasharray='2 4'/>"


def _apart(ends: Sequence[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """
    Names one below the other, though their lines end at the same height.
    """
    last = -20.0
    for place, name in ends:
        last = max(place, last + 15)
        yield last, name


def _value(result: Result, size: int, name: str, label: str) -> float | None:
    measured = result.measured[size].get(name)
    return measured.median(label) if measured else None


def _decades(values: Iterable[float]) -> tuple[int, int]:
    logs = [log10(value) for value in values]
    low = int(min(logs) // 1)
    return low, max(int(-(-max(logs) // 1)), low + 1)


def _colour(result: Result, name: str) -> str:
    if name in FLOORS:
        return "#8c959f"
    return (
        _COLOURS[0] if name == OURS else _COLOURS[1 + result.section.peers.index(name) % (len(_COLOURS) - 1)]
    )


def _weight(name: str) -> str:
    return " font-weight='700'" if name == OURS else ""


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    return f"<table><tr>{head}</tr>{''.join(map(_row, rows[1:]))}</table>"


def _row(row: tuple[str, ...]) -> str:
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in row)
    return f"<tr{' class=ours' if row[0] == OURS else ''}>{cells}</tr>"


def _details(name: str, content: str) -> str:
    return f"<details><summary>{escape(name)}</summary>{content}</details>"


def _definitions(table_of: dict[str, str]) -> str:
    lines = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in table_of.items())
    return f"<dl>{''.join(lines)}</dl>"
