"""
What a run knows of the cassettes at its end: those that no test uses, those that are missing.

Whether a cassette is used can only be told when every test was there to use it. A run of some tests judges
none.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taketwo.cassette.fixture_id import FixtureId
from taketwo.config import Check, Config

_NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
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
    project: Config,
    results: Sequence[Mapping[str, Any]],
    tests: Mapping[str, str],
    *,
    whole: bool,
    strict: bool,
) -> Findings:
    """
    What is wrong, as far as the project wants to know of it.

    *tests* are all that have a cassette, with the place where it usually lies.
    """
    wanted = {"unused": project.unused, "missing": project.missing}
    found = {
        "unused": _unused(project, results, tests) if whole and _asked(wanted["unused"], strict) else (),
        "missing": _missing(results, all_of_them=strict or wanted["missing"] is Check.FAIL),
    }
    told = {name: values for name, values in found.items() if values and _asked(wanted[name], strict)}
    failing = [name for name in told if strict or wanted[name] is Check.FAIL]
    return Findings(**told, failing=tuple(failing))


def with_joint_unplayed(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """
    *results*, where of a cassette of VCR.py that several tests play only that is unplayed which none played.
    """
    left: dict[str, set[int]] = {}
    for result in results:
        if result["left"] is not None:
            numbers = left.setdefault(result["cassette"], set(result["left"]))
            numbers.intersection_update(result["left"])
    told: set[str] = set()
    joint = []
    for result in results:
        name = result["cassette"]
        counts = result["left"] is not None and name not in told
        told |= {name} if result["left"] is not None else set()
        joint.append(
            result if result["left"] is None else {**result, "unplayed": len(left[name]) if counts else 0}
        )
    return joint


def _asked(check: Check, strict: bool) -> bool:  # noqa: FBT001 - both say the same
    return strict or check is not Check.OFF


def _unused(
    project: Config, results: Sequence[Mapping[str, Any]], tests: Mapping[str, str]
) -> tuple[str, ...]:
    if not project.cassettes.is_dir():
        return ()
    from taketwo.cassette import find_cassettes, owners_of  # noqa: PLC0415 - where there are cassettes

    root = str(project.root)
    # As texts: there may be thousands, and paths take long to compare.
    used = {os.path.join(root, name) for result in results for name in result["files"]}  # noqa: PTH118
    used |= {os.path.join(root, place) for place in tests.values()}  # noqa: PTH118 - see above
    modules = {test.partition("::")[0] for test in tests}
    idle = [
        path
        for path in find_cassettes(project.cassettes)
        if str(path) not in used and _is_idle(project, path, owners_of(path), tests, modules)
    ]
    return tuple(path.relative_to(project.root).as_posix() for path in idle)


def _is_idle(
    project: Config, path: Path, owners: Sequence[str], tests: Collection[str], modules: Collection[str]
) -> bool:
    """
    Whether its tests are gone; one whose module is there, and was not collected, is not judged.
    """
    if set(owners) & set(tests) or any(map(FixtureId.parse, owners)):
        return False  # whether a fixture uses it, taketwo prune finds out
    homes = {owner.partition("::")[0] for owner in owners} or {_module_of(project, path)}
    return not any((project.root / home).is_file() and home not in modules for home in homes)


def _module_of(project: Config, path: Path) -> str:
    inside = path.parent.relative_to(project.cassettes)
    module = project.tests / inside.parent / f"{inside.name}.py"
    return module.relative_to(project.root).as_posix()


def _missing(results: Sequence[Mapping[str, Any]], *, all_of_them: bool) -> tuple[str, ...]:
    """
    The tests that have no cassette and need one: those that asked it for an answer, or all.
    """
    return tuple(
        sorted(
            {
                str(result["test"])
                for result in results
                if result["missing"] and (all_of_them or result["unmatched"])
            }
        )
    )
