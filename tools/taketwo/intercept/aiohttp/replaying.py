"""
Connections in memory, over which recorded answers come to aiohttp as bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol
from weakref import WeakSet

import aiohttp
from aiohttp import BaseConnector, ClientRequest, StreamReader, hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import RawResponseMessage
from aiohttp.streams import EMPTY_PAYLOAD

from taketwo.cassette.content import is_utf8, pieces_of_content
from taketwo.cassette.header_names import header, spelled
from taketwo.cassette.model import CLIENT, WAITING, LiveResponse, Pairs
from taketwo.cassette.reason_phrases import usual_phrase
from taketwo.intercept.answers import is_chunked, paced_pieces

_sleep = asyncio.sleep  # a test may replace it in its module
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
_FRAMING = {"content-length", "transfer-encoding"}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"


class ArrivingAnswer(Protocol):
    """
    What arrives in the place of a recorded answer, step by step.
    """

    async def begin(self) -> None:
        """
        Let the head arrive.
        """

    async def go_on(self, is_over: Callable[[], bool]) -> bool:
        """
        Let the next step happen, be it that time passes until *is_over*; False when there is none.
        """


class MemoryConnector(BaseConnector):
    """
    Stands beside a connector for what is replayed: the same limits, and a pool of its own.

    So no connection in memory is ever used for a live request, nor the other way round.
    """

    def __init__(self, real: BaseConnector, new_protocol: Callable[[], ResponseHandler]) -> None:
        super().__init__(force_close=real.force_close, limit=real.limit, limit_per_host=real.limit_per_host)
        self._new_protocol = new_protocol
        self._protocols: WeakSet[ResponseHandler] = WeakSet()

    async def _create_connection(self, req: ClientRequest, traces: Any, timeout: Any) -> ResponseHandler:  # noqa: ANN401, ASYNC109 - aiohttp's signature
        del req, traces, timeout
        protocol = self._new_protocol()
        self._protocols.add(protocol)
        return protocol

    def hang_up(self) -> None:
        """
        Close every connection: the connector that this one stands beside is closed.
        """
        for protocol in list(self._protocols):
            protocol.close()

    def __del__(self) -> None:  # type: ignore[override]  # aiohttp has one more parameter
        """
        Nothing: what is in memory is nobody's to close, and nobody is to be warned of it.
        """


def new_protocol() -> ResponseHandler:
    """
    The client's end of a new connection in memory.
    """
    protocol = ReplayProtocol(asyncio.get_running_loop())
    protocol.connection_made(_MemoryTransport(protocol))
    return protocol


class ReplayProtocol(ResponseHandler):
    """
    The client's end of a connection, at which recorded answers arrive.

    A whole answer is there when the request has gone out. Of a streamed one each piece arrives when the
    client waits for it, so that pieces are never joined, however slow the client is.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._recorded: LiveResponse | None = None
        self._pieces: Iterator[tuple[float, bytes]] = iter(())
        self._next: tuple[float, bytes] | None = None
        self._is_chunked = True
        self._ended = ""
        self._is_streaming = False
        self._awaits_continue = False
        self._is_head = False
        self._faulty: ArrivingAnswer | None = None
        self._task: asyncio.Task[None] | None = None

    def play(
        self, response: LiveResponse, request: ClientRequest, faulty: ArrivingAnswer | None = None
    ) -> None:
        """
        Have *response* be the answer to *request*, which is about to be sent; or what *faulty* has.
        """
        self._recorded, self._faulty = response, faulty
        self._is_head = request.method == hdrs.METH_HEAD
        self._awaits_continue = hdrs.EXPECT in request.headers

    def set_response_params(self, **options: Any) -> None:  # noqa: ANN401 - aiohttp's options
        recorded = self._recorded
        if recorded is not None:
            # VCR.py stores what aiohttp has unpacked beside the header that says how it was packed.
            options["auto_decompress"] = options.get("auto_decompress", True) and not _is_unpacked(recorded)
            if recorded.ended != WAITING and self._faulty is None:
                # What the client has not asked for yet is not late.
                options["read_timeout"] = None
        super().set_response_params(**options)

    def written(self) -> None:
        """
        Note that the client has written something.
        """
        if self._awaits_continue:
            self._awaits_continue = False
            self.data_received(_CONTINUE)

    def start_timeout(self) -> None:
        """
        Answer: aiohttp waits from now on, since it has sent the whole request.
        """
        super().start_timeout()
        recorded, self._recorded = self._recorded, None
        if recorded is not None and self._faulty is not None:
            self._is_streaming = True
            self._task = self._loop.create_task(self._faulty.begin())
        elif recorded is not None:
            # Not before whoever has sent it is done, as over a network.
            self._loop.call_soon(self._answer, recorded)

    def _answer(self, recorded: LiveResponse) -> None:
        if self.transport is None:
            return
        body = recorded.body
        if isinstance(body, bytes) and not (recorded.chunks or recorded.ended):
            self.data_received(_whole(recorded, body, is_head=self._is_head))
            return
        self._ended, self._is_streaming = recorded.ended, True
        self._is_chunked = isinstance(body, bytes) or is_chunked(recorded)
        self._pieces = paced_pieces(recorded)
        self._next = next(self._pieces, None)
        length = (hdrs.CONTENT_LENGTH, str(len(body)))
        self.data_received(
            _head(recorded, (hdrs.TRANSFER_ENCODING, "chunked") if self._is_chunked else length)
        )

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        payload = data[1]
        if self._is_streaming and payload is not EMPTY_PAYLOAD:
            # The reader is made by a parser in C, which knows of no other class.
            payload.__class__ = _PatientReader
        super().feed_data(data, size)

    def lose(self, error: Exception | None) -> None:
        """
        End the connection as the service does: with an *error* of the network, or without a word.
        """
        if isinstance(self.transport, _MemoryTransport):
            self.transport.lose(error)

    async def arrive(self, reader: StreamReader) -> bool:
        """
        Let the next piece arrive at *reader*, or the end; False when the recording has neither.
        """
        if self._faulty is not None:
            return await self._faulty.go_on(lambda: reader.exception() is not None)
        if self.transport is None:
            return False
        if self._next is not None:
            pause, content = self._next
            self._next = next(self._pieces, None)
            if pause:
                await _sleep(pause)
            piece = _chunk(content) if self._is_chunked else content
            is_end = self._is_chunked and self._next is None and not self._ended
            self.data_received(piece + _LAST_CHUNK if is_end else piece)
        elif self._ended == WAITING:
            return False
        elif self._ended:
            self.force_close()
            reader.set_exception(_error(self._ended))
        else:
            self.data_received(_LAST_CHUNK)
        return True


