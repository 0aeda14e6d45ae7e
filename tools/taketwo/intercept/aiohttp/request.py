"""
A request of aiohttp as it goes over the wire, read before it is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import ClientRequest, hdrs, payload
from aiohttp.abc import AbstractStreamWriter
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import StreamWriter
from multidict import CIMultiDict

from taketwo.cassette.index import Wire
from taketwo.cassette.model import LiveRequest
from taketwo.playback.player import IncomingRequest


class UnwritableBody(Exception):  # noqa: N818 - it reads as what happened
    """
    The body of a request raised an error while it was written out.
    """


async def read_request(request: ClientRequest) -> IncomingRequest:
    """
    *request* as the recording knows it; its body is written out, and kept to be sent.

    :raises UnwritableBody: when it cannot be written; it raises the same error again when it is sent.
    """
    pieces = await _written_out(request)
    _set_content_type(request)
    body = await _compressed(pieces, request.compress) if request.compress else b"".join(pieces)
    method, url, headers = request.method, str(request.url), tuple(request.headers.items())

    def whole() -> LiveRequest:
        return LiveRequest(method=method, url=url, headers=headers, body=body)

    media_type = request.headers.get(hdrs.CONTENT_TYPE, "") if body else ""
    return IncomingRequest(Wire(method, url, media_type, body), headers, whole)


async def _written_out(request: ClientRequest) -> Sequence[bytes]:
    body: Any = request.body
    if not body:
        return []
    if not isinstance(body, payload.Payload):  # before aiohttp 3.12 a body may be bytes
        return [bytes(body)] if isinstance(body, bytes | bytearray) else list(map(bytes, body))
    writer, error, has_length = _Pieces(), None, body.size is not None
    try:
        await _write(body, writer, request)
    except Exception as raised:  # noqa: BLE001 - whatever the body of a test raises
        error = raised
    if error is not None or not isinstance(body, payload.BytesPayload):
        # A generator, a stream or a file gives its content once.
        _replace_body(request, WrittenBody(body, writer.pieces, error, has_length=has_length))
    if error is not None:
        raise UnwritableBody from error
    return writer.pieces


async def _write(body: payload.Payload, writer: AbstractStreamWriter, request: ClientRequest) -> None:
    if hasattr(body, "write_with_length"):
        length = request.headers.get(hdrs.CONTENT_LENGTH)
        await body.write_with_length(writer, None if length is None else int(length))
    else:  # before aiohttp 3.12
        await body.write(writer)


def _replace_body(request: ClientRequest, body: WrittenBody) -> None:
    """
    Have *body* sent. To ask the request for it would change its headers, and warn of the one that was there.
    """
    if hasattr(request, "_body"):
        request._body = body  # noqa: SLF001 - see above
    else:  # before aiohttp 3.12
        request.body = body


class WrittenBody(payload.Payload):
    """
    A body that was written out once: it is sent in the same pieces, with the same error at its end.

    It is as *consumed* as the one it stands for, which decides whether aiohttp sends it to another address.
    """

    _autoclose = True

    def __init__(
        self,
        source: payload.Payload,
        pieces: Sequence[bytes],
        error: Exception | None = None,
        *,
        has_length: bool,
    ) -> None:
        super().__init__(pieces, headers=source.headers)
        self._source = source
        self._has_length = has_length
        self._pieces = pieces
        self._error = error
        self._consumed = bool(getattr(source, "consumed", False))

    @property
    def size(self) -> int | None:
        return sum(map(len, self._pieces)) if self._has_length else None

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return b"".join(self._pieces).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        for piece in self._pieces:
            await writer.write(piece)
        if self._error is not None:
            raise self._error

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        del content_length  # it was heeded when the pieces were made
        await self.write(writer)

    async def close(self) -> None:
        await self._source.close()


class _Pieces(AbstractStreamWriter):
    """
    Takes what a body writes.
    """

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(chunk))

    async def write_eof(self, chunk: bytes = b"") -> None:
        if chunk:
            self.pieces.append(bytes(chunk))

    async def drain(self) -> None:
        """
        Nothing is buffered.
        """

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        """
        Nothing: the whole body is compressed at once.
        """

    def enable_chunking(self) -> None:
        """
        Nothing: how a body is cut is no part of it.
        """

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        """
        Nothing: the headers are those of the request.
        """


async def _compressed(pieces: Iterable[bytes], coding: str | bool) -> bytes:  # noqa: FBT001 - as aiohttp has it
    """
    *pieces* as aiohttp compresses them on their way.
    """
    sink = _Sink()
    protocol = BaseProtocol(asyncio.get_running_loop())
    protocol.connection_made(sink)
    writer = StreamWriter(protocol, asyncio.get_running_loop())
    writer.enable_compression(coding if isinstance(coding, str) else "deflate")
    for piece in pieces:
        await writer.write(piece)
    await writer.write_eof()
    return bytes(sink.content)


class _Sink(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.content = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.content += data

    def is_closing(self) -> bool:
        return False


def _set_content_type(request: ClientRequest) -> None:
    """
    Do what sending does in the end: an answer may depend on the type, and so does how a body is compared.
    """
    if (
        request.method in request.POST_METHODS
        and hdrs.CONTENT_TYPE not in request.skip_auto_headers
        and hdrs.CONTENT_TYPE not in request.headers
    ):
        request.headers[hdrs.CONTENT_TYPE] = "application/octet-stream"
