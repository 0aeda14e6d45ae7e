"""
A plugin of its own for pytest, which writes how each test ended: ``-p taketwo.plugin.frameworks.outcomes``.

``taketwo adopt`` loads it, with the toolkit itself and without it. ``TAKETWO_OUTCOMES`` names the file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

FILE = "TAKETWO_OUTCOMES"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """
    Append one phase of a test. A worker of pytest-xdist leaves that to the process that it reports to.
    """
    file = os.environ.get(FILE)
    if not file or "PYTEST_XDIST_WORKER" in os.environ:
        return
    found = vars(report).get("taketwo") or {}
    phase = {
        "test": report.nodeid,
        "outcome": report.outcome,
        "message": report.longreprtext if report.failed else "",
        "loose": found.get("loose", []),
        "unplayed": found.get("unplayed", 0),
    }
    with Path(file).open("a", encoding="utf-8") as out:
        out.write(json.dumps(phase) + "\n")
