"""
``taketwo survive``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from taketwo.config.project import Config
from taketwo.console.command import CLEAN, FOUND, Command
from taketwo.console.progress import observer
from taketwo.console.project import need_config
from taketwo.console.reruns import add_jobs, add_limit, add_tests, select_tests
from taketwo.console.terminal import Terminal
from taketwo.contract.locks import read_locks
from taketwo.errors import TakeTwoError
from taketwo.features.survive.render import survival_json, survival_lines
from taketwo.features.survive.run import SurvivalResult, survive

_LIMIT = 60


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_tests(parser)
    add_limit(parser, default=_LIMIT, what="answers per cassette")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="seed of the random choice of answers (default: 1)"
    )
    parser.add_argument("--all", action="store_true", help="also change what no test reads of the answers")
    parser.add_argument(
        "--no-future", action="store_true", help="leave out members that enums do not have yet"
    )
    add_jobs(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    _need_locks(config)
    chosen = select_tests(options, config)
    wanted = {
        "limit": options.limit,
        "seed": options.seed,
        "everything": options.all,
        "future": not options.no_future,
    }
    with observer(terminal, doing="trying", did="tried") as listening:
        result = survive(chosen.runner, chosen.tests, wanted=wanted, jobs=chosen.jobs, observer=listening)
    shown = [replace(one, message=chosen.redactor.text(one.message)) for one in result.findings]
    return _write(replace(result, findings=tuple(shown)), options, terminal)


def _write(result: SurvivalResult, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.json:
        terminal.json(survival_json(result))
    else:
        terminal.show(survival_lines(result))
    if not result.tried:
        raise TakeTwoError("no test passes as it was recorded; nothing was tried")
    if not any(one.possible for one in result.tried):
        raise TakeTwoError(
            "no lock describes an answer of these tests, so nothing was tried\n"
            "see which operations the cassettes cover: taketwo coverage"
        )
    return FOUND if result.findings else CLEAN


def _need_locks(config: Config) -> None:
    if not any(read_locks(config.locks, name).documents for name in config.services):
        raise TakeTwoError(
            f"there is no contract in {config.locks}, which would say what else a service may answer\n"
            "name one (contract = … of a service in [tool.taketwo.services]), then: taketwo refresh"
        )


COMMAND = Command(
    description="""\
Change recorded answers as their contract permits, replay each test with every one of them in memory, and see
whether the code under test lives. Tried are optional members that are absent or new, null, other members of
enums and one that they do not have yet, empty lists, lists of one item and of many, numbers at their bounds,
longer and empty strings, members that the contract does not know, documented 4xx and 5xx, and GraphQL errors
with partial data or none. Each answer is validated against the lock before it is tried.

Only a crash of the code under test is reported: an error such as TypeError or KeyError whose innermost frame
in the project is in no test. A failed assertion of a test is none, nor an error that the project defines, nor
one of a client library about a documented failure. Each crash has a marker to paste into its test.

Nothing is written: every answer lives in memory. Only what a test reads of the answers is changed, unless
--all is given.
""",
    examples="""\
  %(prog)s
  %(prog)s tests/integration/test_notes.py --limit 0        every permitted answer
  %(prog)s --json | jq -r '.findings[].marker'
""",
    exit_codes="""\
  0  the code under test lived
  1  it crashed on an answer that its contract permits
  3  could not run: no contract, no test is selected, or none passes as it was recorded
""",
    arguments=_arguments,
    run=_run,
)
