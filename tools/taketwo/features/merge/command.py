"""
``taketwo merge``.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from taketwo.cassette.secrets.scan import Scanner
from taketwo.console.command import Command
from taketwo.console.outputs import Outputs, add_outputs
from taketwo.console.project import need_config, redactor_of, secrets_of
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.merge.merge import merge
from taketwo.report.masked import masked


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folders",
        nargs="+",
        metavar="DIR",
        help="the folder of each part, written by refresh --check --shard K/N --pending DIR",
    )
    add_outputs(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config, outputs = need_config(), Outputs.of(options, os.environ)
    redactor = redactor_of(config)
    scanner = Scanner(secrets_of(config), config.redact, config.keep)
    folders = list(dict.fromkeys(Path(folder) for folder in options.folders))
    try:
        merged = merge(config, folders, scanner)
    except TakeTwoError as error:
        outputs.write_failure(redactor.text(str(error)), options.prog, terminal)
        raise
    report = masked(replace(merged, command="taketwo refresh"), redactor)
    outputs.tell(report, terminal)
    return report.exit_code


COMMAND = Command(
    description="""\
Put together what several machines recorded of one suite, each its part (refresh --check --shard K/N
--pending DIR). The recordings that differ wait beside the accepted cassettes, as after a refresh of
everything on one machine, and there is one report and one exit code.

Nothing is merged when a part is missing or there twice, when the parts divided other tests, met other
contracts or began with other cassettes, when two hold different recordings of one cassette, or when one
holds a secret of this project.
""",
    examples="""\
  %(prog)s part1 part2 part3
  %(prog)s parts/* --markdown - --junit report.xml
""",
    exit_codes="""\
  0  clean
  1  something to review: a contract or a response differs
  2  something is breaking, or a test no longer passes
  3  could not run: the parts do not fit together; nothing is changed
""",
    arguments=_arguments,
    run=_run,
)
