"""
Further cassettes of a marker: they are played beside the test's own, and never written.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolkit.conftest import Project

OF_VCRPY = """\
interactions:
- request:
    body: null
    headers: {}
    method: GET
    uri: http://elsewhere.test/old
  response:
    body:
      string: from vcrpy
    headers: {}
    status:
      code: 200
      message: OK
version: 1
"""
LOGIN = """
@pytest.mark.vcr
@pytest.mark.default_cassette("login")
def test_login():
    with client() as c:
        made = c.post("/notes", json={"text": "me"}).json()
        assert c.get("/notes/" + made["id"]).json() == made
"""
WORK = """
@pytest.mark.vcr("login.yaml", "old.yaml")
def test_work():
    with client() as c:
        made = c.post("/notes", json={"text": "me"}).json()
        assert c.get("/notes/" + made["id"]).json() == made
        assert c.get("/health").json() == {"status": "ok"}
    assert httpx.get("http://elsewhere.test/old", trust_env=False).text == "from vcrpy"
"""


@pytest.fixture
def joined(project: Project) -> Project:
    project.test(LOGIN)
    project.write("cassettes/test_notes/old.yaml", OF_VCRPY)
    assert project.pytest("--record-mode=rewrite").tail == "1 passed"
    project.test(WORK)
    return project


@pytest.mark.parametrize("mode", ["once", "rewrite", "new_episodes"])
def test_what_they_answer_is_not_recorded_again(joined: Project, mode: str) -> None:
    before = joined.files()

    recorded = joined.pytest(f"--record-mode={mode}")
    replayed = joined.pytest()

    own = joined.cassette("test_work").read_text()
    assert (recorded.tail, replayed.tail) == ("1 passed", "1 passed")
    assert own.count("- request:") == 1
    assert "url: http://notebook.test/health" in own
    assert {**joined.files(), **before} == joined.files()


def test_a_mode_that_records_everything_asks_none_of_them(joined: Project) -> None:
    joined.test(WORK.replace("    assert httpx", "    # assert httpx"))

    recorded = joined.pytest("--record-mode=all")

    assert recorded.tail == "1 passed"
    assert joined.cassette("test_work").read_text().count("- request:") == 3


def test_they_may_lie_anywhere_and_do_without_their_suffix(joined: Project, tmp_path: Path) -> None:
    (tmp_path / "far.yaml").write_text(OF_VCRPY, encoding="utf-8")
    joined.test(WORK.replace('"login.yaml", "old.yaml"', f'"login", "{tmp_path}/far.yaml"'))

    assert joined.pytest("--record-mode=once").tail == "1 passed"
    assert joined.pytest().tail == "1 passed"


def test_one_that_is_missing_is_named_when_an_answer_is(joined: Project) -> None:
    joined.pytest("--record-mode=once")
    joined.test(WORK.replace("login.yaml", "log-in.yaml"))

    run = joined.pytest("--tb=short")

    assert run.tail == "1 failed"
    assert "its further cassette cassettes/test_notes/log-in.yaml is not there\n" in run.said


def test_a_damaged_one_is_told_by_its_name(joined: Project) -> None:
    joined.write("cassettes/test_notes/old.yaml", OF_VCRPY.replace("method: GET", "way: GET"))

    run = joined.pytest()

    assert run.tail == "1 error"
    assert "cassettes/test_notes/old.yaml: interactions[0]: request: 'way': VCR.py writes no" in run.output
