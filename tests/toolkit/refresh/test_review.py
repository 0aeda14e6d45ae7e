"""
A pending recording waits until it is accepted or rejected; a check leaves none.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project
from tests.toolkit.refresh.test_recording_again import CLEAN, DESCRIBED, DRIFT

CHANGED = {"NOTEBOOK_FIELD": "body"}
MADE = "test_notes/test_made.yaml"
NOTHING_WRITTEN = "nothing was written; to review and accept: python tools/refresh_cassettes.py\n"


def test_an_accepted_take_is_the_cassette(recorded: Project) -> None:
    recorded.refresh("--all", environment=CHANGED)
    pending = recorded.files()[f"{MADE}.new"]

    accepted = recorded.refresh("--accept")
    again = recorded.refresh("--all", environment=CHANGED)

    assert (accepted.code, accepted.output) == (CLEAN, f"accepted cassettes/{MADE}\n")
    assert recorded.files()[MADE] == pending
    assert again.output == "2 tests recorded again: 2 unchanged\n"
    assert recorded.refresh("--accept").output == "nothing is pending\n"


def test_a_rejected_take_is_gone(recorded: Project) -> None:
    files = recorded.files()
    recorded.refresh("--all", environment=CHANGED)

    rejected = recorded.refresh("--reject")

    assert (rejected.code, rejected.output) == (CLEAN, f"rejected cassettes/{MADE}.new\n")
    assert recorded.files() == files


@pytest.mark.parametrize("name", [MADE, f"{MADE}.new"])
def test_takes_are_accepted_one_by_one_and_the_lock_with_the_last(
    recorded: Project, contract: dict[str, str], name: str
) -> None:
    recorded.refresh(environment=contract)

    first = recorded.refresh("--accept", f"../cassettes/{name}", folder="tests")
    after_first = recorded.files()
    last = recorded.refresh("--accept", "cassettes/test_notes")

    assert first.output == f"accepted ../cassettes/{MADE}\n"
    assert [name for name in after_first if name.endswith(".new")] == [
        "contracts/notebook.openapi.json.new",
        "test_notes/test_none.yaml.new",
    ]
    assert last.output == (
        "accepted cassettes/contracts/notebook.openapi.json\naccepted cassettes/test_notes/test_none.yaml\n"
    )
    assert [name for name in recorded.files() if name.endswith(".new")] == []
    assert recorded.refresh(environment=contract).code == CLEAN


def test_a_path_at_which_nothing_waits_is_told_with_what_does(recorded: Project) -> None:
    recorded.refresh("--all", environment=CHANGED)

    run = recorded.refresh("--accept", "cassettes/test_notes/test_none.yaml")

    assert (run.code, run.errors) == (
        3,
        (
            "error: no pending recording is at cassettes/test_notes/test_none.yaml; waiting are:\n"
            f"  cassettes/{MADE}\n"
        ),
    )


def test_a_check_tells_everything_and_writes_nothing(recorded: Project, contract: dict[str, str]) -> None:
    ci = {"CI": "true"}
    tree = recorded.tree()

    behaviour = recorded.refresh("--check", "--all", environment={**CHANGED, **ci})
    changed_contract = recorded.refresh("--check", environment={**contract, **ci})
    clean = recorded.refresh("--check", "--all", environment=ci)

    assert (behaviour.code, behaviour.output) == (2, DRIFT + NOTHING_WRITTEN)
    assert (changed_contract.code, changed_contract.output) == (1, DESCRIBED + NOTHING_WRITTEN)
    assert (clean.code, clean.output) == (0, "2 tests recorded again: 2 unchanged\n")
    assert recorded.tree() == tree


def test_a_check_of_what_was_never_recorded_writes_nothing(project: Project) -> None:
    project.test("@pytest.mark.vcr\ndef test_new():\n    get('/notes')\n")
    tree = project.tree()

    run = project.refresh("--check", "--all")

    assert run.code == 1
    assert project.tree() == tree


def test_secrets_that_differ_from_the_configured_ones_stay_with_their_service(recorded: Project) -> None:
    """
    What is recorded is told the same secret as the service that refresh has started.
    """
    recorded.test(
        """
        @pytest.mark.vcr
        def test_key():
            with client() as c:
                assert c.get("/secret/plain").json()["hint"] == os.environ["NOTEBOOK_KEY"]
        """,
        "tests/test_key.py",
    )

    run = recorded.refresh("tests/test_key.py", environment={"NOTEBOOK_KEY": "my-own-k3y"})

    assert (run.code, run.output.splitlines()[-1]) == (0, "1 test recorded again: 1 new")
    assert "<secret:NOTEBOOK_KEY>" in recorded.files()["test_key/test_key.yaml"]
