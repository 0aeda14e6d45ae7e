"""
``taketwo mutate``.
"""

from __future__ import annotations

import argparse

from taketwo.console.command import CLEAN, FOUND, Command
from taketwo.console.progress import observer
from taketwo.console.project import need_config
from taketwo.console.reruns import add_jobs, add_limit, add_tests, select_tests
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.mutate.render import MutationReport, TestOfMutants, mutation_json, mutation_lines
from taketwo.features.mutate.run import MutatedTest, MutationResult, mutate

_LIMIT = 20


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_tests(parser)
    add_limit(parser, default=_LIMIT, what="mutants per cassette")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="seed of the random choice of mutants (default: 1)"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="also mutate what no test reads: every value, header and reason phrase",
    )
    parser.add_argument(
        "--fail-under", type=_percentage, metavar="PERCENT", help="exit with 1 when fewer mutants are noticed"
    )
    add_jobs(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    chosen = select_tests(options, config)
    wanted = {"limit": options.limit, "seed": options.seed, "everything": options.all}
    with observer(terminal, doing="mutating", did="mutated") as listening:
        mutated = mutate(chosen.runner, chosen.tests, wanted=wanted, jobs=chosen.jobs, observer=listening)
    return _write(mutated, options, terminal)


def _write(mutated: MutationResult, options: argparse.Namespace, terminal: Terminal) -> int:
    report = MutationReport(
        tests=[_test(one) for one in mutated.judged],
        red=mutated.red,
        skipped=mutated.skipped,
        unstable=mutated.unstable,
        wanted=options.fail_under,
    )
    if options.json:
        terminal.json(mutation_json(report))
    else:
        terminal.show(mutation_lines(report))
    if not mutated.judged:
        raise TakeTwoError("no test passes as it was recorded; nothing was mutated")
    return FOUND if options.fail_under is not None and report.score < options.fail_under else CLEAN


def _test(judged: MutatedTest) -> TestOfMutants:
    return TestOfMutants(
        test=judged.test,
        possible=judged.possible,
        mutants=judged.mutants,
        hung=judged.hung,
        survivors=[(one.place, one.mutation) for one in judged.survivors],
        noticed_changes=judged.noticed_changes,
        survived_changes=judged.survived_changes,
    )


def _percentage(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:  # noqa: PLR2004 - per cent
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage, such as 90")
    return number


COMMAND = Command(
    description="""\
Change one thing in what was recorded, replay the test, and see whether it notices: a status, a value of JSON
(another one, none, one of another type), a text or binary body, a header by which clients act, an answer that
is dropped or changes places with the next, a frame; and in requests what has to match, so that the test's own
is to be refused. A test that stays green does not check what it relies on. It is listed with each such place.

Many cassettes hold the same answer, and one test that looks is enough: the last line counts the different
changes (without ids, positions and values), and those that some test noticed. --fail-under is about these.

Nothing is written: every mutant lives in memory. Each test is replayed once as it was recorded, and only what
it reads of the answers then is mutated (--all for the rest, too: values that no client looks at, headers for
browsers and proxies). A test that is red by itself is named and not judged. A mutant that makes a test wait
without an end counts as noticed.
""",
    examples="""\
  %(prog)s
  %(prog)s tests/integration/test_notes.py --limit 0        every mutant
  %(prog)s --fail-under 90                                  for CI
  %(prog)s --json | jq '.tests[] | select(.survivors != [])'
""",
    exit_codes="""\
  0  done
  1  less than --fail-under was noticed
  3  could not run: no test is selected, or none passes as it was recorded
""",
    arguments=_arguments,
    run=_run,
)
