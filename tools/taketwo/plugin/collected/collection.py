"""
What pytest collected: the tests, and the fixtures that a project redefines for them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

_OURS = {"pytest_recording.plugin", "taketwo.plugin.fixtures"}
_NAMES = frozenset(
    {
        "allowed_hosts",
        "block_network",
        "default_cassette_name",
        "vcr",
        "vcr_cassette_dir",
        "vcr_config",
        "vcr_markers",
    }
)


class FixtureOverrides:
    """
    Which of the fixtures that pytest-recording's users know a project has redefined.

    Looked up once for each module or class: all tests in it see the same ones.
    """

    def __init__(self) -> None:
        self._known: dict[str, frozenset[str]] = {}

    def of(self, item: pytest.Item) -> frozenset[str]:
        """
        The names that mean something else to *item*: those of a conftest, a module, a class or a parameter.
        """
        home = item.parent.nodeid if item.parent is not None else ""
        found = self._known.get(home)
        if found is None:
            found = self._known[home] = frozenset(name for name in _NAMES if _is_redefined(name, item))
        given = getattr(item, "callspec", None)
        return found if given is None else found | (_NAMES & given.params.keys())

    def shorten(self, item: pytest.Item) -> None:
        """
        Spare *item* the fixture ``block_network`` where ``vcr``, which every test has, does the same.

        And ``request``, which it gets only since they do.
        """
        info, names = getattr(item, "_fixtureinfo", None), getattr(item, "fixturenames", None)
        if info is None or names is None or "vcr" not in names or "block_network" not in names:
            return
        if "block_network" not in info.argnames and not self.of(item) & {"vcr", "block_network"}:
            spared = {"block_network", "request"}.difference(info.argnames)
            vars(item)["fixturenames"] = [name for name in names if name not in spared]


def _is_redefined(name: str, item: pytest.Item) -> bool:
    manager = getattr(item.session, "_fixturemanager", None)
    if manager is None:
        return True  # then it is asked, as if it were
    found = manager.getfixturedefs(name, item)
    return bool(found) and found[-1].func.__module__ not in _OURS


class Collection:
    """
    The tests that pytest found, before any was deselected, and those of them that have a cassette;
    ``is_whole`` when nothing of their modules was left out.
    """

    def __init__(self) -> None:
        self.items: Sequence[pytest.Item] = ()
        self.marked: Sequence[pytest.Item] = ()
        self.is_whole = False

    def note(self, items: Sequence[pytest.Item], *, is_whole: bool) -> None:
        self.items, self.is_whole = tuple(items), is_whole
        self.marked = [item for item in items if item.get_closest_marker("vcr") is not None]
