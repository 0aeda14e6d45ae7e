"""
Files of recordings that are kept in a store and not in the repository, and the lock file that names them.

The lock file is ``store.lock`` in the folder of the cassettes: a line for each file, with the SHA-256 of its
content, its size and its path. It is all that the repository has of them.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from taketwo.cassette.body.attachments import is_attachment
from taketwo.cassette.store.locks import locked
from taketwo.cassette.store.names import STAGING_DIR, SUFFIXES
from taketwo.errors import StoreError

NAME = "store.lock"

_VERSION = "taketwo store 1"
_HEAD = f"# Written by taketwo push: the files that are in the store and not in the repository.\n{_VERSION}\n"
_LINE = re.compile(r"([0-9a-f]{64}) ([0-9]+) (.+)")
_KNOWN = "in-store"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """
    The content of a file: its SHA-256 and its size in bytes.
    """

    sha256: str
    size: int


class State(Enum):
    """
    * ``SAME``: the file here is what the lock file names
    * ``MISSING``: there is no file here
    * ``OLDER``: the file here was in the store before, as of another revision
    * ``CHANGED``: the file here was recorded here, and is not in the store
    """

    SAME = "same"
    MISSING = "missing"
    OLDER = "older"
    CHANGED = "changed"


Files = Mapping[str, Stored]
_NOTHING: Files = MappingProxyType({})


def read_store_lock(cassettes: Path) -> Files:
    """
    What the lock file in *cassettes* names, by the path in that folder; nothing where there is none.

    :raises StoreError: naming the line that is wrong.
    """
    file = cassettes / NAME
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _NOTHING
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file} cannot be read: {error}") from None
    return parse_store_lock(text, name=str(file))


def parse_store_lock(text: str, *, name: str) -> Files:
    """
    :raises StoreError: naming the line that is wrong.
    """
    found: dict[str, Stored] = {}
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line and line[0] != "#"]
    if not numbered or numbered[0][1] != _VERSION:
        first = numbered[0][1][:40] if numbered else "nothing"
        raise StoreError(
            f"{name}: expected {_VERSION!r} in its first line, got {first!r}; restore it from git"
        )
    for number, line in numbered[1:]:
        parsed, place = _LINE.fullmatch(line), f"{name}, line {number}"
        if parsed is None:
            raise StoreError(f"{place}: expected a SHA-256, a size and a path, got {line[:80]!r}")
        sha256, size, path = parsed.groups()
        _refuse_outside(path, place)
        if found.setdefault(path, Stored(sha256, int(size))) != Stored(sha256, int(size)):
            raise StoreError(f"{place}: {path} is there twice; keep the line of its new recording")
    return found


def _refuse_outside(path: str, place: str) -> None:
    """
    Refuse what a lock file may not write: it may come with a branch of a stranger.
    """
    name, steps = path.rpartition("/")[2], set(path.split("/"))
    leads_out = bool(steps & {"", ".", "..", STAGING_DIR}) or "\\" in path or "\0" in path
    if leads_out or not (name.endswith(SUFFIXES) or is_attachment(name)):
        raise StoreError(
            f"{place}: {path!r} is no path of a cassette, or of a body beside it, in this folder"
        )


def change_store_lock(cassettes: Path, change: Callable[[dict[str, Stored]], None]) -> None:
    """
    Have *change* alter what the lock file names, while no other process does, and write it by one rename.
    """
    with locked(cassettes) as descriptor:
        before = read_store_lock(cassettes)
        files = dict(before)
        change(files)
        if files == before:
            return
        lines = [f"{one.sha256} {one.size} {path}\n" for path, one in sorted(files.items())]
        _write(cassettes / NAME, "".join([_HEAD, *lines]))
        _ignore(cassettes, sorted(files))
        os.fsync(descriptor)


def forget(cassettes: Path, path: Path) -> None:
    """
    Name the cassette at *path*, which is deleted, in the lock file no more; its object stays in the store.
    """

    def change(files: dict[str, Stored]) -> None:
        files.pop(path.relative_to(cassettes).as_posix(), None)

    if (cassettes / NAME).is_file() and path.is_relative_to(cassettes):
        change_store_lock(cassettes, change)


def stored_of(path: Path) -> Stored:
    """
    The content of a file; it is read block by block.
    """
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return Stored(digest.hexdigest(), size)


class KnownContents:
    """
    The contents that this checkout has pulled or pushed: any other file was recorded here. They are kept
    beside the pending recordings, which git ignores.
    """

    def __init__(self, cassettes: Path) -> None:
        self._file = cassettes / STAGING_DIR / _KNOWN
        self._hashes: set[str] = set()
        with suppress(FileNotFoundError):
            self._hashes = set(self._file.read_text(encoding="ascii", errors="replace").split())

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._hashes

    def add(self, hashes: Iterator[str]) -> None:
        new = sorted(set(hashes) - self._hashes)
        if not new:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        ignored = self._file.with_name(".gitignore")
        if not ignored.exists():
            ignored.write_text("*\n", encoding="utf-8")
        with self._file.open("a", encoding="ascii") as file:
            file.write("".join(f"{one}\n" for one in new))
        self._hashes.update(new)


def state_of(file: Path, stored: Stored, known: KnownContents) -> State:
    try:
        if file.stat().st_size == stored.size and stored_of(file) == stored:
            return State.SAME
        return State.OLDER if stored_of(file).sha256 in known else State.CHANGED
    except FileNotFoundError:
        return State.MISSING


def missing_files(cassettes: Path) -> list[str]:
    """
    What the lock file names and is not here.
    """
    return [path for path in read_store_lock(cassettes) if not (cassettes / path).is_file()]


_BEGIN = "# taketwo push: these files are in the store"
_END = "# end of what taketwo push wrote"


def _ignore(cassettes: Path, paths: list[str]) -> None:
    """
    Have git ignore the files at *paths*; other lines of ``.gitignore`` stay.
    """
    file = cassettes / ".gitignore"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    before, begin, rest = text.partition(f"{_BEGIN}\n")
    after = rest.partition(f"{_END}\n")[2] if begin else ""
    if before and not before.endswith("\n"):
        before += "\n"
    listed = "".join(f"/{_escaped(path)}\n" for path in paths)
    _write(file, f"{before}{_BEGIN}\n{listed}{_END}\n{after}")


def _escaped(path: str) -> str:
    text = re.sub(r"([\\*?\[\]])", r"\\\1", path)
    return f"{text[:-1]}\\ " if text.endswith(" ") else text


def _write(file: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as draft:
            draft.write(text)
            draft.flush()
            os.fsync(draft.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
