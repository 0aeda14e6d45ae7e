"""
A recording moves no byte when the service is the same: whatever the order, the subset, the workers.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

TESTS = """
@pytest.mark.vcr
@pytest.mark.parametrize("text", ["one", "two"])
def test_made(text):
    with client() as c:
        made = c.post("/notes", json={"text": text}).json()
        assert c.get("/notes").json() == [made]


@pytest.mark.vcr
def test_none():
    with client() as c:
        assert c.get("/notes").json() == []
"""


def test_no_byte_moves_when_a_recording_is_repeated(project: Project) -> None:
    project.test(TESTS)
    project.test(TESTS, "tests/test_others.py")
    project.pytest("--record-mode=rewrite")
    files = project.files()
    tree = project.tree()

    runs = [
        project.pytest("--record-mode=rewrite", "tests/test_others.py", "tests/test_notes.py"),
        project.pytest("--record-mode=all", "-k", "two or none"),
        project.pytest("--record-mode=rewrite", "-n2"),
        project.run("-m", "pytest", "-p", "no:cacheprovider", "--record-mode=rewrite", "-p", "randomly"),
    ]

    assert [run.code for run in runs] == [0, 0, 0, 0]
    assert project.files() == files
    assert {name: tree[name] for name in tree if name.endswith(".yaml")} == {
        name: entry for name, entry in project.tree().items() if name.endswith(".yaml")
    }
    assert project.pytest("-n2").tail == "6 passed"
    assert project.alive(within=0) == []


def test_a_first_recording_by_several_workers_is_that_of_one(project: Project) -> None:
    project.test(TESTS)
    project.pytest("--record-mode=rewrite")
    files = project.files()
    for name in files:
        (project.root / "cassettes" / name).unlink()

    run = project.pytest("--record-mode=once", "-n2")

    assert run.tail == "3 passed"
    assert project.files() == files


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_lock_that_is_behind_is_told_at_the_end(project: Project, workers: str) -> None:
    project.test(TESTS)
    project.write("cassettes/contracts/notebook.openapi.json", '{"openapi": "3.0.3", "paths": {}}\n')

    run = project.pytest("--record-mode=rewrite", workers)

    assert "the contract of notebook is not the one in the lock" in run.output
    assert '"paths": {}' in project.files()["contracts/notebook.openapi.json"]
    assert "every note" in project.files()["contracts/notebook.openapi.json.new"]
    assert project.pytest().tail == "3 passed"
