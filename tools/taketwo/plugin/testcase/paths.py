"""
The ids of tests, and the folders and names of their cassettes.

A test is known by its path in the project, wherever pytest was started from and whatever it takes for its
root: a cassette, and the values of its replay, depend on the test alone.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

from taketwo.cassette.store.names import SUFFIX, file_name
from taketwo.config.project import Config

_REPETITION = "__pytest_repeat_step_number"


def relative_to_project(path: Path, config: Config) -> str:
    """
    A path as people read it: from the project on, where it lies there.
    """
    # Of texts: every test asks, and the methods of paths take long.
    text = str(path)
    return text.removeprefix(f"{config.root}{os.sep}") or text


def test_id(item: pytest.Item, config: Config) -> str:
    """
    The id of a test: its module in the project, its classes and its name.
    """
    _, colons, names = item.nodeid.partition("::")
    return f"{module_of(item, config)}{colons}{_without_repetition(names, item)}"


def module_of(item: pytest.Item, config: Config) -> str:
    """
    The module of a test, by its path in the project.
    """
    return _in_project(str(item.path), str(config.root))


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


def default_paths(item: pytest.Item, config: Config) -> list[Path]:
    """
    Where the cassettes of all tests that run with *item* lie by default.
    """
    marked = (one for one in item.session.items if one.get_closest_marker("vcr"))
    return [default_path(one, config) for one in marked]


def default_name(item: pytest.Item) -> str:
    """
    The name of the file of a test's cassette by default.
    """
    return file_name(raw_name(item))


def raw_name(item: pytest.Item) -> str:
    """
    The name of a test with its class, as it is written in the source.
    """
    cls, name = getattr(item, "cls", None), _without_repetition(item.name, item)
    return f"{cls.__name__}.{name}" if cls else name


def _without_repetition(name: str, item: pytest.Item) -> str:
    """
    *name* of a test without what pytest-repeat adds to it: each run of the test has the same cassette.
    """
    call = getattr(item, "callspec", None)
    if call is None or _REPETITION not in call.params:
        return name
    repetition = rf"-?{call.params[_REPETITION] + 1}-\d+\]\Z"
    return re.sub(repetition, "]", name).removesuffix("[]")


@cache
def _in_project(file: str, root: str) -> str:
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
