"""
How strictly a cassette is played: in which order, how often, and how much of it.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

THREE = """
@pytest.mark.vcr({options})
def test_one():
    for path in {paths}:
        get(path)
"""
RECORDED = ["/slow/1", "/slow/2", "/slow/3"]


def recorded(project: Project) -> None:
    project.test(THREE.format(options="", paths=RECORDED))
    project.pytest("--record-mode=rewrite")


def replayed(project: Project, paths: list[str], options: str = "") -> tuple[str, str]:
    """
    How a test ends that asks for *paths*, and what is said.
    """
    project.test(THREE.format(options=options, paths=paths))
    run = project.pytest("--tb=short")
    return run.tail, run.said


@pytest.mark.parametrize(
    ("options", "paths", "tail"),
    [
        ("", ["/slow/3", "/slow/1", "/slow/2"], "1 passed"),
        ("order='any'", ["/slow/3", "/slow/1", "/slow/2"], "1 passed"),
        ("order='recorded'", ["/slow/1", "/slow/2", "/slow/3"], "1 passed"),
        ("order='recorded'", ["/slow/1", "/slow/3", "/slow/2"], "1 failed"),
        ("order='recorded'", ["/slow/1", "/slow/2"], "1 passed"),
        ("order='recorded', repeats=True", ["/slow/1", "/slow/1", "/slow/2", "/slow/1"], "1 passed"),
        ("", ["/slow/1", "/slow/1"], "1 failed"),
        ("repeats=True", ["/slow/1", "/slow/1"], "1 passed"),
        ("allow_playback_repeats=True", ["/slow/1", "/slow/1"], "1 passed"),
        ("repeats=False, allow_playback_repeats=True", ["/slow/1", "/slow/1"], "1 failed"),
        ("unplayed='fail'", ["/slow/1", "/slow/2", "/slow/3"], "1 passed"),
        ("unplayed='allow'", ["/slow/1"], "1 passed"),
    ],
)
def test_a_marker_says_how_strictly(project: Project, options: str, paths: list[str], tail: str) -> None:
    recorded(project)

    assert replayed(project, paths, options)[0] == tail


def test_out_of_turn_is_told_with_what_was_next(project: Project) -> None:
    recorded(project)

    _, said = replayed(project, ["/slow/1", "/slow/3"], "order='recorded'")

    assert (
        "cassettes/test_notes/test_one.yaml is played in recorded order, "
        "and GET http://notebook.test/slow/3 came out of turn\n"
        "next is interaction 2 of 3: GET http://notebook.test/slow/2\n"
        "what the test sent is recorded as interaction 3\n"
        'if the order does not matter, say order = "any"; if the test is right to send it in this order, '
        "record again: pytest --record-mode=rewrite tests/test_notes.py::test_one"
    ) in said


def test_what_was_never_played_is_reported_or_fails_or_neither(project: Project) -> None:
    recorded(project)

    _, reported = replayed(project, ["/slow/2"])
    _, allowed = replayed(project, ["/slow/2"], "unplayed='allow'")
    tail, failed = replayed(project, ["/slow/2"], "unplayed='fail'")

    assert (
        "1 cassette with interactions that were never played\n  cassettes/test_notes/test_one.yaml: 2"
        in reported
    )
    assert "never played" not in allowed
    assert tail == "1 passed, 1 error"
    assert (
        "the test passed, and never asked for all that cassettes/test_notes/test_one.yaml holds:\n"
        "  - GET http://notebook.test/slow/1\n"
        "  - GET http://notebook.test/slow/3\n"
        "if it is right not to, record again: pytest --record-mode=rewrite tests/test_notes.py::test_one\n"
        'or allow it: unplayed = "report"'
    ) in failed


def test_the_project_decides_where_the_test_does_not(project: Project) -> None:
    strict = '[tool.taketwo]\norder = "recorded"\nunplayed = "fail"\n'
    project.write("pyproject.toml", strict + PYPROJECT)
    recorded(project)

    ordered, _ = replayed(project, ["/slow/2", "/slow/1", "/slow/3"])
    complete, _ = replayed(project, ["/slow/1"])
    loose, _ = replayed(project, ["/slow/2"], "order='any', unplayed='report'")

    assert (ordered, complete, loose) == ("1 failed", "1 passed, 1 error", "1 passed")


def test_what_nobody_knows_is_refused_with_what_is_known(project: Project) -> None:
    _, said = replayed(project, [], "order='random', repeats='often', unplayed='no', match_headers='a'")

    assert (
        "this test cannot be played as it asks:\n"
        "vcr.match_headers: expected a list of names of headers, got a string\n"
        "vcr.order: expected one of any, recorded, got 'random'\n"
        "vcr.repeats: expected true or false, got a string\n"
        "vcr.unplayed: expected one of allow, report, fail, got 'no'"
    ) in said


TENANTS = """
    @pytest.fixture(scope="module")
    def vcr_config():
        return {config}

    @pytest.mark.vcr({options})
    def test_tenant():
        with client() as c:
            assert c.get("/health", headers={{"X-Tenant": {tenant!r}}}).status_code == 200
"""


@pytest.mark.parametrize(
    ("project_says", "config", "options", "tail"),
    [
        ("", "{}", "", "1 passed"),
        ('match_headers = ["X-Tenant"]', "{}", "", "1 failed"),
        ("", '{"match_headers": ["x-tenant"]}', "", "1 failed"),
        ("", "{}", "match_headers=('X-Tenant',)", "1 failed"),
        ('match_headers = ["X-Tenant"]', "{}", "match_headers=[]", "1 passed"),
    ],
)
def test_headers_that_are_listed_decide_on_a_match(
    project: Project, project_says: str, config: str, options: str, tail: str
) -> None:
    """
    In the project, for the tests of a module, or for one test.
    """
    project.write("pyproject.toml", f"[tool.taketwo]\n{project_says}\n{PYPROJECT}")
    project.test(TENANTS.format(config=config, options=options, tenant="t1"))
    recording = project.pytest("--record-mode=rewrite")
    project.test(TENANTS.format(config=config, options=options, tenant="t2"))

    replay = project.pytest("--tb=short")

    assert (recording.tail, replay.tail) == ("1 passed", tail)
    assert ('  - headers.x-tenant: recorded "t1", received "t2"' in replay.said) is (tail == "1 failed")
