"""
``taketwo rename``.
"""

from __future__ import annotations

import argparse

from taketwo.console.command import CLEAN, Command, add_json
from taketwo.console.project import need_config, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.rename.moves import planned_moves, rename
from taketwo.report.text import Line


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the old name of a test, module or folder, or a cassette")
    parser.add_argument("new", metavar="NEW", help="its new name")
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    planned = planned_moves(config, options.old, options.new)
    if not planned:
        raise TakeTwoError(
            f"no cassette belongs to {options.old}; `taketwo list` shows which test owns each one"
        )
    rename(config, planned)
    pairs = [(shown(move.before), shown(move.after)) for move in planned]
    if options.json:
        terminal.json([{"before": before, "after": after} for before, after in pairs])
    else:
        terminal.show([Line(f"{before} -> {after}") for before, after in pairs])
    return CLEAN


COMMAND = Command(
    description="""\
Have cassettes follow tests that were renamed, or moved to another module or folder, with the files beside
them and the recordings that wait. OLD and NEW are written as pytest writes them, from the folder of the
project. What was recorded stays as it is; the head of each cassette names its test as it is called now.
""",
    examples="""\
  %(prog)s tests/test_pages.py::test_made tests/test_pages.py::test_created
  %(prog)s tests/test_pages.py tests/web/test_pages.py
  %(prog)s cassettes/test_pages/test_made.yaml tests/test_pages.py::test_created
""",
    exit_codes="""\
  0  done
  3  could not run: there is no cassette of OLD, or there is one in the new place
""",
    arguments=_arguments,
    run=_run,
)
