"""
The pytest plugin of ``taketwo mutate``, which loads it with ``-p``: each test is replayed many times in this
process, each time with another mutant of its cassette in memory.

Nothing is written, and nothing of these runs is reported as a test: the events say which mutants survived.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol  # what every plugin uses that runs a test again

from taketwo.cassette.model import Cassette
from taketwo.features.mutate.mutants import Mutant, mutants_of, sample
from taketwo.plugin.read_tracking import ReadTracker
from taketwo.plugin.run import RUN, RUNNING_TEST
from taketwo.plugin.test_state import RunningTest

_SHORTEST = 4.0  # seconds; a busy machine may take its time
_TIMES_SLOWER = 5  # than the first run, which imports what the others find there
_GRACE = 30.0
_NOTHING = Cassette(test="")


class _Hangs(BaseException):
    """
    A mutant made the test wait for what does not come; nothing that the test catches.
    """


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("recording").addoption(
        "--taketwo-mutate",
        metavar="JSON",
        required=True,
        help="The limit, the seed and the choice of mutants, as JSON.",
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    """
    Every plugin has been configured now, so the run of the project is there.
    """
    wanted = json.loads(session.config.getoption("--taketwo-mutate"))
    session.config.pluginmanager.register(MutationHooks(session.config, wanted), "taketwo-mutation")


class MutationHooks:
    """
    Runs every test by itself, then once for each mutant.

    *wanted* is ``{"limit": …, "seed": …, "everything": …}``.
    """

    def __init__(self, config: pytest.Config, wanted: dict[str, Any]) -> None:
        session = config.stash[RUN].session
        self._limit = int(wanted["limit"])
        self._seed = int(wanted["seed"])
        self._everything = bool(wanted["everything"])
        self._events = Path(config.getoption("--taketwo-events") or os.devnull)
        self._played = _NOTHING
        self._mutant: Mutant | None = None
        session.changed = self._changed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        if item.get_closest_marker("vcr"):
            self._event(self._judged(item))
        # Once more as it was recorded, which also takes down what the next test has no use for.
        self._mutant = None
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        if not _passed(reports):
            self._event({"test": item.nodeid, "state": "unstable"})
        return True

    def _changed(self, cassette: Cassette) -> Cassette:
        self._played = cassette
        return self._mutant.apply(cassette) if self._mutant is not None else cassette

    def _judged(self, item: pytest.Item) -> dict[str, Any]:
        self._played = _NOTHING
        started = time.monotonic()
        reads = ReadTracker()
        with reads.watching(_Bodies(item)):
            reports = self._run(item, None, _GRACE)
        took = time.monotonic() - started
        if not _passed(reports) or self._played is _NOTHING:
            skipped = any(report.skipped for report in reports)
            return {"test": item.nodeid, "state": "skipped" if skipped else "red"}
        every = mutants_of(self._played, is_read=None if self._everything else reads.holds)
        chosen = sample(every, self._limit or len(every), seed=self._seed, test=item.nodeid)
        survivors, noticed, alive, hung = [], [], [], 0
        for mutant in chosen:
            reports = self._run(item, mutant, max(_SHORTEST, took * _TIMES_SLOWER))
            if _hung(reports):
                hung += 1
                gc.collect()  # what is left of it must not warn in the run of another mutant
            if _passed(reports):
                survivors.append({"place": mutant.place, "mutation": mutant.mutation})
                alive.append(mutant.change)
            else:
                noticed.append(mutant.change)
        return {
            "test": item.nodeid,
            "state": "judged",
            "possible": len(every),
            "mutants": len(chosen),
            "hung": hung,
            "survivors": survivors,
            "noticed_changes": sorted(set(noticed)),
            "survived_changes": sorted(set(alive)),
        }

    def _run(self, item: pytest.Item, mutant: Mutant | None, timeout: float) -> list[pytest.TestReport]:
        self._mutant = mutant
        try:
            with _bounded(timeout):
                # Its parent in the place of the next test: fixtures of the test go, those around it stay.
                return runtestprotocol(item, nextitem=item.parent, log=False)  # type: ignore[arg-type]  # a node
        except _Hangs:  # between two phases of the test, where pytest does not expect it
            item.session._setupstate.teardown_exact(item.parent)  # type: ignore[arg-type]  # noqa: SLF001 - as runtestprotocol ends
            return []

    def _event(self, event: dict[str, Any]) -> None:
        with self._events.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"mutated": event}) + "\n")


class _Bodies:
    """
    The numbers of the answers that have a body, and of the frames behind them, by what they say.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._opened: RunningTest | None = None
        self._found: dict[bytes, list[int]] = {}

    def __call__(self, content: bytes, _module: str) -> Sequence[int]:
        return self._numbers().get(content, ())

    def _numbers(self) -> dict[bytes, list[int]]:
        running = self._item.stash.get(RUNNING_TEST, None)
        if running is not self._opened:
            self._opened, self._found = running, {}
            for number, content in enumerate(_said(running) if running else ()):
                self._found.setdefault(content, []).append(number)
        return self._found


def _said(running: RunningTest) -> Iterator[bytes]:
    cassette, replay = running.player.cassette, running.player.replay
    if cassette is not None:
        yield from (replay.response(number).body for number in range(len(cassette.interactions)))
        for number in range(len(cassette.conversations)):
            yield from (content for content, _ in replay.messages(number))


def _passed(reports: Sequence[pytest.TestReport]) -> bool:
    return bool(reports) and all(report.passed for report in reports)


def _hung(reports: Sequence[pytest.TestReport]) -> bool:
    return not reports or any(report.failed and _Hangs.__name__ in report.longreprtext for report in reports)


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """
    While open, whoever takes longer than *seconds* is interrupted; who does not let that happen is ended.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise _Hangs

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(seconds + _GRACE, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)
