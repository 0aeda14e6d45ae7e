"""
The pytest plugin of ``taketwo survive``, which loads it with ``-p``: each test is replayed many times in this
process, each time with another answer that the contract permits. The events tell where the code under test
crashed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from taketwo.config.project import Config
from taketwo.contract.locks import read_locks_as_written
from taketwo.features.survive.crashes import CodeUnderTest, Crash, crash_of
from taketwo.features.survive.permitted import PermittedAnswer, permitted_answers, together
from taketwo.features.survive.shrink import smallest_set
from taketwo.plugin.rerun.runs import (
    FirstRun,
    Reruns,
    add_option,
    asks_from_another_process,
    hung,
    options_of,
    passed,
    sample,
)
from taketwo.plugin.run import RUN
from taketwo.usage.usage import UsageReader


def pytest_addoption(parser: pytest.Parser) -> None:
    add_option(parser)


def pytest_sessionstart(session: pytest.Session) -> None:
    """
    Every plugin has been configured now, so the run of the project is there.
    """
    hooks = SurvivalHooks(session.config, options_of(session.config))
    session.config.pluginmanager.register(hooks, "taketwo-survival")


class SurvivalHooks:
    """
    Runs every test by itself, then once for each permitted answer.

    *wanted* is ``{"limit": …, "seed": …, "everything": …, "future": …}``.
    """

    def __init__(self, config: pytest.Config, wanted: dict[str, Any]) -> None:
        project = config.stash[RUN].project
        self._limit = int(wanted["limit"])
        self._seed = int(wanted["seed"])
        self._everything = bool(wanted["everything"])
        self._has_future = bool(wanted["future"])
        self._reruns = Reruns(config)
        self._readers = _readers(project)
        self._code = CodeUnderTest(
            root=project.root, test_files=config.getini("python_files"), tests=project.tests
        )
        self._raised: list[BaseException] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Iterator[None]:
        report = yield
        if call.excinfo is not None:
            self._raised.append(call.excinfo.value)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        if asks_from_another_process(item):
            self._reruns.tell({"test": item.nodeid, "state": "elsewhere"})
            return True
        if item.get_closest_marker("vcr"):
            first = self._reruns.first(item)
            self._reruns.tell(self._judged(item, first) if isinstance(first, FirstRun) else first)
        self._raised.clear()
        self._reruns.last(item, nextitem)
        return True

    def _judged(self, item: pytest.Item, first: FirstRun) -> dict[str, Any]:
        every = permitted_answers(
            first.cassette,
            self._readers,
            is_read=None if self._everything else first.reads.shows,
            has_future=self._has_future,
        )
        chosen = sample(
            every, self._limit or len(every), seed=self._seed, test=item.nodeid, kind=lambda one: one.group
        )
        judging = _Judging(self, item, first)
        for answer in chosen:
            judging.judge(answer)
        judging.judge_together(self._readers)
        return {
            "test": item.nodeid,
            "state": "judged",
            "possible": len(every),
            "tried": len(chosen),
            "hung": judging.hung,
            "failed": judging.failed,
            "findings": judging.findings,
        }

    def crash(
        self, item: pytest.Item, first: FirstRun, answer: PermittedAnswer
    ) -> tuple[Crash | None, Sequence[pytest.TestReport]]:
        """
        Run a test with *answer*; where the code under test crashed, and the reports.
        """
        self._raised.clear()
        with _unhandled(self._raised):
            reports = self._reruns.run(item, answer.apply, first.timeout)
        found = (crash_of(error, self._code, answer.kind) for error in self._raised)
        crash = next((one for one in found if one is not None), None)
        self._raised.clear()
        return crash, reports


class _Judging:
    """
    The permitted answers of one test, while they are tried.
    """

    def __init__(self, hooks: SurvivalHooks, item: pytest.Item, first: FirstRun) -> None:
        self._hooks = hooks
        self._item = item
        self._first = first
        self._survived: list[PermittedAnswer] = []
        self._crashes: set[Crash] = set()
        self.findings: list[dict[str, Any]] = []
        self.hung = 0
        self.failed = 0

    def judge(self, answer: PermittedAnswer) -> None:
        crash, reports = self._hooks.crash(self._item, self._first, answer)
        if crash is not None:
            self._found(self._smallest(answer, crash), crash)
            return
        self.hung += hung(reports)
        self.failed += not passed(reports) and not hung(reports)
        if passed(reports):
            self._survived.append(answer)

    def judge_together(self, readers: Sequence[UsageReader]) -> None:
        """
        Try together what the code survives one by one, answer by answer, and find the smallest set that it
        does not survive.
        """
        for several in together(self._first.cassette, self._survived, readers):
            crash, _ = self._hooks.crash(self._item, self._first, several[0].joined(several[1:]))
            if crash is None or crash in self._crashes:
                continue

            def crashes(some: Sequence[PermittedAnswer], crash: Crash = crash) -> bool:
                joined = some[0].joined(some[1:])
                return self._hooks.crash(self._item, self._first, joined)[0] == crash

            smallest = smallest_set(several, crashes)
            self._found(smallest[0].joined(smallest[1:]), crash)

    def _smallest(self, answer: PermittedAnswer, crash: Crash) -> PermittedAnswer:
        """
        The smallest change of its kind that crashes at the same line.
        """
        for changes in answer.smaller:
            smaller = replace(answer, changes=changes, smaller=())
            if self._hooks.crash(self._item, self._first, smaller)[0] == crash:
                return smaller
        return answer

    def _found(self, answer: PermittedAnswer, crash: Crash) -> None:
        self._crashes.add(crash)
        self.findings.append(
            {
                "coordinate": answer.coordinate,
                "kind": answer.kind.value,
                "permitted": answer.title,
                "location": answer.location,
                "file": crash.file,
                "line": crash.line,
                "error": crash.error,
                "message": crash.message,
                "answer": [one.as_option() for one in answer.changes],
            }
        )


def _readers(project: Config) -> list[UsageReader]:
    return [
        UsageReader(service, read_locks_as_written(project.locks, name))
        for name, service in project.services.items()
    ]


@contextmanager
def _unhandled(raised: list[BaseException]) -> Iterator[None]:
    """
    While open, errors that end a thread, or a task that nobody awaits, are added to *raised*.
    """

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[1] is not None:
                raised.append(record.exc_info[1])

    def ended(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            raised.append(args.exc_value)
        before(args)

    # What pytest warns of in threads is seen too where its warnings are no errors; undone below.
    before, threading.excepthook = threading.excepthook, ended
    listener, asyncio_log = Listener(), logging.getLogger("asyncio")
    asyncio_log.addHandler(listener)
    try:
        yield
    finally:
        asyncio_log.removeHandler(listener)
        threading.excepthook = before
