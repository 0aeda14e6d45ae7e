"""
The events of ``--taketwo-events``, by which a command follows the run that it has started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from taketwo.cassette.store.source_digest import source_digest
from taketwo.plugin.run import RUN
from taketwo.plugin.testcase.paths import test_id

_LISTENER = "TAKETWO_LISTENER"
"""The process that started this one and reads its events."""


class Events:
    """
    Appends to *file*, and ends the run when nobody reads it any more. Workers of pytest-xdist write nothing.
    """

    def __init__(self, file: Path, config: pytest.Config) -> None:
        is_worker = hasattr(config, "workerinput")
        self._file = None if is_worker else file
        self._parent = "" if is_worker else os.environ.get(_LISTENER, "")
        self._run = config.stash[RUN]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """
        Record nothing more when the command is gone that has started this process and listens to it.
        """
        if self._parent in {"", str(os.getppid())}:
            return None
        item.session.shouldstop = "the command that started this run has ended"
        return True

    def note_tests(self, items: Iterable[pytest.Item]) -> None:
        """
        Tell which tests have a cassette, and the fixtures of wider scope that they request.
        """
        marked = (item for item in items if item.get_closest_marker("vcr"))
        fixtures = self._run.collected_tests.fixtures
        self._write({"tests": [test_id(item, self._run.project) for item in marked], "fixtures": fixtures})

    def note_report(
        self,
        report: pytest.TestReport,
        result: Mapping[str, Any],
        fixtures: Sequence[Mapping[str, Any]],
    ) -> None:
        """
        Tell how a phase of a test has ended, and the *result* of its cassette where that is known.
        """
        self._write(
            {
                "test": report.nodeid,
                "when": report.when,
                "outcome": report.outcome,
                "message": _message(report) if report.failed else "",
                "cassette": result.get("cassette"),
                "state": result.get("state"),
                "reads": result.get("reads"),
                "source": source_digest(self._run.project.root, report.nodeid),
                "recorded_fixtures": [
                    {"test": one["test"], "cassette": one["cassette"]}
                    for one in fixtures
                    if one["state"] == "pending"
                ],
            }
        )

    def say(self, text: str) -> None:
        self._write({"says": text})

    def _write(self, event: Mapping[str, Any]) -> None:
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event) + "\n")


def _message(report: pytest.TestReport) -> str:
    services = (
        f"{name}, last lines:\n{text}" for name, text in report.sections if name.startswith("service ")
    )
    return "\n".join([report.longreprtext, *services])
