"""
What a test of three requests costs with each client, beside that client's own floor and other recorders.

Every suite is run by pytest in a process of its own, all in turn, so that none has the quiet minute. Of the
rounds the least processor time counts, which other programs disturb least. A wrong answer fails its suite.

  python -m tests.benchmarks.client_suites
  python -m tests.benchmarks.client_suites --only aiohttp --only requests --tests 200 --rounds 5
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.client_styles import FLOOR, STYLES, Recorder, Style, recorders_of, suite_files
from tests.benchmarks.suites import run_pytest, write_files
from tests.benchmarks.tables import aligned

_LIMIT = 300.0  # seconds, for one suite


@dataclass(frozen=True, slots=True)
class Suite:
    """
    One client with one recorder, and whether each test makes a client of its own.
    """

    style: Style
    recorder: Recorder
    own_client: bool


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    styles = [style for style in STYLES if not asked.only or style.name in asked.only]
    suites = [
        Suite(style, recorder, own_client)
        for style in styles
        if importlib.util.find_spec(style.needs)
        for own_client in (False, True)
        for recorder in recorders_of(style)
    ]
    took: dict[Suite, list[float]] = {}
    failed: dict[Suite, str] = {}
    for number in range(asked.rounds):
        for suite in suites if number % 2 == 0 else reversed(suites):
            if suite in failed:
                continue
            sys.stderr.write(f"round {number + 1}: {suite.style.name}, {suite.recorder.name}\n")
            _run(suite, asked.tests, took, failed)
    sys.stdout.write(table(styles, took, failed) + "\n")
    return 0


def _run(suite: Suite, tests: int, took: dict[Suite, list[float]], failed: dict[Suite, str]) -> None:
    with TemporaryDirectory(prefix="taketwo-clients-") as name:
        folder = Path(name)
        write_files(folder, suite_files(suite.style, suite.recorder, tests, own_client=suite.own_client))
        # The first run compiles cassettes and bytecode, as that of a suite does.
        for is_counted in (False, True):
            ran = run_pytest(folder, suite.recorder.plugins, (), _LIMIT)
            if ran.failure:
                failed[suite] = ran.failure
                return
            if is_counted:
                _, processor = json.loads((folder / "took-main.json").read_text())
                took.setdefault(suite, []).append(processor / tests)


def table(styles: Sequence[Style], took: Mapping[Suite, Sequence[float]], failed: Mapping[Suite, str]) -> str:
    """
    Milliseconds a test, and how many times the client's floor that is.
    """
    rows: list[tuple[str, ...]] = [("client", "recorder", "one client", "", "a client per test", "")]
    for style in styles:
        for recorder in recorders_of(style):
            cells = (
                cell
                for own_client in (False, True)
                for cell in _cells(Suite(style, recorder, own_client), style, took, failed)
            )
            rows.append((style.name, recorder.name, *cells))
    return aligned(rows)


def _cells(
    suite: Suite, style: Style, took: Mapping[Suite, Sequence[float]], failed: Mapping[Suite, str]
) -> Iterator[str]:
    if suite not in took:
        yield from ((failed.get(suite) or "-")[:40], "")
        return
    floor = took.get(Suite(style, FLOOR, suite.own_client))
    yield f"{min(took[suite]):.2f}"
    yield f"{min(took[suite]) / min(floor):.2f}x" if floor and suite.recorder is not FLOOR else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.client_suites",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [style.name for style in STYLES]
    parser.add_argument("--only", action="append", choices=names, metavar="CLIENT", help="this client only")
    parser.add_argument("--tests", type=int, default=100, metavar="N", help="tests of each suite (100)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each is run (3)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
