"""
The code under test among all that runs: files of the project that are neither tests nor installed packages.
"""

from __future__ import annotations

import linecache
import site
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

Frame = tuple[str, int]
"""A file and a line."""

_ALWAYS_TESTS = ("conftest.py",)


@dataclass(frozen=True, kw_only=True)
class CodeUnderTest:
    """
    What belongs to the project at *root*; *patterns* are the names of its test files, *tests* their folder.
    """

    root: Path
    patterns: Sequence[str]
    tests: Path

    def holds(self, file: str) -> bool:
        """
        Whether *file* is code under test.
        """
        return self._is_own(file) and not self.is_test(file)

    def is_test(self, file: str) -> bool:
        """
        Whether *file* belongs to the tests.
        """
        path = Path(file)
        names = (*self.patterns, *_ALWAYS_TESTS)
        is_named = any(fnmatch(path.name, pattern) for pattern in names)
        return self._is_own(file) and (is_named or self._is_in_tests(path))

    def first(self, frames: Iterable[Frame]) -> str:
        """
        The innermost line of code under test, as ``file:line``; empty where there is none before the test.
        """
        for file, line in frames:
            if self.is_test(file):
                return ""
            if self.holds(file):
                return self.named(file, line)
        return ""

    def named(self, file: str, line: int) -> str:
        return f"{Path(file).relative_to(self.root).as_posix()}:{line}"

    def raises_itself(self, frame: Frame) -> bool:
        """
        Whether the line of *frame* is a ``raise``.
        """
        return linecache.getline(*frame).lstrip().startswith("raise")

    def _is_in_tests(self, path: Path) -> bool:
        # A project that keeps its code and its tests in one folder has only their names.
        return self.tests != self.root and path.is_relative_to(self.tests)

    def _is_own(self, file: str) -> bool:
        path = Path(file)
        return path.is_relative_to(self.root) and not any(
            path.is_relative_to(folder) for folder in self._installed
        )

    @cached_property
    def _installed(self) -> list[Path]:
        folders = [*site.getsitepackages(), *sysconfig.get_paths().values(), sys.prefix]
        found = {Path(folder) for folder in folders}
        return [folder for folder in found if not self.root.is_relative_to(folder)]
