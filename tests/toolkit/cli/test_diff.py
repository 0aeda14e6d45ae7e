"""
``taketwo diff``.
"""

from __future__ import annotations

import json

import pytest

from tests.toolkit.cli.conftest import MADE, PAGE, taketwo
from tests.toolkit.conftest import Project


@pytest.mark.parametrize("arguments", [[MADE], [f"{MADE}.new"], [MADE, f"{MADE}.new"]])
def test_the_accepted_take_is_compared_with_the_pending_one(kept: Project, arguments: list[str]) -> None:
    run = taketwo(kept, "diff", *arguments)

    assert (run.code, run.errors) == (1, "")
    assert run.output == (
        f"{MADE} -> {MADE}.new: 1 difference\n"
        "  1. POST http://notebook.test/notes\n"
        '    ~ response.json.text: "one" -> "two"  (dangerous)\n'
    )


def test_what_says_the_same_does_not_differ(kept: Project) -> None:
    run = taketwo(kept, "diff", MADE, MADE)

    assert (run.code, run.output) == (0, f"same bytes: {MADE} -> {MADE}\n")


def test_the_order_of_members_is_no_difference_though_the_bytes_are_others(kept: Project) -> None:
    path = kept.root / PAGE
    other = path.with_name("other.yaml")
    lines = path.read_text(encoding="utf-8").replace("seed: ", "seed:  ")
    other.write_text(lines, encoding="utf-8")

    run = taketwo(kept, "diff", PAGE, str(other))

    assert (run.code, run.output) == (0, f"same meaning, other bytes: {PAGE} -> {other}\n")


def test_a_script_gets_the_severity_and_every_difference(kept: Project) -> None:
    run = taketwo(kept, "diff", MADE, "--json")
    same = taketwo(kept, "diff", PAGE, PAGE, "--json")

    assert run.code == 1
    assert json.loads(run.output) == {
        "before": MADE,
        "after": f"{MADE}.new",
        "severity": "dangerous",
        "same_bytes": False,
        "only_text": False,
        "differences": [
            {
                "kind": "changed",
                "severity": "dangerous",
                "place": "1. POST http://notebook.test/notes",
                "path": "response.json.text",
                "location": {
                    "interaction": 1,
                    "conversation": None,
                    "frame": None,
                    "target": "POST http://notebook.test/notes",
                    "side": "response",
                    "part": "json",
                    "path": ["text"],
                },
                "explained": False,
                "causes": [],
                "before": "one",
                "after": "two",
            }
        ],
    }
    assert json.loads(same.output) == {
        "before": PAGE,
        "after": PAGE,
        "severity": None,
        "same_bytes": True,
        "only_text": False,
        "differences": [],
    }


def test_where_nothing_is_pending_there_is_nothing_to_compare(kept: Project) -> None:
    run = taketwo(kept, "diff", PAGE)

    assert (run.code, run.errors) == (
        3,
        (
            f"error: {PAGE} has no pending recording; "
            "pass a second cassette to compare with, or see `taketwo list`\n"
        ),
    )
