"""
What each record mode does, and who decides which one it is.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

ONE = """
@pytest.mark.vcr
def test_one():
    with client() as c:
        c.post("/notes", json={"text": "one"})
"""
TWO = (
    ONE
    + """        c.post("/notes", json={"text": "two"})
"""
)


def count(project: Project, test: str = "test_one") -> int:
    """
    How many interactions the cassette of *test* holds, 0 when there is none.
    """
    path = project.cassette(test)
    return path.read_text().count("- request:") if path.exists() else 0


@pytest.mark.parametrize(
    ("mode", "first", "second", "interactions"),
    [
        ("none", "1 failed", "1 failed", 0),
        ("once", "1 passed", "1 failed", 1),
        ("new_episodes", "1 passed", "1 passed", 2),
        ("rewrite", "1 passed", "1 passed", 2),
        ("all", "1 passed", "1 passed", 2),
    ],
)
def test_a_mode_decides_on_requests_without_an_answer(
    project: Project, mode: str, first: str, second: str, interactions: int
) -> None:
    project.test(ONE)
    before = project.pytest(f"--record-mode={mode}")
    project.test(TWO)

    after = project.pytest(f"--record-mode={mode}")

    assert (before.tail, after.tail, count(project)) == (first, second, interactions)


def test_a_marker_that_records_nothing_decides_before_the_command_line_and_that_before_the_fixture(
    project: Project,
) -> None:
    project.test(
        """
        @pytest.fixture
        def vcr_config():
            return {"record_mode": "once"}

        @pytest.mark.vcr
        def test_fixture():
            get("/notes")

        @pytest.mark.vcr(record_mode="none")
        def test_marker():
            get("/notes")
        """
    )

    as_configured = project.pytest()
    found = sorted(name for name in project.files() if name.startswith("test_notes"))
    by_command = project.pytest("--record-mode=rewrite")

    assert (as_configured.tail, found) == ("1 failed, 1 passed", ["test_notes/test_fixture.yaml"])
    assert (by_command.tail, count(project, "test_marker")) == ("1 failed, 1 passed", 0)


def test_new_episodes_keep_what_is_recorded(project: Project) -> None:
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    text = project.cassette("test_one").read_text()
    project.test(TWO)

    project.pytest("--record-mode=new_episodes")

    kept = text[text.index("interactions:\n- request") :]
    assert kept in project.cassette("test_one").read_text()
    assert project.pytest().tail == "1 passed"


def test_a_mode_that_there_is_not_is_named(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr(record_mode="onec")
        def test_one():
            pass
        """
    )

    run = project.pytest()

    assert run.tail == "1 error"
    assert (
        "there is no record mode 'onec'; the modes are none, once, new_episodes, rewrite, all" in run.output
    )


def test_ci_does_not_record(project: Project) -> None:
    """
    Asked on the command line that is an error; what a test is configured to do counts as a replay.
    """
    project.test(ONE.replace(".vcr", '.vcr(record_mode="once")'))

    asked = project.pytest("--record-mode=rewrite", environment={"CI": "true"})
    configured = project.pytest(environment={"CI": "true"})

    assert asked.code == 4
    assert asked.output.strip() == (
        "ERROR: --record-mode=rewrite would replace cassettes, and CI=true only replays them\n"
        "replay with --record-mode=none; to see what has changed: taketwo refresh --check"
    )
    assert configured.tail == "1 failed"
    assert "there is no cassette cassettes/test_notes/test_one.yaml" in configured.output
    assert (project.files(), project.started()) == ({}, [])
