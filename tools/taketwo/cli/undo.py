"""
``taketwo undo``.
"""

from __future__ import annotations

import argparse

from taketwo.cli.command import CLEAN, Command, add_json
from taketwo.cli.project import need_config, shown
from taketwo.cli.terminal import Terminal
from taketwo.refresh import undo


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    files = [shown(file) for file in undo(need_config())]
    if options.json:
        terminal.json({"undone": list(files)})
        return CLEAN
    for file in files:
        terminal.say(f"taken back {file}; its take is pending again")
    if not files:
        terminal.say("there is no acceptance to take back")
    return CLEAN


COMMAND = Command(
    description="""\
Take back the last acceptance: the cassettes that it replaced are in their place again, and its takes wait
again, to be accepted or rejected. One acceptance is kept, in the hidden folder .taketwo of the cassettes; it
is not taken back when a cassette has changed since, or when a newer take waits.
""",
    examples="""\
  %(prog)s
""",
    exit_codes="""\
  0  done, or there is nothing to take back
  3  could not run: something came after it; nothing is changed
""",
    arguments=add_json,
    run=_run,
)
