"""
The pytest plugin of ``taketwo faults``, which loads it with ``-p``: each test is replayed many times in this
process, each time with one fault at one interaction. The events tell what the code under test did.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from taketwo.cassette.model import Cassette
from taketwo.config.faults import Fault, Kind
from taketwo.errors import Unanswered
from taketwo.features.faults.code import CodeUnderTest
from taketwo.features.faults.judge import (
    Finding,
    Ran,
    What,
    hanging,
    leaking,
    losing,
    may_lose,
    ran,
    repeating,
)
from taketwo.features.faults.trials import Trial, may_pass_for_whole, sample, trials_of
from taketwo.features.verify.writes import is_write
from taketwo.playback.faults import Faults
from taketwo.plugin.rerun.runs import (
    FirstRun,
    Reruns,
    add_option,
    asks_from_another_process,
    hung,
    options_of,
)
from taketwo.plugin.run import RUN

_LONGER = 3
"""How many times as long a test may take that is suspected of hanging: the machine may be busy."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_option(parser)


def pytest_sessionstart(session: pytest.Session) -> None:
    """
    Every plugin has been configured now, so the run of the project is there.
    """
    hooks = FaultHooks(session.config, options_of(session.config))
    session.config.pluginmanager.register(hooks, "taketwo-faults")


@dataclass(slots=True, kw_only=True)
class _Judged:
    """
    What became of the trials of one test.
    """

    possible: int = 0
    tried: int = 0
    unrecorded: int = 0
    findings: list[Finding] = field(default_factory=list)


class FaultHooks:
    """
    Runs every test by itself, then once for each fault.

    *wanted* is ``{"limit": …, "names": […], "until": …}``, the last a time of the clock, or 0.
    """

    def __init__(self, config: pytest.Config, wanted: dict[str, Any]) -> None:
        run = config.stash[RUN]
        self._session = run.session
        self._limit = int(wanted["limit"])
        self._names = frozenset(wanted["names"])
        self._until = float(wanted["until"])
        self._reruns = Reruns(config)
        self._code = CodeUnderTest(
            root=run.project.root, patterns=config.getini("python_files"), tests=run.project.tests
        )
        self._errors: list[BaseException] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        if asks_from_another_process(item):
            self._reruns.tell({"test": item.nodeid, "state": "elsewhere"})
            return True
        marker = item.get_closest_marker("vcr")
        if marker is not None and "fault" not in marker.kwargs:
            first = self._reruns.first(item)
            self._reruns.tell(self._event(item, first) if isinstance(first, FirstRun) else first)
        self._reruns.last(item, nextitem)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """
        Keep the error that ended the call of a test.
        """
        del item
        if call.when == "call" and call.excinfo is not None:
            self._errors.append(call.excinfo.value)
        return (yield)

    def _event(self, item: pytest.Item, first: FirstRun) -> dict[str, Any]:
        judged = self._judged(item, first)
        return {
            "test": item.nodeid,
            "state": "judged",
            "possible": judged.possible,
            "tried": judged.tried,
            "unrecorded": judged.unrecorded,
            "findings": [_as_json(finding) for finding in judged.findings],
        }

    def _judged(self, item: pytest.Item, first: FirstRun) -> _Judged:
        every = trials_of(first.cassette, self._names)
        judged = _Judged(possible=len(every))
        done: list[Ran] = []
        for trial in sample(every, self._limit, test=item.nodeid):
            if self._until and time.time() > self._until:
                break
            one = self._try(item, trial, first.timeout, judged)
            judged.tried += 1
            if one is not None:
                done.append(one)
        for one in done:
            found = self._finding(item, one, done, first)
            if found is not None:
                judged.findings.append(found)
            elif isinstance(one.error, Unanswered):
                judged.unrecorded += 1
        return judged

    def _try(self, item: pytest.Item, trial: Trial, timeout: float, judged: _Judged) -> Ran | None:
        """
        What became of a trial; None for one that never ended, which is a finding by itself.
        """
        one, is_hung = self._run(item, trial, trial.fault, timeout)
        if is_hung:
            one, is_hung = self._run(item, trial, trial.fault, timeout * _LONGER)
        if not is_hung:
            return one
        line = self._code.first(one.frames)
        if line:
            detail = f"did not end within {timeout * _LONGER:.0f} seconds"
            judged.findings.append(Finding(what=What.HANGS, trial=trial, line=line, detail=detail))
        return None

    def _run(self, item: pytest.Item, trial: Trial, fault: Fault, timeout: float) -> tuple[Ran, bool]:
        faults = Faults([fault], observes=True)
        self._session.faults = faults
        self._errors.clear()
        try:
            reports = self._reruns.run(item, None, timeout)
        finally:
            self._session.faults = None
        return ran(trial, faults.events, self._errors[-1] if self._errors else None), hung(reports)

    def _finding(self, item: pytest.Item, one: Ran, done: list[Ran], first: FirstRun) -> Finding | None:
        found = (
            hanging(one, self._code) or self._repeating(one, first.cassette) or leaking(one, self._code, done)
        )
        if found is None and may_lose(one, self._code) and may_pass_for_whole(one.trial, first.cassette):
            fault = one.trial.fault
            ended = Fault(kind=Kind.SHORT, after=fault.after, on=fault.on)
            short, is_hung = self._run(item, one.trial, ended, first.timeout)
            found = None if is_hung else losing(one, short, self._code)
        return found

    def _repeating(self, one: Ran, cassette: Cassette) -> Finding | None:
        if one.trial.is_conversation:
            return None
        request = cassette.interactions[one.trial.number].request
        equal = sum(request.is_alike(item.request) for item in cassette.interactions)
        return repeating(one, self._code, equal=equal, is_write=is_write(request))


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "what": finding.what.value,
        "fault": finding.trial.fault.name,
        "place": finding.trial.place,
        "line": finding.line,
        "detail": finding.detail,
        "marker": finding.marker,
    }
