"""
The fixtures of wider scope than a test's that tests with a cassette request: which, and what they are called.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from taketwo.cassette.store.fixture_id import FixtureId
from taketwo.config.project import Config
from taketwo.plugin.testcase.default_path import cassette_folder
from taketwo.plugin.testcase.paths import module_of, test_id

FixtureDef: TypeAlias = pytest.FixtureDef[Any]

_NOT_ASKING = ("_pytest", "anyio", "pytest_asyncio", "pytest_recording", "taketwo", "xdist")
"""The packages whose own fixtures ask nobody for anything."""

# What pytest makes of setup_module, setup_class, setUpModule and setUpClass.
_SETUP = re.compile(r"_(?:xunit|unittest)_(setup_module|setup_class|setUpClass)_fixture_")


class RequestedFixtures:
    """
    Those that *items* request, which are the tests that were collected.
    """

    def __init__(self, items: Sequence[pytest.Item], config: Config) -> None:
        self._items = [item for item in items if item.get_closest_marker("vcr")]
        self._config = config

    def __contains__(self, fixture: FixtureDef) -> bool:
        return fixture in self._fixtures

    @cached_property
    def tests(self) -> Mapping[FixtureId, list[str]]:
        """
        The tests that request each of them.
        """
        found: dict[FixtureId, list[str]] = {}
        for item in self._items:
            for fixture in scoped_fixtures(item):
                named = fixture_id(fixture, item, self._config)
                found.setdefault(named, []).append(test_id(item, self._config))
        return found

    @cached_property
    def _fixtures(self) -> set[FixtureDef]:
        return {fixture for item in self._items for fixture in scoped_fixtures(item)}


def scoped_fixtures(item: pytest.Item) -> Iterator[FixtureDef]:
    """
    What *item* requests of wider scope, as far as is known before it runs.
    """
    info = getattr(item, "_fixtureinfo", None)
    known: Mapping[str, Sequence[FixtureDef]] = getattr(info, "name2fixturedefs", {})
    for fixtures in known.values():
        yield from (fixture for fixture in fixtures if may_ask(fixture))


def may_ask(fixture: FixtureDef) -> bool:
    """
    Whether *fixture* is of wider scope, and one that may send requests.
    """
    if fixture.scope == "function":
        return False
    return bool(_SETUP.match(fixture.argname)) or _module(fixture).partition(".")[0] not in _NOT_ASKING


def fixture_id(fixture: FixtureDef, item: pytest.Item, config: Config) -> FixtureId:
    """
    What *fixture* is called where it is set up for *item*.
    """
    setup = _SETUP.match(fixture.argname)
    parameters = "-".join(_parameters(fixture, item))
    name = f"{setup[1] if setup else fixture.argname}{f'[{parameters}]' if parameters else ''}"
    home, classes = _home(fixture, item, config)
    return FixtureId(home=home, path=(*classes, name), scope=fixture.scope)


def fixture_place(named: FixtureId, config: Config) -> Path:
    """
    Where the cassette of a fixture lies.
    """
    return named.place(lambda module: cassette_folder(config.root / module, config))


def _home(fixture: FixtureDef, item: pytest.Item, config: Config) -> tuple[str, tuple[str, ...]]:
    match fixture.scope:
        case "class" | "module":
            classes = tuple(node.name for node in item.listchain() if isinstance(node, pytest.Class))
            # Without a class, one of class scope is set up for each test.
            owner = (classes or (item.name,)) if fixture.scope == "class" else ()
            return module_of(item, config), owner
        case "package" if (package := item.getparent(pytest.Package)) is not None:
            return _in_project(package.path / "__init__.py", config), ()
        case _:
            return _definition(fixture, config), ()


def _definition(fixture: FixtureDef, config: Config) -> str:
    """
    The file that defines *fixture*, or the module, where it is none of the project.
    """
    code = getattr(inspect.unwrap(fixture.func), "__code__", None)
    file = Path(code.co_filename) if code is not None else config.root
    is_installed = "site-packages" in file.parts or not file.is_relative_to(config.root)
    return _module(fixture) if is_installed else _in_project(file, config)


def _module(fixture: FixtureDef) -> str:
    return str(getattr(fixture.func, "__module__", None) or "")


def _in_project(path: Path, config: Config) -> str:
    return path.relative_to(config.root).as_posix() if path.is_relative_to(config.root) else path.as_posix()


def _parameters(fixture: FixtureDef, item: pytest.Item) -> Iterator[str]:
    """
    The parameters that decide what *fixture* asks for: its own, and those of the fixtures that it requests.
    """
    given = getattr(item, "callspec", None)
    if given is None:
        return
    for name in _closure(fixture, item):
        if name in given.params:
            yield _id_of(given.params[name], given.indices[name], name, _ids(name, item))


def _closure(fixture: FixtureDef, item: pytest.Item) -> list[str]:
    known: Mapping[str, Sequence[FixtureDef]] = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - pytest gives it no public name
    found: dict[str, None] = {}

    def add(names: Iterable[str]) -> None:
        for name in names:
            if name not in found:
                found[name] = None
                add(argument for each in known.get(name, ()) for argument in each.argnames)

    add([fixture.argname, *fixture.argnames])
    return list(found)


def _ids(name: str, item: pytest.Item) -> Sequence[object | None] | Callable[[Any], object] | None:
    known: Mapping[str, Sequence[FixtureDef]] = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - as above
    return known[name][-1].ids if known.get(name) else None


def _id_of(
    value: object, index: int, name: str, ids: Sequence[object | None] | Callable[[Any], object] | None
) -> str:
    """
    A parameter as pytest names it in the ids of tests.
    """
    given = ids(value) if callable(ids) else ids[index] if ids and index < len(ids) else None
    selected = value if given is None else given
    return str(selected) if isinstance(selected, str | int | float | bool | None) else f"{name}{index}"