class _PatientReader(StreamReader):
    """
    A body of which no more arrives than the client asks for.
    """

    __slots__ = ()

    async def _wait(self, func_name: str) -> None:
        await asyncio.sleep(0)  # others get their turn, as they do when a network is waited for
        protocol = self._protocol
        with self._timer:  # the client's limit for the whole request
            is_more = isinstance(protocol, ReplayProtocol) and await protocol.arrive(self)
        error = self.exception()
        if error is not None:
            raise error
        if not is_more:
            await super()._wait(func_name)


class _MemoryTransport(asyncio.Transport):
    """
    Takes what the client writes, and leads nowhere.
    """

    def __init__(self, protocol: ReplayProtocol) -> None:
        super().__init__({"peername": ("127.0.0.1", 0), "sockname": ("127.0.0.1", 0)})
        self._protocol = protocol
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        del data  # what is sent was compared before
        self._protocol.written()

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """
        Nothing is ever buffered.
        """

    def pause_reading(self) -> None:
        """
        Nothing: what arrives has been asked for.
        """

    def resume_reading(self) -> None:
        """
        See above.
        """

    def is_reading(self) -> bool:
        return not self._is_closing

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def lose(self, error: Exception | None) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._protocol.connection_lost(error)

    def abort(self) -> None:
        self.close()


def _whole(recorded: LiveResponse, body: bytes, *, is_head: bool) -> bytes:
    if is_head or recorded.status in _WITHOUT_BODY:
        return _head(recorded, *(pair for pair in recorded.headers if pair[0].lower() in _FRAMING))
    if header(recorded.headers, "transfer-encoding"):
        content = (_chunk(body) if body else b"") + _LAST_CHUNK
        return _head(recorded, (hdrs.TRANSFER_ENCODING, "chunked")) + content
    return _head(recorded, (hdrs.CONTENT_LENGTH, str(len(body)))) + body


def _head(recorded: LiveResponse, *framing: tuple[str, str]) -> bytes:
    """
    The head of an answer; how its body is cut depends on *framing*, and not on what was recorded of it.
    """
    reason = recorded.reason or usual_phrase(recorded.status)
    return _written(
        f"HTTP/1.1 {recorded.status} {reason}", recorded.headers, framing, as_is=recorded.lowercase_names
    )


@lru_cache(maxsize=256)  # most answers of a service have the same
def _written(line: str, headers: Pairs, framing: Pairs, *, as_is: bool) -> bytes:
    pairs = [*(pair for pair in headers if pair[0].lower() not in _FRAMING), *framing]
    fields = [f"{name if as_is else spelled(name)}: {value}" for name, value in pairs]
    return "".join(f"{one}\r\n" for one in [line, *fields, ""]).encode("utf-8", "surrogateescape")


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _is_unpacked(recorded: LiveResponse) -> bool:
    """
    Whether the body is no longer compressed, although a header says so.
    """
    codings = _codings(recorded.headers)
    if not codings or not recorded.body:
        return False
    # Nothing that is compressed is text.
    is_gzip = bool(codings & {"gzip", "x-gzip"})
    return is_utf8(pieces_of_content(recorded.body)) or (is_gzip and recorded.body[:2] != b"\x1f\x8b")


@lru_cache(maxsize=256)  # as above
def _codings(headers: Pairs) -> frozenset[str]:
    named = [value for name, value in headers if name.lower() == "content-encoding"]
    return frozenset(value.strip().lower() for value in named)


def _error(ended: str) -> Exception:
    """
    The error that ended a stream, as aiohttp raises it.
    """
    if ended == CLIENT:
        return aiohttp.ClientPayloadError(
            "the recording ends here, where the client closed the stream; if it is right to read on, "
            "record again with --record-mode=rewrite"
        )
    name, _, words = ended.partition(": ")
    kind = TimeoutError if name == TimeoutError.__name__ else getattr(aiohttp, name, None)
    if isinstance(kind, type) and issubclass(kind, _BREAKS):
        return kind(words)
    return aiohttp.ClientPayloadError(ended)


# What may end a body on its way, and is made from words alone.
_BREAKS = (
    aiohttp.ClientPayloadError,
    aiohttp.ClientOSError,
    aiohttp.ServerDisconnectedError,
    aiohttp.ServerTimeoutError,
    TimeoutError,
)
