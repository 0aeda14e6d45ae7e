"""
Why a test is recorded again, and what else selects.
"""

from __future__ import annotations

import json
import subprocess

from tests.toolkit.conftest import Project
from tests.toolkit.refresh.conftest import TESTS

DESCRIBED = "    safe  response-media-type-added  GET /notes 200 body\n"


def git(project: Project, *arguments: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=n@n.test", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=project.root, check=True, capture_output=True)  # noqa: S607


def test_each_test_is_told_with_the_changes_that_it_touches(
    recorded: Project, contract: dict[str, str]
) -> None:
    run = recorded.refresh("--check", "--explain", environment=contract)

    assert run.errors.endswith(
        "why each was recorded:\n"
        f"  tests/test_notes.py::test_made\n{DESCRIBED}"
        f"  tests/test_notes.py::test_none\n{DESCRIBED}"
    )


def test_a_change_that_is_off_is_not_told_and_selects_nothing(
    recorded: Project, contract: dict[str, str]
) -> None:
    settings = recorded.root / "pyproject.toml"
    off = '[tool.taketwo.contract.rules]\n"*-media-type-added" = "off"\noperation-added = "breaking"\n'
    settings.write_text(off + settings.read_text(encoding="utf-8"), encoding="utf-8")

    run = recorded.refresh("--check", environment=contract)

    assert "the contract of notebook changed (1 change):\n  breaking   operation-added" in run.output
    assert "response-media-type-added" not in run.output


def test_what_was_edited_since_a_revision_is_recorded(recorded: Project) -> None:
    git(recorded, "init", "-q")
    git(recorded, "add", "-A")
    git(recorded, "commit", "-qm", "all")
    recorded.test(TESTS, "tests/test_more.py")

    run = recorded.refresh("--check", "--since", "HEAD", "--explain")
    unknown = recorded.refresh("--since", "nowhere")

    assert run.errors.endswith(
        "why each was recorded:\n"
        "  tests/test_more.py::test_made\n    it was edited since HEAD\n"
        "  tests/test_more.py::test_none\n    it was edited since HEAD\n"
    )
    assert unknown.code == 3
    assert "error: git cannot tell what was edited since nowhere: " in unknown.errors


def test_since_is_not_combined_with_another_selection(recorded: Project) -> None:
    before = recorded.started()

    run = recorded.refresh("--since", "HEAD", "--all", "tests/test_notes.py")

    assert run.code == 3
    assert run.errors == (
        "error: --since HEAD selects by itself, and --all tests/test_notes.py selects differently; "
        "give one of them\n"
    )
    assert recorded.started() == before


def test_a_proposal_is_told_without_a_server(recorded: Project, contract: dict[str, str]) -> None:
    before = recorded.started()

    run = recorded.run("-m", "taketwo", "impact", "--openapi", contract["NOTEBOOK_CONTRACT"], "--json")
    covered = recorded.run("-m", "taketwo", "coverage")

    told = json.loads(run.output)
    assert (run.code, told["exit_code"], told["invalid"]) == (1, 1, [])
    assert {one["id"]: len(one["tests"]) for one in told["changes"]} == {
        "response-media-type-added": 2,
        "operation-added": 0,
    }
    assert covered.output.split() == [
        *("notebook", "openapi", "operation", "1", "of", "1", "100", "%"),
        *("notebook", "openapi", "status", "1", "of", "1", "100", "%"),
    ]
    assert recorded.started() == before
