"""
Cassettes that no test uses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from taketwo.cassette import SUFFIX, file_name
from taketwo.cassette.fixture_id import FixtureId
from taketwo.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """
    *sure* are those that lie where only their test, which is gone, would look for them. Of the others that
    miss their test, another test may say where they are: by ``default_cassette``, by ``vcr_cassette_dir``.
    """

    sure: tuple[Path, ...] = ()
    unsure: tuple[Path, ...] = ()


def unused_cassettes(
    config: Config, owners: Mapping[Path, Collection[str]], tests: Collection[str]
) -> Unused:
    """
    Which cassettes, by the tests in *owners* that recorded them, none of all *tests* uses.

    One whose test was renamed is used when it moved along: a test finds its cassette by path.
    """
    known = set(tests)
    places = {usual_place(config, test) for test in known}
    idle = [path for path, recorded in owners.items() if not known & set(recorded) and path not in places]
    sure = {path for path in idle if path in {usual_place(config, test) for test in owners[path]}}
    return Unused(
        sure=tuple(path for path in idle if path in sure),
        unsure=tuple(path for path in idle if path not in sure),
    )


def usual_place(config: Config, test: str) -> Path:
    """
    Where the cassette of *test* lies when nothing says otherwise.
    """
    fixture = FixtureId.parse(test)
    if fixture is not None:
        return fixture.place(lambda module: usual_folder(config, module))
    head, bracket, parameters = test.partition("[")
    _, *classes, name = head.split("::")
    prefix = f"{classes[-1]}." if classes else ""
    return usual_folder(config, test) / f"{file_name(f'{prefix}{name}{bracket}{parameters}')}{SUFFIX}"


def usual_folder(config: Config, test: str) -> Path:
    """
    Where the cassettes of a test's module lie, or those of a module, or of a folder of tests.
    """
    place = config.root / test.partition("::")[0]
    base = config.tests if place.is_relative_to(config.tests) else config.root
    inside = place.relative_to(base) if place.is_relative_to(base) else Path(place.name)
    return config.cassettes / inside.with_suffix("")
