"""
Which services a recording starts: those that its tests need, and what the environment switches on or off.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import NOTEBOOK, PYPROJECT, Project

PAPER = f"""
[tool.taketwo.services.paper]
command = ["python", "{NOTEBOOK}", "{{port}}"]
health = "/health"
reset = "/reset"
address = "PAPER_URL"
health_address = "PAPER_HEALTH"
environment = {{ PAPER_URL = "{{url}}" }}
tests = ["tests/test_paper*.py", "tests/paper"]
autostart = {{ on = ["VOICE=paper", "AUTOSTART_PAPER=1"], off = ["AUTOSTART_PAPER=0"] }}
"""
NOTES = """
@pytest.mark.vcr
def test_note():
    assert get("/notes").json() == []
"""
ON_PAPER = """
@pytest.mark.vcr
def test_note():
    with httpx.Client(base_url=os.environ["PAPER_URL"], trust_env=False) as c:
        assert c.get("/notes").json() == []
"""


@pytest.fixture
def two(project: Project) -> Project:
    """
    A project with two services, of which few tests need the second.
    """
    project.write("pyproject.toml", PAPER + PYPROJECT)
    project.test(NOTES)
    project.test(ON_PAPER, "tests/paper/test_paper.py")
    return project


def test_a_service_that_no_recorded_test_needs_is_not_started(two: Project) -> None:
    run = two.pytest("--record-mode=rewrite", "tests/test_notes.py")

    assert run.tail == "1 passed"
    assert len(two.started()) == 1


def test_it_is_started_for_the_tests_that_need_it(two: Project) -> None:
    run = two.pytest("--record-mode=rewrite")

    assert run.tail == "2 passed"
    assert len(two.started()) == 2
    assert two.alive(within=5) == []
    assert "url: http://paper.test/notes" in two.files()["paper/test_paper/test_note.yaml"]


@pytest.mark.parametrize("switch", [{"VOICE": "paper"}, {"AUTOSTART_PAPER": "1"}])
def test_a_switch_starts_it_with_any_recording(two: Project, switch: dict[str, str]) -> None:
    two.pytest("--record-mode=rewrite", "tests/test_notes.py", environment=switch)

    assert len(two.started()) == 2


def test_a_switch_starts_nothing_for_a_replay(two: Project) -> None:
    two.pytest("--record-mode=rewrite")
    started = two.started()

    run = two.pytest(environment={"AUTOSTART_PAPER": "1"})

    assert run.tail == "2 passed"
    assert two.started() == started


def test_one_that_is_switched_off_is_told_where_it_is_needed(two: Project) -> None:
    run = two.pytest("--record-mode=rewrite", environment={"AUTOSTART_PAPER": "0", "VOICE": "paper"})

    assert run.tail == "1 passed, 1 error"
    assert (
        "service paper is not started, since AUTOSTART_PAPER=0\n"
        "set PAPER_URL to the address of one that runs, or unset AUTOSTART_PAPER\n"
    ) in run.said


def test_one_that_is_switched_off_may_run_elsewhere(two: Project, another: str) -> None:
    where = {"AUTOSTART_PAPER": "0", "PAPER_URL": another, "PAPER_HEALTH": f"{another}/health"}

    run = two.pytest("--record-mode=rewrite", "tests/paper", environment=where)

    assert run.tail == "1 passed"
    assert len(two.started()) == 1, "only the notebook, which every test needs"


def test_its_health_may_be_told_by_another_address(two: Project, another: str) -> None:
    two.write("pyproject.toml", PAPER.replace('reset = "/reset"', "startup = 0.3") + PYPROJECT)
    where = {"PAPER_URL": another, "PAPER_HEALTH": f"{another}/nowhere"}

    run = two.pytest("--record-mode=rewrite", "tests/paper", environment=where)

    assert f"{another}/nowhere did not answer 2xx within 0.3 s" in run.output


def test_a_refresh_passes_over_one_that_is_switched_off(two: Project) -> None:
    two.pytest("--record-mode=rewrite")

    run = two.refresh("--check", environment={"AUTOSTART_PAPER": "0"})

    assert run.code == 0
    assert "paper is switched off: its contract is not looked at" in run.output + run.errors


def test_a_switch_that_is_none_is_refused(two: Project) -> None:
    two.write("pyproject.toml", PAPER.replace("VOICE=paper", "VOICE") + PYPROJECT)

    run = two.pytest()

    assert (
        "tool.taketwo.services.paper.autostart.on: expected a list of strings such as NAME=value, got a list"
        in (run.output)
    )
