"""
``taketwo schema``.
"""

from __future__ import annotations

import argparse

from taketwo.config.reference import schema
from taketwo.console.command import CLEAN, Command
from taketwo.console.terminal import Terminal


def _arguments(_: argparse.ArgumentParser) -> None:
    """
    It has none.
    """


def _run(_: argparse.Namespace, terminal: Terminal) -> int:
    terminal.json(schema())
    return CLEAN


COMMAND = Command(
    description="""\
Print the JSON Schema of [tool.taketwo] in pyproject.toml, so that an editor completes and checks its keys.
""",
    examples="""\
  %(prog)s > taketwo.schema.json
""",
    exit_codes="""\
  0  printed
  3  could not run
""",
    arguments=_arguments,
    run=_run,
)
