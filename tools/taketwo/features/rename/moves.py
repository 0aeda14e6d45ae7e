"""
Cassettes that follow their tests: to another name, another module, another folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taketwo.cassette.model import Cassette
from taketwo.cassette.parts import join, parts_of
from taketwo.cassette.store.fixture_id import FixtureId
from taketwo.cassette.store.names import SUFFIX, find_cassettes
from taketwo.cassette.store.outside import forget
from taketwo.cassette.store.read import is_vcrpy_file, owners_of, read_cassette, read_text
from taketwo.cassette.store.staging import Clean, FolderByFolder, StagingDir, discard, promote
from taketwo.cassette.text.writer import write_cassette
from taketwo.config.project import Config
from taketwo.errors import TakeTwoError
from taketwo.refresh.pending import pending_of
from taketwo.refresh.select import default_folder, default_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """
    A cassette that goes from one path to another; ``tests`` are the new ids by the old ones.
    """

    before: Path
    after: Path
    tests: Mapping[str, str]


def planned_moves(config: Config, old: str, new: str) -> list[Move]:
    """
    What goes where when *old*, a test, a class, a module or a folder of tests, is called *new*.

    *old* may also be the path of a cassette, whose only test is then *new*.
    """
    if old.endswith(SUFFIX):
        path = config.root / old
        owners = owners_of(path)[:1]
        return [Move(before=path, after=default_path(config, new), tests=dict.fromkeys(owners, new))]
    return [*_of_owners(config, old, new), *_of_vcrpy(config, old, new)]


def rename(config: Config, planned: Sequence[Move]) -> None:
    """
    Move cassettes, with the files that they refer to and the recordings that wait beside them.

    :raises TakeTwoError: before anything is done, when there is something at one of the new places.
    """
    for move in planned:
        if move.after != move.before and move.after.exists() and not _is_half_done(move):
            raise TakeTwoError(f"{move.after} is there already; delete one of the two, and rename again")
    staging = StagingDir(config.cassettes, patience=config.patience)
    try:
        with FolderByFolder() as clean, FolderByFolder(removes_empty=True) as leave:
            for move in planned:
                for place in (pending_of, lambda path: path):
                    _move(place(move.before), place(move.after), move.tests, staging, clean, leave)
                if move.after != move.before:
                    forget(config.cassettes, move.before)
    finally:
        staging.close()


def _of_owners(config: Config, old: str, new: str) -> Iterator[Move]:
    for path in find_cassettes(config.cassettes):
        tests = {test: _renamed(test, old, new) for test in owners_of(path)}
        if any(test != after for test, after in tests.items()):
            yield Move(before=path, after=_new_place(config, path, tests), tests=tests)


def _new_place(config: Config, path: Path, tests: Mapping[str, str]) -> Path:
    """
    Where a test looks for its cassette by itself, or the same place beside its module.
    """
    for before, after in tests.items():
        if path == default_path(config, before):
            return default_path(config, after)
    before, after = next(iter(tests.items()))
    folder = default_folder(config, before)
    return default_folder(config, after) / path.relative_to(folder) if path.is_relative_to(folder) else path


def _of_vcrpy(config: Config, old: str, new: str) -> Iterator[Move]:
    """
    Those of VCR.py name no test: what is asked for is looked for where it usually lies.
    """
    if "::" in old:
        before, after = default_path(config, old), default_path(config, new)
        if is_vcrpy_file(before):
            yield Move(before=before, after=after, tests={})
        return
    folder, other = default_folder(config, old), default_folder(config, new)
    for path in sorted(folder.rglob(f"*{SUFFIX}")):
        if is_vcrpy_file(path):
            yield Move(before=path, after=other / path.relative_to(folder), tests={})


def _renamed(test: str, old: str, new: str) -> str:
    rest = test.removeprefix(old)
    ends = "[:/ " if FixtureId.parse(test) is not None else "[:/"
    return new + rest if test != rest and (not rest or rest[0] in ends) else test


def _move(
    before: Path, after: Path, tests: Mapping[str, str], staging: StagingDir, clean: Clean, leave: Clean
) -> None:
    cassette = read_cassette(before)
    if cassette is None:
        return
    if cassette.tests:
        named = _with_tests(cassette, tests)
        staged = staging.stage(*write_cassette(named))
    else:
        staged = staging.stage(read_text(before) or "")
    promote(staged, after, clean=clean)
    if before != after:
        discard(before, clean=leave)


def _is_half_done(move: Move) -> bool:
    """
    Whether a renaming that was interrupted has left its result beside what it was made of.
    """
    before = read_cassette(move.before)
    if before is None:
        return False
    text = write_cassette(_with_tests(before, move.tests))[0] if before.tests else read_text(move.before)
    return text == read_text(move.after)


def _with_tests(cassette: Cassette, tests: Mapping[str, str]) -> Cassette:
    parts = [replace(part, test=tests.get(part.test, part.test)) for part in parts_of(cassette)]
    return join(sorted(parts, key=lambda part: part.test))
