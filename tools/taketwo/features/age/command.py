"""
``taketwo age``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from taketwo.config.kinds import days
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import need_project
from taketwo.console.terminal import Terminal
from taketwo.features.age.ages import ages, older_than
from taketwo.features.age.render import age_badge, age_json, age_lines


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-age",
        type=_days,
        metavar="AGE",
        help="90d, 12w, 36h (default: max_age of the project)",
    )
    parser.add_argument("--badge", metavar="FILE", help="write the age of the oldest cassette as an SVG")
    add_json(parser)


def _days(text: str) -> float:
    try:
        return days(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not {error.args[0]}") from None


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_project()
    max_age = options.max_age or config.max_age
    found = ages(config.cassettes, now=time.time())
    if options.badge:
        file = Path(options.badge)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(age_badge(found, max_age), encoding="utf-8")
    if options.json:
        terminal.json(age_json(found, max_age))
    else:
        terminal.show(age_lines(found, max_age))
    return FOUND if max_age and older_than(found, max_age) else CLEAN


COMMAND = Command(
    description="""\
Show how long ago cassettes were recorded, as git knows it: when the content of each was committed. One that
was recorded again and came out byte for byte the same keeps its age; taketwo refresh shows that it still
holds. A scheduled refresh reports what is older than max_age by itself; other runs say nothing about it.
""",
    examples="""\
  %(prog)s
  %(prog)s --max-age 90d
  %(prog)s --badge out/age.svg
""",
    exit_codes="""\
  0  no cassette is older than max_age, or there is none
  1  some are older
  3  could not run: this clone is shallow
""",
    arguments=_arguments,
    run=_run,
)
