"""
``refresh --learn``: what two recordings teach about what a service mints.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.toolkit.conftest import PYPROJECT, Project
from tests.toolkit.plugin.recording.test_placeholders import TICKETS

RULE = re.compile(r"^\[\[tool.*\n(?:\w+ = .*\n)+", re.MULTILINE)

LEARNED = """\
[[tool.taketwo.placeholders]]
path = "response.json.seq"
type = "counter"

[[tool.taketwo.placeholders]]
pattern = "[a-f0-9]{12}"
type = "id"

[[tool.taketwo.placeholders]]
path = "response.json.moment"
type = "time"
"""


def test_what_is_learned_makes_two_takes_the_same(project: Project) -> None:
    """
    The rules are ready to be pasted, and with them there is nothing left to learn.
    """
    project.test(TICKETS)
    before = project.tree()

    learned = project.refresh("--learn")

    assert learned.code == 1, learned.output
    rules = RULE.findall(learned.output)
    assert "\n".join(rules) == LEARNED
    assert "what no rule explains" not in learned.output
    assert project.tree() == before
    project.write("pyproject.toml", PYPROJECT + "".join(rules))
    again = project.refresh("--learn", "tests/test_notes.py")
    assert (again.code, again.output.splitlines()) == (
        0,
        [
            "recorded 1 test three times; nothing was written",
            "the recordings are the same: placeholders cover whatever the services generate",
        ],
    )


def test_what_is_learned_is_told_to_scripts(project: Project) -> None:
    """
    The lines of each rule are ready to be added to a file; what is shown to people goes to standard error.
    """
    project.test(TICKETS)

    run = project.refresh("--learn", "--json", "-")

    told = json.loads(run.output)
    assert run.code == 1
    assert "\n".join(rule["toml"] for rule in told["rules"]) == LEARNED
    assert told["rules"][1]["rule"] == {"pattern": "[a-f0-9]{12}", "type": "id"}
    assert told["rules"][0]["before"] < told["rules"][0]["after"]
    assert told["rules"][0]["places"][0].endswith("response.json.seq")
    assert (told["tests"], told["unexplained"], told["failed"]) == (1, [], [])
    assert "recorded 1 test three times; nothing was written\n" in run.errors
    assert project.files() == {}


def test_takes_that_are_the_same_teach_scripts_nothing(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr
        def test_same():
            assert get("/health").json() == {"status": "ok"}
        """
    )

    run = project.refresh("--learn", "--json", "reports/learned.json")

    assert run.code == 0, run
    assert run.output.startswith("recorded 1 test three times; nothing was written\n")
    written = (project.root / "reports" / "learned.json").read_text(encoding="utf-8")
    assert json.loads(written) == {"tests": 1, "rules": [], "unexplained": [], "failed": []}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--learn", "--html", "a.html"), "--html: --learn has no such report; it has --json"),
        (
            ("--accept", "--json", "-", "--junit", "a.xml"),
            "--json and --junit: --accept has no such report; taketwo report tells what waits",
        ),
        (
            ("--review", "--markdown", "-"),
            "--markdown: --review has no such report; taketwo report tells what waits",
        ),
    ],
)
def test_a_report_that_nobody_would_write_is_refused(
    project: Project, flags: tuple[str, ...], said: str
) -> None:
    before = project.tree()

    run = project.refresh(*flags)

    assert (run.code, run.output, run.errors) == (3, "", f"error: {said}\n")
    assert project.tree() == before
