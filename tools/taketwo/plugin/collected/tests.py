"""
Which tests there are, as far as this run can know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from taketwo.cassette.store.fixture_id import FixtureId
from taketwo.cassette.store.names import SUFFIX
from taketwo.cassette.store.script_id import is_script
from taketwo.plugin.collected.other_projects import refuse_other_projects
from taketwo.plugin.scoped_fixtures.requested import RequestedFixtures
from taketwo.plugin.testcase.default_path import default_path
from taketwo.plugin.testcase.paths import relative_to_project, test_id

if TYPE_CHECKING:
    from taketwo.config.project import Config
    from taketwo.plugin.collected.collection import Collection

_JSON = ".json"


class CollectedTests:
    """
    The tests of a project, as far as they were *collected*.

    Nothing is made of them before somebody asks.
    """

    def __init__(self, project: Config, collected: Collection) -> None:
        self._project = project
        self._collected = collected

    @cached_property
    def recorded(self) -> dict[str, str]:
        """
        The ids of the tests that have a cassette, with the place in the project where it usually lies.
        """
        project = self._project
        return {
            test_id(item, project): relative_to_project(default_path(item, project), project)
            for item in self._collected.marked
        }

    @cached_property
    def fixtures(self) -> dict[str, list[str]]:
        """
        The fixtures of wider scope that these tests request, setup and teardown, each with the tests.
        """
        found = RequestedFixtures(self._collected.items, self._project).tests
        parts = ((replace(one, teardown=end), tests) for one, tests in found.items() for end in (False, True))
        return {str(one): tests for one, tests in parts}

    def default_paths(self, item: pytest.Item) -> list[Path]:
        """
        Where the cassettes of all tests that run with *item* lie by default.
        """
        marked = (one for one in item.session.items if one.get_closest_marker("vcr"))
        return [default_path(one, self._project) for one in marked]

    def files_of(self, items: Iterable[pytest.Item]) -> set[str]:
        """
        The modules of *items*, by their paths in the project.
        """
        return {relative_to_project(item.path, self._project) for item in items}

    def refuse_other_projects(self, items: Iterable[pytest.Item]) -> None:
        """
        :raises pytest.UsageError: when one of *items* has a cassette, and belongs to another project.
        """
        refuse_other_projects(self._project.root, items)

    def is_used(self, path: Path) -> bool:
        """
        Whether a test would look for its cassette at *path*.
        """
        if path.suffix != _JSON:
            return path in self._places
        # Of a test with serializer="json", whose usual place is taken for that of YAML here.
        usual = (path.with_suffix(SUFFIX), path.with_name(f"{path.name}{SUFFIX}"))
        return any(one in self._places for one in usual)

    def is_deleted(self, test: str) -> bool:
        """
        Whether there is no such test any more; of a module that was not collected, its text is asked.
        """
        if is_script(test):
            return False
        fixture = FixtureId.parse(test)
        if fixture is not None:
            return test not in self.fixtures and not _defines_fixture(self._project.root, fixture)
        if test in self._tests:
            return False
        module = _module(test)
        if self._collected.is_whole and module in self._modules:
            return True
        return not _defines(self._project.root / module, test)

    @cached_property
    def _tests(self) -> set[str]:
        return {test_id(item, self._project) for item in self._collected.items}

    @cached_property
    def _modules(self) -> set[str]:
        return set(map(_module, self._tests))

    @cached_property
    def _places(self) -> set[Path]:
        return {default_path(item, self._project) for item in self._collected.items}


def _defines_fixture(root: Path, fixture: FixtureId) -> bool:
    """
    Whether there may be that *fixture*; one of a module may be defined in any conftest above it.
    """
    home = root / fixture.home
    if fixture.scope in {"module", "class"} or not home.is_file():
        return home.is_file()
    return _defines(home, fixture.name)


def _module(test: str) -> str:
    return test.partition("::")[0]


def _defines(file: Path, test: str) -> bool:
    name = test.partition("[")[0].rpartition("::")[2]
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return re.search(rf"\bdef\s+{re.escape(name)}\b", text) is not None
