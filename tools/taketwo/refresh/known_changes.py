"""
The changes between large contracts, kept on the disk by what these say.

This is for speed alone. To compare two versions of GitHub's OpenAPI document, of 12 MB each, takes 4.7
seconds of a processor, to find what was found before 0.1. Nothing depends on it: see
:mod:`taketwo.cassette.cache.store`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Final

from taketwo.cassette.cache.store import cache_of, key_of
from taketwo.config.contract import ContractConfig
from taketwo.contract.changes import Change, Kind, Severity, in_order
from taketwo.contract.comparing import changes_between, service_changes
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.extensions import extension_changes
from taketwo.contract.severity_overrides import with_overrides

#: Characters of all together; less is compared sooner than a file is found.
LARGE: Final = 1_000_000
# What was found by other rules is not what these rules find.
_RULES: Final = "changes, 2"


def known_changes(old: Contract, new: Contract, config: ContractConfig) -> tuple[Change, ...]:
    """
    What :func:`changes_between` finds, or found before, with the severities and the extensions of *config*.
    """
    return _judged([old], [new], _known([old], [new], lambda: changes_between(old, new)), config)


def known_service_changes(old: Contracts, new: Contracts, config: ContractConfig) -> tuple[Change, ...]:
    """
    What :func:`service_changes` finds, or found before, with the severities and the extensions of *config*.
    """
    return _judged(old, new, _known(old, new, lambda: service_changes(old, new)), config)


def _judged(
    old: Iterable[Contract], new: Iterable[Contract], found: tuple[Change, ...], config: ContractConfig
) -> tuple[Change, ...]:
    if config.extensions:
        found = in_order((*found, *extension_changes(old, new, config.extensions)))
    return with_overrides(found, config.rules)


def _known(
    old: Iterable[Contract], new: Iterable[Contract], compare: Callable[[], tuple[Change, ...]]
) -> tuple[Change, ...]:
    sides = {"-": [*old], "+": [*new]}
    if sum(len(one.text) for ones in sides.values() for one in ones) < LARGE:
        return compare()
    known = [
        f"{side} {one.service} {one.kind} {key_of(one.text)}" for side, ones in sides.items() for one in ones
    ]
    cache, key = cache_of(os.environ), key_of("\n".join([_RULES, *known]))
    found = _read(cache.get(key))
    if found is None:
        found = compare()
        cache.put(key, _written(found))
    return found


def _written(changes: Iterable[Change]) -> bytes:
    rows = [
        [one.id, one.coordinate, one.severity.value, one.message, one.kind.value, one.before, one.after]
        for one in changes
    ]
    return json.dumps(rows).encode()


def _read(content: bytes | None) -> tuple[Change, ...] | None:
    """
    The changes in *content*; None where it is no whole list of changes.
    """
    try:
        return None if content is None else tuple(_change(*row) for row in json.loads(content))
    except (ValueError, TypeError):
        return None


def _change(
    change_id: str, coordinate: str, severity: str, message: str, kind: str, before: str, after: str, /
) -> Change:
    return Change(
        id=change_id,
        coordinate=coordinate,
        severity=Severity(severity),
        message=message,
        kind=Kind(kind),
        before=before,
        after=after,
    )
