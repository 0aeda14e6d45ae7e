"""
What an acceptance replaced is kept until the next one, so that it can be taken back.

It lies in the hidden folder beside the cassettes: the files that were replaced, the files that those refer
to, and a journal of where they were and of what was put in their place. A checkout may bring such a folder
along, so nothing in it is trusted: neither its paths, nor its links, nor its content.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from taketwo.cassette.body.attachments import is_attachment, names_in
from taketwo.cassette.body.limits import MAX_BYTES
from taketwo.cassette.content import sha256_of
from taketwo.cassette.store.staging import Clean, FolderByFolder, StagingDir, promote
from taketwo.config.project import Config
from taketwo.errors import TakeTwoError
from taketwo.refresh.places import is_place_of_recording

_KEPT = "undo"
_JOURNAL = "journal.json"
_PENDING = ".new"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """
    One acceptance: *kept* is what was there before, if anything was; *digest* tells the accepted recording.
    """

    accepted: Path
    pending: Path
    kept: Path
    digest: str

    @property
    def is_undone(self) -> bool:
        """
        Whether the recording waits as it did before: it was never put in place, or is taken back already.
        """
        before = _sha256(self.before) if self.before is not None else None
        return _digest(self.pending) == self.digest and _digest(self.accepted) == before

    @property
    def before(self) -> bytes | None:
        """
        The text of what was there.
        """
        return _unpacked(self.kept.read_bytes()) if self.kept.is_file() else None


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
        for entry in _done_before_an_interruption(config, {pending for pending, _ in replaced}):
            journal.append(_keep_again(config, entry, staging.folder / str(len(journal))))
        with (staging.folder / _JOURNAL).open("w", encoding="utf-8") as file:
            json.dump(journal, file)
            file.flush()
            os.fsync(file.fileno())
        _forget(config)
        staging.folder.replace(_folder(config))
    finally:
        staging.close()


def undo(config: Config) -> list[Path]:
    """
    Take back the last acceptance: what it replaced is accepted again, and its recordings wait again.

    :raises TakeTwoError: when that would lose something that came after it; nothing is changed then.
    """
    kept = _entries(config)
    _refuse([mistake for entry in kept for mistake in _dangers(config, entry)])
    entries = [entry for entry in kept if not entry.is_undone]
    _refuse([mistake for entry in entries for mistake in _mistakes(config, entry)])
    staging = StagingDir(config.cassettes)
    try:
        with FolderByFolder() as clean:
            for entry in entries:
                _undo(entry, staging.folder, clean)
    finally:
        staging.close()
    _forget(config)
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


def _done_before_an_interruption(config: Config, chosen: Collection[Path]) -> list[_Entry]:
    """
    What an acceptance that was interrupted put in place, where *chosen* goes on with it.
    """
    try:
        entries = _entries(config)
    except TakeTwoError:
        return []
    if any(next(_dangers(config, entry), None) for entry in entries):
        return []
    if not any(entry.pending in chosen and entry.is_undone for entry in entries):
        return []
    done = (entry for entry in entries if entry.pending not in chosen and not entry.pending.exists())
    return [entry for entry in done if _digest(entry.accepted) == entry.digest]


def _keep_again(config: Config, entry: _Entry, kept: Path) -> dict[str, str]:
    if entry.kept.is_file():
        shutil.copyfile(entry.kept, kept)
    if _attached_to(entry.kept).is_dir():
        shutil.copytree(_attached_to(entry.kept), _attached_to(kept))
    return {
        "accepted": os.path.relpath(entry.accepted, config.cassettes),
        "pending": os.path.relpath(entry.pending, config.cassettes),
        "digest": entry.digest,
    }


def _forget(config: Config) -> None:
    """
    Delete what was kept, and first of all the journal: without it the rest means nothing.
    """
    folder = _folder(config)
    if _is_own(folder, config):
        (folder / _JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _keep_attached(accepted: Path, folder: Path) -> None:
    for name in names_in(accepted.read_bytes().decode("utf-8", "replace")):
        path = accepted.with_name(name)
        if path.is_file():
            folder.mkdir(exist_ok=True)
            shutil.copyfile(path, folder / name)


def _entries(config: Config) -> list[_Entry]:
    """
    :raises TakeTwoError: when the journal is not one that :func:`keep_for_undo` writes.
    """
    folder = _folder(config)
    if not _is_own(folder, config):
        raise TakeTwoError(
            f"{_name(config, folder)} is a link to elsewhere; nothing is taken back from there"
        )
    try:
        journal = json.loads((folder / _JOURNAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError):
        raise _damaged(config) from None
    if not isinstance(journal, list):
        raise _damaged(config)
    return [_entry(config, number, item) for number, item in enumerate(journal)]


def _entry(config: Config, number: int, item: object) -> _Entry:
    match item:
        case {"accepted": str(accepted), "pending": str(pending), "digest": str(digest)}:
            return _Entry(
                accepted=config.cassettes / accepted,
                pending=config.cassettes / pending,
                kept=_folder(config) / str(number),
                digest=digest,
            )
        case _:
            raise _damaged(config)


def _damaged(config: Config) -> TakeTwoError:
    folder = _folder(config)
    return TakeTwoError(
        f"{_name(config, folder / _JOURNAL)} is damaged: nothing can be taken back\n"
        f"delete {_name(config, folder)}; older cassettes are in version control"
    )


def _is_own(folder: Path, config: Config) -> bool:
    return folder.resolve() == config.cassettes.resolve() / folder.relative_to(config.cassettes)


def _refuse(mistakes: Sequence[str]) -> None:
    if mistakes:
        raise TakeTwoError("\n".join(["the last acceptance cannot be taken back:", *mistakes]))


def _dangers(config: Config, entry: _Entry) -> Iterator[str]:
    """
    Why *entry* is none that an acceptance left; the first reason, since what follows reads its files.
    """
    name = _name(config, entry.accepted)
    if not is_place_of_recording(config, name):
        yield f"  {name}: no cassette and no lock of this project can be there"
    elif entry.pending != entry.accepted.with_name(entry.accepted.name + _PENDING) or _is_link(entry.pending):
        yield f"  {_name(config, entry.pending)}: no pending recording of {name} can be there"
    else:
        yield from (f"  {name}: {mistake}" for mistake in _damage(entry.kept))


def _damage(kept: Path) -> Iterator[str]:
    """
    What is wrong with a kept file and with those that it refers to.
    """
    attached = _attached_to(kept)
    if _is_link(kept) or _is_link(attached):
        yield "what was kept of it is a link"
        return
    try:
        content = _unpacked(kept.read_bytes()) if kept.exists() else b""
    except (OSError, EOFError, ValueError, zlib.error):
        yield "what was kept of it is damaged"
        return
    wanted = set(names_in(content.decode("utf-8", "replace")))
    for file in sorted(attached.iterdir()) if attached.is_dir() else ():
        if _is_link(file) or file.name not in wanted or not is_attachment(file.name, _content_hash(file)):
            yield f"{file.name}, which was kept with it, is not what its name says"


def _content_hash(file: Path) -> str:
    return sha256_of(file.read_bytes()) if file.is_file() else ""


def _is_link(path: Path) -> bool:
    return path.is_symlink()


def _unpacked(content: bytes) -> bytes:
    """
    :raises ValueError: when it is no gzip, is cut short, or is larger than any cassette may be.
    """
    unpacking = zlib.decompressobj(wbits=31)
    unpacked = unpacking.decompress(content, MAX_BYTES)
    if not unpacking.eof:
        raise ValueError("not one whole gzip file of the size of a cassette")
    return unpacked


def _name(config: Config, path: Path) -> str:
    return PurePath(os.path.relpath(path, config.root)).as_posix()


def _mistakes(config: Config, entry: _Entry) -> list[str]:
    name = _name(config, entry.accepted)
    if _digest(entry.accepted) != entry.digest:
        return [f"  {name} has changed since; to have the older one: version control"]
    if entry.pending.exists() and _digest(entry.pending) != entry.digest:
        return [f"  a newer recording of {name} waits; accept or reject that first"]
    return []


def _undo(entry: _Entry, staging: Path, clean: Clean) -> None:
    """
    First the recording waits again, then what was there takes its place: at every moment each is somewhere,
    whole.
    """
    before = entry.before
    if before is None:
        entry.accepted.replace(entry.pending)
        return
    promote(
        _staged(entry.accepted.read_bytes(), staging / f"{entry.kept.name}-take"), entry.pending, clean=clean
    )
    staged = _staged(before, staging / entry.kept.name)
    if _attached_to(entry.kept).is_dir():
        shutil.copytree(_attached_to(entry.kept), _attached_to(staged))
    promote(staged, entry.accepted, clean=clean)


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
