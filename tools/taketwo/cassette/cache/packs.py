"""
The compiled forms of small cassettes, kept together for each folder of cassettes.

A file of its own for each would take as long to open as its text takes to be read. What is found here is
known by its text, as a larger one is; what is not is compiled at the end of a run, and kept for the next one.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from taketwo.cassette.cache.compiled import sealed, unsealed
from taketwo.cassette.cache.store import cache_of, key_of

SMALLEST_ALONE = 16 * 1024
"""A longer text has a file of its own."""

_MOST_PER_CASSETTE = 4
_LARGEST = 64 * 1024 * 1024

_from_json = json.JSONDecoder().decode


class CassettePack:
    """
    What is kept for one folder, as it was when it was first asked for.
    """

    def __init__(self, folder: str) -> None:
        self._key = key_of(f"small cassettes in {folder}")
        self._missed: dict[str, str] = {}
        self._used: set[str] = set()
        self._places, self._contents = self._kept()

    def get(self, key: str) -> bytes | None:
        """
        The compiled form of the text of *key*, or None when none is kept.
        """
        place = self._places.get(key)
        if place is None:
            return None
        self._used.add(key)
        return self._contents[place[0] : place[1]]

    def miss(self, key: str, path: str) -> None:
        """
        Note that the text of *key*, which is sound and lies at *path*, has none.
        """
        self._missed[key] = path

    def keep(self) -> None:
        """
        Compile what was missed, and keep it; of what nobody asked for, only so much stays.
        """
        if not self._missed:
            return
        made = ((key, _compiled(key, Path(path))) for key, path in self._missed.items())
        new = {key: content for key, content in made if content is not None}
        self._missed.clear()
        self._places, self._contents = self._kept()  # another process may have added to it
        old = {key: self._contents[start:end] for key, (start, end) in self._places.items()}
        if len(old) > _MOST_PER_CASSETTE * (len(self._used) + len(new)):
            old = {key: content for key, content in old.items() if key in self._used}
        if new.keys() - old.keys():
            self._write({**old, **new})

    def _kept(self) -> tuple[dict[str, list[int]], bytes]:
        found = cache_of(os.environ).get(self._key)
        content = unsealed(found, self._key) if found else None
        if content is None:
            return {}, b""
        head, _, contents = content.partition(b"\n")
        return _from_json(head.decode()), contents

    def _write(self, contents: dict[str, bytes]) -> None:
        places: dict[str, list[int]] = {}
        end = 0
        for key, content in contents.items():
            places[key] = [end, end + len(content)]
            end += len(content)
        if end <= _LARGEST:
            whole = json.dumps(places).encode() + b"\n" + b"".join(contents.values())
            cache_of(os.environ).put(self._key, sealed(whole, self._key))


def _compiled(key: str, path: Path) -> bytes | None:
    """
    The compiled form of the text at *path*, if it still is that of *key*, and is of the kind that has one.
    """
    from taketwo.cassette.cache.compile import compile_text  # noqa: PLC0415 - done once for each cassette

    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    found = compile_text(text) if key_of(text) == key else None
    return None if found is None else found.content()  # all of it was found to be sound


@cache
def pack_in(folder: str) -> CassettePack:
    """
    Those of the cassettes in *folder*.
    """
    _read.append(folder)
    return CassettePack(folder)


def save_packs() -> None:
    """
    Keep, for the processes to come, what this one had to read in full.
    """
    for folder in _read:
        with suppress(OSError):
            pack_in(folder).keep()


_read: list[str] = []
