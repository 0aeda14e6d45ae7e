"""
The cassettes that are served, as they lie on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from taketwo.cassette.model import Cassette
from taketwo.cassette.parts import part_of
from taketwo.cassette.store.read import read_cassette
from taketwo.console.project import cassettes_at, find_config, shown
from taketwo.errors import CassetteError
from taketwo.features.serve.addresses import origin_of

_FOLDER = "cassettes"

Step = str | None
"""One step of a path; None where a recording holds a placeholder."""


@dataclass(frozen=True)
class Served:
    """
    One cassette, or in a session of a test what that test recorded in it.
    """

    name: str
    cassette: Cassette

    @property
    def test(self) -> str:
        return next(iter(self.cassette.tests), "")

    @cached_property
    def origins(self) -> tuple[str, ...]:
        urls = [item.request.url for item in self.cassette.interactions]
        spoken = [one.request.url for one in self.cassette.conversations]
        return tuple(dict.fromkeys(map(origin_of, [*urls, *spoken])))

    @cached_property
    def _shapes(self) -> frozenset[tuple[str, tuple[Step, ...]]]:
        return frozenset(
            (item.request.method, _steps(urlsplit(item.request.url).path))
            for item in self.cassette.interactions
        )

    def is_likely(self, method: str, path: str) -> bool:
        """
        Whether a recorded request has the method and the shape of the path: it decides who is asked first.
        """
        steps = _steps(path.partition("?")[0])
        if (method, steps) in self._shapes:
            return True
        return any(
            of == method
            and len(known) == len(steps)
            and None in known
            and all(one is None or one == other for one, other in zip(known, steps, strict=True))
            for of, known in self._shapes
        )

    def of_test(self, test: str) -> Served:
        part = part_of(self.cassette, test)
        return self if part is None or part is self.cassette else Served(self.name, part)


def _steps(path: str) -> tuple[Step, ...]:
    return tuple(None if "<" in step or "%3C" in step else step for step in (path or "/").split("/"))


class Catalog:
    """
    The cassettes at *paths*, files and folders; without any, those of the project, or of ``cassettes`` here.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._marks: Mapping[Path, tuple[int, int]] = {}
        self.served: tuple[Served, ...] = ()

    def read(self) -> None:
        """
        :raises CassetteError: when there are none, or naming every one that cannot be read.
        """
        files = self._files()
        found, mistakes = [], []
        for path in files:
            try:
                cassette = read_cassette(path)
            except CassetteError as error:
                mistakes.append(str(error))
            else:
                found += [] if cassette is None else [Served(shown(path), cassette)]
        if mistakes:
            count = "a cassette cannot" if len(mistakes) == 1 else f"{len(mistakes)} cassettes cannot"
            raise CassetteError("\n".join([f"{count} be read, and nothing is served:", *mistakes]))
        if not any(one.origins for one in found):
            raise CassetteError(self._nothing(found))
        self._marks = dict(_marks(files))
        self.served = tuple(found)

    @property
    def has_changed(self) -> bool:
        """
        Whether the files are others than those that were read, or other than they were.
        """
        try:
            return dict(_marks(self._files())) != self._marks
        except CassetteError:
            return True

    def note_seen(self) -> None:
        """
        Let what is on the disk now be no change any more, although it could not be read.
        """
        try:
            self._marks = dict(_marks(self._files()))
        except CassetteError:
            self._marks = {}

    def _files(self) -> list[Path]:
        is_here = not self._paths and find_config() is None and Path(_FOLDER).is_dir()
        return [path for path in cassettes_at([_FOLDER] if is_here else self._paths) if path.is_file()]

    def _nothing(self, found: Sequence[Served]) -> str:
        where = ", ".join(self._paths) or "the project"
        what = "no cassette" if not found else "no interaction and no conversation in any cassette"
        return (
            f"there is {what} in {where}, so there is nothing to serve\n"
            "record one first: pytest --record-mode=rewrite; to see what there is: taketwo list"
        )


def _marks(files: Sequence[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    for path in files:
        try:
            found = os.stat(path)  # noqa: PTH116 - for hundreds of files, twice a second
        except OSError:
            continue
        yield path, (found.st_mtime_ns, found.st_size)
