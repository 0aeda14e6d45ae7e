"""
Cassettes read from the disk: ours or VCR.py's, from their text or their compiled form, with good errors.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from taketwo.cassette.body.limits import MAX_BYTES
from taketwo.cassette.cache.compiled import load_compiled, sealed, unsealed
from taketwo.cassette.cache.packs import SMALLEST_ALONE, pack_in
from taketwo.cassette.cache.store import cache_of, key_of
from taketwo.cassette.model import Cassette
from taketwo.cassette.store.locks import locked
from taketwo.cassette.text.bodies import Attached
from taketwo.cassette.text.format import load_cassette, load_tree
from taketwo.cassette.text.yaml_reader import load_yaml
from taketwo.errors import CassetteFormatError

_OURS = re.compile(r"^(?:taketwo|\"taketwo\"|'taketwo'):", re.MULTILINE)
_THEIRS = re.compile(r"^(?:interactions|\"interactions\"|'interactions'):|\A\s*\{", re.MULTILINE)

_OWNER = re.compile(r"^(?:- )?test: (.+)$", re.MULTILINE)


def is_vcrpy(text: str) -> bool:
    """
    Whether *text* looks like a cassette of VCR.py, and not like one of ours.
    """
    if text.startswith("taketwo:"):
        return False
    return bool(_THEIRS.search(text)) and not _OURS.search(text)


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
        return cassette_of_text(path, read_text(path))
    except CassetteFormatError:
        if not path.parent.is_dir():
            raise
    # Perhaps it was replaced meanwhile, and its files were collected before they were read: once more, while
    # nobody writes in its folder.
    with locked(path.parent):
        text = read_text(path)
        try:
            return cassette_of_text(path, text)
        except CassetteFormatError as error:
            from taketwo.cassette.text.positions import with_line  # noqa: PLC0415 - seldom is one damaged

            raise with_line(error, text or "") from None


def cassette_of_text(path: Path, text: str | None) -> Cassette | None:
    if text is None:
        return None
    if is_vcrpy(text):
        from taketwo.cassette.vcrpy.read import load_vcrpy  # noqa: PLC0415 - few cassettes are

        return load_vcrpy(text, name=str(path))
    if len(text) < SMALLEST_ALONE:
        return _read_small(text, path)
    return _read_compiled(text, path)


def _read_small(text: str, path: Path) -> Cassette:
    """
    The cassette of *text* from what is kept for its folder, by what is known of others, or in full.
    """
    name = str(path)
    kept, key = pack_in(os.path.dirname(name)), key_of(text)  # noqa: PTH120 - as above
    attached = attachments_in(path.parent)
    content = kept.get(key)
    if content is not None:
        return load_compiled(content, name=name, attached=attached)
    cassette = _compiled_at_once(text, name, attached) or load_cassette(text, name=name, attached=attached)
    kept.miss(key, name)
    return cassette


def _compiled_at_once(text: str, name: str, attached: Attached) -> Cassette | None:
    """
    The cassette of *text*, if all in it is like what others hold, and it is sound.
    """
    from taketwo.cassette.cache.compile import compile_text  # noqa: PLC0415 - as below

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
    name, attached = str(path), attachments_in(path.parent)
    found = kept.get(key)
    content = unsealed(found, key) if found else None
    if content is not None:
        return load_compiled(content, name=name, attached=attached)
    cassette, content = _compile(text, name, attached)
    kept.put(key, content and sealed(content, key))
    return cassette


def _compile(text: str, name: str, attached: Attached) -> tuple[Cassette, bytes | None]:
    from taketwo.cassette.cache.compile import (  # noqa: PLC0415 - done once per cassette
        compile_text,
        compile_whole,
    )

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


def attachments_in(folder: Path) -> Attached:
    def read(name: str, size: int) -> bytes | None:
        try:
            with (folder / name).open("rb") as file:
                return file.read(min(size, os.fstat(file.fileno()).st_size) + 1)
        except OSError:
            return None

    return read
