"""
The package's table of contents.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from taketwo import contract


def test_all_is_sorted_and_complete() -> None:
    """
    Whatever the package imports, it imports for its users.
    """
    tree = ast.parse(Path(contract.__file__).read_text())
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    imported = {alias.name for node in imports for alias in node.names}

    assert contract.__all__ == sorted(imported, key=_isort)


def test_importing_it_loads_nothing_heavy() -> None:
    """
    Every pytest run loads the plugin, which loads this.
    """
    code = (
        "import sys, taketwo.contract\n"
        "print(sorted({'graphql', 'httpx', 'pytest', 'vcr', 'yaml'} & set(sys.modules)))"
    )

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert loaded.stdout == "[]\n"


def _isort(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
