"""
What the page on the strategy of the tests names exists: files, folders, commands, variables, fixtures.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from taketwo.cli.main import SUMMARIES
from tests.live.live_settings import read_live_settings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "tests" / "TESTING_STRATEGY.md"
TEXT = PAGE.read_text(encoding="utf-8")
CODE = re.findall(r"`([^`\n]+)`", TEXT)
COMMANDS = [
    *(code for code in CODE if re.match(r"(\S+=\S+ )*(pytest|python|taketwo) ?", code)),
    *(
        line
        for block in re.findall(r"```bash\n(.*?)```", TEXT, flags=re.DOTALL)
        for line in block.splitlines()
    ),
]
PATHS = [code for code in CODE if re.fullmatch(r"(tests|tools|bot|\.ci)/[\w./-]+", code)]
VARIABLES = sorted({name for code in CODE for name in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", code)})
FOLDERS = re.findall(r"^\| `(tests/\w+)` \|", TEXT, flags=re.MULTILINE)


@pytest.mark.parametrize("path", PATHS)
def test_paths_exist(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_folder_of_tests_is_described() -> None:
    named = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    folders = {f"tests/{path.relative_to(ROOT / 'tests').parts[0]}" for path in named}

    assert sorted(FOLDERS) == sorted({*folders, "tests/benchmarks"})


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_name_what_exists(command: str) -> None:
    words = [word for word in shlex.split(command) if not re.match(r"[A-Z_]+=", word)]
    match words:
        case ["pytest", *arguments]:
            assert [a for a in arguments if a.startswith("tests") and not (ROOT / a).exists()] == []
        case ["python", "-m", module, *_]:
            assert find_spec(module) is not None
        case ["taketwo", name]:
            assert name in SUMMARIES
        case ["pip", "install", "-e", extras]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            assert set(extras.strip(".[]").split(",")) <= set(project["optional-dependencies"])
        case _:
            pytest.fail(f"nothing is known of {command!r}")


@pytest.mark.parametrize("name", VARIABLES)
def test_variables_are_read_somewhere(name: str) -> None:
    places = [ROOT / "pyproject.toml", *(ROOT / "tests" / "live").glob("*.py"), *(ROOT / "bot").rglob("*.py")]

    assert [path.name for path in places if f'"{name}' in path.read_text(encoding="utf-8")] != []


def test_plain_pytest_runs_what_the_page_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    of_plain_pytest = {"tests/unit", "tests/integration", "tests/e2e"}
    assert set(project["tool"]["pytest"]["ini_options"]["testpaths"]) == of_plain_pytest
    assert set(FOLDERS[:3]) == of_plain_pytest


def test_fixtures_and_markers_exist() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    conftest = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")

    assert "def tenant_id(" in conftest
    assert "def user_id(" in conftest
    assert "needs_mesh(" in project
    assert "/test/reset-db" in project


def test_the_table_of_variables_has_the_defaults_of_the_code() -> None:
    credentials = {"DAILY_DOMAIN": "example", "DAILY_API_KEY": "key"}
    settings = read_live_settings(credentials, dotenv=ROOT / "no-such.env", suffix=lambda: "suffix")

    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", TEXT, flags=re.MULTILINE))
    assert rows == {
        "DAILY_TEST_ROOM_PREFIX": settings.room.removesuffix("-suffix"),
        "PIPECAT_UNIQUE_DAILY_ROOMS": str(int(settings.is_unique)),
        "DAILY_API_URL": settings.api_url,
        "PIPECAT_ASSISTANT_TIMEOUT_SECS": f"{settings.patience:g}",
    }


def test_links_lead_to_files_that_exist() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", TEXT)

    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
