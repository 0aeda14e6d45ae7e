"""
The files of the tests, to see whether a value is written there.

A uuid or an id that stands in the source is the same in each recording. Others are drawn anew, by the test or
by the client's library.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

_KINDS = frozenset({".json", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"})
_LARGEST = 1_000_000
_MOST = 5_000


class TestSources:
    """
    The text files below *folder*, read when they are first asked for.
    """

    __test__ = False  # nothing that pytest should collect

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hold(self, text: str) -> bool:
        """
        Whether *text* is written in one of them.
        """
        return text.lower() in self._text

    @cached_property
    def _text(self) -> str:
        return "\n".join(map(_read, self._files())).lower()

    def _files(self) -> list[Path]:
        found: list[Path] = []
        for folder, folders, names in os.walk(self._folder):
            folders[:] = [
                name for name in folders if not name.startswith((".", "__")) and name != "cassettes"
            ]
            found += [Path(folder, name) for name in names if Path(name).suffix in _KINDS]
        return sorted(found)[:_MOST]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size < _LARGEST else ""
    except OSError:
        return ""
