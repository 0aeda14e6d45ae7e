"""
A replay depends on the test alone: not on where pytest is started, nor on what it takes for its root.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.toolkit.conftest import OPTIONS, PYPROJECT, Project

TESTS = """
@pytest.mark.vcr
def test_made(vcr):
    with client() as c:
        made = c.post("/notes", json={"text": "one"}).json()
        assert c.get("/notes/" + made["id"]).json() == made
    print("minted", made["id"])
"""
PLAIN = """
[pytest]
filterwarnings = ignore
addopts = --import-mode=importlib -p no:anyio -p no:pgmem -p no:respx
"""


def pytest_in(project: Project, folder: Path, arguments: Sequence[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, "-s", *arguments],
        cwd=folder,
        env=project.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def minted(output: str) -> str:
    """
    The id that the replay minted, when the test passed.
    """
    assert "1 passed" in output, output
    return next(line.split()[-1] for line in output.splitlines() if "minted" in line)


@pytest.fixture
def recorded(project: Project) -> Project:
    project.test(TESTS, "tests/deep/test_notes.py")
    project.write("other/pytest.ini", PLAIN)
    assert project.pytest("--record-mode=rewrite").tail == "1 passed"
    return project


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        ("tests", []),
        ("tests/deep", ["test_notes.py"]),
        ("..", ["project/tests"]),
        (".", ["--rootdir=tests/deep"]),
        (".", ["--rootdir=.."]),
        (".", ["-c", "other/pytest.ini", "tests"]),
        ("other", ["-c", "pytest.ini", "../tests/deep/test_notes.py"]),
    ],
)
def test_a_replay_is_the_same_from_anywhere(recorded: Project, folder: str, arguments: Sequence[str]) -> None:
    usual = minted(pytest_in(recorded, recorded.root, []))

    assert minted(pytest_in(recorded, recorded.root / folder, arguments)) == usual


def test_a_recording_is_the_same_from_anywhere(recorded: Project) -> None:
    files = recorded.files()

    output = pytest_in(recorded, recorded.root / "tests/deep", ["--record-mode=rewrite", "--rootdir=."])

    assert ("1 passed" in output, recorded.files()) == (True, files)


def test_a_project_in_a_project_that_says_nothing_of_us_is_left_alone(recorded: Project) -> None:
    recorded.write("inner/pyproject.toml", "[tool.pytest.ini_options]\n")
    recorded.write("inner/test_inner.py", "def test_inner():\n    pass\n")

    output = pytest_in(recorded, recorded.root / "inner", [])

    assert ("1 passed" in output, "taketwo:" in output) == (True, False)
    assert PYPROJECT in (recorded.root / "pyproject.toml").read_text()
