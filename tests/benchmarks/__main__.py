"""
How fast taketwo is beside other recorders of HTTP: measure, print tables, and write JSON and a page where
that is asked for.
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

_FULL, _QUICK = 4, 1

_EPILOG = """\
A section is measured for each recorder that is installed, in a process of its own; what is missing is named,
with what to install. The extra 'bench' has all that can be, and is best in an environment of its own:
pip install -e '.[bench]'

examples:
  python -m tests.benchmarks --quick
  python -m tests.benchmarks --only load --only save
  python -m tests.benchmarks --only match --sizes 10 1000 --rounds 3
  python -m tests.benchmarks --json times.json --html times.html

exit codes:
  0  measured; what failed, or took longer than --limit, is told in its place
  2  a mistake in the arguments
"""


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
    titles = "".join(f"  {section.name:<15}{section.title}\n" for section in SECTIONS)
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog=f"sections:\n{titles}\n{_EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: does it run?")
    parser.add_argument(
        "--only",
        action="append",
        choices=names,
        metavar="NAME",
        help="this section only; may be given several times",
    )
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        metavar="N",
        help="so many interactions, tests, or bytes of audio, instead of the section's own numbers",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        metavar="N",
        help=f"how often each is measured ({_FULL}, quick {_QUICK}; suites and start-up three times as "
        "often, and what takes long twice, but for ours and the floor)",
    )
    parser.add_argument("--limit", type=float, default=30, metavar="SECONDS", help="for one measurement (30)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every measured time, for scripts")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="a page with plots, to be opened in a browser"
    )
    return parser


def _say(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
    elif text:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
