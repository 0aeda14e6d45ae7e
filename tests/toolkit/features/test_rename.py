"""
``taketwo rename``.
"""

from __future__ import annotations

import json

from tests.toolkit.cli.conftest import taketwo
from tests.toolkit.conftest import Project

SAID = b"RIFF" + bytes(range(256)) * 4
TESTS = f"""
@pytest.mark.vcr
@pytest.mark.parametrize("word", ["one", "two"])
def test_note(word):
    with client() as c:
        assert c.post("/notes", json={{"text": word}}).json()["text"] == word


@pytest.mark.vcr
@pytest.mark.default_cassette("together")
def test_spoken():
    with client() as c:
        assert c.post("/echo", content={SAID!r}, headers={{"content-type": "audio/wav"}}).content == {SAID!r}
"""
OF_VCRPY = """\
interactions:
- request: {body: null, headers: {}, method: GET, uri: http://elsewhere.test/}
  response: {body: {string: hello}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""


def recorded(project: Project) -> Project:
    project.test(TESTS)
    assert project.pytest("--record-mode=rewrite").tail == "3 passed"
    return project


def test_a_module_takes_all_of_its_cassettes_along(project: Project) -> None:
    recorded(project)
    project.write("cassettes/test_notes/test_old.yaml", OF_VCRPY)
    (project.root / "tests/test_notes.py").unlink()
    project.test(TESTS, "tests/deep/test_others.py")

    run = taketwo(project, "rename", "tests/test_notes.py", "tests/deep/test_others.py")

    assert (run.code, run.errors) == (0, "")
    files = project.files()
    assert sorted(name for name in files if name.endswith(".yaml")) == [
        "deep/test_others/test_note[one].yaml",
        "deep/test_others/test_note[two].yaml",
        "deep/test_others/test_old.yaml",
        "deep/test_others/together.yaml",
    ]
    assert files["deep/test_others/test_old.yaml"] == OF_VCRPY
    assert "\ntest: tests/deep/test_others.py::test_spoken\n" in files["deep/test_others/together.yaml"]
    assert not [name for name in files if name.startswith("test_notes/")]
    assert project.pytest().tail == "3 passed"


def test_a_test_takes_the_cassettes_of_all_its_parameters_along(project: Project) -> None:
    recorded(project)
    project.test(TESTS.replace("test_note(", "test_made("))

    run = taketwo(
        project, "rename", "tests/test_notes.py::test_note", "tests/test_notes.py::test_made", "--json"
    )

    assert [move["after"] for move in json.loads(run.output)] == [
        "cassettes/test_notes/test_made[one].yaml",
        "cassettes/test_notes/test_made[two].yaml",
    ]
    assert project.pytest().tail == "3 passed"
    assert project.pytest("--record-mode=rewrite").tail == "3 passed"


def test_nothing_is_replaced(project: Project) -> None:
    files = recorded(project).files()

    run = taketwo(
        project, "rename", "tests/test_notes.py::test_note[one]", "tests/test_notes.py::test_note[two]"
    )

    assert run.code == 3
    assert "test_note[two].yaml is there already; delete one of the two, and rename again" in run.errors
    assert project.files() == files


def test_what_nobody_recorded_is_told(project: Project) -> None:
    run = taketwo(recorded(project), "rename", "tests/test_nots.py", "tests/test_notes.py")

    assert (run.code, run.errors) == (
        3,
        "error: no cassette belongs to tests/test_nots.py; `taketwo list` shows which test owns each one\n",
    )
