"""
What of a cassette the locks of its services contradict. Imported when a cassette is not known to fit them.
"""

from __future__ import annotations

from functools import cached_property

from taketwo.cassette.model import Cassette
from taketwo.config.project import Config
from taketwo.contract.locks import PENDING, over, read_locks, read_locks_as_written
from taketwo.errors import ContractError
from taketwo.refresh.git_changes import moved_coordinates
from taketwo.usage.usage import UsageReader
from taketwo.usage.validate import contradictions, is_older

_MOST = 10


class ContractReaders:
    """
    Reads cassettes by the locks of the services; each lock is read once.
    """

    def __init__(self, config: Config) -> None:
        self._config = config

    def contradictions(self, cassette: Cassette) -> tuple[str, ...]:
        """
        What in *cassette* the locks contradict, as sentences.

        :raises ContractError: when a lock cannot be read.
        """
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
        pending = self._pending_readers.get(reader.service)
        if pending is None or not is_older(cassette, reader.usage(cassette)):
            return reader
        return reader if is_older(cassette, pending.usage(cassette)) else pending

    def _moved(self, cassette: Cassette, service: str) -> str:
        reader = next(reader for reader in self._readers if reader.service == service)
        found = moved_coordinates(self._config, cassette, reader.usage(cassette))
        listed = [f"    {coordinate}" for coordinate in found[:_MOST]]
        more = [f"    and {len(found) - _MOST} more"] if len(found) > _MOST else []
        return "".join(f"\n{line}" for line in [*listed, *more])

    @cached_property
    def _pending_readers(self) -> dict[str, UsageReader]:
        folder, found = self._config.locks, {}
        for name, service in self._config.services.items():
            pending = read_locks(folder, name, suffix=PENDING)
            if pending.documents:
                found[name] = UsageReader(service, over(pending, read_locks_as_written(folder, name)))
        return found

    @cached_property
    def _readers(self) -> list[UsageReader]:
        return [
            UsageReader(service, read_locks_as_written(self._config.locks, name))
            for name, service in self._config.services.items()
        ]
