"""
Cassettes on the disk: read with good errors, written so that none is ever lost.

A take is written in the workshop, a hidden folder beside the cassettes and on the same file system, and
moved into place by one atomic rename. Whatever interrupts that, the cassette is the old one or the new one.
Its files come into place before it, and those that nothing refers to go after it; a lock on the folder keeps
two processes from collecting what the other is about to refer to.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from taketwo.cassette.attaching import attachments, is_attachment, names_in, sha256_of
from taketwo.cassette.body_text import Attached
from taketwo.cassette.cache import cache_of, key_of
from taketwo.cassette.compiled import load_compiled, sealed, unsealed
from taketwo.cassette.folder import WORKSHOP
from taketwo.cassette.locking import PATIENCE, Claim, claim, locked
from taketwo.cassette.model import Cassette
from taketwo.cassette.small import SMALLEST_ALONE, small_in
from taketwo.cassette.text import load_cassette, load_tree
from taketwo.cassette.vcrpy_signs import is_vcrpy
from taketwo.cassette.yaml_form import MAX_BYTES, load_yaml
from taketwo.errors import CassetteFormatError

Merge = Callable[[Cassette, Cassette | None], Cassette]
"""Makes of a take and of the cassette that is in its place the one that is to be there."""

_OWNER = re.compile(r"^(?:- )?test: (.+)$", re.MULTILINE)
_SHARED = re.compile(rb"^parts:", re.MULTILINE)


def read_text(path: Path) -> str | None:
    """
    The text of a cassette, or None when there is no such file.

    :raises CassetteFormatError: when it is too large, not UTF-8, or cannot be read.
    """
    try:
        return _content(path).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise CassetteFormatError(f"{path}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise CassetteFormatError(f"{path} cannot be read: {error.strerror}") from None


def _content(path: Path) -> bytes:
    """
    What is in the file. Every test reads one, so the system is asked for as little as can be.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        if size > MAX_BYTES:
            raise CassetteFormatError(f"{path}: the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
        content = os.read(descriptor, size)
        while len(content) < size and (more := os.read(descriptor, size - len(content))):
            content += more
    finally:
        os.close(descriptor)
    return content


def read_cassette(path: Path) -> Cassette | None:
    """
    The cassette at *path*, ours or one of VCR.py, or None when there is no such file.

    :raises CassetteFormatError: naming file, line, place and reason.
    """
    try:
        return _read(path, read_text(path))
    except CassetteFormatError:
        if not path.parent.is_dir():
            raise
    # Perhaps it was replaced meanwhile, and its files were collected before they were read: once more, while
    # nobody writes in its folder.
    with locked(path.parent):
        text = read_text(path)
        try:
            return _read(path, text)
        except CassetteFormatError as error:
            from taketwo.cassette.lines import with_line  # noqa: PLC0415 - seldom is one damaged

            raise with_line(error, text or "") from None


def _read(path: Path, text: str | None) -> Cassette | None:
    if text is None:
        return None
    if is_vcrpy(text):
        from taketwo.cassette.vcrpy import load_vcrpy  # noqa: PLC0415 - few cassettes are

        return load_vcrpy(text, name=str(path))
    if len(text) < SMALLEST_ALONE:
        return _read_small(text, path)
    return _read_compiled(text, path)


def _read_small(text: str, path: Path) -> Cassette:
    """
    The cassette of *text* from what is kept for its folder, by what is known of others, or in full.
    """
    name = str(path)
    kept, key = small_in(os.path.dirname(name)), key_of(text)  # noqa: PTH120 - as above
    attached = _reader(path.parent)
    content = kept.get(key)
    if content is not None:
        return load_compiled(content, name=name, attached=attached)
    cassette = _known(text, name, attached) or load_cassette(text, name=name, attached=attached)
    kept.miss(key, name)
    return cassette


def _known(text: str, name: str, attached: Attached) -> Cassette | None:
    """
    The cassette of *text*, if all in it is like what others hold, and it is sound.
    """
    from taketwo.cassette.compiling import compile_text  # noqa: PLC0415 - as below

    # A text may hold what no compiled form can: half of a surrogate pair.
    with suppress(CassetteFormatError, UnicodeEncodeError):
        if (found := compile_text(text, only_known=True)) is not None:
            return found.cassette(name=name, attached=attached)
    return None


def _read_compiled(text: str, path: Path) -> Cassette:
    """
    The cassette of *text* from its compiled form, which is made when there is none.
    """
    kept, key = cache_of(os.environ), key_of(text)
    name, attached = str(path), _reader(path.parent)
    found = kept.get(key)
    content = unsealed(found, key) if found else None
    if content is not None:
        return load_compiled(content, name=name, attached=attached)
    cassette, content = _compile(text, name, attached)
    kept.put(key, content and sealed(content, key))
    return cassette


def _compile(text: str, name: str, attached: Attached) -> tuple[Cassette, bytes | None]:
    from taketwo.cassette.compiling import compile_text, compile_whole  # noqa: PLC0415 - done once per cassette

    # Whatever is wrong with it is told by the full reader.
    with suppress(CassetteFormatError):
        found = compile_text(text)
        content = found and found.content()
        if found and content:
            return found.cassette(name=name, attached=attached), content
    tree = load_yaml(text, name=name)
    cassette = load_tree(tree, name=name, attached=attached)
    whole = compile_whole(tree, cassette)
    return cassette, None if whole is None else whole.content()


def owners_of(path: Path) -> tuple[str, ...]:
    """
    The tests that recorded the cassette at *path*, as its head names them: nothing else of it is looked at.
    """
    try:
        text = read_text(path) or ""
        named = [load_yaml(found, name=str(path)) for found in _OWNER.findall(text)]
    except CassetteFormatError:
        return ()
    return tuple(test for test in named if isinstance(test, str))


def is_vcrpy_file(path: Path) -> bool:
    """
    Whether there is a cassette of VCR.py at *path*, or something that cannot be read and is to be told.
    """
    try:
        text = read_text(path)
    except CassetteFormatError:
        return True
    return text is not None and is_vcrpy(text)


class Workshop:
    """
    Where the takes of one process wait until their tests have passed.
    """

    def __init__(self, cassettes: Path, *, patience: float = PATIENCE) -> None:
        home = cassettes / WORKSHOP
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

    def stage(self, text: str, attached: Mapping[str, bytes] | None = None) -> Path:
        """
        Write *text* whole to a file of its own, flushed to the disk, and the files that it refers to.
        """
        descriptor, name = tempfile.mkstemp(dir=self.folder)
        staged = Path(name)
        _write(descriptor, text.encode("utf-8"))
        staged.chmod(0o644)
        _attach(staged, attached or {})
        return staged

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def promote(staged: Path, target: Path, *, merge: Merge | None = None) -> bool:
    """
    Put the staged file in the place of *target* by one atomic rename; False when nothing differed.

    The files that it refers to are there before it. Those that only the replaced one referred to go. What
    *merge* makes of it and of the cassette that is there, nobody changes meanwhile.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.parent) as folder:
        if merge is not None:
            _merge(staged, _present(target), merge)
        _put_attached(staged, target.parent, folder)
        if target.is_file() and target.read_bytes() == staged.read_bytes():
            staged.unlink()
            return False
        staged.replace(target)
        os.fsync(folder)
        _collect(target.parent)
    return True


def discard(path: Path) -> None:
    """
    Delete a pending take, or a cassette, and the files that nothing refers to without it.
    """
    if path.parent.is_dir():
        with locked(path.parent):
            path.unlink(missing_ok=True)
            _collect(path.parent)


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _attached_to(staged: Path) -> Path:
    return staged.with_name(f"{staged.name}.files")


def _attach(staged: Path, attached: Mapping[str, bytes]) -> None:
    if attached:
        _attached_to(staged).mkdir(exist_ok=True)
    for name, content in attached.items():
        file = _attached_to(staged) / name
        _write(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644), content)


def _present(target: Path) -> Cassette | None:
    """
    What is at *target*; one that is damaged gives way, unless parts of other tests are in it.
    """
    try:
        return _read(target, read_text(target))
    except CassetteFormatError:
        if _SHARED.search(target.read_bytes()):
            raise
        return None


def _merge(staged: Path, present: Cassette | None, merge: Merge) -> None:
    text = staged.read_text(encoding="utf-8")
    take = load_cassette(text, name=str(staged), attached=_reader(_attached_to(staged)))
    merged = merge(take, present)
    if merged != take:
        from taketwo.cassette.dumping import dump_cassette  # noqa: PLC0415 - a replay has no use for it

        _write(os.open(staged, os.O_WRONLY | os.O_TRUNC), dump_cassette(merged).encode("utf-8"))
        _attach(staged, attachments(merged))


def _put_attached(staged: Path, folder: Path, descriptor: int) -> None:
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
    os.fsync(descriptor)


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
    homes = (parent / WORKSHOP for parent in (folder, *folder.parents))
    home = next((home for home in homes if home.is_dir()), None)
    if home is not None:
        yield from (path for path in home.rglob("*") if path.suffix != ".files")


def _reader(folder: Path) -> Attached:
    def read(name: str, size: int) -> bytes | None:
        try:
            with (folder / name).open("rb") as file:
                return file.read(min(size, os.fstat(file.fileno()).st_size) + 1)
        except OSError:
            return None

    return read


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
