"""
``taketwo mutate``: which tests notice that what they rely on has changed.
"""

from __future__ import annotations

import json

import pytest

from tests.toolkit.cli.conftest import taketwo
from tests.toolkit.conftest import Project

TESTS = """
@pytest.mark.vcr
def test_strict():
    with client() as c:
        made = c.post("/notes", json={"text": "one"})
        assert made.status_code == 200
        note = made.json()
        assert sorted(note) == ["created", "id", "text"]
        assert note == c.get("/notes/" + note["id"]).json()
        assert note["text"] == "one"
        assert note["created"] == "2026-01-01T00:00:01.100Z"


@pytest.mark.vcr
def test_lax():
    made = get("/slow/0").json()
    assert made["slept"] is not None


def test_without_a_cassette():
    assert True
"""
SLOW = """
import time

@pytest.mark.vcr
def test_patient():
    while get("/slow/0").json()["slept"] != 0:
        time.sleep(60)
"""


def recorded(project: Project, tests: str) -> None:
    """
    Record *tests*; the time that a replay gives is not the one of today.
    """
    project.test(tests.replace('assert note["created"] == "2026-01-01T00:00:01.100Z"', ""))
    assert project.pytest("--record-mode=rewrite").code == 0
    project.test(tests)


def test_survivors_are_listed_with_their_place_and_mutation(project: Project) -> None:
    recorded(project, TESTS)
    before = project.tree()

    run = taketwo(project, "mutate", "--limit", "0")

    assert run.code == 0, run.errors
    assert run.output.splitlines() == [
        "tests/test_notes.py::test_lax: 4 of 6 noticed",
        "  1. GET http://notebook.test/slow/0  response.status: 200 → 500",
        "  1. GET http://notebook.test/slow/0  response.json.slept: 0 → 1",
        "tests/test_notes.py::test_strict: 26 of 28 noticed",
        "  1. POST http://notebook.test/notes: answer swapped with the next one",
        "  2. GET http://notebook.test/notes/<uuid:1>  response.status: 200 → 500",
        "noticed by no test, in whichever cassette:",
        "  GET http://notebook.test/notes/<id>  response.status: another value",
        "  GET http://notebook.test/slow/0  response.json.slept: another value",
        "  GET http://notebook.test/slow/0  response.status: another value",
        "  POST http://notebook.test/notes: answer swapped with the next one",
        "2 tests, 34 of 34 mutants: 30 noticed, 88.2 %",
        "34 different changes: 30 noticed by some test, 88.2 %",
    ]
    assert project.tree() == before


def test_less_than_what_is_wanted_fails(project: Project) -> None:
    recorded(project, TESTS)

    enough = taketwo(project, "mutate", "--fail-under", "88", "--limit", "0")
    less = taketwo(project, "mutate", "--fail-under", "89", "--limit", "0", "--jobs", "1")
    wrong = taketwo(project, "mutate", "--fail-under", "940")

    assert (enough.code, less.code, wrong.code) == (0, 1, 3)
    assert less.output.splitlines()[-1] == "wanted are 89 %"
    assert "'940' is no percentage, such as 90" in wrong.errors


def test_a_sample_is_the_same_for_the_same_seed(project: Project) -> None:
    recorded(project, TESTS)

    first, again, other = [
        taketwo(project, "mutate", "-k", "strict", "--limit", "3", "--seed", seed, "--json", "--all")
        for seed in ("1", "1", "2")
    ]

    assert first.output == again.output
    told = json.loads(first.output)
    assert (told["mutants"], [one["test"] for one in told["tests"]]) == (
        3,
        ["tests/test_notes.py::test_strict"],
    )
    assert told["tests"][0]["possible"] > 24
    assert json.loads(other.output)["mutants"] == 3


def test_a_mutant_that_makes_a_test_wait_for_ever_is_noticed(project: Project) -> None:
    recorded(project, SLOW)

    run = taketwo(project, "mutate", "--limit", "0", "--json")

    told = json.loads(run.output)
    assert (run.code, told["tests"][0]["hung"]) == (0, 2)
    assert [one["mutation"] for one in told["tests"][0]["survivors"]] == ["200 → 500"]


def test_a_test_that_is_red_by_itself_is_named_and_not_judged(project: Project) -> None:
    recorded(project, TESTS)
    project.test(TESTS.replace("is not None", "is None"))

    run = taketwo(project, "mutate", "--limit", "1")

    assert run.code == 0
    assert "red as they were recorded, so not judged:\n  tests/test_notes.py::test_lax\n" in run.output


@pytest.mark.parametrize("command", ["mutate", "faults", "survive"])
def test_a_test_that_asks_for_nothing_is_not_red(project: Project, command: str) -> None:
    recorded(project, f"{TESTS}\n\n@pytest.mark.vcr\ndef test_quiet():\n    pass\n")

    run = taketwo(project, command, "--limit", "1", "--json")

    assert json.loads(run.output)["red"] == []


@pytest.mark.parametrize("command", ["faults", "survive"])
def test_code_in_another_process_is_named_and_not_judged(project: Project, command: str) -> None:
    """
    Its errors are not seen here, and each run of it starts that process again.
    """
    recorded(project, f"{TESTS}\n\n@pytest.mark.vcr(children=True)\ndef test_elsewhere():\n    pass\n")

    run = taketwo(project, command, "--limit", "1", "--json")
    shown = taketwo(project, command, "--limit", "1")

    told = json.loads(run.output)
    assert told["elsewhere"] == ["tests/test_notes.py::test_elsewhere"]
    assert told["red"] == told["skipped"] == told["unstable"] == []
    assert "ask from another process (children=True), so not " in shown.output
