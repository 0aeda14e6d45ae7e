"""
A replay holds each cassette to the contract in the lock of its service.
"""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.toolkit.conftest import Project

TESTS = """
@pytest.mark.vcr
def test_read():
    with client() as c:
        c.post("/notes", json={"text": "one"})
        assert c.get("/notes").status_code == 200
"""
NOTE: dict[str, object] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "text": {"type": "string", "maxLength": 20}},
}


def document(schema: dict[str, object], path: str = "/notes") -> str:
    answer = {"content": {"application/json": {"schema": {"type": "array", "items": schema}}}}
    get = {"responses": {"200": {"description": "notes", **answer}}}
    return json.dumps(
        {"openapi": "3.0.3", "info": {"title": "n", "version": "1"}, "paths": {path: {"get": get}}}
    )


@pytest.fixture
def recorded(project: Project) -> Project:
    contract = project.write("contract.json", document(NOTE))
    project.test(TESTS)
    run = project.pytest("--record-mode=rewrite", environment={"NOTEBOOK_CONTRACT": str(contract)})
    assert run.tail == "1 passed"
    return project


def edit(project: Project, old: str, new: str) -> None:
    cassette = project.cassette("test_read")
    text = cassette.read_text(encoding="utf-8")
    assert old in text
    cassette.write_text(
        text[: text.rindex(old)] + new + text[text.rindex(old) + len(old) :], encoding="utf-8"
    )


def set_check(project: Project, check: str) -> None:
    file = project.root / "pyproject.toml"
    file.write_text(f'[tool.taketwo.contract]\ncheck = "{check}"\n' + file.read_text(encoding="utf-8"))


def test_a_cassette_that_fits_is_played(recorded: Project) -> None:
    """
    What the contract does not describe, as the POST here, is no contradiction.
    """
    assert recorded.pytest().tail == "1 passed"


def test_an_answer_that_the_service_could_never_give_fails_with_its_coordinate(recorded: Project) -> None:
    assert recorded.pytest().tail == "1 passed"
    edit(recorded, "text: one", "text: 1")

    run = recorded.pytest()

    assert run.tail == "1 error"
    assert (
        "cassettes/test_notes/test_read.yaml contradicts the contract of its service, as it is in the lock:\n"
        "  2. GET http://notebook.test/notes\n"
        "    GET /notes 200 body[].text: it is integer, and the contract says string\n"
        'record it again: pytest --record-mode=rewrite "tests/test_notes.py::test_read"\n'
    ) in run.output


@pytest.mark.parametrize(
    ("check", "tail", "warned"), [("warn", "1 passed", True), ("off", "1 passed", False)]
)
def test_one_may_be_warned_only_or_not_at_all(
    recorded: Project, check: str, tail: str, *, warned: bool
) -> None:
    edit(recorded, "text: one", "text: 1")
    set_check(recorded, check)

    run = recorded.pytest()

    assert run.tail == tail
    assert ("1 cassette that contradict" in run.output) is warned


def test_a_cassette_that_is_older_than_its_lock_fails(recorded: Project) -> None:
    lock = recorded.root / "cassettes/contracts/notebook.openapi.json"
    lock.write_text(document({**NOTE, "required": ["id", "author"], "properties": {"author": {}}}))

    run = recorded.pytest()

    assert run.tail == "1 error"
    assert "GET /notes 200 body[].author: it is required, and missing\n" in run.output


def test_one_that_is_older_and_still_right_says_so(recorded: Project) -> None:
    lock = recorded.root / "cassettes/contracts/notebook.openapi.json"
    lock.write_text(document({**NOTE, "properties": {"text": {"type": "string", "maxLength": 30}}}))

    run = recorded.pytest()

    assert run.tail == "1 error"
    assert "it was recorded under another contract of notebook than that of its lock" in run.output


def test_what_the_lock_does_not_describe_any_more_fails_in_an_older_cassette(recorded: Project) -> None:
    lock = recorded.root / "cassettes/contracts/notebook.openapi.json"
    lock.write_text(document(NOTE, path="/pages"))

    run = recorded.pytest()

    assert run.tail == "1 error"
    assert "GET /notes: the contract has no such operation\n" in run.output


def test_one_that_is_older_names_what_has_moved_where_git_remembers_it(recorded: Project) -> None:
    lock = recorded.root / "cassettes/contracts/notebook.openapi.json"
    commit(recorded)
    lock.write_text(document({**NOTE, "properties": {"text": {"type": "string", "maxLength": 30}}}))
    commit(recorded)

    run = recorded.pytest()

    assert run.tail == "1 error"
    assert (
        "and that describes what it uses differently\n"
        "    GET /notes 200 body[].id\n"
        "    GET /notes 200 body[].text\n"
    ) in re.sub("^ +(GET)", r"    \1", run.said, flags=re.MULTILINE)


def commit(project: Project) -> None:
    names = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*names, "commit", "-qm", "as it is")):
        subprocess.run(["git", *words], cwd=project.root, check=True)  # noqa: S607 - whichever git there is
