"""
``taketwo reject``.
"""

from __future__ import annotations

import argparse

from taketwo.cli.command import Command
from taketwo.cli.pending import add_arguments, decide
from taketwo.cli.project import need_config
from taketwo.cli.terminal import Terminal
from taketwo.refresh import reject


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    return decide(terminal, need_config(), options, act=reject, word="rejected")


COMMAND = Command(
    description="""\
Delete pending takes: all of them, or those at PATH. The locks of the contracts that wait are deleted with the
last pending take. The accepted cassettes stay as they are; a rejected take can only be recorded again.
""",
    examples="""\
  %(prog)s
  %(prog)s cassettes/test_pages
  %(prog)s cassettes/test_pages/test_made.yaml
  %(prog)s --cause 3fa2c1      what one change explains
""",
    exit_codes="""\
  0  done, or nothing is pending
  3  could not run: at PATH nothing is pending
""",
    arguments=add_arguments,
    run=_run,
)
