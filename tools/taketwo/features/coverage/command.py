"""
``taketwo coverage``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from taketwo.console.command import CLEAN, Command, add_json
from taketwo.console.project import need_config
from taketwo.console.terminal import Terminal
from taketwo.features.coverage.badge import coverage_badge
from taketwo.features.coverage.coverage import Exercised, coverage
from taketwo.features.coverage.render import Share, coverage_json, coverage_lines


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="list everything that no cassette covers"
    )
    parser.add_argument("--service", metavar="NAME", help="report on this service only")
    parser.add_argument("--badge", metavar="FILE", help="write the share of all that is covered as an SVG")
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    found = coverage(need_config())
    shares = shares_of(one for one in found if options.service in {None, one.service})
    if options.badge:
        file = Path(options.badge)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(coverage_badge(shares), encoding="utf-8")
    if options.json:
        terminal.json(coverage_json(shares))
    else:
        terminal.show(coverage_lines(shares, verbose=options.verbose))
    return CLEAN


def shares_of(exercised: Iterable[Exercised]) -> list[Share]:
    groups: dict[tuple[str, str, str], list[Exercised]] = {}
    for one in exercised:
        groups.setdefault((one.service, one.kind.value, one.what), []).append(one)
    return [
        Share(
            service=service,
            kind=kind,
            what=what,
            total=len(group),
            left=tuple(one.coordinate for one in group if not one.cassettes),
            unread=tuple(one.coordinate for one in group if one.cassettes and not one.readers),
        )
        for (service, kind, what), group in groups.items()
    ]


COMMAND = Command(
    description="""\
Show how much of the contracts in the locks the cassettes exercise, and what no cassette does: operations,
parameters, statuses, properties, fields, arguments, enum values; and what cassettes hold and no test reads.
""",
    examples="""\
  %(prog)s
  %(prog)s -v --service shop
  %(prog)s --badge out/coverage.svg
  %(prog)s --json | jq -r '.[] | select(.what == "operation") | .left[]'
""",
    exit_codes="""\
  0  shown
  3  could not run
""",
    arguments=_arguments,
    run=_run,
)
