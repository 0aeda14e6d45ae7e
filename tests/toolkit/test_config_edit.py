"""
Additions to a ``pyproject.toml``: what is there stays, and a result that cannot be read is refused.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from taketwo.config.edit import with_rules
from taketwo.errors import ConfigError

RULE = ('path = "request.json.id"', 'type = "uuid"')
ROOT = Path("/project")


def test_rules_come_behind_and_hosts_into_the_table() -> None:
    text = "[tool.taketwo] # ours\ntests = 't'\n\n[tool.other]\na = 1\n"

    found = with_rules(text, rules=[RULE], hosts=["127.0.0.1"], root=ROOT)

    assert found == (
        "[tool.taketwo] # ours\nallowed_hosts = [\"127.0.0.1\"]\ntests = 't'\n\n[tool.other]\na = 1\n\n"
        '[[tool.taketwo.placeholders]]\npath = "request.json.id"\ntype = "uuid"\n'
    )


def test_hosts_are_added_to_those_that_are_there() -> None:
    text = '[tool.taketwo]\nallowed_hosts = ["a.test"]\n'

    found = with_rules(text, rules=[], hosts=["127.0.0.1"], root=ROOT)

    assert found == '[tool.taketwo]\nallowed_hosts = ["127.0.0.1", "a.test"]\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[tool.taketwo]\nplaceholders = []\n", "could not be read with it"),
        ("tool.taketwo.tests = 't'\n", "there is no line"),
    ],
)
def test_a_table_that_is_written_in_another_way_is_left_alone(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        with_rules(text, rules=[RULE], hosts=["127.0.0.1"], root=ROOT)
