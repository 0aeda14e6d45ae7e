"""
A service that somebody else runs is used as it is, and never stopped.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

ONE = """
@pytest.mark.vcr
def test_one():
    with client() as c:
        made = c.post("/notes", json={"text": "one"}).json()
        assert c.get("/notes").json() == [made]
"""


def test_it_is_recorded_as_one_that_was_started(project: Project, another: str) -> None:
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    files, started = project.files(), project.started()

    run = project.pytest("--record-mode=rewrite", environment={"NOTEBOOK_URL": f"{another}/"})

    assert run.tail == "1 passed"
    assert "1 cassette recorded again, not one byte changed" in run.output
    assert (project.files(), project.started()) == (files, started)


def test_a_replay_does_not_ask_it(project: Project) -> None:
    project.test(ONE)
    project.pytest("--record-mode=rewrite")

    run = project.pytest(environment={"NOTEBOOK_URL": "http://127.0.0.1:9"})

    assert run.tail == "1 passed"


def test_several_workers_may_not_share_it(project: Project, another: str) -> None:
    project.test(ONE)

    run = project.pytest("--record-mode=rewrite", "-n2", environment={"NOTEBOOK_URL": another})

    assert run.tail == "1 error"
    assert (
        "several workers would empty notebook under each other, which runs already\n"
        "record with one process (-n0), or let each worker start its own: unset NOTEBOOK_URL\n"
    ) in run.output
    assert project.files() == {}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "http://192.0.2.1:8000",
            (
                "service notebook runs at 192.0.2.1 and would be emptied before each recorded test\n"
                "record against one of your own: unset NOTEBOOK_URL, or point it to this machine\n"
            ),
        ),
        (
            "127.0.0.1:8000",
            (
                "service notebook: NOTEBOOK_URL holds no address of a service\n"
                "expected is one like http://127.0.0.1:8000\n"
            ),
        ),
        (
            "http://127.0.0.1:port",
            (
                "service notebook: NOTEBOOK_URL holds no address of a service\n"
                "expected is one like http://127.0.0.1:8000\n"
            ),
        ),
    ],
)
def test_a_wrong_address_is_refused_before_anything_is_sent(
    project: Project, address: str, words: str
) -> None:
    project.test(ONE)

    run = project.pytest("--record-mode=rewrite", environment={"NOTEBOOK_URL": address})

    assert run.code == 4
    assert words in run.output
    assert (project.files(), project.started()) == ({}, [])


WHERE_IT_IS = """
[tool.taketwo.services.notebook]
url = "{url}"
contract = {{ openapi = {{ file = "notebook.yaml" }} }}
"""

TWO = """
@pytest.mark.vcr
def test_two():
    assert httpx.get("{url}/nothing-here").status_code == 404
"""


def test_one_with_neither_a_command_nor_an_address_is_recorded_where_it_is(
    project: Project, another: str
) -> None:
    """
    Its contract is a file, and nothing has to answer 2xx.
    """
    project.write("pyproject.toml", WHERE_IT_IS.format(url=another))
    project.write("notebook.yaml", "openapi: 3.1.0\npaths: {}\n")
    project.test("import httpx\n" + TWO.format(url=another))

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest()

    assert (recorded.tail, replayed.tail) == ("1 passed", "1 passed"), recorded.output + replayed.output
    assert project.started() == []
    assert '"openapi": "3.1.0"' in (project.root / "cassettes/contracts/notebook.openapi.json").read_text()


def test_one_that_has_no_command_needs_none(project: Project, another: str) -> None:
    lines = [line for line in PYPROJECT.splitlines() if not line.startswith("command")]
    project.write("pyproject.toml", "\n".join(lines))
    project.test(ONE)

    run = project.pytest("--record-mode=rewrite", environment={"NOTEBOOK_URL": another})

    assert run.tail == "1 passed"
