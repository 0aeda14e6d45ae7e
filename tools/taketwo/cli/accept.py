"""
``taketwo accept``.
"""

from __future__ import annotations

import argparse

from taketwo.cli.command import Command
from taketwo.cli.project import need_config
from taketwo.cli.review import add_arguments, review
from taketwo.cli.terminal import Terminal
from taketwo.refresh import accept


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    return review(terminal, need_config(), options.paths, act=accept, word="accepted", as_json=options.json)


COMMAND = Command(
    description="""\
Put pending takes in the place of the accepted cassettes: all of them, or those at PATH. The locks of the
contracts are accepted with the last pending take. What was replaced is kept until the next acceptance:
taketwo undo takes it back.
""",
    examples="""\
  %(prog)s
  %(prog)s cassettes/test_pages
  %(prog)s cassettes/test_pages/test_made.yaml
""",
    exit_codes="""\
  0  done, or nothing is pending
  3  could not run: at PATH nothing is pending
""",
    arguments=add_arguments,
    run=_run,
)
