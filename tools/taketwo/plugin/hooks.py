"""
The hooks of a project that has a ``[tool.taketwo]``: when takes are promoted, and what is said at the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

import taketwo
from taketwo.config import Unplayed
from taketwo.errors import TakeTwoError
from taketwo.plugin.census import Census
from taketwo.plugin.hygiene import Findings, findings, is_whole, with_joint_unplayed
from taketwo.plugin.keys import OPENED, REPORTS, SESSION
from taketwo.plugin.place import id_of, usual_path
from taketwo.plugin.session import State

_ENDED = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}
_TOOLKIT = Path(taketwo.__file__).parent


class Hooks:
    """
    One of these is registered for each pytest process.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._session = config.stash[SESSION]
        self._census = Census(self._session.config.root)
        self._session.is_gone, self._session.is_taken = self._census.is_gone, self._census.is_taken
        events = config.getoption("--taketwo-events")
        self._events = Path(events).absolute() if events else None
        self._results: list[dict[str, Any]] = []
        self._errors: list[str] = []
        self._locks_behind: set[str] = set()
        self._tests: dict[str, str] = {}
        self._narrowed = False
        self._findings = Findings()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """
        A take is promoted when setup, call and teardown of its test have passed, and not before.
        """
        if call.excinfo is not None and isinstance(call.excinfo.value, TakeTwoError):
            _end_in_the_project(call.excinfo, self._session.config.root)
        report = yield
        reports = item.stash.setdefault(REPORTS, {})
        if report.when == "setup":
            reports.clear()
        reports[report.when] = report
        if report.when == "teardown":
            self._settle(item, reports)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = getattr(report, "taketwo", None)
        if result is not None:
            self._results.append(result)
        self._event(
            {
                "test": report.nodeid,
                "when": report.when,
                "outcome": report.outcome,
                "message": report.longreprtext if report.failed else "",
                "cassette": (result or {}).get("cassette"),
            }
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """
        See the tests before any of them is deselected.
        """
        narrowed = any("::" in argument for argument in config.args) or config.getoption("lf", default=False)
        project = self._session.config
        places = {id_of(item, project): usual_path(item, project) for item in items}
        recorded = {id_of(item, project) for item in items if item.get_closest_marker("vcr")}
        self._census.take(places, recorded=recorded, whole=not narrowed)

    def pytest_deselected(self) -> None:
        self._narrowed = True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._narrowed = self._narrowed or report.failed

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        marked = (item for item in session.items if item.get_closest_marker("vcr"))
        self._event({"tests": [id_of(item, self._session.config) for item in marked]})

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        try:
            self._session.close()
        except TakeTwoError as error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            self._errors.append(str(error))
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["taketwo"] = {
                "errors": self._errors,
                "locks_behind": self._session.locks_behind,
                "tests": self._census.recorded,
                "narrowed": self._narrowed,
            }
        elif session.exitstatus in _ENDED:
            self._judge(session)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - a worker of pytest-xdist
        """
        What a worker found at its end is told by the process that talks to the terminal.
        """
        told = getattr(node, "workeroutput", {}).get("taketwo", {})
        self._errors += [error for error in told.get("errors", ()) if error not in self._errors]
        self._locks_behind |= set(told.get("locks_behind", ()))
        self._tests.update(told.get("tests", {}))
        # One that died told nothing, and which tests there were is not known.
        self._narrowed = self._narrowed or told.get("narrowed", True)

    def pytest_report_header(self) -> str:
        mode = self._config.getoption("--record-mode") or "none"
        project = self._session.config
        folder = os.path.relpath(project.cassettes, project.root)
        if self._config.getoption("--disable-recording"):
            return "taketwo: recording is disabled, tests talk to the services"
        if mode == "none":
            return f"taketwo: replays {folder}/, the network is blocked"
        return f"taketwo: records to {folder}/ (--record-mode={mode})"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        from taketwo.report import hygiene_lines, summary_lines  # noqa: PLC0415 - at the end of the run

        behind = sorted(self._locks_behind | set(self._session.locks_behind))
        results = with_joint_unplayed(self._results)
        lines = summary_lines(results, errors=self._errors, locks_behind=behind)
        for what in ("unused", "missing"):
            names = getattr(self._findings, what)
            lines += hygiene_lines(what, names, fails=what in self._findings.failing)
        if lines:
            terminalreporter.write_sep("-", "taketwo")
            for line in lines:
                terminalreporter.write_line(line)

    def _judge(self, session: pytest.Session) -> None:
        project = self._session.config
        stopped = bool(session.shouldstop or session.shouldfail)
        try:
            self._findings = findings(
                project,
                self._results,
                {**self._tests, **self._census.recorded},
                whole=not (self._narrowed or stopped) and is_whole(self._config, project),
                strict=bool(self._config.getoption("--taketwo-strict")),
            )
        except (TakeTwoError, OSError) as error:
            self._errors.append(str(error))
        if self._findings.failing and session.exitstatus in {
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        }:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _settle(self, item: pytest.Item, reports: dict[str, pytest.TestReport]) -> None:
        opened = item.stash.get(OPENED, None)
        if opened is None:
            return
        report = reports["teardown"]
        passed = all(name in reports and reports[name].passed for name in ("setup", "call", "teardown"))
        state = State.KEPT if opened.recorder is not None else State.REPLAYED
        if passed:
            try:
                state = self._session.promote(opened)
            except (TakeTwoError, OSError) as error:
                report.outcome = "failed"
                path = opened.place.path
                report.longrepr = f"{path} was not replaced: {error}\nthe old cassette is as it was"
        opened.release()
        judged = passed and opened.player.playback.unplayed is not Unplayed.ALLOW
        # An attribute of plain data travels with the report, also between the processes of pytest-xdist.
        vars(report)["taketwo"] = {
            "test": opened.test,
            "cassette": opened.player.name,
            "files": self._session.files_of(opened.place),
            "state": state.value,
            "missing": opened.recorder is None and opened.own is None,
            "unmatched": len(opened.player.unmatched),
            "unplayed": len(opened.unplayed) + opened.board.unplayed
            if judged and opened.recorder is None
            else 0,
            "left": opened.unplayed if judged and opened.own and not opened.own.tests else None,
            "contradictions": opened.contradictions,
            "unanswered": opened.recorder.unanswered + opened.board.unanswered
            if passed and opened.recorder is not None
            else 0,
        }

    def _event(self, event: dict[str, Any]) -> None:
        if self._events is not None and not hasattr(self._config, "workerinput"):
            with self._events.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event) + "\n")


def _end_in_the_project(error: pytest.ExceptionInfo[BaseException], root: Path) -> None:
    """
    Leave out what lies between the project's own code and our error.

    Nobody mends anything there, and the arguments that pytest shows of it hold whole requests, secrets too.
    """
    step: TracebackType | None = error.tb
    last = None
    while step is not None:
        if _is_of_project(Path(step.tb_frame.f_code.co_filename), root):
            last = step
        step = step.tb_next
    if last is not None:
        last.tb_next = None


def _is_of_project(path: Path, root: Path) -> bool:
    installed = "site-packages" in path.parts or path.is_relative_to(_TOOLKIT)
    return path.is_relative_to(root) and not installed
