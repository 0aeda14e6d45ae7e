"""
What a proposed contract would do to each of several consumers, by what they exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from taketwo.config.contract import ContractConfig
from taketwo.contract.canonical import parse_json
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts, parse_document
from taketwo.contract.locks import read_locks
from taketwo.errors import ContractError
from taketwo.features.impact.consumers.model import Consumer, consumer_from_json
from taketwo.features.impact.impact import Impact, impact_on
from taketwo.refresh.inventory import StoredCassette
from taketwo.usage.usage import UsageReader, usages_of

_EXPORTS: Final = "*.consumer.json"


def consumers_in(folders: Iterable[Path]) -> Iterator[tuple[Consumer, Contracts]]:
    """
    The consumers that were exported into *folders* or below, each with the locks it was recorded under.

    :raises ContractError: when a folder holds none, or one that cannot be read.
    """
    for folder in folders:
        found = sorted(folder.rglob(_EXPORTS))
        if not found:
            raise ContractError(
                f"{folder} holds no export of a consumer ({_EXPORTS})\n"
                f"write one in the consumer's project: taketwo contract export --out {folder}"
            )
        for path in found:
            consumer = _read(path)
            yield consumer, read_locks(path.parent, consumer.service.name)


def impact_on_consumer(
    consumer: Consumer, locks: Contracts, proposal: Contract, *, judged_by: ContractConfig
) -> Impact:
    """
    What *proposal* would do to one consumer.

    :raises ContractError: when the consumer has no lock of that kind to compare it with.
    """
    old = locks.of(proposal.kind)
    if old is None:
        raise ContractError(
            f"the export of {consumer.name} holds no {proposal.kind} contract of {consumer.service.name}\n"
            "export it again once it has a lock: taketwo refresh --all, taketwo contract export"
        )
    new = Contracts(
        service=locks.service,
        documents=tuple(proposal if one.kind is proposal.kind else one for one in locks),
    )
    return impact_on(old, proposal, list(_stored(consumer, locks, new)), judged_by=judged_by)


def kind_of(path: Path) -> Kind:
    """
    The kind of contract in the file at *path*, by its name and what it says.

    :raises ContractError: when it cannot be read.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path} cannot be read: {error.strerror}") from None
    if path.suffix in {".gql", ".graphql", ".graphqls", ".sdl"}:
        return Kind.GRAPHQL
    document = parse_document(text)
    is_openapi = isinstance(document, dict) and not document.keys().isdisjoint({"openapi", "swagger"})
    return Kind.OPENAPI if is_openapi else Kind.DEFINITIONS


def _read(path: Path) -> Consumer:
    try:
        return consumer_from_json(parse_json(path.read_bytes()))
    except (OSError, ValueError, ContractError) as error:
        raise ContractError(f"{path} cannot be read: {error}") from None


def _stored(consumer: Consumer, locks: Contracts, new: Contracts) -> Iterator[StoredCassette]:
    readers = [UsageReader(consumer.service, locks)]
    new_readers = [UsageReader(consumer.service, new)]
    for test in consumer.tests:
        yield StoredCassette(
            path=Path(test.cassette_name),
            name=test.cassette_name,
            cassette=test.cassette,
            usages=usages_of(test.cassette, readers),
            new_usages=usages_of(test.cassette, new_readers),
            unread={locks.service: test.unread_lock},
        )
