"""
What is said at the end of a run that recorded about the project's rules for placeholders.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from taketwo.plugin.run import RUN

_OUTPUT = "taketwo_rules"


class RuleHooks:
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
        takes = self._run.begun.begun_takes if self._run.begun else None
        if takes is not None and takes.are_there:
            self._reports.append(takes.finder.report())
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = [self._reports, self._is_whole]
            return
        from taketwo.report import merged_rules, rule_lines  # noqa: PLC0415 - at the end of the run

        # A test that failed has left no take, and what it would have held nobody knows.
        is_whole = self._is_whole and exitstatus == pytest.ExitCode.OK
        self._lines = rule_lines(merged_rules(self._reports), is_whole=is_whole)
        if self._lines and exitstatus == pytest.ExitCode.OK and self._is_strict():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - a worker of pytest-xdist
        reports, is_whole = getattr(node, "workeroutput", {}).get(_OUTPUT, ([], True))
        self._reports += reports
        self._is_whole = self._is_whole and is_whole

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._lines:
            terminalreporter.write_sep("-", "taketwo placeholders")
            for line in self._lines:
                terminalreporter.write_line(line)

    def _is_strict(self) -> bool:
        return bool(self._config.getoption("--taketwo-strict-placeholders"))
