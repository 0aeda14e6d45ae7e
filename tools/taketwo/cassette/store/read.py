"""
Cassettes read from the disk: ours or VCR.py's, from their text or their compiled form, with good errors.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from taketwo.cassette.body.limits import MAX_BYTES
from taketwo.cassette.cache.packs import pack_in
from taketwo.cassette.content import LARGEST_IN_MEMORY, Content, open_content
from taketwo.cassette.model import Cassette
from taketwo.cassette.store.locks import locked
from taketwo.cassette.text.line_ends import plain, rewritten
from taketwo.errors import CassetteFormatError

if TYPE_CHECKING:
    from taketwo.cassette.text.bodies import Attached

_OURS = re.compile(r"^(?:taketwo|\"taketwo\"|'taketwo'):", re.MULTILINE)
_THEIRS = re.compile(
    r"^(?:(?:http_)?interactions|\"(?:http_)?interactions\"|'(?:http_)?interactions'):|\A\s*\{|\A- request:",
    re.MULTILINE,
)

_FIRST_OF_MARK = b"\xef"

REWRITTEN: dict[str, str] = {}
"""The cassettes that were read and are not as they were written, with what a checkout or an editor did."""

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
        content = _content(path)
        # To look for one byte takes a twentieth of the time that it takes to look for two.
        if content[:1] == _FIRST_OF_MARK or (b"\r" in content and b"\r\n" in content):
            if what := rewritten(content):
                REWRITTEN[str(path)] = what
            content = plain(content)
        return content.decode("utf-8")
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
    pack, name = pack_in(os.path.dirname(path)), str(path)  # noqa: PTH120 - every test does this
    attached = attachments_in(path.parent)
    cassette = pack.read(text, name=name, attached=attached)
    if cassette is not None:
        return cassette
    # Most were read before, and have a compiled form.
    from taketwo.cassette.text.format import load_tree  # noqa: PLC0415
    from taketwo.cassette.text.yaml_reader import load_yaml  # noqa: PLC0415

    tree = load_yaml(text, name=name)
    cassette = load_tree(tree, name=name, attached=attached)
    pack.add(text, tree, cassette)
    return cassette


def owners_of(path: Path) -> tuple[str, ...]:
    """
    The tests that recorded the cassette at *path*, as its head names them: nothing else of it is looked at.
    """
    from taketwo.cassette.text.yaml_reader import load_yaml  # noqa: PLC0415 - as above

    try:
        text = read_text(path) or ""
        named = [load_yaml(found, name=str(path)) for found in _OWNER.findall(text)]
    except CassetteFormatError:
        return ()
    return tuple(test for test in named if isinstance(test, str))


def is_vcrpy_file(path: Path) -> bool:
    """
    Whether there is a cassette of VCR.py at *path*, or something that cannot be read and is to be reported.
    """
    try:
        text = read_text(path)
    except CassetteFormatError:
        return True
    return text is not None and is_vcrpy(text)


def attachments_in(folder: Path) -> Attached:
    def read(name: str, size: int) -> Content | None:
        try:
            if size > LARGEST_IN_MEMORY:
                return open_content(folder / name)
            with (folder / name).open("rb") as file:
                return file.read(min(size, os.fstat(file.fileno()).st_size) + 1)
        except OSError:
            return None

    return read
