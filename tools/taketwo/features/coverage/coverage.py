"""
Contract coverage: what of the contracts no recording exercises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from taketwo.config.project import Config
from taketwo.contract.changes import Kind
from taketwo.contract.coordinates import coordinates_of
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.locks import read_locks
from taketwo.refresh.inventory import StoredCassette, inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercised:
    """
    One coordinate of a contract, *what* it is in a word, and how many cassettes exercise it; of these, how
    many have a test that reads it, or may.
    """

    service: str
    kind: Kind
    what: str
    coordinate: str
    cassettes: int
    readers: int = 0


def coverage(config: Config) -> tuple[Exercised, ...]:
    """
    Every coordinate of the contracts in the locks, in their order.
    """
    locked = {name: read_locks(config.locks, name) for name in config.services}
    return coverage_of(locked, inventory(config, locked))


def coverage_of(
    locked: Mapping[str, Contracts], all_stored: Iterable[StoredCassette]
) -> tuple[Exercised, ...]:
    """
    The same of contracts and usage that are at hand.
    """
    found = list(all_stored)
    held, unread = Counter(_touched(found)), Counter(_unread(found))
    return tuple(
        one
        for name, contracts in locked.items()
        for each in contracts
        for one in _of(name, each, held, unread)
    )


_Counts: TypeAlias = Mapping[tuple[str, Kind, str], int]


def _of(service: str, contract: Contract, held: _Counts, unread: _Counts) -> Iterator[Exercised]:
    for what, coordinate in coordinates_of(contract):
        key = service, contract.kind, coordinate
        yield Exercised(
            service=service,
            kind=contract.kind,
            what=what,
            coordinate=coordinate,
            cassettes=held.get(key, 0),
            readers=held.get(key, 0) - unread.get(key, 0),
        )


def _touched(all_stored: Iterable[StoredCassette]) -> Iterator[tuple[str, Kind, str]]:
    for one in all_stored:
        for service, usage in one.usages.items():
            for kind, coordinates in usage.touched.items():
                for coordinate in coordinates:
                    yield service, kind, coordinate


def _unread(all_stored: Iterable[StoredCassette]) -> Iterator[tuple[str, Kind, str]]:
    """
    What a cassette touches, and its test is known not to read.
    """
    for one in all_stored:
        for service, lock in one.unread.items():
            touched = one.usages[service].touched if service in one.usages else {}
            for kind, coordinates in lock.unread.items():
                for coordinate in coordinates & set(touched.get(kind, {})):
                    yield service, kind, coordinate
