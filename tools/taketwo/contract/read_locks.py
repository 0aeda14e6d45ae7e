"""
The locks of usage: what each test leaves unread of the answers in its cassette, beside the contracts.

Only what is known to be unread is kept: whatever is not named there counts as read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from taketwo.contract.changes import Kind
from taketwo.errors import ContractError

_SUFFIX: Final = ".reads.json"
_SOURCE: Final = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadLock:
    """
    The coordinates of each kind of contract that one test's cassette holds and the test never reads.

    *source* is the digest of the test's source: of another one nothing is known.
    """

    source: str
    unread: Mapping[Kind, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return any(self.unread.values())


def read_unread(folder: Path, service: str) -> dict[str, UnreadLock]:
    """
    What is unread of the answers of *service*, by test; nothing where no file says anything.

    :raises ContractError: when the file is damaged.
    """
    path = folder / unread_name(service)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {test: _lock(entry) for test, entry in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise ContractError(
            f"{path} cannot be read: {error}\n"
            f"restore it (git checkout -- {path}), or delete it: then all that cassettes hold counts as read"
        ) from None


def write_unread(
    folder: Path,
    service: str,
    found: Mapping[str, UnreadLock],
    *,
    is_gone: Callable[[str], bool] = lambda _: False,
) -> None:
    """
    Put *found*, by test, in the place of what was known of these tests; forget the tests that are gone.

    A file that would say the same is left alone, one that would say nothing is deleted.
    """
    path = folder / unread_name(service)
    try:
        known = read_unread(folder, service)
    except ContractError:
        known = {}
    every = {test: one for test, one in {**known, **found}.items() if one and not is_gone(test)}
    if every == known:
        return
    if not every:
        path.unlink(missing_ok=True)
        return
    text = json.dumps({test: _entry(one) for test, one in every.items()}, indent=2, sort_keys=True)
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    draft.replace(path)


def unread_name(service: str) -> str:
    return f"{service}{_SUFFIX}"


def _lock(entry: Mapping[str, Any]) -> UnreadLock:
    kinds = {Kind(name): frozenset(map(str, listed)) for name, listed in entry.items() if name != _SOURCE}
    return UnreadLock(source=str(entry[_SOURCE]), unread=kinds)


def _entry(lock: UnreadLock) -> dict[str, Any]:
    kinds = {kind.value: sorted(unread) for kind, unread in lock.unread.items() if unread}
    return {_SOURCE: lock.source, **kinds}
