"""
``taketwo verify`` against Mesh itself: as it was recorded, with changes of its contract, and with other data.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.actions.notes_actions import create_note
from taketwo.cli.main import main
from tests.servers.conftest import BOT_SECRET, SECRET

if TYPE_CHECKING:
    from tests.servers.conftest import Start

ROOT = Path(__file__).parents[2]
FOLDER = Path("cassettes/integration/test_notes_actions_integration")
LISTED = FOLDER / "test_notes_of_work_are_listed_before_personal_ones.yaml"
LIFE = FOLDER / "test_a_note_lives_from_its_first_word_to_its_deletion.yaml"
EMPTY = FOLDER / "test_before_the_first_note_the_list_is_empty.yaml"

CHANGES = """
[[answers]]
add = "DeletedAnswer.mood"
schema = { type = "string" }
value = "calm"
"""
USER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    The repository's configuration, its locks, and the cassettes of notes.
    """
    root = tmp_path / "project"
    shutil.copytree(ROOT / FOLDER, root / FOLDER)
    shutil.copytree(ROOT / "cassettes" / "contracts", root / "cassettes" / "contracts")
    shutil.copy(ROOT / "pyproject.toml", root)
    assert "mesh" in tomllib.loads((root / "pyproject.toml").read_text())["tool"]["taketwo"]["services"]
    monkeypatch.chdir(root)
    monkeypatch.setenv("MESH_SHARED_SECRET", SECRET)
    monkeypatch.setenv("BOT_CONTROL_SHARED_SECRET", BOT_SECRET)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return root


def _verify(url: str, *arguments: str) -> int:
    secret = f"x-bot-control-secret: {BOT_SECRET}"
    return main(
        ["verify", "--against", url, "--service", "mesh", "--rate", "0", "--header", secret, *arguments]
    )


@pytest.mark.parametrize("compare", ["shape", "contract", "exact"])
def test_mesh_as_it_is_answers_as_it_did(
    project: Path, start: Start, capsys: pytest.CaptureFixture[str], compare: str
) -> None:
    del project
    server = start("--test-mode")

    code = _verify(server.url, "--writes", "--compare", compare, str(FOLDER))

    assert code == 0, capsys.readouterr()


def test_a_change_of_its_contract_is_named(
    project: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "changes.toml").write_text(CHANGES, encoding="utf-8")
    server = start("--test-mode", "--contract", str(project / "changes.toml"))

    code = _verify(server.url, "--writes", str(LIFE))

    said, complaints = capsys.readouterr()
    assert code == 1, said + complaints
    assert '+ response.json.mood: "calm"  (safe)' in said
    assert "DELETE /api/content/{type}/{id} 200 body.mood: property mood was added" in said
    assert "explained by changes of the contract" in said


def test_other_data_of_the_same_shape_are_no_difference(
    project: Path, start: Start, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start("--test-mode")
    monkeypatch.setenv("MESH_API_ENDPOINT", f"{server.url}/api")
    monkeypatch.setenv("MESH_ENDPOINT", f"{server.url}/graphql")
    for cassette in (LISTED, EMPTY):
        recorded = (project / cassette).read_text(encoding="utf-8")
        [tenant] = set(re.findall(r"tenant: ([0-9a-f-]{36})", recorded))
        for number in range(3):
            asyncio.run(create_note(tenant, USER, f"Another {number}", "with other words"))

    code = _verify(server.url, str(LISTED), str(EMPTY))

    said, complaints = capsys.readouterr()
    assert code == 0, said + complaints
    assert "of 2 cassettes sent to" in said
