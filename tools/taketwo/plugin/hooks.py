"""
The hooks of a project that has a ``[tool.taketwo]``: when recordings are promoted, and what the summary says.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from warnings import WarningMessage

import pytest

from taketwo.errors import NetworkBlocked, TakeTwoError, Unanswered
from taketwo.plugin.run import REPORTS, RUN, RUNNING_TEST

if TYPE_CHECKING:
    from taketwo.plugin.collected.unused import Findings
    from taketwo.plugin.events import Events
    from taketwo.plugin.scoped_fixtures.cassettes import FixtureCassettes
    from taketwo.plugin.session import Session
    from taketwo.plugin.testcase.state import RunningTest


_WELL = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
_ENDED = {*_WELL, pytest.ExitCode.TESTS_FAILED}
_TOOLKIT = Path(__file__).parents[1]

_REPLAYED = "replayed"
_PASSED = ["passed"] * 3  # setup, call and teardown
_WORTH_A_LINE = ("unplayed", "left", "contradictions", "contradicted", "unanswered", "left_alone")
"""What the summary says of a result beside its state."""

_MOST_UNANSWERED = 5  # requests in the report of one test

_RULES_OUTPUT = "taketwo_rules"


class Hooks:
    """
    One of these is registered for each pytest process.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._run = config.stash[RUN]
        self._project = self._run.project
        self._events = _events(config)
        self._results: list[dict[str, Any]] = []
        self._errors: list[str] = []
        self._locks_behind: set[str] = set()
        self._late: list[str] = []
        self._asked_by_children: list[str] = []
        self._rewritten: dict[str, str] = {}
        self._tests: dict[str, str] = {}
        self._repeated: dict[str, int] = {}
        self._narrowed = False
        self._failed_in_part: set[str] = set()
        self._fixtures: FixtureCassettes | None = None
        self._findings: Findings | None = None
        self._unknown_marks: list[WarningMessage] = []

    def __dir__(self) -> list[str]:
        """
        The hooks alone: pytest asks each attribute of a plugin whether it is a hook or a fixture, for 10 µs.
        """
        known = self._config.hook  # has those of pytest-xdist only where that is there
        return [name for name in vars(type(self)) if name.startswith("pytest_") and hasattr(known, name)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """
        A recording is promoted when setup, call and teardown of its test have passed or ended as expected.
        """
        if call.excinfo is not None:
            _shorten(call.excinfo, self._project.root)
        report = yield
        if report.skipped and call.excinfo is not None and self._run.started_session is not None:
            from taketwo.plugin.fixture_impl import note_ending  # noqa: PLC0415 - few tests end so

            note_ending(item, report, call.excinfo, item.stash.get(RUNNING_TEST, None))
        if report.failed:
            report.sections += [*_advice(call.excinfo), *self._advice_of_services(item, call.excinfo)]
            report.sections += _unanswered_requests(item, report)
            report.sections += self._output_of_services(item)
            report.sections += self._advice_of_fixtures(item)
        reports = item.stash.setdefault(REPORTS, {})
        if report.when == "setup":
            reports.clear()
        reports[report.when] = report
        if report.when == "teardown":
            self._settle(item, reports)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # That of a subtest, which has a context; the test itself is reported as passed.
        if report.failed and hasattr(report, "context"):
            self._failed_in_part.add(report.nodeid)
        result = getattr(report, "taketwo", None)
        if result is not None:
            self._results.append(result)
        fixtures = getattr(report, "taketwo_fixtures", ())
        self._results += fixtures
        if self._events is not None:
            self._events.note_report(report, result or {}, fixtures)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """
        Nothing is reached by what modules do when they are imported.
        """
        with self._run.network.while_importing():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """
        See the tests before any of them is deselected.
        """
        narrowed = any("::" in argument for argument in config.args) or config.getoption("lf", default=False)
        self._run.collected.note(items, is_whole=not narrowed)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        self._run.overrides.shorten(item)

    def pytest_deselected(self) -> None:
        self._narrowed = True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._narrowed = self._narrowed or report.failed

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._run.refuse_other_projects(session.items)
        self._check_services(session)
        self._run.say = self._say
        if self._run.collected.marked or any(self._project.cassettes.glob("**/fixtures")):
            from taketwo.plugin.fixture_impl import prepare  # noqa: PLC0415 - most runs have no such test

            self._fixtures = prepare(self._run, self._config, session.items)
        if self._events is not None:
            self._events.note_tests(session.items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._run.started_session is not None:
            self._close(self._run.started_session, session)
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["taketwo"] = {
                "errors": [*self._errors, *self._restarts()],
                "locks_behind": self._locks_found(),
                "late": self._late_found(),
                "asked_by_children": self._children_found(),
                "rewritten": self._rewritten_found(),
                "repeated": self._repeated_found(),
                "tests": self._run.recorded,
                "narrowed": self._narrowed,
            }
        elif session.exitstatus in _ENDED:
            self._keep_reads()
            self._judge(session)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - a worker of pytest-xdist
        """
        What a worker found at its end is reported by the process that writes to the terminal.
        """
        output = getattr(node, "workeroutput", {}).get("taketwo", {})
        self._errors += [error for error in output.get("errors", ()) if error not in self._errors]
        self._locks_behind |= set(output.get("locks_behind", ()))
        self._late += output.get("late", ())
        self._asked_by_children += output.get("asked_by_children", ())
        self._rewritten.update(output.get("rewritten", {}))
        for name, count in output.get("repeated", {}).items():
            self._repeated[name] = self._repeated.get(name, 0) + count
        self._tests.update(output.get("tests", {}))
        # One that died sent nothing, and which tests there were is not known.
        self._narrowed = self._narrowed or output.get("narrowed", True)

    def pytest_report_header(self) -> str:
        mode = self._config.getoption("--record-mode") or "none"
        folder = os.path.relpath(self._project.cassettes, self._project.root)
        if self._config.getoption("--disable-recording"):
            return "taketwo: recording is disabled, tests talk to the services"
        if mode == "none":
            return f"taketwo: replays {folder}/, {self._run.network.described}"
        return f"taketwo: records to {folder}/ (--record-mode={mode})"

    def pytest_warning_recorded(self, warning_message: WarningMessage) -> None:
        if issubclass(warning_message.category, pytest.PytestUnknownMarkWarning):
            self._unknown_marks.append(warning_message)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        behind = sorted({*self._locks_behind, *self._locks_found()})
        errors = [*self._errors, *self._restarts()]
        late = [*self._late, *self._late_found()]
        asked = [*self._asked_by_children, *self._children_found()]
        rewritten = {**self._rewritten, **self._rewritten_found()}
        repeated = self._repeated or self._repeated_found()
        noted = (errors, behind, late, asked, rewritten, repeated, self._unknown_marks)
        found = self._findings and (self._findings.unused or self._findings.missing)
        if not (any(noted) or found or any(map(_is_noteworthy, self._results))):
            return
        from taketwo.plugin.summary import (  # noqa: PLC0415 - there is something
            misspelt_markers,
            recorded_elsewhere,
            run_lines,
            write_section,
        )

        is_divided = self._config.pluginmanager.has_plugin("dsession")
        lines = run_lines(
            self._results,
            self._findings,
            errors=errors,
            locks_behind=behind,
            late=late,
            asked=asked,
            rewritten=rewritten,
            repeated=repeated,
            elsewhere=recorded_elsewhere(self._results, self._project.root) if is_divided else (),
        )
        write_section(terminalreporter, "taketwo", lines)
        write_section(terminalreporter, "taketwo markers", misspelt_markers(self._unknown_marks))

    def _check_services(self, session: pytest.Session) -> None:
        """
        Have a service that cannot be recorded stop the run before its first test.

        A worker of pytest-xdist cannot stop the run; its tests fail one by one.
        """
        is_worker = hasattr(self._config, "workerinput")
        if is_worker or self._config.getoption("collectonly") or not self._run.records_everything:
            return
        try:
            self._run.check_services(session.items)
        except TakeTwoError as error:
            raise pytest.UsageError(str(error)) from None

    def _advice_of_services(
        self, item: pytest.Item, error: pytest.ExceptionInfo[BaseException] | None
    ) -> list[tuple[str, str]]:
        """
        What a test lacks that looks for the address of a service without being marked.
        """
        missing = error.value.args[:1] if error is not None and isinstance(error.value, KeyError) else ()
        services = self._project.services.values()
        if not missing or item.get_closest_marker("vcr") is not None:
            return []
        if not any(missing[0] in one.environment or missing[0] == one.address for one in services):
            return []
        return [("taketwo", f"{missing[0]} is set for tests that are marked: @pytest.mark.vcr")]

    def _output_of_services(self, item: pytest.Item) -> list[tuple[str, str]]:
        """
        The last lines of the services that a test was recorded from, for its report.
        """
        running = item.stash.get(RUNNING_TEST, None)
        is_live = self._run.is_disabled or (running is not None and running.recorder is not None)
        if not is_live or self._run.started_session is None:
            return []
        output = self._run.started_session.output_of_services(item.path)
        return [(f"service {name}", text) for name, text in output.items()]

    def _advice_of_fixtures(self, item: pytest.Item) -> list[tuple[str, str]]:
        running = item.stash.get(RUNNING_TEST, None)
        if self._fixtures is None or running is None or running.recorder is None:
            return []
        advice = self._fixtures.advice_for(item)
        return [("fixtures that were replayed", advice)] if advice else []

    def _restarts(self) -> list[str]:
        return self._run.started_session.services.restarts if self._run.started_session else []

    def _close(self, started_session: Session, session: pytest.Session) -> None:
        try:
            started_session.close()
        except TakeTwoError as error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            self._errors.append(str(error))

    def _locks_found(self) -> list[str]:
        recordings = self._run.started_session.started_recordings if self._run.started_session else None
        return recordings.locks_behind if recordings else []

    def _late_found(self) -> list[str]:
        return self._run.started_session.late if self._run.started_session else []

    def _children_found(self) -> list[str]:
        return self._run.started_session.asked_by_children if self._run.started_session else []

    def _rewritten_found(self) -> dict[str, str]:
        return self._run.started_session.rewritten if self._run.started_session else {}

    def _repeated_found(self) -> dict[str, int]:
        return self._run.started_session.services.repeated if self._run.started_session else {}

    def _say(self, text: str) -> None:
        """
        Tell whoever follows the run why nothing happens now.
        """
        if self._events is not None:
            self._events.say(text)
            return
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None:  # a worker of pytest-xdist, which has no terminal
            return
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture is not None else nullcontext():
            reporter.ensure_newline()
            reporter.write_line(text)

    def _judge(self, session: pytest.Session) -> None:
        tests = self._tests or self._run.collected.marked
        if not (tests or self._results or self._project.cassettes.is_dir()):
            return
        from taketwo.plugin.collected.unused import findings  # noqa: PLC0415 - there is something

        try:
            self._findings = findings(
                session,
                self._run.project,
                self._results,
                lambda: {**self._tests, **self._run.recorded},
                narrowed=self._narrowed,
            )
        except (TakeTwoError, OSError) as error:
            self._errors.append(str(error))
        if self._findings and self._findings.failing and session.exitstatus in _WELL:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _keep_reads(self) -> None:
        if any(result.get("reads") for result in self._results):
            try:
                self._run.session.recordings.keep_reads(self._results)
            except OSError as error:
                self._errors.append(f"what the tests read cannot be written: {error}")

    def _settle(self, item: pytest.Item, reports: dict[str, pytest.TestReport]) -> None:
        running = item.stash.get(RUNNING_TEST, None)
        passed = self._has_passed(item, reports, running)
        self._failed_in_part.discard(item.nodeid)
        if self._fixtures is not None:
            # Before the cassette of the test, which may hold what the replay of its fixture gives.
            found = self._fixtures.settle(item, passed=passed, torn_down=reports["teardown"].passed)
            vars(reports["teardown"])["taketwo_fixtures"] = found
        if running is None:
            return
        del item.stash[RUNNING_TEST]  # pytest keeps the test to the end of the run
        from taketwo.plugin.fixture_impl import settle  # noqa: PLC0415 - where there are cassettes

        settle(self._run.session, running, reports["teardown"], passed=passed)

    def _has_passed(
        self, item: pytest.Item, reports: Mapping[str, pytest.TestReport], running: RunningTest | None
    ) -> bool:
        """
        Whether what *item* recorded may be put in place: it passed, or was skipped or failed as expected.
        """
        outcomes = [report.outcome for report in reports.values()]
        if item.nodeid in self._failed_in_part or "failed" in outcomes:
            return False
        if running is not None and running.ending is not None:
            return True
        return outcomes == _PASSED


def _events(config: pytest.Config) -> Events | None:
    """
    Whoever follows the run, registered as a plugin of its own.
    """
    file = config.getoption("--taketwo-events")
    if not file:
        return None
    from taketwo.plugin.events import Events  # noqa: PLC0415 - few runs are followed

    events = Events(Path(file).absolute(), config)
    config.pluginmanager.register(events, "taketwo-events")
    return events


def _advice(error: pytest.ExceptionInfo[BaseException] | None) -> list[tuple[str, str]]:
    """
    What an error of ours has to say beside its message, which is not its own.
    """
    advice = error.value.advice if error is not None and isinstance(error.value, NetworkBlocked) else ""
    return [("taketwo", advice)] if advice else []


def _unanswered_requests(item: pytest.Item, report: pytest.TestReport) -> list[tuple[str, str]]:
    """
    The requests without an answer that *report* does not name: a server or a task in the test may have met
    them, and the test itself nothing but their consequences.
    """
    running = item.stash.get(RUNNING_TEST, None)
    if running is None or running.recorder is not None:
        return []
    shown = report.longreprtext
    unmatched = dict.fromkeys(running.player.unmatched)  # a client may have tried again
    found = [text for text in unmatched if text.partition("\n")[0] not in shown]
    if len(found) > _MOST_UNANSWERED:
        found[_MOST_UNANSWERED:] = [f"{len(found) - _MOST_UNANSWERED} more requests found no answer"]
    return [("taketwo: requests without an answer", "\n\n".join(found))] if found else []


def _is_noteworthy(result: Mapping[str, Any]) -> bool:
    """
    Whether more is to be said of a test than that it was replayed.
    """
    return result["state"] != _REPLAYED or any(map(result.get, _WORTH_A_LINE))


def _shorten(error: pytest.ExceptionInfo[BaseException], root: Path) -> None:
    """
    Spare the reader our own part of the way to an error of ours.
    """
    if isinstance(error.value, TakeTwoError | Unanswered):
        _end_in_the_project(error, root)


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


class PlaceholderRuleHooks:
    """
    Told is a rule that met what is not of its type, and, after a run of all tests, one that met nothing.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._run = config.stash[RUN]
        self._reports: list[list[dict[str, Any]]] = []
        self._is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
        self._lines: list[str] = []

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        if any(item.get_closest_marker("vcr") for item in items):
            self._is_whole = False

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        recordings = self._run.started_session.started_recordings if self._run.started_session else None
        if recordings is not None and recordings.are_there:
            self._reports.append(recordings.finder.report())
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_RULES_OUTPUT] = [self._reports, self._is_whole]
            return
        from taketwo.plugin.summary import rule_lines  # noqa: PLC0415 - at the end of a run

        # A test that failed has left no recording, and what it would have held nobody knows.
        is_whole = self._is_whole and exitstatus == pytest.ExitCode.OK
        self._lines = rule_lines(self._reports, is_whole_run=is_whole)
        if self._lines and exitstatus == pytest.ExitCode.OK and self._is_strict():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - a worker of pytest-xdist
        reports, is_whole = getattr(node, "workeroutput", {}).get(_RULES_OUTPUT, ([], True))
        self._reports += reports
        self._is_whole = self._is_whole and is_whole

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._lines:
            from taketwo.plugin.summary import write_section  # noqa: PLC0415 - there is something

            write_section(terminalreporter, "taketwo placeholders", self._lines)

    def _is_strict(self) -> bool:
        return bool(self._config.getoption("--taketwo-strict-placeholders"))
