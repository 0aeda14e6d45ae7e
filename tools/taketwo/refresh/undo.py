"""
What an acceptance replaced is kept until the next one, so that it can be taken back.

It lies in the hidden workshop beside the cassettes: the files that were replaced, the files that those refer
to, and a journal of where they stood and of what was put in their place.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from taketwo.cassette.body.attachments import names_in
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.config.project import Config
from taketwo.errors import TakeTwoError

_KEPT = "undo"
_JOURNAL = "journal.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """
    One acceptance: *kept* is what was there before, if anything was; *digest* tells the accepted take.
    """

    accepted: Path
    pending: Path
    kept: Path
    digest: str

    @property
    def is_undone(self) -> bool:
        """
        Whether the take waits as it did before: it was never put in place, or is taken back already.
        """
        before = _sha256(self.before) if self.before is not None else None
        return _digest(self.pending) == self.digest and _digest(self.accepted) == before

    @property
    def before(self) -> bytes | None:
        """
        The text of what was there.
        """
        return gzip.decompress(self.kept.read_bytes()) if self.kept.is_file() else None


def keep_for_undo(config: Config, replaced: Sequence[tuple[Path, Path]]) -> None:
    """
    Keep what stands where each pending file will be put, in the place of what was kept before.

    *replaced* are pairs of a pending file and the accepted one.
    """
    staging = StagingDir(config.cassettes)
    try:
        journal = [
            _keep(config, pending, accepted, staging.folder / str(number))
            for number, (pending, accepted) in enumerate(replaced)
        ]
        with (staging.folder / _JOURNAL).open("w", encoding="utf-8") as file:
            json.dump(journal, file)
            file.flush()
            os.fsync(file.fileno())
        shutil.rmtree(_folder(config), ignore_errors=True)
        staging.folder.replace(_folder(config))
    finally:
        staging.close()


def undo(config: Config) -> list[Path]:
    """
    Take back the last acceptance: what it replaced is accepted again, and its takes wait again.

    :raises TakeTwoError: when that would lose something that came after it; nothing is changed then.
    """
    entries = [entry for entry in _entries(config) if not entry.is_undone]
    mistakes = [mistake for entry in entries for mistake in _mistakes(config, entry)]
    if mistakes:
        raise TakeTwoError("\n".join(["the last acceptance cannot be taken back:", *mistakes]))
    staging = StagingDir(config.cassettes)
    try:
        for entry in entries:
            _undo(entry, staging.folder)
    finally:
        staging.close()
    shutil.rmtree(_folder(config), ignore_errors=True)
    return [entry.accepted for entry in entries]


def _keep(config: Config, pending: Path, accepted: Path, kept: Path) -> dict[str, str]:
    if accepted.is_file():
        # Packed, so that nothing in it counts as a reference to the files beside the cassettes.
        kept.write_bytes(gzip.compress(accepted.read_bytes(), mtime=0))
        _keep_attached(accepted, _attached_to(kept))
    return {
        "accepted": os.path.relpath(accepted, config.cassettes),
        "pending": os.path.relpath(pending, config.cassettes),
        "digest": _digest(pending) or "",
    }


def _keep_attached(accepted: Path, folder: Path) -> None:
    for name in names_in(accepted.read_bytes().decode("utf-8", "replace")):
        path = accepted.with_name(name)
        if path.is_file():
            folder.mkdir(exist_ok=True)
            shutil.copyfile(path, folder / name)


def _entries(config: Config) -> list[_Entry]:
    folder = _folder(config)
    try:
        journal = json.loads((folder / _JOURNAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [
        _Entry(
            accepted=config.cassettes / entry["accepted"],
            pending=config.cassettes / entry["pending"],
            kept=folder / str(number),
            digest=entry["digest"],
        )
        for number, entry in enumerate(journal)
    ]


def _mistakes(config: Config, entry: _Entry) -> list[str]:
    name = os.path.relpath(entry.accepted, config.root)
    if _digest(entry.accepted) != entry.digest:
        return [f"  {name} has changed since; to have the older one: version control"]
    if entry.pending.exists() and _digest(entry.pending) != entry.digest:
        return [f"  a newer take of {name} waits; accept or reject that first"]
    return []


def _undo(entry: _Entry, staging: Path) -> None:
    """
    First the take waits again, then what was there takes its place: at every moment each is somewhere, whole.
    """
    before = entry.before
    if before is None:
        entry.accepted.replace(entry.pending)
        return
    promote(_staged(entry.accepted.read_bytes(), staging / f"{entry.kept.name}-take"), entry.pending)
    staged = _staged(before, staging / entry.kept.name)
    if _attached_to(entry.kept).is_dir():
        shutil.copytree(_attached_to(entry.kept), _attached_to(staged))
    promote(staged, entry.accepted)


def _staged(content: bytes, path: Path) -> Path:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


def _attached_to(path: Path) -> Path:
    """
    Where :func:`promote` looks for the files that *path* refers to.
    """
    return path.with_name(f"{path.name}.files")


def _folder(config: Config) -> Path:
    return config.cassettes / ".taketwo" / _KEPT


def _digest(path: Path) -> str | None:
    return _sha256(path.read_bytes()) if path.is_file() else None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
