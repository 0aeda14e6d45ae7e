"""
Pending takes and locks: where they wait, and how they are accepted or rejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taketwo.cassette import PENDING, SUFFIX, discard, find_pending, promote
from taketwo.config import Config
from taketwo.errors import TakeTwoError
from taketwo.refresh.undoing import keep


def pending_of(cassette: Path) -> Path:
    """
    Where the pending take of *cassette* waits.
    """
    return cassette.with_name(cassette.name.removesuffix(SUFFIX) + PENDING)


def accept(config: Config, paths: Sequence[str]) -> list[Path]:
    """
    Put pending takes and locks in the place of the accepted ones; returns the files that were replaced.

    Locks are accepted with the last pending take: until then some cassettes are of the older contract. What
    is replaced is kept: :func:`taketwo.refresh.undo` takes the acceptance back.
    """
    chosen = _chosen(config, paths)
    if chosen:
        keep(config, [(pending, _accepted_of(pending)) for pending in chosen])
    for pending in chosen:
        promote(pending, _accepted_of(pending))
    return [_accepted_of(pending) for pending in chosen]


def reject(config: Config, paths: Sequence[str]) -> list[Path]:
    """
    Delete pending takes and locks; returns the files that are gone.
    """
    chosen = _chosen(config, paths)
    for pending in chosen:
        discard(pending)
    return chosen


def _chosen(config: Config, paths: Sequence[str]) -> list[Path]:
    pending = list(find_pending(config.cassettes))
    if not paths:
        return pending
    asked = {(config.root / path).resolve() for path in paths}
    takes = [
        path
        for path in pending
        if path.parent != config.locks
        and asked & {path.resolve(), _accepted_of(path).resolve(), *path.resolve().parents}
    ]
    if not takes:
        raise TakeTwoError(f"no pending take is at {', '.join(paths)}{_waiting(config, pending)}")
    left = [path for path in pending if path not in takes]
    return pending if all(path.parent == config.locks for path in left) else takes


def _waiting(config: Config, pending: Sequence[Path]) -> str:
    names = [str(_accepted_of(path).relative_to(config.root)) for path in pending]
    return "; waiting are:\n" + "\n".join(f"  {name}" for name in names) if names else "; none waits"


def _accepted_of(pending: Path) -> Path:
    return pending.with_name(pending.name.removesuffix(".new"))
