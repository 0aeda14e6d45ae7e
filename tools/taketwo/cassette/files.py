"""
Cassettes on the disk: read with good errors, written so that none is ever lost.

A take is written in the workshop, a hidden folder beside the cassettes and on the same file system, and
moved into place by one atomic rename. Whatever interrupts that, the cassette is the old one or the new one.
Its files come into place before it, and those that nothing refers to go after it; a lock on the folder keeps
two processes from collecting what the other is about to refer to.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from taketwo.cassette.attachments import is_attachment, names_in, sha256_of
from taketwo.cassette.model import Cassette
from taketwo.cassette.text import Attached, load_cassette
from taketwo.cassette.vcrpy import is_vcrpy, load_vcrpy
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
    The cassette at *path*, ours or one of VCR.py, or None when there is no such file.

    :raises CassetteFormatError: naming file, place and reason.
    """
    try:
        return _read(path)
    except CassetteFormatError:
        if not path.parent.is_dir():
            raise
    # Perhaps it was replaced meanwhile, and its files were collected before they were read: once more, while
    # nobody writes in its folder.
    with _locked(path.parent):
        return _read(path)


def _read(path: Path) -> Cassette | None:
    text = read_text(path)
    if text is None:
        return None
    if is_vcrpy(text):
        return load_vcrpy(text, name=str(path))
    return load_cassette(text, name=str(path), attached=_reader(path.parent))


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

    def stage(self, text: str, attached: Mapping[str, bytes] | None = None) -> Path:
        """
        Write *text* whole to a file of its own, flushed to the disk, and the files that it refers to.
        """
        descriptor, name = tempfile.mkstemp(dir=self.folder)
        staged = Path(name)
        _write(descriptor, text.encode("utf-8"))
        staged.chmod(0o644)
        if attached:
            _attached_to(staged).mkdir()
        for file, content in (attached or {}).items():
            _write(os.open(_attached_to(staged) / file, os.O_CREAT | os.O_WRONLY, 0o644), content)
        return staged

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def promote(staged: Path, target: Path) -> bool:
    """
    Put the staged file in the place of *target* by one atomic rename; False when nothing differed.

    The files that it refers to are there before it. Those that only the replaced one referred to go.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.parent) as sync:
        _put_attached(staged, target.parent, sync)
        if target.is_file() and target.read_bytes() == staged.read_bytes():
            staged.unlink()
            return False
        staged.replace(target)
        sync()
        _collect(target.parent)
    return True


def discard(path: Path) -> None:
    """
    Delete a pending take, or a cassette, and the files that nothing refers to without it.
    """
    if path.parent.is_dir():
        with _locked(path.parent):
            path.unlink(missing_ok=True)
            _collect(path.parent)


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _attached_to(staged: Path) -> Path:
    return staged.with_name(f"{staged.name}.files")


def _put_attached(staged: Path, folder: Path, sync: Callable[[], None]) -> None:
    source = _attached_to(staged)
    if not source.is_dir():
        return
    for file in source.iterdir():
        target = folder / file.name
        if target.is_file() and target.read_bytes() == file.read_bytes():
            file.unlink()
        else:
            file.replace(target)
    source.rmdir()
    sync()


def _collect(folder: Path) -> None:
    """
    Delete the files of bodies in *folder* that nothing there refers to, nor any take that waits.
    """
    found = {path.name: path for path in folder.iterdir() if is_attachment(path.name) and path.is_file()}
    if not found:
        return
    for path in [*folder.iterdir(), *_waiting(folder)]:
        if found and not is_attachment(path.name) and path.is_file():
            with suppress(FileNotFoundError):  # the take of another process, for another folder
                for name in names_in(path.read_bytes().decode("utf-8", "replace")):
                    found.pop(name, None)
    for name, path in found.items():
        # A file of another origin may have a name like ours.
        if is_attachment(name, sha256_of(path.read_bytes())):
            path.unlink()


def _waiting(folder: Path) -> Iterator[Path]:
    """
    Whatever is in the workshop that *folder* belongs to: other processes have their takes there.
    """
    homes = (parent / _WORKSHOP for parent in (folder, *folder.parents))
    home = next((home for home in homes if home.is_dir()), None)
    if home is not None:
        yield from (path for path in home.rglob("*") if path.suffix != ".files")


@contextmanager
def _locked(folder: Path) -> Iterator[Callable[[], None]]:
    """
    While open, no other process changes the files of *folder*; yields what flushes its entries to the disk.
    """
    import fcntl  # noqa: PLC0415 - only what is written needs POSIX

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield lambda: os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reader(folder: Path) -> Attached:
    def read(name: str, size: int) -> bytes | None:
        try:
            with (folder / name).open("rb") as file:
                return file.read(min(size, os.fstat(file.fileno()).st_size) + 1)
        except OSError:
            return None

    return read


def _in_workshop(path: Path, cassettes: Path) -> bool:
    return _WORKSHOP in path.relative_to(cassettes).parts


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
