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
from taketwo.errors import ContractError

if TYPE_CHECKING:
    from taketwo.usage.usage import UsageReader

_MOST = 10


class ContractCheck:
    """
    The check of one process; *cache* keeps what it found for the next one.
    """

    def __init__(self, config: Config, cache: Cache) -> None:
        self._config = config
        self._cache = cache
        self._found: set[str] = set()

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
        found = self._contradictions(cassette)
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

    def _contradictions(self, cassette: Cassette) -> tuple[str, ...]:
        from taketwo.usage.validate import contradictions  # noqa: PLC0415 - most cassettes are known to fit

        try:
            readers = [self._of_pair(reader, cassette) for reader in self._readers]
            return tuple(
                f"{one}{self._moved(cassette, one.service) if one.mistake is None else ''}"
                for one in contradictions(cassette, readers)
                if one.mistake is None or not self._config.contract.warns_at(one.mistake.coordinate)
            )
        except (ValueError, ContractError) as error:
            raise ContractError(
                f"a lock in {self._config.locks} cannot be read: {error}\n"
                f"restore it (git checkout -- {self._config.locks}), or write it anew: taketwo refresh"
            ) from None

    def _of_pair(self, reader: UsageReader, cassette: Cassette) -> UsageReader:
        """
        What reads *cassette* by the contract it was recorded under: the lock, or the pending lock beside it.
        """
        from taketwo.usage.validate import is_older  # noqa: PLC0415 - see above

        pending = self._pending_readers.get(reader.service)
        if pending is None or not is_older(cassette, reader.usage(cassette)):
            return reader
        return reader if is_older(cassette, pending.usage(cassette)) else pending

    def _moved(self, cassette: Cassette, service: str) -> str:
        from taketwo.refresh.git_changes import moved_coordinates  # noqa: PLC0415 - few cassettes are older

        reader = next(reader for reader in self._readers if reader.service == service)
        found = moved_coordinates(self._config, cassette, reader.usage(cassette))
        listed = [f"    {coordinate}" for coordinate in found[:_MOST]]
        more = [f"    and {len(found) - _MOST} more"] if len(found) > _MOST else []
        return "".join(f"\n{line}" for line in [*listed, *more])

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
        said = (repr(self._config.services), repr(self._config.contract), *self._locks, "contract check 2")
        return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def _pending_readers(self) -> dict[str, UsageReader]:
        from taketwo.contract.locks import PENDING, over, read_locks, read_locks_as_written  # noqa: PLC0415 - see above
        from taketwo.usage.usage import UsageReader  # noqa: PLC0415

        folder, found = self._config.locks, {}
        for name, service in self._config.services.items():
            pending = read_locks(folder, name, suffix=PENDING)
            if pending.documents:
                found[name] = UsageReader(service, over(pending, read_locks_as_written(folder, name)))
        return found

    @cached_property
    def _readers(self) -> list[UsageReader]:
        from taketwo.contract.locks import read_locks_as_written  # noqa: PLC0415 - see above
        from taketwo.usage.usage import UsageReader  # noqa: PLC0415

        return [
            UsageReader(service, read_locks_as_written(self._config.locks, name))
            for name, service in self._config.services.items()
        ]


def contradiction_message(name: str, contradictions: tuple[str, ...], *, test: str) -> str:
    """
    The message of a test whose cassette does not fit.
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
