"""
Where compiled cassettes are kept: outside of the project, in a folder that only its user may write.

Nothing depends on it. A folder or file that is missing, foreign, full or read-only is as if there were none;
deleting it costs the time to read the cassettes once more. ``TAKETWO_CACHE`` names another folder, or is
``off``.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from taketwo.version import VERSION

VARIABLE = "TAKETWO_CACHE"
OFF = "off"

_RELEASE = f"taketwo {VERSION}, compiled form 9\n".encode()
LARGEST = 256 * 1024 * 1024
"""So many bytes are kept, at most, in one file and in all of them."""

_LARGEST_FILE = LARGEST + 16 * 1024 * 1024  # the index of a pack comes on top
_DAYS_KEPT = 30
_DAY = 24 * 60 * 60
_SUFFIX = ".compiled"


class Cache:
    """
    What has been compiled, by key; without a *folder* there is nothing, and nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        with suppress(OSError):
            if self._folder:
                with self._opened(self._folder / f"{key}{_SUFFIX}") as file:
                    return file.read()
        return None

    def map(self, key: str) -> mmap.mmap | bytes:
        """
        The same as it lies on the disk, of which only what is looked at is read; empty when there is none.
        """
        with suppress(OSError, ValueError):  # an empty file cannot be mapped
            if self._folder:
                with self._opened(self._folder / f"{key}{_SUFFIX}") as file:
                    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return b""

    def put(self, key: str, content: bytes | None) -> None:
        with suppress(OSError):
            if self._folder and content is not None:
                self._write(self._folder, f"{key}{_SUFFIX}", content)

    def _opened(self, path: Path) -> BinaryIO:
        """
        :raises OSError: also when somebody else may have written the file.
        """
        if not _is_private(path.parent.lstat()):
            raise PermissionError(path)
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
        try:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not _is_private(found) or found.st_size > _LARGEST_FILE:
                raise PermissionError(path)
            if found.st_mtime < time.time() - _DAY:
                os.utime(path)  # what is in use is not swept
        except OSError:
            file.close()
            raise
        return file

    def _write(self, folder: Path, name: str, content: bytes) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder.lstat()):
            return
        _sweep_once(folder)
        descriptor, temporary = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(temporary).replace(folder / name)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise


def cache_of(environment: Mapping[str, str]) -> Cache:
    """
    The cache that the environment of a user asks for.
    """
    asked = environment.get(VARIABLE, "")
    if asked.lower() == OFF:
        return Cache(None)
    if asked:
        return Cache(Path(asked).expanduser().absolute())
    home = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(home):  # noqa: PTH117 - a text that is no path is none of ours
        return Cache(Path(home) / "taketwo")
    home = environment.get("HOME", "")
    return Cache(Path(home) / ".cache" / "taketwo" if os.path.isabs(home) else None)  # noqa: PTH117 - see above


def key_of(text: str) -> str:
    """
    What a text is known by: another one, or another release, has another key.

    So has one that is compiled where GraphQL operations are compared as text.
    """
    known = _of_release().copy()
    known.update(text.encode("utf-8", "surrogatepass"))
    return known.hexdigest()


@cache
def _of_release() -> hashlib._Hash:
    return hashlib.sha256(_RELEASE if find_spec("graphql") else _RELEASE + b"without graphql-core\n")


def _is_private(found: os.stat_result) -> bool:
    """
    Whether only this user can have written it; a link does not count.
    """
    others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return not stat.S_ISLNK(found.st_mode) and found.st_uid == os.geteuid() and not others_write


@cache
def _sweep_once(folder: Path) -> None:
    """
    Clear away what was not used for long, what a killed process left, and the oldest of what is too much.
    """
    oldest = time.time() - _DAYS_KEPT * _DAY
    room = LARGEST
    for path, found in sorted(_files(folder), key=lambda file: file[1].st_mtime, reverse=True):
        room -= found.st_size
        is_left = path.suffix != _SUFFIX and found.st_mtime < time.time() - _DAY
        if room < 0 or found.st_mtime < oldest or is_left:
            with suppress(OSError):
                path.unlink()


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False):
                    yield Path(entry.path), entry.stat(follow_symlinks=False)
