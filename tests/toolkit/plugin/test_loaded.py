"""
What a run that only replays loads of the toolkit.
"""

from __future__ import annotations

from tests.toolkit.conftest import Project

LOADED = """
import sys

IDLE = (
    "taketwo.cassette.dumping",
    "taketwo.cassette.finding",
    "taketwo.cassette.placeholders",
    "taketwo.cassette.vcrpy",
    "taketwo.compare",
    "taketwo.contract",
    "taketwo.recording.bridge",
    "taketwo.recording.explain",
    "taketwo.report.markdown",
    "taketwo.report.page",
    "taketwo.usage",
    "graphql",
    "vcr",
    "yaml",
)


def pytest_unconfigure():
    print("loaded:", [name for name in IDLE if name in sys.modules])
"""
ASKS = """
import pytest

@pytest.mark.vcr
def test_asked():
    with client() as c:
        c.get("/notes")
        c.post("/notes", json={"text": "milk"})
"""


def test_a_replay_loads_nothing_that_records_compares_or_reports(project: Project) -> None:
    project.test(ASKS)
    project.write("conftest.py", LOADED)
    assert project.pytest("--record-mode=rewrite").code == 0
    assert project.pytest().code == 0  # which finds that the cassette fits its contract, and keeps that

    run = project.pytest("-s")

    assert run.code == 0
    assert "loaded: []" in run.output
