"""
What ``accept`` and ``reject`` have in common, also as flags of ``refresh``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from taketwo.cli.command import CLEAN, add_json
from taketwo.cli.project import from_root, shown
from taketwo.cli.terminal import Terminal
from taketwo.config import Config

Act = Callable[[Config, Sequence[str]], list[Path]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="cassettes, pending takes, or folders; default: all that wait",
    )
    add_json(parser)


def review(
    terminal: Terminal, config: Config, paths: Sequence[str], *, act: Act, word: str, as_json: bool = False
) -> int:
    files = [shown(file) for file in act(config, [from_root(path, config.root) for path in paths])]
    if as_json:
        terminal.json({word: list(files)})
        return CLEAN
    for file in files:
        terminal.say(f"{word} {file}")
    if not files:
        terminal.say("nothing is pending")
    return CLEAN
