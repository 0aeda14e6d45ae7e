"""
What keeps processes apart: a lock on a folder while its files change, a claim on what is being recorded.

Both are locks of the kernel: a process that dies releases them. No process waits for ever.

``filelock`` (3.x) is not used: it locks a file of its own, which it leaves behind, so cassettes would get one
in every folder; it does not say which process holds a lock; and where flock is missing it goes over to a lock
that a killed process keeps.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from taketwo.errors import CassetteBusy
from taketwo.value import LazyValue

PATIENCE = 30.0
"""Seconds to wait for another process, where the project does not set them."""

_POLL = 0.02


@contextmanager
def locked(folder: Path, *, patience: float = PATIENCE) -> Iterator[int]:
    """
    While open, no other process changes the files of *folder*; yields its descriptor.

    :raises CassetteBusy: when another process does not let it go.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not _acquire(descriptor, patience):
            raise CassetteBusy(
                f"another process has been changing the files in {folder} for {patience:g} seconds\n"
                "run the same command again when it has ended"
            )
        yield descriptor
    finally:
        os.close(descriptor)


class Claim(LazyValue):
    """
    The right to record something, until it is released or the process ends.
    """

    _file: Path
    _descriptor: int

    def release(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._descriptor)


def claim(folder: Path, key: str, *, cassette: str, test: str, patience: float = PATIENCE) -> Claim:
    """
    Be the only process to record what *key* names; *folder* holds the lock that the others see.

    *cassette* and *test* are for them to read.

    :raises CassetteBusy: naming the process that records it, when that does not end in time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    end = time.monotonic() + patience
    while True:
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o644)
        if not _acquire(descriptor, end - time.monotonic()):
            holder = _holder(descriptor)
            os.close(descriptor)
            raise CassetteBusy(_busy(cassette, holder, patience))
        if _is_still(file, descriptor):
            break
        os.close(descriptor)  # the one before released it meanwhile, and took the file away
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps({"process": os.getpid(), "test": test}).encode(), 0)
    return Claim(file, descriptor)


def try_lock(file: Path) -> int | None:
    """
    The descriptor of *file*, which no other process has while it is open; None when another one has it.
    """
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    if _acquire(descriptor, 0.0) and _is_still(file, descriptor):
        return descriptor
    os.close(descriptor)  # the one before may have taken the file away
    return None


def _acquire(descriptor: int, patience: float) -> bool:
    import fcntl  # noqa: PLC0415 - only what is written needs POSIX

    end = time.monotonic() + patience
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(_POLL)


def _is_still(file: Path, descriptor: int) -> bool:
    try:
        return file.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> dict[str, object]:
    try:
        owner = json.loads(os.pread(descriptor, 65536, 0))
    except ValueError:
        return {}
    return owner if isinstance(owner, dict) else {}


def _busy(cassette: str, holder: dict[str, object], patience: float) -> str:
    process = f"process {holder['process']}" if "process" in holder else "another process"
    test = f" ({holder['test']})" if "test" in holder else ""
    return (
        f"{cassette} is being recorded by {process}{test}, and was not free within {patience:g} seconds\n"
        "run the same command again when that has ended, or let it wait longer: [tool.taketwo] patience = "
        f"{2 * patience:g}"
    )
