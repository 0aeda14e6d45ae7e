"""
Whether a secret is in what a tool has written, in whatever encoding; it shares no code with what it judges.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import json
import re
import string
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from urllib.parse import unquote_to_bytes

import brotli
from backports import zstd

from tests.benchmarks.secret_corpus import FORMS

_DEEPEST = 3
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}(?:\n\s*[A-Za-z0-9+/_-]{16,})*={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[:, -]?){6,}")
_LINE_BREAK = re.compile(rb"\\?\n\s*\\?")
_ESCAPED = re.compile(rb"\\+u([0-9A-Fa-f]{4})|\\+x([0-9A-Fa-f]{2})|\\+([\"/'\\])")
_PRINTED = frozenset(string.printable.encode())
_SAMPLE = 200
_ALONE = ("base32", "base85", "quoted-printable")


def read(content: bytes) -> bytes:
    """
    *content*, and whatever it says when it is unpacked and its escapes are undone.
    """
    seen = {content}
    layer = [content]
    for _ in range(_DEEPEST):
        layer = [one for text in layer for one in _inside(text) if len(one) > 3 and one not in seen]
        layer = list(dict.fromkeys(layer))
        seen.update(layer)
    return b"\n".join(seen)


def is_in(readings: bytes, value: str) -> bool:
    """
    Whether a value is in what :func:`read` gave.
    """
    forms = {value, *(FORMS[name](value) for name in _ALONE)}
    escaped = {json.dumps(form)[1:-1] for form in forms}
    return any(form.encode() in readings for form in forms | escaped)


def _inside(text: bytes) -> Iterator[bytes]:
    yield from (undo(text) for undo in _UNDO if undo(text) != text)
    if text.count(0) * 4 > len(text):
        yield from (text.decode(name, "ignore").encode() for name in ("utf-16-le", "utf-16-be"))
    yield from _decompressed(text)
    for found in _BASE64.finditer(text):
        run = re.sub(rb"\s", b"", found[0]).rstrip(b"=")
        for skipped in range(4):
            yield from _worth(_from_base64(run[skipped:]))
    for found in _HEX.finditer(text):
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", found[0])
        for skipped in (0, 1):
            rest = digits[skipped:]
            yield from _worth([bytes.fromhex(rest[: len(rest) // 2 * 2].decode())])


def _from_base64(run: bytes) -> list[bytes]:
    run = run.replace(b"-", b"+").replace(b"_", b"/")
    run = run[: len(run) - 1] if len(run) % 4 == 1 else run
    with suppress(binascii.Error):
        return [base64.b64decode(run + b"=" * (-len(run) % 4))]
    return []


def _worth(contents: Iterable[bytes]) -> Iterator[bytes]:
    """
    Those that are a text, or can be unpacked: the rest is chance.
    """
    for content in contents:
        printed = sum(byte in _PRINTED for byte in content[:_SAMPLE])
        with suppress(UnicodeDecodeError):
            content.decode()
            # A word of a text is base64 of a few signs that nobody wrote.
            if printed * 2 >= len(content[:_SAMPLE]):
                yield content
            continue
        if content.count(0) * 4 > len(content):
            yield content
        yield from _decompressed(content)


def _decompressed(content: bytes) -> Iterator[bytes]:
    with suppress(zlib.error):
        yield zlib.decompressobj(47).decompress(content)
    with suppress(zstd.ZstdError):
        yield zstd.decompress(content)
    with (
        suppress(zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError),
        zipfile.ZipFile(io.BytesIO(content)) as archive,
    ):
        yield from map(archive.read, archive.namelist())
    if not content.isascii():
        with suppress(brotli.error):
            yield brotli.decompress(content)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return chr(int(found[1], 16)).encode("utf-8", "replace")
    return bytes.fromhex(found[2].decode()) if found[2] else found[3]


_UNDO: tuple[Callable[[bytes], bytes], ...] = (
    lambda text: _LINE_BREAK.sub(b" ", text),
    lambda text: _LINE_BREAK.sub(b"", text),
    unquote_to_bytes,
    lambda text: unquote_to_bytes(text.replace(b"+", b" ")),
    lambda text: html.unescape(text.decode("utf-8", "replace")).encode(),
    lambda text: _ESCAPED.sub(_unescaped, text),
)
