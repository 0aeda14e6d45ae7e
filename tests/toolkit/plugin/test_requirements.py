"""
What the plugin needs of other packages, said when pytest starts.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from taketwo.plugin.requirements import OLDEST
from tests.toolkit.conftest import Project

ROOT = Path(__file__).parents[3]


def test_the_oldest_releases_are_those_of_the_package() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    oldest = dict(line.partition(",")[0].split(">=") for line in extras["test"])

    assert {name: oldest[name] for name in OLDEST} == OLDEST


def install(folder: Path, name: str, release: str) -> None:
    """
    Put the metadata of a release into *folder*, as an installation leaves it.
    """
    info = folder / f"{name.replace('-', '_')}-{release}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n")


def test_releases_that_are_too_old_are_named_with_the_command_that_helps(
    project: Project, tmp_path: Path
) -> None:
    install(tmp_path / "old", "vcrpy", "6.0.2")
    install(tmp_path / "old", "pytest-recording", "0.13.4")
    project.test("def test_nothing():\n    pass\n")

    run = project.pytest(environment={"PYTHONPATH": str(tmp_path / "old")})

    assert run.code == 4
    assert (
        "taketwo cannot record or replay with what is installed:\n"
        "  pytest-recording 0.13.4, needed is 0.14 or later\n"
        "  vcrpy 6.0.2, needed is 8.3 or later\n"
        "pip install 'pytest-recording>=0.14' 'vcrpy>=8.3'"
    ) in run.output


@pytest.mark.parametrize("release", ["8.3", "8.3.0", "8.10.1", "9.0.0rc1"])
def test_later_releases_are_fine(project: Project, tmp_path: Path, release: str) -> None:
    install(tmp_path / "new", "vcrpy", release)
    project.test("def test_nothing():\n    pass\n")

    assert project.pytest(environment={"PYTHONPATH": str(tmp_path / "new")}).tail == "1 passed"
