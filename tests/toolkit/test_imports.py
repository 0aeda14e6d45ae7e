"""
The toolkit's modules import each other in one direction, and what importing the plugin costs.

import-linter checks the layers of packages; here it is about single modules, imports inside functions
included.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import taketwo.errors

HOME = Path(taketwo.errors.__file__).parent
MODULES = sorted(str(path.relative_to(HOME)) for path in HOME.rglob("*.py"))
MOST_MODULES = 21  # of one folder, its __init__ included


def test_no_module_imports_itself_through_others() -> None:
    graph = {module: imported_by(file) - {module} for module, file in files().items()}

    assert cycle_in(graph) == []


def test_an_import_inside_a_function_counts() -> None:
    tree = ast.parse("def late():\n    from taketwo.cassette import model\n")

    assert set(imports_in(tree)) == {"taketwo.cassette.model"}


def test_a_cycle_is_found() -> None:
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c"]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module: str) -> None:
    tree = ast.parse((HOME / module).read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)


def test_no_folder_has_more_modules_than_one_can_survey() -> None:
    folders = {path.parent for path in HOME.rglob("*.py")}

    crowded = {folder.name for folder in folders if len(list(folder.glob("*.py"))) > MOST_MODULES}

    assert crowded == set()


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


@cache
def files() -> Mapping[str, Path]:
    """
    The toolkit's modules by their dotted names.
    """
    return {dotted(path): path for path in HOME.rglob("*.py")}


def dotted(path: Path) -> str:
    parts = path.relative_to(HOME.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(file: Path) -> set[str]:
    return set(imports_in(ast.parse(file.read_text(encoding="utf-8"))))


def imports_in(tree: ast.AST) -> Iterator[str]:
    """
    Every module of the toolkit that is imported anywhere in *tree*, also only while types are checked.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in files())
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in files():
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if module in files() else node.module


def cycle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """
    The modules of a cycle in their order, beginning with the first by name; empty when there is none.
    """
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1][:-1][::-1]
        start = found.index(min(found))
        return found[start:] + found[:start]
    return []
