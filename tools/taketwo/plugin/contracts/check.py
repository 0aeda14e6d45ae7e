"""
Whether the cassettes that are replayed fit the locks of their services.

A cassette that has been found to fit is not looked at again while neither it nor a lock has changed: what was
found is kept where compiled cassettes are.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from taketwo.cassette.cache.store import Cache
from taketwo.cassette.model import Cassette
from taketwo.config.contract import Check
from taketwo.config.project import Config

if TYPE_CHECKING:
    from taketwo.plugin.contracts.readers import ContractReaders

_MOST = 10


class ContractCheck:
    """
    The check of one process; *cache* keeps what it found for the next one.
    """

    def __init__(self, config: Config, cache: Cache) -> None:
        self._config = config
        self._cache = cache
        self._found: set[str] = set()
        self._readers: ContractReaders | None = None

    @property
    def fails(self) -> bool:
        return self._config.contract.check is Check.FAIL

    def contradictions(self, path: Path, cassette: Cassette) -> tuple[str, ...]:
        """
        What in the cassette at *path* the locks contradict, as sentences.
        """
        if self._config.contract.check is Check.OFF or not self._locks:
            return ()
        mark = f"{_stamp(path)} {cassette.test}"
        if mark in self._known:
            return ()
        # Nearly every cassette is known to fit, and a replay reads no contract for it.
        from taketwo.plugin.contracts.readers import ContractReaders  # noqa: PLC0415

        if self._readers is None:
            self._readers = ContractReaders(self._config)
        found = self._readers.contradictions(cassette)
        if not found:
            self._found.add(mark)
        return found

    def close(self) -> None:
        """
        Keep what was found.
        """
        if self._found:
            marks = sorted({*self._known, *self._found})
            self._cache.put(self._key, "\n".join(marks).encode("utf-8", "surrogatepass"))

    @cached_property
    def _known(self) -> frozenset[str]:
        kept = self._cache.get(self._key) or b""
        return frozenset(kept.decode("utf-8", "surrogatepass").split("\n"))

    @cached_property
    def _locks(self) -> list[str]:
        folder = self._config.locks
        return [_stamp(path) for path in sorted(folder.iterdir())] if folder.is_dir() else []

    @cached_property
    def _key(self) -> str:
        parts = (repr(self._config.services), repr(self._config.contract), *self._locks, "contract check 2")
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def contradiction_message(name: str, contradictions: tuple[str, ...], *, test: str) -> str:
    """
    The message of a test with a cassette that does not fit.
    """
    listed = [f"  {one}" for one in contradictions[:_MOST]]
    more = len(contradictions) - _MOST
    return "\n".join(
        [
            f"{name} contradicts the contract of its service, as it is in the lock:",
            *listed,
            *([f"  and {more} more"] if more > 0 else []),
            f'record it again: pytest --record-mode=rewrite "{test}"',
            "compare the service's contract with the lock: taketwo refresh",
            'to be warned only: check = "warn" in [tool.taketwo.contract]',
        ]
    )


def _stamp(path: Path) -> str:
    """
    By what one knows that a file was not written again.
    """
    found = path.stat()
    return f"{path} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_size} {found.st_ino}"
