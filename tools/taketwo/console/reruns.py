"""
What the commands share that run tests again with changes of their cassettes: which tests, how many changes of
each, and in how many processes.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass

from taketwo.cassette.secrets.redact import Redactor
from taketwo.config.project import Config
from taketwo.console.command import add_json
from taketwo.console.project import from_root, redactor_of
from taketwo.errors import TakeTwoError
from taketwo.refresh.runner import PytestRunner

_MOST_JOBS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsToRerun:
    """
    The *tests* that the options select, what runs them, and in how many processes.
    """

    __test__ = False

    tests: Sequence[str]
    runner: PytestRunner
    jobs: int
    redactor: Redactor


def add_tests(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="tests, or folders of tests (default: all)")
    parser.add_argument(
        "-k", dest="keyword", default="", metavar="EXPR", help="tests whose names match, as in pytest"
    )


def add_limit(parser: argparse.ArgumentParser, *, default: int, what: str) -> None:
    """
    Add ``--limit``; *what* is counted, such as "mutants per cassette".
    """
    parser.add_argument(
        "--limit",
        type=count,
        default=default,
        metavar="N",
        help=f"at most N {what} (default: {default}; 0: no limit)",
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """
    Add what such a command ends with: ``--jobs`` and ``--json``.
    """
    parser.add_argument(
        "--jobs", type=count, default=0, metavar="N", help="number of processes (default: one per core)"
    )
    add_json(parser)


def count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number such as 60, got {text!r}")
    return int(text)


def select_tests(options: argparse.Namespace, config: Config) -> TestsToRerun:
    """
    The tests that *options* select.

    :raises TakeTwoError: when there are none.
    """
    redactor = redactor_of(config)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    runner = PytestRunner(root=config.root, redact=redactor.text, environment=environment)
    paths = [from_root(path, config.root) for path in options.paths]
    tests = runner.collect(paths, keyword=options.keyword).tests
    if not tests:
        raise TakeTwoError("no test that has a cassette is selected; nothing was tried")
    jobs = options.jobs or min(os.cpu_count() or 1, _MOST_JOBS)
    return TestsToRerun(tests=tests, runner=runner, jobs=jobs, redactor=redactor)
