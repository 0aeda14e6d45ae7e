"""
A suite that comes with cassettes of VCR.py: they are played, and give way when they are recorded again.
"""

from __future__ import annotations

from tests.toolkit.conftest import Project

TESTS = """
@pytest.mark.vcr
def test_elsewhere():
    answer = httpx.get("http://elsewhere.test/page?b=2&a=1", trust_env=False)
    assert (answer.status_code, answer.text, answer.headers["x-kept"]) == (200, "hello", "yes")


@pytest.mark.vcr
def test_notebook():
    assert get("/notes").json() == []
"""
ELSEWHERE = """\
interactions:
- request:
    body: ''
    headers:
      User-Agent:
      - python-httpx/0.27
    method: GET
    uri: http://elsewhere.test/page?a=1&b=2
  response:
    body:
      string: !!binary |
        H4sIAAAAAAAC/8tIzcnJBwCGphA2BQAAAA==
    headers:
      Content-Encoding:
      - gzip
      X-Kept:
      - 'yes'
    status:
      code: 200
      message: OK
version: 1
"""


def test_they_are_played_as_they_are(project: Project) -> None:
    project.test(TESTS)
    path = project.write("cassettes/test_notes/test_elsewhere.yaml", ELSEWHERE)

    done = project.pytest("-k", "elsewhere")

    assert (done.tail, path.read_text()) == ("1 passed, 1 deselected", ELSEWHERE)


def test_recording_over_one_writes_ours(project: Project) -> None:
    project.test(TESTS)
    path = project.write("cassettes/test_notes/test_notebook.yaml", ELSEWHERE)

    done = project.pytest("-k", "notebook", "--record-mode=rewrite")

    assert done.tail == "1 passed, 1 deselected"
    assert path.read_text().startswith("taketwo: 1\ntest: tests/test_notes.py::test_notebook\n")
    assert project.pytest("-k", "notebook").tail == "1 passed, 1 deselected"


def test_a_refresh_lets_them_be(project: Project) -> None:
    """
    They do not say which test they belong to, nor which service they were recorded from.
    """
    project.test(TESTS.replace("def test_notebook", "def test_mine"))
    path = project.write("cassettes/test_notes/test_elsewhere.yaml", ELSEWHERE)
    assert project.pytest("-k", "mine", "--record-mode=rewrite").code == 0

    named = project.refresh(str(path.relative_to(project.root)))
    done = project.refresh("tests/test_notes.py::test_mine")

    assert "is a cassette of VCR.py, and names no test; give its test" in named.errors
    assert done.code == 0
    assert path.read_text() == ELSEWHERE
