"""
Which tests there are, as far as this run can know.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path


class Census:
    """
    The tests that were collected, and which modules were collected as a whole.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tests: set[str] = set()
        self._whole: set[str] = set()
        self._places: set[Path] = set()
        self.recorded: dict[str, str] = {}

    def take(self, places: Mapping[str, Path], *, recorded: Collection[str], whole: bool) -> None:
        """
        Note tests by their ids, and where their cassettes usually lie; *recorded* are those that have any.

        *whole* when nothing of their modules was left out.
        """
        self._tests = set(places)
        self.recorded = {test: os.path.relpath(places[test], self._root) for test in recorded}
        self._places = set(places.values())
        self._whole = {_module(test) for test in self._tests} if whole else set()

    def is_taken(self, path: Path) -> bool:
        """
        Whether a test would look for its cassette at *path*.
        """
        return path in self._places

    def is_gone(self, test: str) -> bool:
        """
        Whether there is no such test any more; of a module that was not collected, its text is asked.
        """
        if test in self._tests:
            return False
        module = _module(test)
        return module in self._whole or not _defines(self._root / module, test)


def _module(test: str) -> str:
    return test.partition("::")[0]


def _defines(file: Path, test: str) -> bool:
    name = test.partition("[")[0].rpartition("::")[2]
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return re.search(rf"\bdef\s+{re.escape(name)}\b", text) is not None
