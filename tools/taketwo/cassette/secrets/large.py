"""
Texts that are too large to be read as a whole: the parts in which secrets are looked for.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from taketwo.cassette.body.limits import LARGEST_TEXT
from taketwo.cassette.model import BinaryBody, Body

_PART = 1 << 20  # bytes
_REACH = 1 << 16  # bytes before the end of a part in which a better end is looked for
_OVERLAP = 1 << 12  # bytes; a secret is shorter
_ENDS = (b"\n", b"}", b",", b" ")


def is_large_text(body: Body) -> bool:
    """
    Whether *body* is a text that is kept in a file because it is so large.
    """
    if not isinstance(body, BinaryBody):
        return False
    if body.is_text or len(body.content) <= LARGEST_TEXT:
        return body.is_text
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(body.content)
    try:
        for start in range(0, len(view), _PART):
            decoder.decode(view[start : start + _PART], final=start + _PART >= len(view))
    except UnicodeDecodeError:
        return False
    return True


def parts_of_text(content: bytes) -> Iterator[str]:
    """
    *content* in parts that end behind a line, an object, a value or a word, so that no name loses its value.
    """
    start = 0
    while start < len(content):
        stop = min(start + _PART, len(content))
        stop = len(content) if stop == len(content) else _end_before(content, stop)
        yield content[start:stop].decode("utf-8")
        start = stop


def overlapping_parts(content: bytes, *, errors: str = "replace") -> Iterator[str]:
    """
    *content* in parts that share their ends: whatever :func:`parts_of_text` cuts is whole in one of them.

    *errors* tells what becomes of bytes that are no text, as for :meth:`bytes.decode`.
    """
    for start in range(0, len(content), _PART):
        yield content[max(start - _OVERLAP, 0) : start + _PART + _OVERLAP].decode("utf-8", errors)


def _end_before(content: bytes, stop: int) -> int:
    for end in _ENDS:
        found = content.rfind(end, stop - _REACH, stop)
        if found >= 0:
            return found + len(end)
    while content[stop] & 0xC0 == 0x80:  # within a character  # noqa: PLR2004
        stop -= 1
    return stop
