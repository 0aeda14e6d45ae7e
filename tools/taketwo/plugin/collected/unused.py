"""
Cassettes that no test uses, tests that have none, and the cassette that a renamed test probably had.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

import pytest

from taketwo.cassette.store.fixture_id import FixtureId
from taketwo.cassette.store.names import cassettes_as_texts, find_cassettes
from taketwo.cassette.store.read import owners_of
from taketwo.cassette.store.script_id import is_script
from taketwo.config.contract import Check
from taketwo.config.project import Config
from taketwo.value import LazyValue

_MOST_READ = 40
_NEAR = 0.6

Answers = Callable[[Path], bool]
"""Whether the cassette at that path has an answer to the request that found none."""

_NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")


class Candidate(LazyValue, kw_only=True):
    """
    A cassette that no test uses; ``tests`` are those that recorded it, none where it is one of VCR.py.
    """

    path: Path
    tests: tuple[str, ...]
    answers: bool


class RenameSuggestions(LazyValue, kw_only=True):
    """
    The cassettes below *folder* that no test uses: *is_deleted* says it of a test that recorded one.

    *is_used* says it of the path of one of VCR.py, which names no test.
    """

    folder: Path
    is_deleted: Callable[[str], bool]
    is_used: Callable[[Path], bool]
    _idle: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def nearest(self, wanted: Path, answers: Answers) -> Candidate | None:
        """
        The cassette that *wanted* was probably renamed from.

        One that answers the very request comes before one that is only called alike.
        """
        if not self._idle:
            self._idle.update(self._found())
        near = sorted(self._idle, key=lambda path: (-self._likeness(path, wanted), path))[:_MOST_READ]
        found = next((path for path in near if answers(path)), None)
        if found is not None:
            return Candidate(path=found, tests=self._idle[found], answers=True)
        if near and self._likeness(near[0], wanted) >= _NEAR:
            return Candidate(path=near[0], tests=self._idle[near[0]], answers=False)
        return None

    def _found(self) -> Mapping[Path, tuple[str, ...]]:
        return {path: tests for path, tests in self._owned() if self._is_idle(path, tests)}

    def _owned(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        for path in find_cassettes(self.folder):
            yield path, owners_of(path)

    def _is_idle(self, path: Path, tests: tuple[str, ...]) -> bool:
        return all(map(self.is_deleted, tests)) if tests else not self.is_used(path)

    def _likeness(self, path: Path, wanted: Path) -> float:
        """
        How much of the names is the same; that of the file counts for more than those of its folders.
        """
        file = _similarity(path.stem, wanted.stem)
        folder = _similarity(str(path.parent), str(wanted.parent))
        return (2 * file + folder) / 3


def _similarity(one: str, other: str) -> float:
    from difflib import SequenceMatcher  # noqa: PLC0415 - where nothing is missed, nothing is looked for

    return SequenceMatcher(a=one, b=other, autojunk=False).ratio()


class Findings(LazyValue, kw_only=True):
    """
    Cassettes, or tests where a cassette is missing; and what of all that fails the run.
    """

    unused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()


def is_whole(config: pytest.Config, project: Config) -> bool:
    """
    Whether pytest was asked for all tests of the project.
    """
    if any(config.getoption(name, default=None) for name in _NARROWING):
        return False
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        return True
    folders = [config.invocation_params.dir / argument for argument in config.args]
    return any(project.tests.is_relative_to(folder.resolve()) for folder in folders)


def findings(
    session: pytest.Session,
    project: Config,
    results: Sequence[Mapping[str, Any]],
    tests: Callable[[], Mapping[str, str]],
    *,
    narrowed: bool,
) -> Findings:
    """
    What is wrong, as far as the project wants to know of it; *narrowed* when not all tests of the run ran.

    *tests* gives all that have a cassette, with the place where it usually lies.

    :raises CassetteError: when a cassette cannot be read.
    :raises OSError: likewise.
    """
    strict = bool(session.config.getoption("--taketwo-strict"))
    stopped = bool(session.shouldstop or session.shouldfail)
    whole = not (narrowed or stopped) and is_whole(session.config, project)
    wanted = {"unused": project.unused, "missing": project.missing}
    found = {
        "unused": _unused(project, results, tests) if whole and _asked(wanted["unused"], strict) else (),
        "missing": _missing(results),
    }
    reported = {name: values for name, values in found.items() if values and _asked(wanted[name], strict)}
    failing = [name for name in reported if strict or wanted[name] is Check.FAIL]
    return Findings(**reported, failing=tuple(failing))


def with_joint_unplayed(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """
    *results*, where of a cassette of VCR.py that several tests play only that is unplayed which none played.
    """
    left: dict[str, set[int]] = {}
    for result in results:
        if result["left"] is not None:
            numbers = left.setdefault(result["cassette"], set(result["left"]))
            numbers.intersection_update(result["left"])
    seen: set[str] = set()
    joint = []
    for result in results:
        name = result["cassette"]
        counts = result["left"] is not None and name not in seen
        seen |= {name} if result["left"] is not None else set()
        joint.append(
            result if result["left"] is None else {**result, "unplayed": len(left[name]) if counts else 0}
        )
    return joint


def _asked(check: Check, strict: bool) -> bool:  # noqa: FBT001 - both say the same
    return strict or check is not Check.OFF


def _unused(
    project: Config, results: Sequence[Mapping[str, Any]], tests: Callable[[], Mapping[str, str]]
) -> tuple[str, ...]:
    if not project.cassettes.is_dir():
        return ()
    root = str(project.root)
    # As texts: there may be thousands, and paths take long to compare.
    played = {os.path.join(root, name) for result in results for name in result["files"]}  # noqa: PTH118
    left = [path for path in cassettes_as_texts(project.cassettes) if path not in played]
    if not left:
        return ()
    known = tests()
    places = {os.path.join(root, place) for place in known.values()}  # noqa: PTH118 - see above
    modules = {test.partition("::")[0] for test in known}
    judged = [Path(path) for path in left if path not in places]
    idle = [path for path in judged if _is_idle(project, path, owners_of(path), known, modules)]
    return tuple(path.relative_to(project.root).as_posix() for path in idle)


def _is_idle(
    project: Config, path: Path, owners: Sequence[str], tests: Collection[str], modules: Collection[str]
) -> bool:
    """
    Whether its tests are gone; one whose module is there, and was not collected, is not judged.
    """
    if set(owners) & set(tests) or any(FixtureId.parse(owner) or is_script(owner) for owner in owners):
        return False  # whether a fixture uses it, taketwo prune finds out; whether a script does, nobody
    homes = {owner.partition("::")[0] for owner in owners} or {_module_of(project, path)}
    return not any((project.root / home).is_file() and home not in modules for home in homes)


def _module_of(project: Config, path: Path) -> str:
    inside = path.parent.relative_to(project.cassettes)
    module = project.tests / inside.parent / f"{inside.name}.py"
    return module.relative_to(project.root).as_posix()


def _missing(results: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """
    The tests that have no cassette and asked it for an answer: one that sends nothing needs none.
    """
    return tuple(
        sorted({str(result["test"]) for result in results if result["missing"] and result["unmatched"]})
    )
