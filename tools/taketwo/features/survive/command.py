"""
``taketwo survive``.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from taketwo.config.project import Config
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.progress import observer
from taketwo.console.project import from_root, need_config, redactor_of
from taketwo.console.terminal import Terminal
from taketwo.contract.locks import read_locks
from taketwo.errors import TakeTwoError
from taketwo.features.survive.render import survival_json, survival_lines
from taketwo.features.survive.run import SurvivalResult, survive
from taketwo.refresh.runner import PytestRunner

_LIMIT = 60
_MOST_JOBS = 4


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="tests, or folders of tests (default: all)")
    parser.add_argument(
        "-k", dest="keyword", default="", metavar="EXPR", help="tests whose names match, as in pytest"
    )
    parser.add_argument(
        "--limit",
        type=_count,
        default=_LIMIT,
        metavar="N",
        help=f"at most N answers per cassette (default: {_LIMIT}; 0: no limit)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="seed of the random choice of answers (default: 1)"
    )
    parser.add_argument("--all", action="store_true", help="also change what no test reads of the answers")
    parser.add_argument(
        "--no-future", action="store_true", help="leave out members that enums do not have yet"
    )
    parser.add_argument(
        "--jobs", type=_count, default=0, metavar="N", help="number of processes (default: one per core)"
    )
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    _need_locks(config)
    redactor = redactor_of(config)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    runner = PytestRunner(root=config.root, redact=redactor.text, environment=environment)
    paths = [from_root(path, config.root) for path in options.paths]
    tests = runner.collect(paths, keyword=options.keyword).tests
    if not tests:
        raise TakeTwoError("no test that has a cassette is selected; nothing was tried")
    wanted = {
        "limit": options.limit,
        "seed": options.seed,
        "everything": options.all,
        "future": not options.no_future,
    }
    jobs = options.jobs or min(os.cpu_count() or 1, _MOST_JOBS)
    with observer(terminal, doing="trying", did="tried") as listening:
        result = survive(runner, tests, wanted=wanted, jobs=jobs, observer=listening)
    shown = [replace(one, message=redactor.text(one.message)) for one in result.findings]
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


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of answers or processes, such as 60")
    return int(text)


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
