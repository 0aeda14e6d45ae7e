"""
Tests that stop the clock, or set it, are recorded and replayed as others are.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

pytest.importorskip("time_machine")

JUMPS = """
import time_machine


@pytest.mark.vcr
def test_jumps():
    with client() as c, time_machine.travel(os.environ["MOMENT"], tick=False) as clock:
        made = c.post("/notes", json={"text": "a"}).json()
        clock.move_to("1999-12-31T23:59:59")
        assert c.get("/notes").json() == [made]
"""


def test_a_clock_that_jumps_changes_no_recording_and_no_replay(project: Project) -> None:
    """
    Neither within a test, nor from one recording to the next, forwards or back.
    """
    project.test(JUMPS)
    first = project.pytest("--record-mode=rewrite", environment={"MOMENT": "2040-01-01T00:00:00"})
    before = project.files()

    again = project.pytest("--record-mode=rewrite", environment={"MOMENT": "2001-03-25T01:59:59"})
    replay = project.pytest("--record-mode=none", environment={"MOMENT": "2026-10-25T02:30:00"})

    assert [first.tail, again.tail, replay.tail] == ["1 passed"] * 3, replay.output
    assert project.files() == before
