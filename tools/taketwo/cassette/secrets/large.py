"""
Texts that are too large to be read as a whole: the parts in which secrets are looked for.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from taketwo.cassette.body.coding import NotPacked, unpacker
from taketwo.cassette.body.limits import LARGEST_TEXT
from taketwo.cassette.content import Content, FileContent, as_file, is_utf8, pieces_of_content
from taketwo.cassette.model import BinaryBody, Body
from taketwo.cassette.secrets.readings import MOST_OF_ARCHIVE, Packing, as_utf_16, packing_of

_PART = 1 << 20  # bytes
_REACH = 1 << 16  # bytes before the end of a part in which a better end is looked for
_OVERLAP = 1 << 12  # bytes; a secret is shorter
_ENDS = (b"\n", b"}", b",", b" ")
_MOST_UNPACKED = 32
"""Times that what is packed may be longer when it is unpacked; of a longer one the rest is not looked at."""


def is_large_text(body: Body) -> bool:
    """
    Whether *body* is a text that is kept in a file because it is so large.
    """
    if not isinstance(body, BinaryBody):
        return False
    if body.is_text or len(body.content) <= LARGEST_TEXT:
        return body.is_text
    return body.content.is_text if isinstance(body.content, FileContent) else is_utf8([body.content])


def parts_of_text(content: Content) -> Iterator[str]:
    """
    *content* in parts that end behind a line, an object, a value or a word, so that no name loses its value.
    """
    start = 0
    while start < len(content):
        part = content[start : start + _PART + 1]
        part = part if start + len(part) == len(content) else part[: _end_before(part, _PART)]
        yield part.decode("utf-8")
        start += len(part)


def overlapping_parts(content: Content) -> Iterator[bytes]:
    """
    *content* in parts that share their ends: whatever :func:`parts_of_text` cuts is whole in one of them.
    """
    for start in range(0, len(content), _PART):
        yield content[max(start - _OVERLAP, 0) : start + _PART + _OVERLAP]


def unpacked_parts(content: Content) -> Iterator[bytes]:
    """
    What is in *content* where that is gzip, zlib, zip, Zstandard, or looks like text in UTF-16, in parts that
    share their ends.
    """
    room = max(_MOST_UNPACKED * len(content), _PART)
    for part in _sharing_ends(_unpacked(content)):
        yield part
        room -= len(part)
        if room < 0:
            return


def _unpacked(content: Content) -> Iterator[bytes]:
    packing = packing_of(content[:4])
    if packing is Packing.ZIP:
        yield from _archived(content)
    elif packing is Packing.ZSTD:
        with suppress(NotPacked):
            unpack, _ = unpacker("zstd")
            with suppress(Exception):  # whatever a library raises for bytes that it does not know
                yield from map(unpack, pieces_of_content(content))
    elif packing is not None:
        yield from _inflated(content, packing)
    else:
        yield from (text for part in overlapping_parts(content) for text in as_utf_16(part))


def _inflated(content: Content, packing: Packing) -> Iterator[bytes]:
    member = zlib.decompressobj(packing.value)
    with suppress(zlib.error):
        for piece in pieces_of_content(content):
            rest = piece
            while rest:
                if member.eof:  # a file of gzip may have several, one after the other
                    member = zlib.decompressobj(packing.value)
                yield member.decompress(rest, _PART)
                rest = member.unused_data if member.eof else member.unconsumed_tail


def _archived(content: Content) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(as_file(content)) as archive:
            for entry in archive.infolist()[:MOST_OF_ARCHIVE]:
                with archive.open(entry) as file:
                    while part := file.read(_PART):
                        yield part
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError):
        return


def _sharing_ends(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting, size, end = list[bytes](), 0, b""
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PART:
            part = b"".join([end, *waiting])
            yield part
            waiting, size, end = [], 0, part[-_OVERLAP:]
    if size:
        yield b"".join([end, *waiting])


def _end_before(content: bytes, stop: int) -> int:
    for end in _ENDS:
        found = content.rfind(end, stop - _REACH, stop)
        if found >= 0:
            return found + len(end)
    while content[stop] & 0xC0 == 0x80:  # within a character  # noqa: PLR2004
        stop -= 1
    return stop
