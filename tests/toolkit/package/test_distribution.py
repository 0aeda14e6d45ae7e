"""
What an installation brings: the toolkit alone for users, this whole repository in a clone.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
IMPORTABLE = """
from importlib.util import find_spec
names = "taketwo", "bot", "chorus_tts", "mesh_inmemory", "tests", "tools"
print(*[name for name in names if find_spec(name)])
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """
    The wheel for users, and that of an editable installation, as pip has them built.
    """
    folder = tmp_path_factory.mktemp("wheels")
    return {kind: _built(folder / kind, f"build_{kind}") for kind in ("wheel", "editable")}


def _built(folder: Path, hook: str) -> Path:
    folder.mkdir()
    build = f"from hatchling.build import {hook}; print({hook}({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
    )
    return folder / done.stdout.split()[-1]


def _importable(wheel: Path, home: Path) -> str:
    """
    What can be imported in a fresh environment with *wheel*, from a folder of its own.
    """
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=120)
    python = str(home / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, timeout=120)
    done = subprocess.run(
        [python, "-c", IMPORTABLE], cwd=home, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def test_the_wheel_makes_the_toolkit_importable_and_nothing_else(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    assert _importable(wheels["wheel"], tmp_path / "env") == "taketwo"


def test_an_editable_installation_finds_the_bot_its_tests_and_the_servers(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    assert (
        _importable(wheels["editable"], tmp_path / "env")
        == "taketwo bot chorus_tts mesh_inmemory tests tools"
    )


def test_the_wheel_holds_one_package_with_its_data(wheels: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheels["wheel"]) as wheel:
        names = wheel.namelist()

    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"taketwo"}
    assert {"taketwo/py.typed", "taketwo/report/page/page.js"} <= set(names)


def test_plain_dependencies_are_those_of_the_toolkit(wheels: dict[str, Path]) -> None:
    """
    No HTTP client and no plugin for asynchronous tests comes by force.
    """
    with zipfile.ZipFile(wheels["wheel"]) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(wheel.read(name).decode())

    needed = metadata.get_all("Requires-Dist") or []
    plain = sorted(line.partition(">")[0].partition("<")[0] for line in needed if "extra ==" not in line)
    assert plain == ["pytest", "pytest-recording", "python-dotenv", "pyyaml", "vcrpy", "wrapt"]


def test_the_readme_commands_install_what_the_suite_needs() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]

    assert "taketwo[bot,graphql,websockets]" in extras["test"]
    assert "taketwo[chorus,cli,test]" in extras["record"]
