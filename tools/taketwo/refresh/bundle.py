"""
Pending recordings in a folder of their own, to be carried from one machine to another: from CI to a
developer.

The folder holds each recording where it would wait in the project, and a list of what each of them was
compared with. What comes from elsewhere is believed in nothing: neither its paths, nor its content, nor that
it fits.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from taketwo.cassette.content import pieces_of_content
from taketwo.cassette.secrets.scan import Scanner
from taketwo.cassette.store.names import SUFFIX
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text.writer import write_cassette
from taketwo.config.project import Config
from taketwo.contract.document import Contracts
from taketwo.contract.locks import PENDING as NEW
from taketwo.contract.locks import write_locks
from taketwo.errors import TakeTwoError
from taketwo.refresh.pending import pending_of
from taketwo.refresh.places import is_place_of_recording

LIST: Final = "bundle.json"
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledRecording:
    """
    One file of the folder: where it belongs, what is accepted there (None: nothing), and what it is.
    """

    path: str
    base: str | None
    sha256: str


def prepare_bundle(folder: Path) -> None:
    """
    Have an empty *folder*.

    :raises TakeTwoError: when something is in it that no earlier check has put there.
    """
    if folder.exists() and not folder.is_dir():
        raise TakeTwoError(f"{folder} is a file; name a folder for the recordings")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / LIST).is_file():
            raise TakeTwoError(f"{folder} is not empty, and holds no recordings; name a new folder for them")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def export_bundle(
    config: Config,
    cassettes: Iterable[str],
    pending_folder: Path,
    contracts: Iterable[Contracts],
    folder: Path,
) -> None:
    """
    Put what would wait into *folder*: the recordings of *cassettes*, which lie in *pending_folder*, and
    *contracts*.
    """
    carried = [
        _export_recording(config, name, pending_folder / name, folder) for name in sorted(set(cassettes))
    ]
    locks = folder / config.locks.relative_to(config.root)
    written = [path for one in contracts for path in write_locks(locks, one, suffix=NEW)]
    carried += [_bundled(config, str(path.relative_to(folder)).removesuffix(NEW), path) for path in written]
    listed = {"taketwo_bundle": _VERSION, "pending": [asdict(one) for one in carried]}
    (folder / LIST).write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


def import_bundle(config: Config, folder: Path, paths: Sequence[str], scanner: Scanner) -> list[Path]:
    """
    Let the recordings in *folder* wait beside the cassettes of the project: all, or those at *paths*.

    The locks come with all of them, and not with some. Returns the cassettes, and the locks.

    :raises TakeTwoError: naming every recording that does not fit, or that must not come in; none has come
        then.
    """
    carried = _listed(folder)
    chosen = [one for one in carried if not paths or _is_at(config, one, paths)]
    if not chosen:
        names = "\n".join(f"  {one.path}" for one in carried)
        raise TakeTwoError(f"no recording in {folder} is at {', '.join(paths)}; in it are:\n{names}")
    _refuse_mistakes(config, folder, chosen, scanner)
    return _place_all(config, [(folder, one) for one in chosen])


def import_bundles(config: Config, folders: Sequence[Path], scanner: Scanner) -> list[Path]:
    """
    The same for all that is in several *folders*: everything comes in, or nothing does.

    :raises TakeTwoError: as :func:`import_bundle` does, and when two folders have other recordings of one
        cassette.
    """
    carried = {folder: _listed(folder) for folder in folders}
    found: dict[str, tuple[Path, BundledRecording]] = {}
    for folder, recordings in carried.items():
        _refuse_mistakes(config, folder, recordings, scanner)
        for one in recordings:
            other, known = found.setdefault(one.path, (folder, one))
            if known.sha256 != one.sha256:
                raise TakeTwoError(f"{other} and {folder} have different recordings of {one.path}")
    return _place_all(config, found.values())


def _refuse_mistakes(
    config: Config, folder: Path, chosen: Sequence[BundledRecording], scanner: Scanner
) -> None:
    mistakes = [
        f"  {one.path}: {mistake}" for one in chosen for mistake in _mistakes(config, folder, one, scanner)
    ]
    if mistakes:
        others = "; to take the others, name them" if len(chosen) > len(mistakes) else ""
        raise TakeTwoError("\n".join([f"nothing was taken from {folder}{others}:", *mistakes]))


def _place_all(config: Config, chosen: Collection[tuple[Path, BundledRecording]]) -> list[Path]:
    if not chosen:
        return []
    staging = StagingDir(config.cassettes)
    try:
        for folder, one in chosen:
            _place(config, folder, one, staging)
    finally:
        staging.close()
    return [config.root / one.path for _, one in chosen]


def _export_recording(config: Config, name: str, pending: Path, folder: Path) -> BundledRecording:
    cassette = read_cassette(pending)
    if cassette is None:
        raise TakeTwoError(f"the recording of {name} is gone")
    target = folder / f"{name}{NEW}"
    target.parent.mkdir(parents=True, exist_ok=True)
    text, files = write_cassette(cassette)
    target.write_text(text, encoding="utf-8")
    for file, content in files.items():
        with target.with_name(file).open("wb") as opened:
            opened.writelines(pieces_of_content(content))
    return _bundled(config, name, target)


def _bundled(config: Config, name: str, file: Path) -> BundledRecording:
    accepted = config.root / name
    base = _sha256(accepted) if accepted.is_file() else None
    return BundledRecording(path=PurePosixPath(name).as_posix(), base=base, sha256=_sha256(file))


def _listed(folder: Path) -> list[BundledRecording]:
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise TakeTwoError(
            f"{folder} holds no recordings: there is no {LIST} in it; "
            "to make such a folder: taketwo refresh --check --pending DIR"
        ) from None
    except (ValueError, RecursionError):
        raise TakeTwoError(f"{folder / LIST} is damaged") from None
    if not isinstance(listed, dict):
        raise TakeTwoError(f"{folder / LIST} is damaged")
    if listed.get("taketwo_bundle") != _VERSION:
        raise TakeTwoError(
            f"{folder / LIST} has a format that this version of taketwo does not know; upgrade taketwo"
        )
    try:
        return [
            BundledRecording(path=str(one["path"]), base=one["base"], sha256=str(one["sha256"]))
            for one in listed["pending"]
        ]
    except (KeyError, TypeError):
        raise TakeTwoError(f"{folder / LIST} is damaged") from None


def _is_at(config: Config, one: BundledRecording, paths: Sequence[str]) -> bool:
    place = config.root / one.path.removesuffix(NEW)
    asked = {(config.root / path.removesuffix(NEW)).resolve() for path in paths}
    return bool(asked & {place.resolve(), *place.resolve().parents}) and place.suffix == SUFFIX


def _mistakes(config: Config, folder: Path, one: BundledRecording, scanner: Scanner) -> Iterator[str]:
    """
    Why a recording must not come in; the first reason, since the next ones would read what is not to be read.
    """
    if not is_place_of_recording(config, one.path):
        yield "no cassette and no lock of this project can be there"
        return
    file = folder / f"{one.path}{NEW}"
    if file.is_symlink() or not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        yield "its file is not in the folder"
    elif _sha256(file) != one.sha256:
        yield "its file is not as it was put there"
    else:
        yield from _misfits(config, one)
        yield from _dangers(file, scanner)


def _misfits(config: Config, one: BundledRecording) -> Iterator[str]:
    accepted = config.root / one.path
    pending = accepted.with_name(accepted.name + NEW)
    if (_sha256(accepted) if accepted.is_file() else None) != one.base:
        here = "has changed since" if accepted.is_file() else "is not here"
        there = "the accepted one" if one.base else "one that was not there when it was recorded"
        yield f"{there} {here}; have the same revision (git), or record again: taketwo refresh {one.path}"
    if pending.is_file() and _sha256(pending) != one.sha256:
        yield "another recording of it waits here already; accept or reject that first"


def _dangers(file: Path, scanner: Scanner) -> Iterator[str]:
    """
    A recording that cannot be read, or that holds a secret of this machine.
    """

    def attached(name: str, size: int) -> bytes | None:
        beside = file.with_name(name)
        return beside.read_bytes()[: size + 1] if beside.is_file() and not beside.is_symlink() else None

    scanned = scanner.scan(file.read_bytes(), name=file.name, attached=attached)
    if scanned.damage:
        yield f"it cannot be read: {scanned.damage}"
    for finding in scanned.findings:
        yield f"line {finding.line}: it holds the secret {finding.secret}"


def _place(config: Config, folder: Path, one: BundledRecording, staging: StagingDir) -> None:
    accepted = config.root / one.path
    file = folder / f"{one.path}{NEW}"
    if accepted.suffix != SUFFIX:
        promote(staging.stage(file.read_text(encoding="utf-8")), accepted.with_name(accepted.name + NEW))
        return
    cassette = read_cassette(file)
    if cassette is not None:
        promote(staging.stage(*write_cassette(cassette)), pending_of(accepted))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
