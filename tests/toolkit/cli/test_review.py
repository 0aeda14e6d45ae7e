"""
``taketwo accept``, ``taketwo reject``.
"""

from __future__ import annotations

import json

from taketwo.cassette import dump_cassette
from tests.toolkit.cli.conftest import MADE, PAGE, made, taketwo
from tests.toolkit.conftest import Project

OLD, NEW = dump_cassette(made()), dump_cassette(made("two"))


def test_what_waits_is_accepted(kept: Project) -> None:
    run = taketwo(kept, "accept")
    again = taketwo(kept, "accept")

    assert (run.code, run.output) == (0, f"accepted {MADE}\n")
    assert (kept.root / MADE).read_text() == NEW
    assert not (kept.root / f"{MADE}.new").exists()
    assert (again.code, again.output) == (0, "nothing is pending\n")


def test_what_waits_is_rejected(kept: Project) -> None:
    run = taketwo(kept, "reject", MADE)

    assert (run.code, run.output) == (0, f"rejected {MADE}.new\n")
    assert (kept.root / MADE).read_text() == OLD
    assert not (kept.root / f"{MADE}.new").exists()


def test_a_script_gets_the_names(kept: Project) -> None:
    run = taketwo(kept, "accept", "test_notes", "--json", folder="cassettes")

    assert json.loads(run.output) == {"accepted": ["test_notes/test_made.yaml"]}
    assert json.loads(taketwo(kept, "reject", "--json").output) == {"rejected": []}


def test_a_path_at_which_nothing_waits_is_told_with_what_does(kept: Project) -> None:
    run = taketwo(kept, "accept", PAGE)

    assert (run.code, run.errors) == (
        3,
        f"error: no pending take is at {PAGE}; waiting are:\n  {MADE}\n",
    )
