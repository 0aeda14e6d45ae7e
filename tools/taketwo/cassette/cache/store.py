"""
Where compiled cassettes are kept: outside of the project, in a folder that only its user may write.

Nothing depends on it. A folder or file that is missing, foreign, full or read-only is as if there were none;
deleting it costs the time to read the cassettes once more. ``TAKETWO_CACHE`` names another folder, or is
``off``.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from taketwo.version import VERSION

VARIABLE = "TAKETWO_CACHE"
OFF = "off"

_RELEASE = f"taketwo {VERSION}, compiled form 5\n".encode()
_LARGEST = 256 * 1024 * 1024
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
            return self._read(self._folder / f"{key}{_SUFFIX}") if self._folder else None
        return None

    def put(self, key: str, content: bytes | None) -> None:
        with suppress(OSError):
            if self._folder and content is not None:
                self._write(self._folder, f"{key}{_SUFFIX}", content)

    def _read(self, path: Path) -> bytes | None:
        if not _is_private(path.parent.lstat()):
            return None
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not _is_private(found) or found.st_size > _LARGEST:
                return None
            if found.st_mtime < time.time() - _DAY:
                os.utime(path)  # what is in use is not swept
            return file.read()

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
    return hashlib.sha256(_release() + text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _release() -> bytes:
    return _RELEASE if find_spec("graphql") else _RELEASE + b"without graphql-core\n"


def _is_private(found: os.stat_result) -> bool:
    """
    Whether nobody but this user can have written it; a link is nothing of the kind.
    """
    others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return not stat.S_ISLNK(found.st_mode) and found.st_uid == os.geteuid() and not others_write


@cache
def _sweep_once(folder: Path) -> None:
    """
    Clear away what was not used for long, what a killed process left, and the oldest of what is too much.
    """
    oldest = time.time() - _DAYS_KEPT * _DAY
    room = _LARGEST
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
