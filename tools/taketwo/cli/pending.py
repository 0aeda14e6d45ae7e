"""
What ``accept`` and ``reject`` have in common, also as flags of ``refresh``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from taketwo.cassette import JsonValue
from taketwo.cassette.scanning import Scanner
from taketwo.cli.command import CLEAN, add_json
from taketwo.cli.coverage import shares_of
from taketwo.cli.project import from_root, redactor_of, secrets_of, shown
from taketwo.cli.telling import tell
from taketwo.cli.terminal import Terminal
from taketwo.config import Config
from taketwo.errors import TakeTwoError
from taketwo.refresh import bring_in, coverage, waiting
from taketwo.report import Story, coverage_json

Act = Callable[[Config, Sequence[str]], list[Path]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="cassettes, pending takes, or folders; default: all that wait",
    )
    add_cause(parser)
    add_json(parser)


def add_cause(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cause",
        metavar="ID",
        action="append",
        default=[],
        help="the takes that differ because of this change, as the report names it; may be given several "
        "times",
    )


def add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        metavar="DIR",
        help="take them from this folder, which refresh --check --takes has made, perhaps in CI",
    )


def decide(terminal: Terminal, config: Config, options: argparse.Namespace, *, act: Act, word: str) -> int:
    """
    Do with the takes that *options* select what *act* does.
    """
    paths = [from_root(path, config.root) for path in options.paths]
    if getattr(options, "source", None):
        bring(config, options.source, paths)
    if options.cause:
        paths += [path for cause in options.cause for path in _of_cause(config, cause)]
    files = [shown(file) for file in act(config, paths)]
    # In refresh, --json names a file for another report.
    if getattr(options, "json", None) is True:
        terminal.json({word: list(files)})
        return CLEAN
    for file in files:
        terminal.say(f"{word} {file}")
    if not files:
        terminal.say("nothing is pending")
    return CLEAN


def bring(config: Config, source: str, paths: Sequence[str] = ()) -> list[Path]:
    """
    Let the takes of the folder *source* wait here, those at *paths* or all.
    """
    return bring_in(config, Path(source), paths, Scanner(secrets_of(config), config.redact))


def what_waits(config: Config, *, command: str, covered: bool = False) -> Story:
    """
    What is pending, told as the refresh told it that left it; with what no recording exercises, if wanted.
    """
    shown = exercised(config) if covered else None
    return tell(waiting(config), command=command, redactor=redactor_of(config), coverage=shown)


def exercised(config: Config) -> JsonValue:
    return coverage_json(shares_of(coverage(config)))


def of_cause(story: Story, cause: str) -> list[str]:
    """
    The cassettes with a pending take that differ, or are renewed, because of *cause*.
    """
    return list(dict.fromkeys(case.cassette for case in story.cases if cause in case.causes))


def _of_cause(config: Config, cause: str) -> list[str]:
    story = what_waits(config, command="taketwo refresh")
    found = of_cause(story, cause)
    if found:
        return found
    known = [one for one in story.causes if of_cause(story, one.id)]
    told = "\n".join(f"  {one.id}  {one.coordinate}: {one.sentence}" for one in known)
    waits = f"; the causes of what waits are:\n{told}" if known else "; nothing waits that has a cause"
    raise TakeTwoError(f"no pending take is due to a cause {cause}{waits}")
