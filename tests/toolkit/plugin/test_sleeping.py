"""
``sleep = "skip"``: a replay does not wait where the code of a test sleeps.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

# Tells how long each sleep really is, whoever replaces time.sleep afterwards.
CONFTEST = """
import time

import pytest

SLEPT = []
time.sleep = SLEPT.append


@pytest.fixture
def slept():
    SLEPT.clear()
    return SLEPT
"""
TEST = """
from time import sleep


{marker}
def test_polling(slept):
    for _ in range(2):
        get("/notes")
        sleep(10)
    print("slept:", slept)
"""
SKIPPED = "slept: [0.01, 0.01]"
REAL = "slept: [10, 10]"


def told(project: Project, *options: str) -> list[str]:
    run = project.pytest("-s", *options)
    assert run.code == 0, run.output
    return [line for line in (REAL, SKIPPED) if line in run.output]


def prepare(project: Project, marker: str = "@pytest.mark.vcr") -> None:
    project.write("conftest.py", CONFTEST)
    project.test(TEST.format(marker=marker))


@pytest.mark.parametrize("where", ["project", "marker", "vcr_config"])
def test_a_recording_waits_and_a_replay_does_not(project: Project, where: str) -> None:
    prepare(project, "@pytest.mark.vcr(sleep='skip')" if where == "marker" else "@pytest.mark.vcr")
    if where == "project":
        project.write("pyproject.toml", f'[tool.taketwo]\nsleep = "skip"\n{PYPROJECT}')
    if where == "vcr_config":
        fixture = "@pytest.fixture\ndef vcr_config():\n    return {'sleep': 'skip'}\n"
        project.write("conftest.py", f"{CONFTEST}\n\n{fixture}")

    assert told(project, "--record-mode=rewrite") == [REAL]
    assert told(project) == [SKIPPED]


def test_a_replay_waits_where_nobody_says_otherwise(project: Project) -> None:
    prepare(project)

    assert told(project, "--record-mode=rewrite") == [REAL]
    assert told(project) == [REAL]


def test_another_word_is_refused(project: Project) -> None:
    prepare(project, "@pytest.mark.vcr(sleep='never')")

    run = project.pytest("--record-mode=rewrite")

    assert "sleep: expected one of wait, skip, got 'never'" in run.said
