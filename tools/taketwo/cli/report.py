"""
``taketwo report``.
"""

from __future__ import annotations

import argparse
import os

from taketwo.cli.command import CLEAN, FOUND, Command
from taketwo.cli.outputs import Outputs, add_outputs
from taketwo.cli.pending import what_waits
from taketwo.cli.project import need_config
from taketwo.cli.terminal import Terminal


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    outputs = Outputs.of(options, os.environ)
    story = what_waits(need_config(), command="taketwo refresh", covered=outputs.tells_coverage)
    if not story.waits:
        outputs.write(story, terminal)
        terminal.say("nothing is pending")
        return CLEAN
    outputs.tell(story, terminal)
    return FOUND


COMMAND = Command(
    description="""\
Tell once more what a refresh found: what differs between the pending takes and the accepted cassettes, by
cause. Nothing is recorded, and no service is started. Tests that no longer pass have left no take, so they
are not told.
""",
    examples="""\
  %(prog)s
  %(prog)s --html report.html
  %(prog)s --markdown - | gh pr comment --body-file -
""",
    exit_codes="""\
  0  nothing is pending
  1  something waits
  3  could not run
""",
    arguments=add_outputs,
    run=_run,
)
