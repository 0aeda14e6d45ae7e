"""
Twenty threads, or tasks, with twenty requests each: all are recorded, and every caller gets its own answer.

A hundred runs of it take an hour: TAKETWO_RUNS=100 pytest tests/toolkit/clients/test_crowds.py
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.toolkit.clients.certificates import write_certificates
from tests.toolkit.clients.passes import Pass, module_of, run_passes, write_project
from tests.toolkit.clients.suite.http import CROWD
from tests.toolkit.clients.table import ROWS, Row

pytestmark = pytest.mark.slow

RUNS = int(os.environ.get("TAKETWO_RUNS", "1"))
_CLIENTS = {"requests": "crowd", "urllib3": "crowd", "boto3": "crowd", "aiohttp": "crowd_of_tasks"}


@pytest.mark.parametrize("_run", range(RUNS))
@pytest.mark.parametrize("row", [row for row in ROWS if row.name in _CLIENTS], ids=lambda row: row.name)
def test_a_crowd_is_recorded_and_replayed(row: Row, _run: int, tmp_path: Path) -> None:
    if missing := row.missing():
        pytest.skip(f"not installed: {missing}")
    thing = _CLIENTS[row.name]
    write_project(tmp_path, [replace(row, things=(thing,))])
    certificates = write_certificates(tmp_path / "certificates")

    runs = run_passes(tmp_path, certificates, passes=(Pass.RECORD, Pass.REPLAY, Pass.AGAIN))

    cell = f"{module_of(row)}::test_{thing}"
    assert [runs[which].outcomes[cell].text for which in runs] == ["", "", ""]
    for which in (Pass.RECORD, Pass.AGAIN):
        assert runs[which].answered[f"{row.name}-{thing}"] == CROWD * CROWD
        assert runs[which].cassettes[cell].count("- request:") == CROWD * CROWD
