"""
What every command has: a parser that says all there is to say, and an exit code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from taketwo.console.terminal import Terminal

CLEAN, FOUND, COULD_NOT_RUN = 0, 1, 3

Arguments = Callable[[argparse.ArgumentParser], None]
Act = Callable[[argparse.Namespace, Terminal], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """
    One command; in ``examples`` and ``exit_codes``, ``%(prog)s`` is what the user types.
    """

    description: str
    examples: str
    exit_codes: str
    arguments: Arguments
    run: Act

    @property
    def epilog(self) -> str:
        return f"examples:\n{self.examples}\nexit codes:\n{self.exit_codes}"


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """
        Exit as a command that could not run: argparse's own 2 means drift in ``refresh``.
        """
        self.print_usage(sys.stderr)
        self.exit(COULD_NOT_RUN, f"{self.prog}: {message}\ntry: {self.prog} --help\n")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="write JSON, for scripts")
