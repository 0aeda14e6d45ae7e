"""
``taketwo accept``.
"""

from __future__ import annotations

import argparse

from taketwo.cli.command import Command
from taketwo.cli.pending import add_arguments, add_source, decide
from taketwo.cli.project import need_config
from taketwo.cli.terminal import Terminal
from taketwo.refresh import accept


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_arguments(parser)
    add_source(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    return decide(terminal, need_config(), options, act=accept, word="accepted")


COMMAND = Command(
    description="""\
Put pending takes in the place of the accepted cassettes: all of them, or those at PATH. The locks of the
contracts are accepted with the last pending take. What was replaced is kept until the next acceptance:
taketwo undo takes it back.

With --from the takes come from a folder that a check in CI has kept: they are checked to be whole, to fit the
cassettes that are accepted here, and to hold no secret; if one of them does not, none is accepted.
""",
    examples="""\
  %(prog)s
  %(prog)s cassettes/test_pages
  %(prog)s cassettes/test_pages/test_made.yaml
  %(prog)s --cause 3fa2c1      what one change explains
  %(prog)s --from ~/Downloads/takes
""",
    exit_codes="""\
  0  done, or nothing is pending
  3  could not run: at PATH nothing is pending, or a take does not fit; nothing is changed
""",
    arguments=_arguments,
    run=_run,
)
