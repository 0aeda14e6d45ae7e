"""
Pending recordings and locks: where they are, how they are accepted or rejected, and the result they make.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from taketwo.cassette.store.names import PENDING, SUFFIX, find_pending
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.staging import FolderByFolder, discard, promote
from taketwo.config.project import Config
from taketwo.contract.locks import PENDING as PENDING_LOCK
from taketwo.contract.locks import lock_names, over, read_locks
from taketwo.errors import TakeTwoError
from taketwo.refresh.explain import Explanation, causes_of, compare_recordings, explain_all
from taketwo.refresh.inventory import inventory, name_of, readers_for, service_contracts
from taketwo.refresh.known_changes import known_service_changes
from taketwo.refresh.undo import keep_for_undo
from taketwo.results import CassetteResult, ContractDiff, RefreshResult, Status


def pending_result(config: Config) -> RefreshResult:
    """
    The pending recordings beside the accepted cassettes, and the pending locks beside the accepted ones.

    A test that no longer passed has left nothing, so it is not among them.
    """
    contract_diffs = tuple(_contract_diffs(config))
    changes = {item.service: item.changes for item in contract_diffs if item.is_locked}
    locked = {name: read_locks(config.locks, name) for name in config.services}
    new = {item.service: item.live for item in contract_diffs if item.differs}
    all_stored = list(inventory(config, locked, new))
    explanation = Explanation(
        changes=changes,
        services=service_contracts(config, locked, new, changes),
        readers=readers_for(config, locked),
    )
    cassette_results = explain_all(_cassette_results(config), all_stored, explanation)
    return RefreshResult(
        contract_diffs=contract_diffs,
        cassette_results=cassette_results,
        written=True,
        causes=causes_of(explanation, all_stored, cassette_results),
    )


def _contract_diffs(config: Config) -> Iterator[ContractDiff]:
    for service in config.services:
        pending = read_locks(config.locks, service, suffix=PENDING_LOCK)
        if pending.documents:
            locked = read_locks(config.locks, service)
            live = over(pending, locked)
            is_locked = bool(locked.documents)
            changes = known_service_changes(locked, live, config.contract) if is_locked else ()
            yield ContractDiff(service=service, live=live, changes=changes, is_locked=is_locked)


def _cassette_results(config: Config) -> Iterator[CassetteResult]:
    for pending in find_pending(config.cassettes):
        if not pending.name.endswith(PENDING):
            continue
        accepted = pending.with_name(pending.name.removesuffix(PENDING) + SUFFIX)
        cassette = read_cassette(pending)
        for test in cassette.tests if cassette is not None else ():
            cassette_result = CassetteResult(
                test=test, cassette=name_of(config, accepted), status=Status.UNCHANGED
            )
            result = compare_recordings(cassette_result, accepted, pending)
            if result.status is not Status.UNCHANGED or len(cassette.tests if cassette else ()) == 1:
                yield result


def pending_of(cassette: Path) -> Path:
    """
    Where the pending recording of *cassette* waits.
    """
    return cassette.with_name(cassette.name.removesuffix(SUFFIX) + PENDING)


def accept(config: Config, paths: Sequence[str], *, locks: Collection[str] | None = None) -> list[Path]:
    """
    Put pending recordings and locks in the place of the accepted ones; returns the files that were replaced.

    Locks are accepted with the last pending recording: until then some cassettes are of the older contract.
    What is replaced is kept: :func:`taketwo.refresh.undo.undo` takes the acceptance back.

    With *locks* they are those of these services, and no others, whatever is pending then; and no paths are
    no recordings.
    """
    chosen = _chosen(config, paths) if locks is None else _chosen_with(config, paths, locks)
    if chosen:
        keep_for_undo(config, [(pending, _accepted_of(pending)) for pending in chosen])
    with FolderByFolder() as clean:
        for pending in chosen:
            promote(pending, _accepted_of(pending), clean=clean)
    return [_accepted_of(pending) for pending in chosen]


def reject(config: Config, paths: Sequence[str]) -> list[Path]:
    """
    Delete pending recordings and locks; returns the files that are gone.
    """
    chosen = _chosen(config, paths)
    with FolderByFolder() as clean:
        for pending in chosen:
            discard(pending, clean=clean)
    return chosen


def _chosen(config: Config, paths: Sequence[str]) -> list[Path]:
    pending = list(find_pending(config.cassettes))
    if not paths:
        return pending
    asked = {(config.root / path).resolve() for path in paths}
    pending_folder = [
        path
        for path in pending
        if path.parent != config.locks
        and asked & {path.resolve(), _accepted_of(path).resolve(), *path.resolve().parents}
    ]
    if not pending_folder:
        raise TakeTwoError(f"no pending recording is at {', '.join(paths)}{_pending_names(config, pending)}")
    left = [path for path in pending if path not in pending_folder]
    return pending if all(path.parent == config.locks for path in left) else pending_folder


def _chosen_with(config: Config, paths: Sequence[str], services: Collection[str]) -> list[Path]:
    found = [path for path in _chosen(config, paths) if path.parent != config.locks] if paths else []
    names = {name for service in services for name in lock_names(service)}
    locks = [
        path
        for path in find_pending(config.cassettes)
        if path.parent == config.locks and _accepted_of(path).name in names
    ]
    return [*found, *locks]


def _pending_names(config: Config, pending: Sequence[Path]) -> str:
    names = [str(_accepted_of(path).relative_to(config.root)) for path in pending]
    return "; waiting are:\n" + "\n".join(f"  {name}" for name in names) if names else "; none waits"


def _accepted_of(pending: Path) -> Path:
    return pending.with_name(pending.name.removesuffix(".new"))
