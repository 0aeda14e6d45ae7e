"""
What a fixture of wider scope is called as the owner of a cassette, and where that lies.

``tests/test_a.py::user (module fixture)`` is what the head of its cassette says. A fixture of a module or a
class has one for each module or class that requests it, one of the session or of a package is called by where
it is defined, or by its package.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from taketwo.cassette.store.names import SUFFIX, file_name
from taketwo.value import LazyValue

FOLDER = "fixtures"
"""The folder beside the cassettes of tests in which those of fixtures lie."""

_TEXT = re.compile(
    r"(?P<path>.*) \((?P<scope>session|package|module|class) fixture(?P<teardown>, teardown)?\)"
)
_CONFTEST = "conftest.py"
_OF_FOLDERS = {_CONFTEST, "__init__.py"}
"""The modules whose fixtures are those of their folder."""

_END = ".teardown"

# A fixture's values come before those of its tests, and are never the same as theirs.
_TIMES = {"session": "2025-12-28", "package": "2025-12-29", "module": "2025-12-30", "class": "2025-12-31"}
_COUNTERS = {"session": 10_000, "package": 20_000, "module": 30_000, "class": 40_000}
_TEARDOWN = ("2026-01-02", 900_000)


class FixtureId(LazyValue, kw_only=True):
    """
    * ``home`` is the module, by its path in the project, or by its name where it is in none
    * ``path`` names the classes, or the test, that it belongs to, and the fixture, with its parameters
    * ``teardown``: its cassette holds what it asks for at its end
    """

    home: str
    path: tuple[str, ...]
    scope: str
    teardown: bool = False

    def __str__(self) -> str:
        kind = f"{self.scope} fixture{', teardown' if self.teardown else ''}"
        return f"{'::'.join([self.home, *self.path])} ({kind})"

    @classmethod
    def parse(cls, owner: str) -> FixtureId | None:
        """
        The fixture that the *owner* of a cassette is, None where it is a test.
        """
        found = _TEXT.fullmatch(owner)
        if found is None:
            return None
        named, bracket, parameters = found["path"].partition("[")
        home, *path, name = named.split("::")
        return cls(
            home=home,
            path=(*path, f"{name}{bracket}{parameters}"),
            scope=found["scope"],
            teardown=bool(found["teardown"]),
        )

    @property
    def name(self) -> str:
        """
        The name of the fixture, without its parameters.
        """
        return self.path[-1].partition("[")[0]

    def place(self, folder_of: Callable[[str], Path]) -> Path:
        """
        Where its cassette lies; *folder_of* gives the folder for the cassettes of a module of the project.
        """
        module = self.home if self.home.endswith(".py") else _CONFTEST
        folder = folder_of(module)
        below = folder.parent if PurePosixPath(module).name in _OF_FOLDERS else folder
        return below / FOLDER / f"{file_name('.'.join(self.path))}{_END if self.teardown else ''}{SUFFIX}"

    @property
    def time(self) -> str:
        """
        The moment at which a replay begins.
        """
        return f"{_TEARDOWN[0] if self.teardown else _TIMES[self.scope]}T00:00:00Z"

    @property
    def counters(self) -> int:
        """
        The number that a replay counts from.
        """
        return _TEARDOWN[1] if self.teardown else _COUNTERS[self.scope]
