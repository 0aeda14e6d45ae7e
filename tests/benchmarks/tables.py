"""
Results as plain tables, and as JSON.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from tests.benchmarks.measured import Measured
from tests.benchmarks.peers.registry import OURS, PEERS
from tests.benchmarks.plan import FLOORS, Result

Row = tuple[str, ...]

_USUAL = 1000


def machine() -> dict[str, str]:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in _lines(Path("/proc/cpuinfo"))
            if line.startswith("model name")
        ),
        platform.processor() or "unknown",
    )
    cores = sum(line.startswith("processor") for line in _lines(Path("/proc/cpuinfo")))
    return {
        "cpu": f"{cpu}, {cores} cores",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "when": datetime.now(UTC).date().isoformat(),
        "command": "python -m tests.benchmarks " + " ".join(sys.argv[1:]),
    }


def versions() -> dict[str, str]:
    """
    Each peer's version, or why it is missing.
    """
    return {peer.package: peer.missing() or metadata.version(peer.package) for peer in PEERS}


def report(results: Sequence[Result]) -> str:
    parts = [f"{name}: {value}" for name, value in machine().items()]
    parts += ["", *(f"{package} {version}" for package, version in versions().items())]
    parts += ["", aligned(glance(results))]
    for result in results:
        parts += ["", "", f"{result.section.name}: {result.section.title}"]
        parts += [result.section.note] if result.section.note else []
        for label in result.section.labels:
            parts += ["", f"{label}, {measure_of(result, label)}, and times {result.section.base}"]
            parts.append(aligned(table(result, label)))
        parts += ["", aligned(facts(result))]
    return "\n".join(parts)


def glance(results: Sequence[Result]) -> list[Row]:
    """
    What was measured, at a size that most cassettes stay below: ours, and the best of those that keep them.
    """
    rows: list[Row] = [("", "size", OURS, "best of the others", "times ours", "ours to the floor")]
    for result in results:
        size = max((size for size in result.measured if size <= _USUAL), default=max(result.measured))
        by_peer = result.measured[size]
        for label in result.section.labels:
            rows += _compared(f"{result.section.name}: {label}", size, by_peer, label, result.section.base)
    return rows


def _compared(what: str, size: int, by_peer: dict[str, Measured], label: str, base: str) -> list[Row]:
    found = {name: median for name, one in by_peer.items() if (median := one.median(label))}
    ours = found.pop(OURS, None)
    others = {name: median for name, median in found.items() if name not in FLOORS}
    if ours is None or not others:
        return []
    best = min(others, key=others.__getitem__)
    wrong = f", {by_peer[best].wrong:,} wrong" if by_peer[best].wrong else ""
    told = f"{best} {_number(others[best])}{wrong}"
    floor = f"{ours / found[base]:.2f}x {base}" if base in found else ""
    return [(what, f"{size:,}", _number(ours), told, f"{others[best] / ours:.2f}x", floor)]


def measure_of(result: Result, label: str) -> str:
    """
    What the numbers of a table are.
    """
    clock = "of the processor's time" if _has_processor(result, label) else "of the time that passed"
    return f"median {clock} in {result.section.unit}"


def table(result: Result, label: str) -> list[Row]:
    """
    A line for each peer, a column for each size, and one for the time that passed where another is told.
    """
    sizes = list(result.measured)
    by_processor = _has_processor(result, label)
    heads = ((f"{size:,}", "passed") if by_processor else (f"{size:,}",) for size in sizes)
    rows: list[Row] = [("", *(cell for cells in heads for cell in cells))]
    for name in result.section.peers:
        cells: list[str] = []
        for size in sizes:
            cells.append(_cell(result.measured[size], name, label, result.section.base))
            cells += [_passed(result.measured[size], name, label)] if by_processor else []
        rows.append((name, *cells))
    return rows


def _has_processor(result: Result, label: str) -> bool:
    return any(label in one.processor for by_peer in result.measured.values() for one in by_peer.values())


def _passed(by_peer: dict[str, Measured], name: str, label: str) -> str:
    found = by_peer[name].elapsed(label) if name in by_peer else None
    return "" if found is None else _number(found)


def facts(result: Result) -> list[Row]:
    """
    Of the largest size that each peer managed: answers checked, wrong, in other bytes; bytes on disk; memory.
    """
    rows: list[Row] = [("", "size", "checked", "wrong", "other bytes", "on disk", "peak memory")]
    for name in result.section.peers:
        managed = [
            (size, measured)
            for size, by_peer in result.measured.items()
            if (measured := by_peer.get(name)) and measured.times
        ]
        if managed:
            size, measured = managed[-1]
            rows.append((name, f"{size:,}", *_counts(measured)))
    return rows


def as_json(results: Sequence[Result]) -> dict[str, object]:
    return {
        "machine": machine(),
        "versions": versions(),
        "sections": [
            {
                "name": result.section.name,
                "title": result.section.title,
                "unit": result.section.unit,
                "sizes": {
                    str(size): {name: _plain(measured) for name, measured in by_peer.items()}
                    for size, by_peer in result.measured.items()
                },
            }
            for result in results
        ],
    }


def _plain(measured: Measured) -> dict[str, object]:
    medians = {label: measured.median(label) for label in measured.times}
    passed = {label: measured.elapsed(label) for label in measured.times}
    kept = ("checked", "wrong", "rewritten", "on_disk", "peak", "failure")
    times = {"medians": medians, "passed": passed, "times": measured.times, "processor": measured.processor}
    return {**times, **{name: getattr(measured, name) for name in kept}}


def _cell(by_peer: dict[str, Measured], name: str, label: str, base: str) -> str:
    measured = by_peer.get(name)
    if measured is None:
        return "-"
    found, reference = measured.median(label), by_peer.get(base, Measured()).median(label)
    if found is None:
        return measured.failure[:40] or "-"
    ratio = f" ({found / reference:.2f}x)" if reference and name != base else ""
    return f"{_number(found)}{ratio}"


def _counts(measured: Measured) -> Row:
    disk = f"{measured.on_disk / 1e6:.2f} MB" if measured.on_disk is not None else ""
    peak = f"{measured.peak:.1f} MB" if measured.peak is not None else ""
    return (f"{measured.checked:,}", f"{measured.wrong:,}", f"{measured.rewritten:,}", disk, peak)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def aligned(rows: Iterable[Row]) -> str:
    held = [row for row in rows if row]
    widths = [max(len(row[column]) for row in held) for column in range(len(held[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in held
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
