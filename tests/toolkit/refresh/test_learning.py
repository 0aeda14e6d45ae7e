"""
``refresh --learn``: what two takes teach about what a service mints.
"""

from __future__ import annotations

import re

from tests.toolkit.conftest import PYPROJECT, Project
from tests.toolkit.plugin.test_placeholders import TICKETS

RULE = re.compile(r"^\[\[tool.*\n(?:\w+ = .*\n)+", re.MULTILINE)

LEARNED = """\
[[tool.taketwo.placeholders]]
path = "response.json.seq"
type = "counter"

[[tool.taketwo.placeholders]]
path = "response.json.session"
pattern = "sess_[a-f0-9]{12}"
type = "id"

[[tool.taketwo.placeholders]]
path = "response.json.at"
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
            "recorded 1 test twice; nothing was written",
            "the two takes are the same: placeholders cover whatever the services mint",
        ],
    )
