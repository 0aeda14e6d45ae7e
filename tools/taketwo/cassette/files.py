"""
Cassettes on the disk: read with good errors, written so that none is ever lost.

A take is written in the workshop, a hidden folder beside the cassettes and on the same file system, and
moved into place by one atomic rename. Whatever interrupts that, the cassette is the old one or the new one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from taketwo.cassette.model import Cassette
from taketwo.cassette.text import load_cassette
from taketwo.cassette.yaml_form import MAX_BYTES
from taketwo.errors import CassetteFormatError

SUFFIX = ".yaml"
PENDING = ".yaml.new"

_WORKSHOP = ".taketwo"
_UNSAFE = re.compile(r"[<>?%*:|\"'/\\\x00-\x1f\ud800-\udfff]")
_MARKED = re.compile(r"-[0-9a-f]{8}\Z")
_LONGEST = 200  # bytes; file systems allow 255, and a pending take adds to the name


def file_name(test: str) -> str:
    """
    The name of a test's cassette without its suffix; two tests never share one.

    What a file name cannot hold becomes ``-``, and a hash of the whole keeps such names apart, also from
    those that end like one by chance.
    """
    safe = _UNSAFE.sub("-", test)
    if safe == test and len(test.encode("utf-8")) <= _LONGEST and not _MARKED.search(test):
        return test
    mark = hashlib.sha256(test.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    short = safe.encode("utf-8", "replace")[: _LONGEST - 9].decode("utf-8", "ignore")
    return f"{short}-{mark}"


def read_text(path: Path) -> str | None:
    """
    The text of a cassette, or None when there is no such file.

    :raises CassetteFormatError: when it is too large, not UTF-8, or cannot be read.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CassetteFormatError(f"{path}: the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise CassetteFormatError(f"{path}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise CassetteFormatError(f"{path} cannot be read: {error.strerror}") from None


def read_cassette(path: Path) -> Cassette | None:
    """
    The cassette at *path*, or None when there is no such file.

    :raises CassetteFormatError: naming file, place and reason.
    """
    text = read_text(path)
    return None if text is None else load_cassette(text, name=str(path))


def find_cassettes(folder: Path) -> Iterator[Path]:
    """
    Every accepted cassette below *folder*, in the order of their paths.
    """
    for path in sorted(folder.rglob(f"*{SUFFIX}")):
        if not _in_workshop(path, folder) and path.parent != folder / "contracts":
            yield path


def find_pending(folder: Path) -> Iterator[Path]:
    """
    Every pending file below *folder*, takes and locks alike, in the order of their paths.
    """
    for path in sorted(folder.rglob("*.new")):
        if not _in_workshop(path, folder):
            yield path


class Workshop:
    """
    Where the takes of one process wait until their tests have passed.
    """

    def __init__(self, cassettes: Path) -> None:
        home = cassettes / _WORKSHOP
        home.mkdir(parents=True, exist_ok=True)
        _keep_out_of_git(home)
        _sweep(home)
        self.folder = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=home))

    def stage(self, text: str) -> Path:
        """
        Write *text* whole to a file of its own, flushed to the disk.
        """
        descriptor, name = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        return Path(name)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def promote(staged: Path, target: Path) -> bool:
    """
    Put the staged file in the place of *target* by one atomic rename; False when nothing differed.
    """
    if target.is_file() and target.read_bytes() == staged.read_bytes():
        staged.unlink()
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(target)
    _sync_folder(target.parent)
    return True


def _in_workshop(path: Path, cassettes: Path) -> bool:
    return _WORKSHOP in path.relative_to(cassettes).parts


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_out_of_git(home: Path) -> None:
    ignore = home / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _sweep(home: Path) -> None:
    """
    Clear away what killed runs left behind.
    """
    for folder in home.glob("run-*"):
        owner = folder.name.split("-")[1]
        if owner.isdecimal() and not _is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
