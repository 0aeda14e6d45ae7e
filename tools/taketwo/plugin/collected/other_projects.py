"""
Tests of a second project in one run: they would get the cassettes, the services and the rules of the first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest


def refuse_other_projects(root: Path, items: Iterable[pytest.Item]) -> None:
    """
    *root* is the folder of the project whose configuration is used.

    :raises pytest.UsageError: when a test with a cassette belongs to a project that has another one.
    """
    files = {item.path for item in items if item.get_closest_marker("vcr")}
    for folder in sorted({file.parent for file in files}):
        if folder.is_relative_to(root) or folder.resolve().is_relative_to(root.resolve()):
            continue
        other = _project_of(folder)
        if other is not None:
            raise pytest.UsageError(
                f"{folder} belongs to the project in {other}, which has a [tool.taketwo] of its own; this "
                f"run uses that of {root}\nrun the tests of each project by themselves, for instance: "
                f"pytest --rootdir={other} {folder}"
            )


def _project_of(folder: Path) -> Path | None:
    """
    The nearest folder at or above *folder* that configures the toolkit.
    """
    return next((each for each in (folder, *folder.parents) if _configures(each / "pyproject.toml")), None)


def _configures(file: Path) -> bool:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    tool = document.get("tool")
    return isinstance(tool, dict) and "taketwo" in tool
