"""
From changes to the cassettes that they touch, and from these to the tests that own them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from taketwo.cassette.store.fixture_id import FixtureId
from taketwo.cassette.store.names import SUFFIX, file_name, name_in_pytest_recording, raw_name
from taketwo.config.project import Config
from taketwo.contract.changes import Change
from taketwo.refresh.inventory import StoredCassette, name_of
from taketwo.results import SelectedTest

_OTHERWISE = "its contract describes what it uses differently"
_STALE = "it was recorded under another contract than the lock's"


def default_path(config: Config, test: str) -> Path:
    """
    Where the cassette of *test* lies when nothing says otherwise.
    """
    fixture = FixtureId.parse(test)
    if fixture is not None:
        return fixture.place(lambda module: default_folder(config, module))
    return default_folder(config, test) / f"{file_name(raw_name(test))}{SUFFIX}"


def names_of_pytest_recording(config: Config, test: str) -> list[Path]:
    """
    Where pytest-recording would have the cassette of *test*, without a suffix: beside the module, or where
    ours are.
    """
    plain = name_in_pytest_recording(test).removesuffix(SUFFIX)
    module = config.root / test.partition("::")[0]
    return [default_folder(config, test) / plain, module.parent / "cassettes" / module.stem / plain]


def is_looked_for(config: Config, path: Path, tests: Iterable[str]) -> bool:
    """
    Whether one of *tests* would look at *path* for a cassette that names no test.
    """
    wanted = path.with_suffix("")
    return any(
        wanted in {default_path(config, test).with_suffix(""), *names_of_pytest_recording(config, test)}
        for test in tests
    )


def default_folder(config: Config, test: str) -> Path:
    """
    Where the cassettes of a test's module lie, or those of a module, or of a folder of tests.
    """
    place = config.root / test.partition("::")[0]
    base = config.tests if place.is_relative_to(config.tests) else config.root
    inside = place.relative_to(base) if place.is_relative_to(base) else Path(place.name)
    return config.cassettes / inside.with_suffix("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """
    Tests, as pytest takes them on its command line; *chosen* tells why, where that is known before.

    *owners* are all tests and fixtures that may have a cassette, where they were collected.
    """

    paths: Sequence[str] = ()
    keyword: str = ""
    owners: Sequence[str] = ()
    chosen: tuple[SelectedTest, ...] = ()
    is_everything: bool = False

    def holds(self, test: str) -> bool:
        """
        Whether *test* is selected; a keyword, which only pytest understands, is taken to select all.
        """
        if not self.paths:
            return not self.is_nothing
        return any(
            test == path or test.startswith((f"{path}::", f"{path}/", f"{path}[")) for path in self.paths
        )

    @property
    def is_nothing(self) -> bool:
        return not (self.paths or self.keyword or self.is_everything)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """
    Which of *tests*, which are all, use which cassette; *fixtures* of wider scope are given with theirs.

    A test finds its cassette by path, so one that was renamed owns what lies where it looks. Several tests
    may share a cassette, and each has its part of it.
    """

    config: Config
    tests: Sequence[str]
    fixtures: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _by_place: dict[Path, list[str]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for test in self.tests:
            self._by_place.setdefault(default_path(self.config, test), []).append(test)

    def of(self, one: StoredCassette) -> list[str]:
        """
        The tests of a cassette; none when no test uses it any more.
        """
        recorded_by = one.cassette.test
        if recorded_by in self.fixtures:
            return list(self.fixtures[recorded_by])
        return [recorded_by] if recorded_by in self.tests else self._by_place.get(one.path, [])


def choose(
    all_stored: Iterable[StoredCassette], owners: Owners, changes: Mapping[str, Sequence[Change]]
) -> tuple[SelectedTest, ...]:
    """
    What *changes* touch, and what is of an older contract than its lock.
    """
    return tuple(_chosen(all_stored, owners, changes))


def choose_edited(
    edited: Iterable[Path], all_stored: Iterable[StoredCassette], owners: Owners, *, since: str
) -> tuple[SelectedTest, ...]:
    """
    The tests in *edited* files, and those whose cassettes were edited.
    """
    paths = set(edited)
    reason = f"it was edited since {since}"
    of_files = [
        SelectedTest(
            test=test, cassette=name_of(owners.config, default_path(owners.config, test)), reason=reason
        )
        for test in owners.tests
        if owners.config.root / test.partition("::")[0] in paths
    ]
    known = {one.test for one in of_files}
    of_cassettes = [
        SelectedTest(test=test, cassette=one.name, reason=f"its cassette was edited since {since}")
        for one in all_stored
        if one.path in paths
        for test in owners.of(one)
        if test not in known
    ]
    return (*of_files, *of_cassettes)


def needs_a_look(one: StoredCassette, changes: Mapping[str, Sequence[Change]]) -> bool:
    """
    Whether a cassette has any reason to be recorded again.
    """
    return bool(one.touched_by(changes)) or one.is_described_differently or one.is_stale


def _chosen(
    all_stored: Iterable[StoredCassette], owners: Owners, changes: Mapping[str, Sequence[Change]]
) -> Iterator[SelectedTest]:
    for one in all_stored:
        if not needs_a_look(one, changes):
            continue
        touched = one.touched_by(changes)
        reason = "" if touched else _OTHERWISE if one.is_described_differently else _STALE
        for test in owners.of(one):
            yield SelectedTest(test=test, cassette=one.name, changes=touched, reason=reason)
