"""
Packages that show names of their modules: what their tables of contents hold.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import taketwo
import taketwo.errors

HOME = Path(taketwo.errors.__file__).parent
PACKAGES = sorted(
    ".".join(path.parent.relative_to(HOME).parts)
    for path in HOME.rglob("__init__.py")
    if path.parent != HOME and "__all__" in path.read_text(encoding="utf-8")
)


def test_few_packages_show_names() -> None:
    """
    Within the toolkit a name is imported from the module that defines it.
    """
    assert PACKAGES == ["cassette.vcrpy", "contract"]


def test_what_users_import_is_there_and_imported_when_it_is_first_used() -> None:
    """
    Every run of pytest imports the package, so that alone must cost nothing.
    """
    run = "import sys, taketwo; print([name for name in sys.modules if name.startswith('taketwo.')])"
    done = subprocess.run([sys.executable, "-c", run], check=True, capture_output=True, text=True)

    assert done.stdout.strip() == "[]"
    assert [name for name in taketwo.__all__ if not hasattr(taketwo, name)] == []
    assert set(taketwo.__all__) <= set(dir(taketwo))
    assert not hasattr(taketwo, "no_such_name")


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_sorted_and_every_name_is_there(package: str) -> None:
    module = importlib.import_module(f"taketwo.{package}")

    assert module.__all__ == sorted(set(module.__all__), key=as_ruff_sorts)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_all_holds_whatever_the_package_imports(package: str) -> None:
    file = HOME.joinpath(*package.split("."), "__init__.py")
    tree = ast.parse(file.read_text(encoding="utf-8"))

    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }

    assert set(importlib.import_module(f"taketwo.{package}").__all__) == imported


def as_ruff_sorts(name: str) -> tuple[int, str]:
    """
    Constants, then classes, then functions.
    """
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
