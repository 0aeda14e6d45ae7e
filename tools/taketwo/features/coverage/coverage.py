"""
Contract coverage: what of the contracts no recording exercises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from taketwo.config.project import Config
from taketwo.contract.changes import Kind
from taketwo.contract.coordinates import coordinates_of
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.locks import read_locks
from taketwo.refresh.inventory import StoredCassette, inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercised:
    """
    One coordinate of a contract, *what* it is in a word, and how many cassettes exercise it.
    """

    service: str
    kind: Kind
    what: str
    coordinate: str
    cassettes: int


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
    counts = Counter(_touched(all_stored))
    return tuple(
        one for name, contracts in locked.items() for each in contracts for one in _of(name, each, counts)
    )


def _of(service: str, contract: Contract, counts: Mapping[tuple[str, Kind, str], int]) -> Iterator[Exercised]:
    for what, coordinate in coordinates_of(contract):
        yield Exercised(
            service=service,
            kind=contract.kind,
            what=what,
            coordinate=coordinate,
            cassettes=counts.get((service, contract.kind, coordinate), 0),
        )


def _touched(all_stored: Iterable[StoredCassette]) -> Iterator[tuple[str, Kind, str]]:
    for one in all_stored:
        for service, usage in one.usages.items():
            for kind, coordinates in usage.touched.items():
                for coordinate in coordinates:
                    yield service, kind, coordinate
