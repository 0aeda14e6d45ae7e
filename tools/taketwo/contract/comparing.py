"""
What changed between two contracts, whatever their kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from taketwo.contract.changes import Change, Kind, Severity, in_order
from taketwo.contract.content_changes import definition_changes
from taketwo.contract.openapi.changes import openapi_changes

if TYPE_CHECKING:
    from taketwo.contract.document import Contract, Contracts


def changes_between(old: Contract, new: Contract) -> tuple[Change, ...]:
    """
    Every change from *old* to *new*, two contracts of one kind: breaking ones first, then by coordinate.

    Empty when the two promise the same, however each is written; what no rule knows is ``contract-changed``,
    dangerous.
    """
    if old.kind is not new.kind:
        raise ValueError(f"a contract of kind {old.kind} cannot be compared with one of kind {new.kind}")
    if old.text == new.text:
        return ()
    return in_order(_found(old, new))


def service_changes(old: Contracts, new: Contracts) -> tuple[Change, ...]:
    """
    Every change from the *old* contracts of a service to its *new* ones, whole contracts included.
    """
    return in_order(change for kind in Kind for change in _of_kind(old.of(kind), new.of(kind), kind))


def _found(old: Contract, new: Contract) -> Iterator[Change]:
    if old.kind is Kind.GRAPHQL:
        from taketwo.contract.graphql.changes import (  # noqa: PLC0415 - see taketwo.contract.graphql.sdl
            sdl_changes,
        )

        return sdl_changes(old.text, new.text)
    compare = {Kind.OPENAPI: openapi_changes, Kind.DEFINITIONS: definition_changes}[old.kind]
    return compare(old.document(), new.document())


def _of_kind(old: Contract | None, new: Contract | None, kind: Kind) -> tuple[Change, ...]:
    if old and new:
        return changes_between(old, new)
    if old:
        return (_whole("contract-removed", old.service, Severity.BREAKING, kind, "is no longer there"),)
    if new:
        return (_whole("contract-added", new.service, Severity.SAFE, kind, "is there for the first time"),)
    return ()


def _whole(change_id: str, service: str, severity: Severity, kind: Kind, what: str) -> Change:
    message = f"the {kind} contract of {service} {what}"
    return Change(id=change_id, coordinate="#", severity=severity, message=message, kind=kind)
