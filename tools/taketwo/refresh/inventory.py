"""
The accepted cassettes with what each touches of the contracts in the locks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from taketwo.cassette.model import Cassette
from taketwo.cassette.parts import parts_of
from taketwo.cassette.store.names import find_cassettes
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.source_digest import source_digest
from taketwo.config.project import Config
from taketwo.contract.changes import Change
from taketwo.contract.document import Contracts
from taketwo.contract.read_locks import UnreadLock, read_unread
from taketwo.errors import CassetteError
from taketwo.refresh.answer_reading import ServiceContracts
from taketwo.usage.reads import is_unnoticed
from taketwo.usage.touching import comes_to_touch, touches
from taketwo.usage.usage import Usage, UsageReader, usages_of
from taketwo.usage.validate import is_older


@dataclass(frozen=True, kw_only=True)
class StoredCassette:
    """
    One accepted cassette, or one test's part of it; *name* is its path in the project.

    *usages* are by service, under the contract in the lock; *new_usages* those under the new contract of the
    services that have one; *unread* is what its test is known to leave unread, of the source that it has now.
    """

    path: Path
    name: str
    cassette: Cassette = field(repr=False)
    usages: Mapping[str, Usage] = field(default_factory=dict, repr=False)
    new_usages: Mapping[str, Usage] = field(default_factory=dict, repr=False)
    unread: Mapping[str, UnreadLock] = field(default_factory=dict, repr=False)

    def touched_by(self, changes: Mapping[str, Sequence[Change]]) -> tuple[Change, ...]:
        """
        Those of *changes*, which are by service, that it touches.
        """
        return tuple(
            change
            for service, usage in self.usages.items()
            for change in changes.get(service, ())
            if touches(change, usage) or self._comes_to_touch(change, usage)
        )

    def leaves_unread(self, service: str, changes: Sequence[Change]) -> bool:
        """
        Whether its test reads nothing of what those of *changes* are about that it touches.
        """
        touching = self.touched_by({service: changes})
        return all(is_unnoticed(change, self.unread.get(service)) for change in touching)

    @cached_property
    def is_described_differently(self) -> bool:
        """
        Whether the new contract says another thing of what the cassette uses: its head would be another.
        """
        return any(
            new.fingerprint != self.usages[service].fingerprint for service, new in self.new_usages.items()
        )

    @property
    def is_stale(self) -> bool:
        """
        Whether it was recorded while its service promised something else about what it uses.
        """
        return any(is_older(self.cassette, usage) for usage in self.usages.values())

    def _comes_to_touch(self, change: Change, usage: Usage) -> bool:
        new = self.new_usages.get(usage.service)
        return new is not None and self.is_described_differently and comes_to_touch(change, usage, new)


def readers_for(config: Config, contracts: Mapping[str, Contracts]) -> list[UsageReader]:
    """
    What reads cassettes by *contracts*, which are by service.
    """
    return [UsageReader(config.services[name], each) for name, each in contracts.items()]


def service_contracts(
    config: Config,
    locked: Mapping[str, Contracts],
    new: Mapping[str, Contracts],
    changes: Mapping[str, Sequence[Change]],
) -> list[ServiceContracts]:
    """
    The services of which a contract changed, with what reads recordings by the *locked* and the *new* one.
    """
    return [
        ServiceContracts(
            old=UsageReader(config.services[name], locked[name]),
            new=UsageReader(config.services[name], live),
            changes=changes[name],
        )
        for name, live in new.items()
        if changes.get(name)
    ]


def accepted(config: Config, *, damaged_too: bool = True) -> Iterator[tuple[Path, Cassette]]:
    """
    Every cassette; one that is damaged is an error, unless it is not asked for.
    """
    for path in find_cassettes(config.cassettes):
        with nullcontext() if damaged_too else suppress(CassetteError):
            cassette = read_cassette(path)
            if cassette is not None:
                yield path, cassette


def inventory(
    config: Config,
    locked: Mapping[str, Contracts],
    new: Mapping[str, Contracts] = MappingProxyType({}),
    *,
    damaged_too: bool = False,
) -> Iterator[StoredCassette]:
    """
    Every cassette, or part of one that several tests share, with its usage of the contracts in *locked* and,
    where there is one, in *new*.
    """
    readers, new_readers = readers_for(config, locked), readers_for(config, new)
    unread = {name: read_unread(config.locks, name) for name in locked}
    for path, cassette in accepted(config, damaged_too=damaged_too):
        for part in parts_of(cassette):
            yield StoredCassette(
                path=path,
                name=name_of(config, path),
                cassette=part,
                usages=usages_of(part, readers),
                new_usages=usages_of(part, new_readers),
                unread=_unread_by(part.test, unread, config.root),
            )


def _unread_by(
    test: str, unread: Mapping[str, Mapping[str, UnreadLock]], root: Path
) -> dict[str, UnreadLock]:
    """
    What *test* is known to leave unread of the answers of each service; nothing once its source is another.
    """
    found = {service: tests[test] for service, tests in unread.items() if test in tests}
    source = source_digest(root, test) if found else ""
    return {service: lock for service, lock in found.items() if lock.source == source}


def name_of(config: Config, path: Path) -> str:
    """
    *path* as it is called in the project.
    """
    return str(path.relative_to(config.root)) if path.is_relative_to(config.root) else str(path)
