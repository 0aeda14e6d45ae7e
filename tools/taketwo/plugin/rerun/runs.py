"""
Runs tests of this process again, each time with another change of its cassette in memory: what the plugins of
``taketwo mutate`` and of the commands like it share.

Nothing is written, and nothing of these runs is reported as a test: the events tell what came of them.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import random
import signal
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import pytest
from _pytest.runner import runtestprotocol  # what every plugin uses that runs a test again

from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette
from taketwo.plugin.reads.tracking import ReadTracker
from taketwo.plugin.run import RUN, RUNNING_TEST
from taketwo.plugin.testcase.state import RunningTest

_SHORTEST = 4.0  # seconds; a busy machine may take its time
_TIMES_SLOWER = 5  # than the first run, which imports what the others find there
_GRACE = 30.0
_AGAIN = 5.0
_PHASE = pytest.CallInfo.from_call.__code__
_NOTHING = Cassette(test="")

_T = TypeVar("_T")
Change = Callable[[Cassette], Cassette]


class Hangs(BaseException):
    """
    A change made the test wait for what does not come; nothing that the test catches.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRun:
    """
    A test as it was recorded: the *cassette* that it played, empty where it asks for nothing, what it *reads*
    of it, and how many seconds one with a change may take.
    """

    cassette: Cassette
    reads: ReadTracker
    timeout: float


def add_option(parser: pytest.Parser) -> None:
    parser.getgroup("recording").addoption(
        "--taketwo-rerun",
        metavar="JSON",
        required=True,
        help="What the command that runs tests again wants of its plugin, as JSON.",
    )


def options_of(config: pytest.Config) -> dict[str, Any]:
    wanted: dict[str, Any] = json.loads(config.getoption("--taketwo-rerun"))
    return wanted


def asks_from_another_process(item: pytest.Item) -> bool:
    """
    Whether the code under test is in a process that the test starts, of which no error is seen here.
    """
    marked = (marker.kwargs for marker in item.iter_markers("vcr"))
    return bool(next((options["children"] for options in marked if "children" in options), False))


class Reruns:
    """
    Runs tests with changes of the cassettes that they play.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._events = Path(config.getoption("--taketwo-events") or os.devnull)
        self._played = _NOTHING
        self._change: Change | None = None
        config.stash[RUN].session.changed = self._changed

    def _changed(self, cassette: Cassette) -> Cassette:
        self._played = cassette
        return self._change(cassette) if self._change is not None else cassette

    def first(self, item: pytest.Item) -> FirstRun | dict[str, Any]:
        """
        Run a test as it was recorded; the event to report where it did not pass.
        """
        self._played = _NOTHING
        started = time.monotonic()
        reads = ReadTracker()
        with reads.watching(_Bodies(item)):
            reports = self.run(item, None, _GRACE)
        took = time.monotonic() - started
        if not passed(reports):
            skipped = any(report.skipped for report in reports)
            return {"test": item.nodeid, "state": "skipped" if skipped else "red"}
        timeout = max(_SHORTEST, took * _TIMES_SLOWER)
        return FirstRun(cassette=self._played, reads=reads, timeout=timeout)

    def run(self, item: pytest.Item, change: Change | None, timeout: float) -> list[pytest.TestReport]:
        """
        Run a test with *change*, at most *timeout* seconds.
        """
        self._change = change
        try:
            with bounded(timeout):
                # Its parent in the place of the next test: fixtures of the test go, those around it stay.
                reports = runtestprotocol(item, nextitem=item.parent, log=False)  # type: ignore[arg-type]  # a node
        except Hangs:  # between two phases of the test, where pytest does not expect it
            with suppress(Hangs), bounded(_GRACE):
                item.session._setupstate.teardown_exact(item.parent)  # type: ignore[arg-type]  # noqa: SLF001 - as runtestprotocol ends
            reports = []
        if hung(reports):
            gc.collect()  # what is left of it must not warn in the next run
        return reports

    def last(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """
        Run a test once more as it was recorded, which also takes down what the next one has no use for.
        """
        self._change = None
        if not passed(runtestprotocol(item, nextitem=nextitem, log=False)):
            self.tell({"test": item.nodeid, "state": "unstable"})

    def tell(self, event: dict[str, Any]) -> None:
        """
        Report what came of a test to the command.
        """
        with self._events.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"rerun": event}) + "\n")


def sample(
    changes: Sequence[_T], limit: int, *, seed: int, test: str, kind: Callable[[_T], Hashable]
) -> list[_T]:
    """
    At most *limit* of *changes*, the same ones for the same *seed*, in their order.

    Each *kind* of change has its turn: one large answer does not push out all the others.
    """
    if len(changes) <= limit:
        return list(changes)
    dice = random.Random(f"{seed} {test}")  # noqa: S311 - no secret
    groups: dict[Hashable, list[int]] = {}
    for number, change in enumerate(changes):
        groups.setdefault(kind(change), []).append(number)
    turns = list(groups.values())
    for turn in turns:
        dice.shuffle(turn)
    dice.shuffle(turns)
    taken = [number for round_ in zip_longest(*turns) for number in round_ if number is not None]
    return [changes[number] for number in sorted(taken[:limit])]


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
        yield from (whole(replay.response(number).body) for number in range(len(cassette.interactions)))
        for number in range(len(cassette.conversations)):
            yield from (content for content, _ in replay.messages(number))


def passed(reports: Sequence[pytest.TestReport]) -> bool:
    return bool(reports) and all(report.passed for report in reports)


def hung(reports: Sequence[pytest.TestReport]) -> bool:
    return not reports or any(report.failed and Hangs.__name__ in report.longreprtext for report in reports)


def _is_in_phase(frame: FrameType | None) -> bool:
    """
    Whether *frame* belongs to a phase of a test, where pytest catches what is raised, not to a report of one.
    """
    while frame is not None and frame.f_code is not _PHASE:
        frame = frame.f_back
    return frame is not None


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """
    While open, whoever takes longer than *seconds* is interrupted, and again when that does not end it: an
    event loop keeps to itself what is raised in one of its callbacks, and may wait while it is closed, too.
    Who does not let that happen is ended.
    """

    def interrupt(_signal: int, frame: FrameType | None) -> None:
        # Once more, since pytest calls it off for each test that fails.
        faulthandler.dump_traceback_later(_GRACE, exit=True)
        if _is_in_phase(frame):
            raise Hangs

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    faulthandler.dump_traceback_later(seconds + _GRACE, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)
