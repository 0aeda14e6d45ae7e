"""
Which test it is, and where its cassette lies.

A test is known by its path in the project, wherever pytest was started from and whatever it takes for its
root: a cassette, and the values of its replay, depend on the test alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from taketwo.cassette import (
    SUFFIX,
    Cassette,
    file_name,
    is_vcrpy_file,
    read_cassette,
    read_text,
    short_name,
)
from taketwo.config import Config

# How pytest-recording makes file names of test names, and where it puts the files.
_REPLACED_THERE = re.compile(r"""[<>?%*:|"'/\\]""")
_LONGEST_THERE = 255
_FOLDER_THERE = "cassettes"

Translate = Callable[[str], str]
"""Makes a cassette of VCR.py, as it writes them by itself, of one in another form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    * ``path``: where the cassette is written, and looked for first
    * ``older``: gives where pytest-recording would have one of VCR.py; few tests have to ask
    * ``further``: cassettes that are played too, and never written
    * ``foreign``: how to read those of ``older`` that a serializer of the project wrote
    """

    path: Path
    older: Callable[[], Sequence[Path]] = tuple
    further: tuple[Path, ...] = ()
    foreign: Mapping[str, Translate] = field(default_factory=dict)

    @property
    def found(self) -> Path | None:
        """
        The cassette that there is.
        """
        if self.path.is_file():
            return self.path
        return next((path for path in self.older() if self._is_theirs(path)), None)

    def read(self, path: Path) -> Cassette | None:
        """
        The cassette at *path*.

        :raises CassetteFormatError: naming file, place and reason.
        """
        translate = self.foreign.get(path.suffix)
        if translate is None or path == self.path:
            return read_cassette(path)
        from taketwo.cassette import load_vcrpy  # noqa: PLC0415 - few projects have a serializer of their own

        return load_vcrpy(translate(read_text(path) or ""), name=str(path))

    def _is_theirs(self, path: Path) -> bool:
        return path.is_file() if path.suffix in self.foreign else is_vcrpy_file(path)


def place_of(
    item: pytest.Item,
    config: Config,
    *,
    folder: Path,
    name: str,
    serializer: str = "yaml",
    translate: Translate | None = None,
    further: Sequence[str] = (),
) -> Place:
    """
    The place of a test's cassette of that *name* in *folder*.

    Further ones are paths in it, or absolute; what *serializer* wrote is read by *translate*.
    """
    home, _, last = name.removesuffix(SUFFIX).rpartition("/")
    path = (folder / home if home else folder) / f"{short_name(last)}{SUFFIX}"

    def older() -> list[Path]:
        folders = [folder]
        if folder == folder_of(item.path, config):
            folders.append(item.path.parent / _FOLDER_THERE / item.path.stem)
        found = (base / old for base in folders for old in _names_there(item, name, serializer))
        return [one for one in dict.fromkeys(found) if one != path]

    return Place(
        path=path,
        older=older,
        further=tuple(_named(folder / one) for one in dict.fromkeys(further)),
        foreign={f".{serializer}": translate} if translate else {},
    )


def id_of(item: pytest.Item, config: Config) -> str:
    """
    The id of a test: its module in the project, its classes and its name.
    """
    _, colons, names = item.nodeid.partition("::")
    return f"{_in_project(item.path, config.root)}{colons}{names}"


def folder_of(module: Path, config: Config) -> Path:
    """
    The folder of a module's cassettes: it mirrors the folder of the tests.
    """
    return _folder_of(module, config.root, config.tests, config.cassettes)


@cache
def _folder_of(module: Path, root: Path, tests: Path, cassettes: Path) -> Path:
    base = tests if module.is_relative_to(tests) else root
    inside = module.relative_to(base) if module.is_relative_to(base) else Path(module.name)
    return cassettes / inside.with_suffix("")


def usual_path(item: pytest.Item, config: Config) -> Path:
    """
    Where the cassette of a test lies when nothing says otherwise.
    """
    marker = item.get_closest_marker("default_cassette")
    name = str(marker.args[0]).removesuffix(SUFFIX) if marker and marker.args else usual_name(item)
    return folder_of(item.path, config) / f"{name}{SUFFIX}"


def usual_name(item: pytest.Item) -> str:
    return file_name(_raw_name(item))


def _raw_name(item: pytest.Item) -> str:
    cls = getattr(item, "cls", None)
    return f"{cls.__name__}.{item.name}" if cls else item.name


@cache
def _in_project(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _names_there(item: pytest.Item, name: str, serializer: str) -> Iterator[str]:
    raw = _raw_name(item) if name == usual_name(item) else name
    plain = _REPLACED_THERE.sub("-", raw) if name == usual_name(item) else name
    for kind in dict.fromkeys((serializer, "yaml", "json")):
        told = kind if kind == serializer != "yaml" else SUFFIX  # its length is what they count
        if len(plain) + len(told) > _LONGEST_THERE:
            mark = hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest()
            plain = f"{plain[: _LONGEST_THERE - len(told) - len(mark) - 3]}...{mark}"
        yield plain if plain.endswith(f".{kind}") else f"{plain}.{kind}"


def _named(path: Path) -> Path:
    return (
        path
        if path.suffix and path.is_file()
        else path.with_name(f"{path.name.removesuffix(SUFFIX)}{SUFFIX}")
    )
