"""
Cassettes and locks never disagree: what is recorded under another contract is replayed by that one.
"""

from __future__ import annotations

import json

from tests.toolkit.conftest import Project
from tests.toolkit.refresh.conftest import CATALOGUE_PROJECT, environment

LOCK = "contracts/catalogue.openapi.json"


def test_an_accepted_cause_accepts_no_other_one(catalogue: Project) -> None:
    """
    A harmless property is new, and a value is wrong: what was only told of the first is put in place.
    """
    run = catalogue.refresh("--all", "--json", "-", environment=environment("note-added", "price-doubled"))
    told = json.loads(run.output)
    harmless = next(one["id"] for one in told["causes"] if one["rule"])
    files = catalogue.files()

    some = catalogue.told("-m", "taketwo", "accept", "--cause", harmless)
    unchanged = catalogue.files() == files
    options = [option for one in told["causes"] if one["explained"] for option in ("--cause", one["id"])]
    everything = catalogue.told("-m", "taketwo", "accept", *options, "--json")

    assert (run.code, told["verdict"], told["causes"][0]["kind"]) == (1, "unexplained", "behaviour")
    assert (some.code, unchanged) == (1, True)
    assert some.output.count("left cassettes/test_items/") == 5
    assert "the lock of catalogue stays" in some.output
    assert f"to accept these as well: taketwo accept --cause {harmless} --cause " in some.output
    decision = json.loads(everything.output)
    assert (everything.code, decision["left"], decision["locks"]) == (0, {}, ["catalogue"])
    assert f"cassettes/{LOCK}" in decision["accepted"]
    assert [name for name in catalogue.files() if name.endswith(".new")] == []
    assert catalogue.pytest().tail == "6 passed"


def test_a_recording_under_a_changed_contract_keeps_its_lock_pending(catalogue: Project) -> None:
    accepted = catalogue.files()[LOCK]

    recorded = catalogue.pytest(
        "--record-mode=rewrite", "-k", "made or author", environment=environment("author-removed", "")
    )
    replayed = catalogue.pytest()

    # The test of the author fails, and keeps its cassette, which is of the contract in the lock.
    assert recorded.tail == "1 failed, 1 passed, 4 deselected"
    assert "to accept it: taketwo accept" in recorded.output
    assert catalogue.files()[LOCK] == accepted
    assert replayed.tail == "6 passed"


def test_the_pending_lock_is_accepted_by_itself(catalogue: Project) -> None:
    catalogue.pytest("--record-mode=rewrite", environment=environment("note-added", ""))
    pending = catalogue.files()[f"{LOCK}.new"]

    done = catalogue.told("-m", "taketwo", "accept")

    assert (done.code, done.output) == (0, f"accepted cassettes/{LOCK}\n")
    assert catalogue.files()[LOCK] == pending
    assert catalogue.pytest().tail == "6 passed"


def test_what_the_contract_contradicts_is_found_while_recording(catalogue: Project) -> None:
    """
    Each thing once, with what one can do: allow it at its place, and replays pass.
    """
    recorded = catalogue.pytest("--record-mode=rewrite", environment=environment("", "price-lost"))
    refused = catalogue.pytest()
    catalogue.write(
        "pyproject.toml", CATALOGUE_PROJECT + '\n[tool.taketwo.contract]\nwarn = ["* body*.price"]\n'
    )
    allowed = catalogue.pytest()

    assert recorded.tail == "6 passed"
    assert (
        "  catalogue: POST /items 201 body.price: it is required, and missing  (5 tests)\n" in recorded.output
    )
    assert recorded.output.count("POST /items 201 body.price") == 1
    assert '  warn = ["PLACE", …] for these places' in recorded.output
    assert refused.tail == "1 passed, 5 errors"
    assert allowed.tail == "6 passed"
