"""
What each package shows, and what importing the plugin costs.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import taketwo.errors

HOME = Path(taketwo.errors.__file__).parent
PACKAGES = ["cassette", "compare", "contract", "playback", "refresh", "report", "services"]
ELSEWHERE = {"__future__", "typing", "taketwo.contents"}
MODULES = sorted(str(path.relative_to(HOME)) for path in HOME.rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_sorted_and_every_name_is_there(package: str) -> None:
    module = importlib.import_module(f"taketwo.{package}")

    assert module.__all__ == sorted(set(module.__all__), key=_as_ruff_sorts)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_all_holds_whatever_the_package_imports(package: str) -> None:
    tree = ast.parse((HOME / package / "__init__.py").read_text(encoding="utf-8"))

    imported = {
        alias.asname or alias.name
        for node in _read_at_once_or_on_demand(tree)
        if isinstance(node, ast.ImportFrom) and node.module not in ELSEWHERE
        for alias in node.names
    }

    assert set(importlib.import_module(f"taketwo.{package}").__all__) == imported


def _read_at_once_or_on_demand(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in tree.body:
        yield node
        if isinstance(node, ast.If):  # while types are checked; on_demand has the same names when it runs
            yield from node.body


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module: str) -> None:
    tree = ast.parse((HOME / module).read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)


def test_the_plugin_costs_next_to_nothing_until_a_test_needs_it() -> None:
    """
    Every pytest run of the environment loads it, also in projects that do not use it.
    """
    code = (
        "import sys, taketwo.plugin\n"
        "heavy = {'asyncpg', 'graphql', 'httpx', 'rich', 'starlette', 'vcr', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "print(sorted(name for name in sys.modules if name.startswith('taketwo')))"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    light = ["", ".plugin"]
    assert done.stdout == f"[]\n{[f'taketwo{name}' for name in light]}\n"


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """
    Constants, then classes, then functions.
    """
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
