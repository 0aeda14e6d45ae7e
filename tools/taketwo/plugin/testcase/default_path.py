"""
The folders and names of cassettes, where a test does not say otherwise.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from taketwo.cassette.store.names import SUFFIX, file_name
from taketwo.config.project import Config
from taketwo.plugin.testcase.paths import without_repetition


def cassette_folder(module: Path, config: Config) -> Path:
    """
    The folder of a module's cassettes: it mirrors the folder of the tests.
    """
    return _cassette_folder(str(module), str(config.root), str(config.tests), str(config.cassettes))


# Of texts, since paths take long to be compared, and every test asks.
@cache
def _cassette_folder(file: str, root: str, tests: str, cassettes: str) -> Path:
    module = Path(file)
    base = tests if module.is_relative_to(tests) else root
    inside = module.relative_to(base) if module.is_relative_to(base) else Path(module.name)
    return Path(cassettes) / inside.with_suffix("")


def default_path(item: pytest.Item, config: Config) -> Path:
    """
    Where the cassette of a test lies by default.
    """
    marker = item.get_closest_marker("default_cassette")
    name = str(marker.args[0]).removesuffix(SUFFIX) if marker and marker.args else default_name(item)
    home, _, last = name.rpartition("/")
    return within(cassette_folder(item.path, config), home) / f"{last}{SUFFIX}"


def within(folder: Path, home: str) -> Path:
    """
    The folder *home* in *folder*; where it leads out of it, the one that it leads to, since *folder* itself
    need not exist.
    """
    if not home:
        return folder
    return Path(os.path.normpath(folder / home)) if ".." in home else folder / home


def cassette_name(item: pytest.Item, marker: pytest.Mark | None) -> str:
    """
    The name of a test's cassette: that of the *marker* ``default_cassette``, else the test's own.
    """
    if marker is not None and marker.args:
        return str(marker.args[0])
    return default_name(item)


def default_name(item: pytest.Item) -> str:
    """
    The name of the file of a test's cassette by default.
    """
    return file_name(raw_name(item))


def raw_name(item: pytest.Item) -> str:
    """
    The name of a test with its class, as it is written in the source.
    """
    # Of most tests the parent is the module, and to ask for a class takes longer than all of the rest.
    cls = None if type(item.parent) is pytest.Module else getattr(item, "cls", None)
    name = without_repetition(item.name, item)
    return f"{cls.__name__}.{name}" if cls else name
