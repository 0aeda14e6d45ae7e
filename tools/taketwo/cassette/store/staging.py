"""
Cassettes written so that none is ever lost.

A recording is written in the staging directory, a hidden folder beside the cassettes and on the same file
system, and moved into place by one atomic rename. Whatever interrupts that, the cassette is the old one or
the new one. Its files come into place before it, and those that nothing refers to are deleted after it; a
lock on the folder keeps two processes from deleting what the other is about to refer to.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from taketwo.cassette.body.attachments import is_attachment, names_in
from taketwo.cassette.content import Content, FileContent, open_content, pieces_of_content
from taketwo.cassette.model import Cassette
from taketwo.cassette.store.locks import PATIENCE, Claim, claim, locked
from taketwo.cassette.store.names import STAGING_DIR
from taketwo.cassette.store.read import attachments_in, cassette_of_text, read_text
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.line_ends import plain
from taketwo.cassette.text.writer import write_cassette
from taketwo.errors import CassetteFormatError, RecordingRefused

Merge = Callable[[Cassette, Cassette | None], Cassette]
"""Makes of a recording and of the cassette that is in its place the one that is to be there."""

Clean = Callable[[Path], None]
"""Is given a folder in which files of bodies may have lost their last reference."""

_ATTEMPTS = 3
_SHARED = re.compile(rb"^parts:", re.MULTILINE)


class StagingDir:
    """
    Where the recordings of one process wait until their tests have passed.
    """

    def __init__(self, cassettes: Path, *, patience: float = PATIENCE) -> None:
        home = cassettes / STAGING_DIR
        home.mkdir(parents=True, exist_ok=True)
        _keep_out_of_git(home)
        _sweep(home)
        self._home = home
        self._patience = patience
        self.folder = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=home))

    def claim(self, key: str, *, cassette: str, test: str) -> Claim:
        """
        Be the only process to record what *key* names.

        :raises CassetteBusy: naming the process that records it, when that does not end in time.
        """
        folder = self._home / "recording"
        return claim(folder, key, cassette=cassette, test=test, patience=self._patience)

    def stage(self, text: str, attached: Mapping[str, Content] | None = None) -> Path:
        """
        Write *text* whole to a file of its own, flushed to the disk, and the files that it refers to.
        """
        descriptor, name = tempfile.mkstemp(dir=self.open_folder())
        staged = Path(name)
        os.close(descriptor)
        _write(staged, text.encode("utf-8"))
        staged.chmod(0o644)
        _attach(staged, attached or {})
        return staged

    def open_folder(self) -> Path:
        """
        The folder, made again where somebody has removed it meanwhile, as ``git clean`` does.
        """
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            _keep_out_of_git(self._home)
        return self.folder

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def clean(folder: Path) -> None:
    """
    Delete the files of bodies in *folder* that nothing there refers to.
    """
    if folder.is_dir():
        with locked(folder):
            delete_unreferenced(folder)


class FolderByFolder:
    """
    Cleans each folder once, when the next one is begun: to do it for each cassette reads a folder of
    10,000 cassettes 10,000 times.

    A command that was killed comes to the folder again where it goes on, and cleans it then. With
    *removes_empty* a folder goes in which nothing is left.
    """

    def __init__(self, *, removes_empty: bool = False) -> None:
        self._folder: Path | None = None
        self._removes_empty = removes_empty

    def __enter__(self) -> Clean:
        return self._next

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._next(None)

    def _next(self, folder: Path | None) -> None:
        if self._folder is not None and self._folder != folder:
            clean(self._folder)
            if self._removes_empty:
                with suppress(OSError):  # there is something else in it
                    self._folder.rmdir()
        self._folder = folder


def promote(staged: Path, target: Path, *, merge: Merge | None = None, clean: Clean = clean) -> bool:
    """
    Put the staged file in the place of *target* by one atomic rename; False when nothing differed.

    The files that it refers to are there before it. Those that only the replaced one referred to are left to
    *clean*, which deletes them. What *merge* makes of it and of the cassette that is there, nobody changes
    meanwhile.
    """
    changed = _promote(staged, target, merge)
    clean(target.parent)
    return changed


def _promote(staged: Path, target: Path, merge: Merge | None) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.parent) as folder:
        if merge is not None:
            _merge(staged, _accepted(target), merge)
        _put_attached(staged, target.parent, folder)
        if target.is_file() and plain(target.read_bytes()) == staged.read_bytes():
            staged.unlink()
            return False
        staged.replace(target)
        os.fsync(folder)
    return True


def discard(path: Path, *, clean: Clean = clean) -> None:
    """
    Delete a pending recording, or a cassette, and the files that nothing refers to without it.
    """
    if path.parent.is_dir():
        with locked(path.parent):
            path.unlink(missing_ok=True)
        clean(path.parent)


def _write(path: Path, content: Content) -> None:
    """
    Make *content* what is in the file, and read it back.

    A client that closes a connection in one thread while another one still writes to it may write to whatever
    file is opened next: the system gives that the same number.

    :raises RecordingRefused: when something else is in it each time.
    """
    for _ in range(_ATTEMPTS):
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644), "wb") as file:
            file.writelines(pieces_of_content(content))
            file.flush()
            os.fsync(file.fileno())
        if _holds(path, content):
            return
    raise RecordingRefused(
        f"{path.name} was written {_ATTEMPTS} times, and something else in this process wrote into it each "
        "time; "
        "record again, with the connections of the test closed before it ends"
    )


def _holds(path: Path, content: Content) -> bool:
    with path.open("rb") as file:
        is_same = all(file.read(len(piece)) == piece for piece in pieces_of_content(content))
        return is_same and not file.read(1)


def _attached_to(staged: Path) -> Path:
    return staged.with_name(f"{staged.name}.files")


def _attach(staged: Path, attached: Mapping[str, Content]) -> None:
    if attached:
        _attached_to(staged).mkdir(exist_ok=True)
    for name, content in attached.items():
        file = _attached_to(staged) / name
        if isinstance(content, FileContent) and file.exists():
            continue  # it is named by its content, which may be read from this very file
        _write(file, content)


def _accepted(target: Path) -> Cassette | None:
    """
    What is at *target*; one that is damaged gives way, unless parts of other tests are in it.
    """
    try:
        return cassette_of_text(target, read_text(target))
    except CassetteFormatError:
        if _SHARED.search(target.read_bytes()):
            raise
        return None


def _merge(staged: Path, present: Cassette | None, merge: Merge) -> None:
    text = staged.read_text(encoding="utf-8")
    take = load_cassette(text, name=str(staged), attached=attachments_in(_attached_to(staged)))
    merged = merge(take, present)
    if merged != take:
        text, files = write_cassette(merged)
        _write(staged, text.encode("utf-8"))
        _attach(staged, files)


def _put_attached(staged: Path, folder: Path, descriptor: int) -> None:
    source = _attached_to(staged)
    if not source.is_dir():
        return
    for file in source.iterdir():
        target = folder / file.name
        if target.is_file() and open_content(target) == open_content(file):
            file.unlink()
        else:
            file.replace(target)
    source.rmdir()
    os.fsync(descriptor)


def delete_unreferenced(folder: Path) -> None:
    """
    Delete the files of bodies in *folder* that nothing there refers to, nor any pending recording.
    """
    found = {path.name: path for path in folder.iterdir() if is_attachment(path.name) and path.is_file()}
    if not found:
        return
    for path in [*folder.iterdir(), *_files_in_staging(folder)]:
        if found and not is_attachment(path.name) and path.is_file():
            with suppress(FileNotFoundError):  # the recording of another process, for another folder
                for name in names_in(path.read_bytes().decode("utf-8", "replace")):
                    found.pop(name, None)
    for name, path in found.items():
        # A file of another origin may have a name like ours.
        if is_attachment(name, open_content(path).sha256):
            path.unlink()


def _files_in_staging(folder: Path) -> Iterator[Path]:
    """
    Whatever is in the hidden folder that *folder* belongs to: other processes have their recordings there.
    """
    homes = (parent / STAGING_DIR for parent in (folder, *folder.parents))
    home = next((home for home in homes if home.is_dir()), None)
    if home is not None:
        yield from (path for path in home.rglob("*") if path.suffix != ".files")


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
