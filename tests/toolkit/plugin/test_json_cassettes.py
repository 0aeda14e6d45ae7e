"""
A test with ``serializer="json"`` is recorded in JSON, as VCR.py writes and reads it.
"""

from __future__ import annotations

import json

import pytest
from vcr.serialize import deserialize
from vcr.serializers import jsonserializer

from tests.toolkit.conftest import Project

TESTS = """
pytestmark = pytest.mark.vcr(serializer="json")


def test_notes():
    with client() as c:
        made = c.post("/notes", json={"text": "first"}).json()
        assert c.get("/notes").json() == [made]


@pytest.mark.default_cassette("mine.json")
def test_named():
    assert get("/notes").json() == []


def test_sends_nothing():
    pass
"""
SHARED = """
pytestmark = pytest.mark.vcr(serializer="json")


@pytest.mark.default_cassette("both")
def test_one():
    get("/notes")


@pytest.mark.default_cassette("both")
def test_two():
    get("/notes")
"""


def cassettes(project: Project) -> list[str]:
    return [name for name in project.files() if name.startswith("test_notes/") and name.endswith(".json")]


def test_it_is_recorded_in_json_and_replayed(project: Project) -> None:
    project.test(TESTS)

    recorded = project.pytest("--record-mode=rewrite")
    files = {name: text for name, text in project.files().items() if name.startswith("test_notes/")}
    replayed = project.pytest()

    assert (recorded.tail, replayed.tail) == ("3 passed", "3 passed"), recorded.output + replayed.output
    assert sorted(files) == ["test_notes/mine.json", "test_notes/test_notes.json"]
    assert "unused" not in replayed.output
    requests, responses = deserialize(files["test_notes/test_notes.json"], jsonserializer)
    assert [request.method for request in requests] == ["POST", "GET"]
    made = json.loads(responses[0]["body"]["string"])
    assert json.loads(responses[1]["body"]["string"]) == [made]
    assert "k3y-of-the-notebook" not in "".join(files.values())


def test_recording_again_changes_no_byte(project: Project) -> None:
    project.test(TESTS)
    project.pytest("--record-mode=rewrite")
    before = project.files()

    again = project.pytest("--record-mode=rewrite")

    assert "2 cassettes recorded again, not one byte changed" in again.output
    assert project.files() == before


def test_a_test_that_sends_nothing_any_more_has_no_cassette(project: Project) -> None:
    project.test(TESTS)
    project.pytest("--record-mode=rewrite")
    project.test(TESTS.replace('assert get("/notes").json() == []', "pass"))

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "3 passed"
    assert cassettes(project) == ["test_notes/test_notes.json"]


def test_a_cassette_of_several_tests_is_refused(project: Project) -> None:
    """
    JSON has no place for the name of a test, so the recording of one would replace that of the other.
    """
    project.test(SHARED)

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "2 passed, 2 errors"
    assert (
        "tests/test_notes.py::test_one and tests/test_notes.py::test_two share "
        "cassettes/test_notes/both.json, and JSON holds the recording of one test only\n"
        'give each a cassette of its own, or take serializer="json" away'
    ) in run.output
    assert cassettes(project) == []


@pytest.mark.parametrize("mode", ["once", "new_episodes", "none"])
def test_what_an_earlier_release_wrote_in_yaml_is_played(project: Project, mode: str) -> None:
    project.test(TESTS.replace('(serializer="json")', "").replace("mine.json", "mine"))
    project.pytest("--record-mode=rewrite")
    project.test(TESTS)

    run = project.pytest(f"--record-mode={mode}", "-k", "test_notes or named")

    assert run.tail.startswith("3 passed"), run.output
    assert cassettes(project) == []
