"""
``taketwo report``.
"""

from __future__ import annotations

import argparse
import os

from taketwo.cli.pending import pending_report
from taketwo.console.command import CLEAN, FOUND, Command
from taketwo.console.outputs import Outputs, add_outputs
from taketwo.console.project import need_config
from taketwo.console.terminal import Terminal


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    outputs = Outputs.of(options, os.environ)
    report = pending_report(need_config(), command="taketwo refresh", covered=outputs.needs_coverage)
    if not report.has_pending:
        outputs.write(report, terminal)
        terminal.say("nothing is pending")
        return CLEAN
    outputs.tell(report, terminal)
    return FOUND


COMMAND = Command(
    description="""\
Show the report of a refresh again: what differs between the pending recordings and the accepted cassettes,
by cause. Nothing is recorded, and no service is started. Tests that no longer pass have left no recording, so
they are not reported.
""",
    examples="""\
  %(prog)s
  %(prog)s --html report.html
  %(prog)s --markdown - | gh pr comment --body-file -
""",
    exit_codes="""\
  0  nothing is pending
  1  a recording is pending
  3  could not run
""",
    arguments=add_outputs,
    run=_run,
)
