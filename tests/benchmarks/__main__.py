"""
``python -m tests.benchmarks``: measure, print tables, and write JSON and a page where that is asked for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.page import render
from tests.benchmarks.plan import SECTIONS, measure
from tests.benchmarks.tables import as_json, report

_FULL, _QUICK = 5, 1


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    sections = [section for section in SECTIONS if not asked.only or section.name in asked.only]
    rounds = asked.rounds or (_QUICK if asked.quick else _FULL)
    if asked.sizes or asked.quick:
        sections = [replace(section, sizes=tuple(asked.sizes or section.quick)) for section in sections]
    results = measure(sections, rounds=rounds, limit=asked.limit, say=_say)
    _say("")
    sys.stdout.write(report(results) + "\n")
    if asked.json:
        asked.json.write_text(json.dumps(as_json(results), indent=1) + "\n", encoding="utf-8")
    if asked.html:
        asked.html.write_text(render(results), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    names = [section.name for section in SECTIONS]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: does it run?")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="instead of the usual ones")
    parser.add_argument(
        "--rounds",
        type=int,
        metavar="N",
        help=f"how often each is measured ({_FULL}, quick {_QUICK}; what takes long, twice)",
    )
    parser.add_argument("--limit", type=float, default=30, help="seconds for one measurement (30)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every time there")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots there")
    return parser


def _say(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
    elif text:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
