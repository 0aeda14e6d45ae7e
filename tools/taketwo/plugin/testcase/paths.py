"""
The ids of tests.

A test is known by its path in the project, wherever pytest was started from and whatever it takes for its
root: a cassette, and the values of its replay, depend on the test alone.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

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
    return f"{module_of(item, config)}{colons}{without_repetition(names, item)}"


def module_of(item: pytest.Item, config: Config) -> str:
    """
    The module of a test, by its path in the project.
    """
    return _in_project(str(item.path), str(config.root))


def without_repetition(name: str, item: pytest.Item) -> str:
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
