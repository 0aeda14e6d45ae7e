"""
A request as it goes over the wire, read while the client writes it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from taketwo.cassette.content import whole
from taketwo.cassette.index import Wire
from taketwo.cassette.model import LiveRequest, Pairs
from taketwo.intercept.http_client.chunked import ChunkReader
from taketwo.playback.player import IncomingRequest

Data: TypeAlias = Any
"""What ``HTTPConnection.send`` takes: bytes of any kind, a file, or an iterable of bytes."""

_END_OF_HEAD = b"\r\n\r\n"


class OutgoingRequest:
    """
    The request that a client writes to *base*, the scheme and host of its connection.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._head = bytearray()
        self._rest = bytearray()
        self._chunks: ChunkReader | None = None
        self._length = 0
        self.method = ""
        self._target = ""
        self.headers: Pairs = ()
        self._values: dict[str, str] = {}
        self.written = bytearray()

    @property
    def is_whole(self) -> bool:
        """
        Whether all that the head promises has been written.
        """
        if not self.method:
            return False
        return self._chunks.is_over if self._chunks else len(self._rest) >= self._length

    @property
    def expects_continue(self) -> bool:
        """
        Whether the client waits for ``100 Continue`` before it writes the body.
        """
        return self._values.get("expect", "").lower() == "100-continue" and not self.is_whole

    def write(self, data: bytes) -> None:
        self.written += data
        if self.method:
            self._write_body(data)
            return
        self._head += data
        head, found, rest = bytes(self._head).partition(_END_OF_HEAD)
        if found:
            self._read_head(head)
            self._write_body(rest)

    def incoming(self) -> IncomingRequest:
        """
        The request as it is compared and recorded, as far as it has been written.
        """
        method, url, headers, body = self.method, self._url(), self.headers, self._body()

        def whole() -> LiveRequest:
            return LiveRequest(method=method, url=url, headers=headers, body=body)

        media_type = self._values.get("content-type", "") if body else ""
        return IncomingRequest(Wire(method, url, media_type, body), headers, whole)

    def _read_head(self, head: bytes) -> None:
        line, *lines = head.decode("latin-1").split("\r\n")
        self.method, self._target, _ = line.split(" ", 2)
        pairs = [line.partition(":") for line in _unfolded(lines)]
        self.headers = tuple([(name, value.strip()) for name, _, value in pairs])
        # Of two with one name the first counts.
        self._values = {name.lower(): value for name, value in reversed(self.headers)}
        if self._values.get("transfer-encoding", "").lower() == "chunked":
            self._chunks = ChunkReader()
        else:
            length = self._values.get("content-length", "")
            self._length = int(length) if length.isdecimal() else 0

    def _write_body(self, data: bytes) -> None:
        if self._chunks is not None:
            self._chunks.read(data)
        else:
            self._rest += data

    def _body(self) -> bytes:
        return whole(self._chunks.body.content) if self._chunks is not None else bytes(self._rest)

    def _url(self) -> str:
        if self._target.lower().startswith(("http://", "https://")):  # as it is sent to a proxy
            return self._target
        return (
            f"{self._base}{self._target}" if self._target.startswith("/") else f"{self._base}/{self._target}"
        )


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    whole = ""
    for line in lines:
        if line.startswith((" ", "\t")):
            whole += f" {line.strip()}"
            continue
        if whole:
            yield whole
        whole = line
    if whole:
        yield whole


def watched(data: Data, write: Callable[[bytes], None]) -> Data:
    """
    *data* as the client gave it, to be sent: what is read of it goes to *write* too.
    """
    if hasattr(data, "read"):
        return _WatchedFile(data, write)
    try:
        content = bytes(memoryview(data))
    except TypeError:
        return _watched_pieces(data, write) if isinstance(data, Iterable) else data
    write(content)
    return data


def read_all(data: Data, write: Callable[[bytes], None], *, block: int) -> None:
    """
    Give all of *data* to *write*, read in the pieces in which it would be sent.
    """
    kept = watched(data, write)
    if hasattr(kept, "read"):
        while kept.read(block):
            pass
    elif isinstance(kept, Iterator):
        for _ in kept:
            pass
    elif not _is_buffer(kept):
        raise TypeError(f"data should be a bytes-like object or an iterable, got {type(data)!r}")


def _watched_pieces(pieces: Iterable[Data], write: Callable[[bytes], None]) -> Iterator[Data]:
    for piece in pieces:
        write(bytes(memoryview(piece)))
        yield piece


def _is_buffer(data: object) -> bool:
    try:
        memoryview(data)  # type: ignore[arg-type]  # what the question is
    except TypeError:
        return False
    return True


class _WatchedFile:
    """
    A file that is being sent.
    """

    def __init__(self, file: Any, write: Callable[[bytes], None]) -> None:  # noqa: ANN401 - whatever has a read()
        self._file = file
        self._is_text = isinstance(file, io.TextIOBase)
        self._write = write

    def read(self, size: int) -> bytes:
        block: Any = self._file.read(size)
        content = block.encode("iso-8859-1") if self._is_text else block
        if content:
            self._write(bytes(content))
        return bytes(content)
