"""
A cassette that is missing: what it was probably called before, and what to type.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

OLD = """
@pytest.mark.vcr
@pytest.mark.parametrize("word", ["one", "two"])
def test_made(word):
    with client() as c:
        c.post("/notes", json={"text": word}).json()


@pytest.mark.vcr
def test_kept():
    get("/notes")
"""
MADE_ONE = "cassettes/test_notes/test_made[one].yaml has an answer to it, and its test {} is gone\n"
RENAMED = "if this is that test under another name: taketwo rename '{}' '{}'\n"


@pytest.fixture
def recorded(project: Project) -> Project:
    project.test(OLD)
    assert project.pytest("--record-mode=rewrite").tail == "3 passed"
    return project


@pytest.mark.parametrize(
    ("module", "new", "selection"),
    [
        ("tests/test_notes.py", OLD.replace("test_made", "test_written"), []),
        ("tests/test_notes.py", OLD.replace("test_made", "test_written"), ["-k", "one"]),
        ("tests/test_notes.py", OLD.replace('["one", "two"]', '["one", "two"], ids=["1", "2"]'), []),
        ("tests/deep/test_others.py", OLD, ["-k", "one"]),
    ],
)
def test_the_cassette_of_before_is_found_by_the_very_request_and_one_command_heals_it(
    recorded: Project, module: str, new: str, selection: list[str]
) -> None:
    (recorded.root / "tests/test_notes.py").unlink()
    recorded.test(new, module)

    run = recorded.pytest("--tb=short", *selection)

    name = "test_written" if "test_written" in new else "test_made"
    old = "tests/test_notes.py::test_made[one]"
    test = f"{module}::{name}[{'1' if 'ids=' in new else 'one'}]"
    assert MADE_ONE.format(old) + RENAMED.format(old, test) in run.said
    recorded.run("-m", "taketwo", "rename", old, test)
    assert "1 passed" in recorded.pytest(test).tail


def test_without_an_answer_one_that_is_called_alike_is_named(recorded: Project) -> None:
    recorded.test(OLD.replace("test_made", "test_maker").replace('"text": word', '"text": "new"'))

    run = recorded.pytest("--tb=short", "-k", "one")

    assert (
        "cassettes/test_notes/test_made[one].yaml is called alike, "
        "and its test tests/test_notes.py::test_made[one] is gone\n"
    ) in run.said


def test_the_cassettes_of_tests_that_are_there_are_nobody_elses(recorded: Project) -> None:
    recorded.test(OLD + OLD[OLD.index("@pytest.mark.vcr\n@pytest.mark.par") :].replace("made", "made_again"))

    run = recorded.pytest("--tb=short", "-k", "made_again and one")

    assert run.tail == "1 failed, 4 deselected"
    assert "taketwo rename" not in run.output


def test_one_of_vcrpy_that_no_test_looks_for_is_found_too(recorded: Project) -> None:
    recorded.write(
        "cassettes/old/test_before.yaml",
        "interactions:\n"
        "- request: {body: null, headers: {}, method: GET, uri: 'http://notebook.test/slow/1'}\n"
        "  response: {body: {string: '1'}, headers: {}, status: {code: 200, message: OK}}\n"
        "version: 1\n",
    )
    recorded.test("@pytest.mark.vcr\ndef test_now():\n    get('/slow/1')\n", "tests/test_more.py")

    run = recorded.pytest("--tb=short", "tests/test_more.py")

    assert "cassettes/old/test_before.yaml has an answer to it, and no test uses it\n" in run.said
    healed = "taketwo rename cassettes/old/test_before.yaml tests/test_more.py::test_now\n"
    assert healed in run.said
    assert recorded.run("-m", "taketwo", *healed.split()[1:]).code == 0
    assert recorded.pytest("tests/test_more.py").tail == "1 passed"
