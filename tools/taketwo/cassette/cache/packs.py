"""
The compiled cassettes of one folder, in one file: a file for each would take as long to open as a small
cassette takes to be read.

A cassette is known by the hash of its text. Those that were read without a compiled form get one when the
process ends, or when they take much memory, so that no test waits for it.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import threading
import zlib
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from taketwo.cassette.cache.compiled import load_compiled
from taketwo.cassette.cache.store import LARGEST, cache_of, key_of
from taketwo.cassette.model import Cassette, JsonValue

if TYPE_CHECKING:
    from taketwo.cassette.text.bodies import Attached

_MOST_PER_CASSETTE = 4
_MOST_UNCOMPILED = 512 * 1024  # characters: what they mean takes some ten times as many bytes
_MOST_UNSAVED = 8 * 1024 * 1024  # bytes

_from_json = json.JSONDecoder().decode


class CassettePack:
    """
    What is kept for one folder, as it was when it was first asked for, and what was compiled since.
    """

    def __init__(self, folder: str) -> None:
        self._key = key_of(f"cassettes in {folder}")
        self._saving = threading.Lock()
        self._uncompiled: dict[str, tuple[str, JsonValue, Cassette]] = {}
        self._new: dict[str, bytes] = {}
        self._used: set[str] = set()
        self._kept = _Kept(self._key)

    def read(self, text: str, *, name: str, attached: Attached) -> Cassette | None:
        """
        The cassette that *text* holds, or None when it has no compiled form.

        :raises CassetteFormatError: when one of the files that it refers to is missing, or was changed.
        """
        key = key_of(text)
        if key in self._uncompiled:
            self._compile()
        content = self._new.get(key) or self._kept.get(key)
        if content is None:
            return None
        self._used.add(key)
        return load_compiled(content, name=name, attached=attached)

    def add(self, text: str, tree: JsonValue, cassette: Cassette) -> None:
        """
        Note that *text*, whose *tree* holds *cassette*, has no compiled form.
        """
        self._uncompiled[key_of(text)] = (text, tree, cassette)
        if sum(len(text) for text, _, _ in self._uncompiled.copy().values()) > _MOST_UNCOMPILED:
            self._compile()
        if sum(map(len, self._new.copy().values())) > _MOST_UNSAVED:
            self.save()

    def save(self) -> None:
        """
        Keep what is new; of the cassettes that this process did not read, only so many stay.
        """
        self._compile()
        with self._saving:
            new, self._new = self._new, {}
            if not new:
                return
            self._used |= new.keys()
            self._kept = _Kept(self._key)  # another process may have added to it
            old = self._kept.keys() - new.keys()
            if len(old) > _MOST_PER_CASSETTE * len(self._used):
                old &= self._used
            self._write({**{key: self._kept.get(key) or b"" for key in old}, **new})
            self._kept = _Kept(self._key)

    def _compile(self) -> None:
        if not self._uncompiled:
            return
        from taketwo.cassette.cache.compile import compile_cassette  # noqa: PLC0415 - once for each cassette

        with self._saving:
            waiting, self._uncompiled = self._uncompiled, {}
            made = ((key, compile_cassette(tree, cassette)) for key, (_, tree, cassette) in waiting.items())
            self._new |= {key: content for key, content in made if content is not None}

    def _write(self, contents: dict[str, bytes]) -> None:
        while sum(map(len, contents.values())) > LARGEST:
            del contents[next(iter(contents))]
        places: dict[str, list[object]] = {}
        end = 0
        for key, content in contents.items():
            places[key] = [end, end + len(content), _checksum(key, content)]
            end += len(content)
        index = json.dumps(places).encode()
        head = [_seal(self._key, index).encode(), index]
        cache_of(os.environ).put(self._key, b"\n".join([*head, b"".join(contents.values())]))


class _Kept:
    """
    A pack in the cache. What is asked for is read, and not the rest.
    """

    def __init__(self, key: str) -> None:
        self._content: mmap.mmap | bytes = cache_of(os.environ).map(key)
        self._start = 0
        self._places: dict[str, tuple[int, int, int]] = {}
        end = self._content.find(b"\n", 65)
        seal, _, index = self._content[: max(end, 0)].partition(b"\n")
        if index and seal == _seal(key, index).encode():
            self._start, self._places = end + 1, _from_json(index.decode())

    def keys(self) -> set[str]:
        return set(self._places)

    def get(self, key: str) -> bytes | None:
        """
        The compiled form that is kept by *key*, or None where there is none that is as it was written.
        """
        if key not in self._places:
            return None
        start, end, checksum = self._places[key]
        content = self._content[self._start + start : self._start + end]
        return content if _checksum(key, content) == checksum else None


def _seal(key: str, content: bytes) -> str:
    seal = hashlib.sha256(f"{key}\n".encode())
    seal.update(content)  # without a copy, which may be large
    return seal.hexdigest()


def _checksum(key: str, content: bytes) -> int:
    """
    Tells what is damaged. The cache is private: a seal, which takes ten times as long for each test, is for
    the index.
    """
    return zlib.crc32(content, zlib.crc32(key.encode()))


@cache
def pack_in(folder: str) -> CassettePack:
    """
    The compiled cassettes of *folder*.
    """
    _open.append(pack := CassettePack(folder))
    return pack


def save_packs() -> None:
    """
    Keep what this process compiled for those to come.
    """
    for pack in _open:
        with suppress(OSError):
            pack.save()


_open: list[CassettePack] = []
