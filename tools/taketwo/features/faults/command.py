"""
``taketwo faults``.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from taketwo.console.command import CLEAN, FOUND, Command
from taketwo.console.progress import observer
from taketwo.console.project import need_config
from taketwo.console.reruns import add_jobs, add_limit, add_tests, count, select_tests
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.faults.render import fault_json, fault_lines
from taketwo.features.faults.run import FaultReport, try_faults
from taketwo.features.faults.trials import GROUPS, chosen_names, known_names

_LIMIT = 60


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_tests(parser)
    parser.add_argument(
        "--fault",
        type=_names,
        action="extend",
        default=[],
        metavar="NAME,…",
        help=f"only these faults, or groups of them: {', '.join(GROUPS)} (default: all)",
    )
    add_limit(parser, default=_LIMIT, what="faults per test")
    parser.add_argument(
        "--seconds", type=count, default=0, metavar="N", help="begin no more trials after N seconds"
    )
    add_jobs(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    chosen = select_tests(options, config)
    wanted = {
        "limit": options.limit,
        "names": sorted(chosen_names(options.fault)),
        "until": time.time() + options.seconds if options.seconds else 0,
    }
    with observer(terminal, doing="trying", did="tried") as listening:
        report = try_faults(chosen.runner, chosen.tests, wanted=wanted, jobs=chosen.jobs, observer=listening)
    findings = (replace(one, detail=chosen.redactor.text(one.detail)) for one in report.findings)
    return _write(replace(report, findings=tuple(findings)), options, terminal)


def _write(report: FaultReport, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.json:
        terminal.json(fault_json(report))
    else:
        terminal.show(fault_lines(report))
    if not report.tests:
        raise TakeTwoError("no test passes as it was recorded; nothing was tried")
    return FOUND if report.findings else CLEAN


def _names(text: str) -> list[str]:
    known, names = known_names(), [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise argparse.ArgumentTypeError(
            f"{', '.join(unknown) or text!r} is not known; known are {', '.join(known)}"
        )
    return names


COMMAND = Command(
    description="""\
Replay each test with a fault at each of its interactions, and see what the code under test does: an error
status, no connection, no answer, a broken body, a closed WebSocket. The faults are those of
@pytest.mark.vcr(fault=...), raised as the client raises them live; waiting costs no time.

A finding has its line in the code under test, and a marker to paste into the test. There are four kinds:
it hangs (waits without a timeout, or repeats without an end); it leaks an error that nobody chose (KeyError,
JSONDecodeError; one of the client library only where the same code turns its other errors into errors of its
own); it loses data (a stream that broke off looks to the test like one that ended there); it repeats a
request that the service may have carried out (POST or PATCH without an idempotency key; a query of GraphQL
may be repeated).

A failed assertion of the test is no finding, nor is an error that the code raises on purpose. Nothing is
written: every fault lives in memory. A test that is red by itself is named and not judged.
""",
    examples="""\
  %(prog)s
  %(prog)s tests/integration/test_notes.py --limit 0        every fault at every interaction
  %(prog)s --fault timeout,reset --seconds 300
  %(prog)s --json | jq '.findings[].line'
""",
    exit_codes="""\
  0  no finding
  1  the code under test hangs, leaks an error, loses data or repeats a request
  3  could not run: no test is selected, or none passes as it was recorded
""",
    arguments=_arguments,
    run=_run,
)
