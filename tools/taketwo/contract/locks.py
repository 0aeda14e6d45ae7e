"""
The locks: the contracts as they were when the cassettes were recorded, as files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts, file_name
from taketwo.errors import ContractError

#: Behind the name of a pending lock.
PENDING: Final = ".new"


def read_locks(folder: Path, service: str, *, suffix: str = "") -> Contracts:
    """
    The locks of *service* in *folder*; none where there are none.

    One that cannot be read is a ContractError with its path: damaged must not pass for missing.
    """
    found = (_read(folder / (file_name(service, kind) + suffix), service, kind) for kind in Kind)
    return Contracts(service=service, documents=tuple(lock for lock in found if lock))


def read_locks_as_written(folder: Path, service: str) -> Contracts:
    """
    The locks of *service* as :func:`write_locks` left them, not looked at before somebody asks what they say.
    """
    found = ((kind, folder / file_name(service, kind)) for kind in Kind)
    return Contracts(
        service=service,
        documents=tuple(
            Contract(service=service, kind=kind, text=path.read_text(encoding="utf-8"))
            for kind, path in found
            if path.is_file()
        ),
    )


def lock_names(service: str) -> tuple[str, ...]:
    """
    What the locks of *service* may be called, whether it has them or not.
    """
    return tuple(file_name(service, kind) for kind in Kind)


def write_locks(folder: Path, contracts: Contracts, *, suffix: str = "") -> tuple[Path, ...]:
    """
    Makes the service's locks in *folder* these contracts and no others; returns the files that changed.

    A file whose text is the same is left alone, one whose contract is gone is deleted. Each file changes in
    one step, and none does before all the new texts are on the disk: a full disk changes nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {kind: contracts.of(kind) for kind in Kind}
    targets = {kind: folder / (file_name(contracts.service, kind) + suffix) for kind in Kind}
    changed = {
        targets[kind]: contract for kind, contract in wanted.items() if _differs(targets[kind], contract)
    }
    _replace({path: contract.text for path, contract in changed.items() if contract})
    for path in (path for path, contract in changed.items() if not contract):
        path.unlink()
    return tuple(sorted(changed))


def other_than(live: Contracts, locked: Contracts) -> Contracts:
    """
    The contracts of *live* that are not the same in *locked*.
    """
    differing = (
        contract
        for contract in live.documents
        if (before := locked.of(contract.kind)) is None or before.text != contract.text
    )
    return Contracts(service=live.service, documents=tuple(differing))


def over(pending: Contracts, locked: Contracts) -> Contracts:
    """
    What the locks will be once *pending* is accepted.
    """
    found = (pending.of(kind) or locked.of(kind) for kind in Kind)
    return Contracts(service=pending.service, documents=tuple(contract for contract in found if contract))


def discard_locks(folder: Path, service: str, *, suffix: str) -> tuple[Path, ...]:
    """
    Deletes the waiting locks of *service*; returns the files that are gone.
    """
    return write_locks(folder, Contracts(service=service), suffix=suffix) if folder.is_dir() else ()


def _read(path: Path, service: str, kind: Kind) -> Contract | None:
    try:
        return Contract.parse(path.read_bytes(), service=service, kind=kind)
    except FileNotFoundError:
        return None
    except (OSError, ContractError) as error:
        raise ContractError(
            f"the lock {path} cannot be read: {error}\n"
            f"restore it (git checkout -- {path}), or delete it and write it anew: "
            "taketwo refresh"
        ) from error


def _differs(path: Path, contract: Contract | None) -> bool:
    if contract is None:
        return path.exists()
    try:
        # A checkout of git may have other line ends.
        return path.read_bytes().replace(b"\r\n", b"\n") != contract.text.encode()
    except FileNotFoundError:
        return True


def _replace(texts: dict[Path, str]) -> None:
    drafts = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in texts}
    try:
        for path, text in texts.items():
            _write(drafts[path], text.encode())
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        raise ContractError(
            f"the locks {', '.join(sorted(map(str, texts)))} cannot be written: {error}\n"
            "no file is half written; make room or give the right to write, and run the same command again"
        ) from error
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
