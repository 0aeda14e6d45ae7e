"""
Compressed bodies: unpacked on the way into a cassette, since packed bytes cannot be reviewed or redacted, and
packed again on the way to a client that looks at ``Content-Encoding``.

Brotli and Zstandard take packages that are installed wherever a client asks for them. The packed bytes need
not be those of the service: what the client unpacks is the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from typing import Any

from taketwo.cassette.body.limits import MAX_BYTES

_FAST_GZIP, _FAST_DEFLATE = 31, 15
_ANY_ZLIB = 47  # gzip or deflate, as its head says
_BLOCK = 4096
_MOST_CODINGS = 4
_MARKS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_ZLIB = {"gzip": _FAST_GZIP, "x-gzip": _FAST_GZIP, "deflate": _FAST_DEFLATE}
_BROTLI = ("brotli", "brotlicffi")
_ZSTD = ("compression.zstd", "backports.zstd")

Unpack = Callable[[bytes], bytes]


class NotPacked(Exception):  # noqa: N818 - it reads as what was found
    """
    The bytes are not packed as they should be, nothing here can unpack them, or they would fill the memory.
    """


def unpacked(body: bytes, coding: str, *, is_whole: bool = True) -> bytes:
    """
    *body* without its *coding*, as a header names it; with *is_whole*, the end has to be there.

    :raises NotPacked: when that is not possible.
    """
    return b"".join(unpacked_pieces([body], coding, is_whole=is_whole))


def unpacked_pieces(pieces: Iterable[bytes], coding: str, *, is_whole: bool = True) -> list[bytes]:
    """
    The same of a body that came in pieces: what a decoder gives out for each of them.

    :raises NotPacked: when that is not possible.
    """
    found = list(pieces)
    for one in reversed(_codings(coding)):
        found = _unpacked_once(found, one, is_whole=is_whole)
    return found


def _codings(coding: str) -> list[str]:
    """
    The codings that a header names, in the order in which they were applied: ``gzip, br`` is gzip first.

    :raises NotPacked: where there are more than anybody applies.
    """
    found = [name for each in coding.split(",") if (name := each.strip().lower()) not in {"", "identity"}]
    if len(found) > _MOST_CODINGS:
        raise NotPacked
    return found


def _unpacked_once(pieces: Iterable[bytes], coding: str, *, is_whole: bool) -> list[bytes]:
    unpack, is_done = unpacker(coding)
    room, found = MAX_BYTES, []
    for piece in pieces:
        blocks = (piece[start : start + _BLOCK] for start in range(0, len(piece), _BLOCK))
        try:
            found.append(b"".join(map(unpack, blocks)))
        except Exception as error:  # whatever a library raises for bytes that it does not know
            raise NotPacked from error
        room -= len(found[-1])
        if room < 0:
            raise NotPacked
    if is_whole and not is_done():
        raise NotPacked
    return found


def coding_of(body: bytes) -> str | None:
    """
    The coding that the first bytes of *body* show, if any.
    """
    return next((coding for mark, coding in _MARKS.items() if body.startswith(mark)), None)


def packed(body: bytes, coding: str) -> bytes:
    """
    :raises NotPacked: when nothing here can do it.
    """
    return b"".join(packed_pieces([body], coding, is_whole=True))


def can_pack(coding: str) -> bool:
    try:
        codings = _codings(coding)
    except NotPacked:
        return False
    return bool(codings) and all(_packer(one) is not None for one in codings)


def packed_pieces(pieces: Iterable[bytes], coding: str, *, is_whole: bool) -> Iterator[bytes]:
    """
    *pieces*, each packed so that a client can unpack it when it comes; one that *is_whole* has its end too.
    """
    for one in _codings(coding):
        pieces = _packed_once(pieces, one, is_whole=is_whole)
    yield from pieces


def _packed_once(pieces: Iterable[bytes], coding: str, *, is_whole: bool) -> Iterator[bytes]:
    make = _packer(coding)
    if make is None:
        raise NotPacked
    pack, flush, finish = make()
    waiting: bytes | None = None
    for piece in pieces:
        if waiting is not None:
            yield waiting
        waiting = pack(piece) + flush()
    yield (waiting or b"") + (finish() if is_whole else b"")


def unpacker(coding: str) -> tuple[Unpack, Callable[[], bool]]:
    """
    What unpacks a piece, and what tells whether that was the last.

    :raises NotPacked: where nothing here knows *coding*.
    """
    if coding in _ZLIB:
        members = _Members()
        return members.unpack, members.is_done
    library = _library(_BROTLI) if coding == "br" else _library(_ZSTD) if coding == "zstd" else None
    if library is None:
        raise NotPacked
    if coding == "zstd":
        frames = library.ZstdDecompressor()
        return frames.decompress, lambda: frames.eof
    decoder = library.Decompressor()
    unpack: Unpack = decoder.process if hasattr(decoder, "process") else decoder.decompress
    return unpack, decoder.is_finished


class _Members:
    """
    Unpacks gzip or deflate; gzip may be several members, one after the other, and zeros behind them.
    """

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_ANY_ZLIB)

    def unpack(self, data: bytes) -> bytes:
        found = []
        while data:
            if self._member.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                self._member = zlib.decompressobj(_ANY_ZLIB)
            found.append(self._member.decompress(data))
            data = self._member.unused_data
        return b"".join(found)

    def is_done(self) -> bool:
        return self._member.eof


def _packer(coding: str) -> Callable[[], tuple[Unpack, Callable[[], bytes], Callable[[], bytes]]] | None:
    """
    What makes the three steps of packing: a piece, the rest of it, and the end of all.
    """
    if coding in _ZLIB:
        return lambda: _zlib_steps(_ZLIB[coding])
    if coding == "br" and (library := _library(_BROTLI)) is not None:
        return lambda: _brotli_steps(library)
    if coding == "zstd" and (library := _library(_ZSTD)) is not None:
        return lambda: _zstd_steps(library)
    return None


def _zlib_steps(bits: int) -> tuple[Unpack, Callable[[], bytes], Callable[[], bytes]]:
    packing = zlib.compressobj(zlib.Z_BEST_SPEED, zlib.DEFLATED, bits)
    return packing.compress, lambda: packing.flush(zlib.Z_SYNC_FLUSH), packing.flush


def _brotli_steps(library: Any) -> tuple[Unpack, Callable[[], bytes], Callable[[], bytes]]:  # noqa: ANN401 - brotli or brotlicffi
    packing = library.Compressor(quality=1)
    pack = packing.process if hasattr(packing, "process") else packing.compress
    return pack, packing.flush, packing.finish


def _zstd_steps(library: Any) -> tuple[Unpack, Callable[[], bytes], Callable[[], bytes]]:  # noqa: ANN401 - compression.zstd
    packing = library.ZstdCompressor(level=1)
    return packing.compress, lambda: packing.flush(packing.FLUSH_BLOCK), packing.flush


@lru_cache(maxsize=4)
def _library(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - a module, or None
    for name in names:
        with suppress(ImportError):
            return import_module(name)
    return None
