"""
An answer on its way to aiohttp, read along before anything of it is unpacked.
"""

from __future__ import annotations

import asyncio
import sys
import zlib
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from itertools import accumulate, pairwise
from typing import Any, TypeVar

import aiohttp
from aiohttp import ClientRequest, StreamReader, hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.streams import EMPTY_PAYLOAD

from taketwo.cassette.content import Content, first
from taketwo.cassette.model import CLIENT, WAITING, LiveResponse, Pairs
from taketwo.intercept.received import ReceivedBody
from taketwo.playback.active import PendingExchange

_T = TypeVar("_T")

SWITCHING = 101
_FIRST_FINAL = 200
_UNBOUNDED = 2**30
_SMALL = 2**16
_MOMENT = 0.05
_ZLIB_OR_GZIP = 47
_WAITS = "_taketwo_waits"


def listen(connection: Connection, exchange: PendingExchange, request: ClientRequest) -> None:
    """
    Have *exchange* know the answer to *request*, which comes over *connection*.
    """
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        return  # it was lost before it was used, which aiohttp will find out
    listener = ResponseListener(protocol, transport, exchange, request)
    transport.set_protocol(listener)
    vars(protocol)["feed_data"] = listener.watch_reader
    connection.add_callback(listener.released)


class Between(asyncio.Protocol):
    """
    A protocol in the middle: what a transport tells goes through it to the client's own.
    """

    def __init__(self, protocol: ResponseHandler, transport: asyncio.Transport) -> None:
        self.protocol = protocol
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.protocol.data_received(data)

    def eof_received(self) -> None:
        return self.protocol.eof_received()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self.protocol.pause_writing()

    def resume_writing(self) -> None:
        self.protocol.resume_writing()

    def step_aside(self) -> None:
        if self.transport.get_protocol() is self:
            self.transport.set_protocol(self.protocol)


class HeldBack(Between):
    """
    Hands on the head of an answer together with its body, where that is short and comes within a moment.

    A test that looks at the status alone, and a redirect, leave the body unread. Whether it has come by then
    would be chance; so would be what is recorded.
    """

    def __init__(self, protocol: ResponseHandler, transport: asyncio.Transport, mirror: Mirror) -> None:
        super().__init__(protocol, transport)
        self.mirror = mirror
        self._held: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._has_waited = False

    def data_received(self, data: bytes) -> None:
        self.mirror.take(data)
        self._held.append(data)
        missing = self.mirror.missing
        if missing is None or missing > _SMALL or self._has_waited:
            self.hand_on()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_MOMENT, self.hand_on)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.mirror.connection_lost(exc)
        self.hand_on()
        super().connection_lost(exc)

    def hand_on(self) -> None:
        self._has_waited = self._timer is not None
        self.let_go()
        data, self._held = b"".join(self._held), []
        if self.mirror.message is not None:
            self.answered(self.mirror.message)
        if data:
            self.protocol.data_received(data)

    def let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def answered(self, message: RawResponseMessage) -> None:
        """
        Note that the client is about to know the head of the answer.
        """


class ResponseListener(HeldBack):
    """
    Reads the answer to one request along, and notes how it ends.
    """

    def __init__(
        self,
        protocol: ResponseHandler,
        transport: asyncio.Transport,
        exchange: PendingExchange,
        request: ClientRequest,
    ) -> None:
        body = ReceivedBody(exchange.spool())
        mirror = Mirror(asyncio.get_running_loop(), body, is_head=request.method == hdrs.METH_HEAD)
        super().__init__(protocol, transport, mirror)
        self._exchange = exchange
        self._reader: StreamReader | None = None
        self._message: RawResponseMessage | None = None

    def watch_reader(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """
        Take the place of the method of the protocol that is given each answer, to know what is read of it.
        """
        if data[1] is not EMPTY_PAYLOAD:
            self._reader = data[1]
            # It is made by a parser in C, which knows of no other class.
            self._reader.__class__ = _WatchedReader
        type(self.protocol).feed_data(self.protocol, data, size)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._exchange.came(self.mirror.taken)

    def answered(self, message: RawResponseMessage) -> None:
        if self._message is None:
            self._message = message
            head = LiveResponse(status=message.code, reason=_reason(message), headers=header_pairs(message))
            self._exchange.begin(self._end, head)  # by the end of the test it is known how much was read

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self._end()

    def released(self) -> None:
        """
        Note that the client lets the connection go.
        """
        self.let_go()
        if not self._is_still_read:
            self._end()
        vars(self.protocol).pop("feed_data", None)
        vars(self.protocol).pop(_WAITS, None)
        self.step_aside()

    @property
    def _is_still_read(self) -> bool:
        """
        Whether a stream has come to its end, and the client has not: it may leave before.
        """
        reader = self._reader
        return (
            reader is not None
            and self.mirror.is_complete
            and self.mirror.is_stream
            and len(self.mirror.body.chunks) > 1
            and reader._cursor < reader.total_bytes  # noqa: SLF001 - see below
        )

    def _end(self) -> None:
        if self._message is None:
            return
        body, chunks, ended = self._outcome()
        self._exchange.answer(
            LiveResponse(
                status=self._message.code,
                reason=_reason(self._message),
                headers=header_pairs(self._message),
                keeps_names=True,
                body=body,
                chunks=chunks,
                ended=ended,
                stays_packed=self._stays_packed,
            )
        )

    @property
    def _stays_packed(self) -> bool:
        """
        Whether a compressed body is given to the test as it is, as ``auto_decompress=False`` asks for.
        """
        is_packed = self._message is not None and hdrs.CONTENT_ENCODING in self._message.headers
        return is_packed and self._reader is not None and self._reader.total_bytes == self.mirror.taken

    def _outcome(self) -> tuple[Content, tuple[int, ...], str]:
        """
        The body that is recorded, the sizes of its pieces, and how they ended.

        A stream that the client left is recorded as far as it was read: what more had come by then is chance.
        """
        mirror, reader = self.mirror, self._reader
        content, chunks = mirror.body.content, mirror.body.chunks
        if reader is None:
            return content, chunks, ""
        error, read = reader.exception(), reader._cursor  # noqa: SLF001 - it tells nobody how much was read
        if mirror.is_complete and (not mirror.is_stream or read in {0, reader.total_bytes}):
            return content, chunks, ""
        if not mirror.is_complete and error is not None and type(error) is not aiohttp.ClientConnectionError:
            return content, chunks, f"{type(error).__name__}: {error}"
        is_unpacked = reader.total_bytes != mirror.taken
        size = _packed_size(content, mirror.body.sizes, read) if is_unpacked else min(read, len(content))
        sizes = tuple(_first_sizes(chunks, size))
        return first(content, size), sizes if len(sizes) > 1 else (), self._how_it_was_left()

    def _how_it_was_left(self) -> str:
        if not vars(self.protocol).get(_WAITS):
            return CLIENT
        # Where aiohttp itself gave up, nobody has to wait as long again.
        return TimeoutError.__name__ if isinstance(sys.exc_info()[1], TimeoutError) else WAITING


class Mirror(ResponseHandler):
    """
    Reads the bytes that the client reads, and keeps the body in the pieces in which the service cut it.

    Of a body that comes in chunks these are its chunks, else what came at a time.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        body: ReceivedBody | None = None,
        *,
        is_head: bool = False,
        upgraded: Callable[[bytes], None] | None = None,
    ) -> None:
        super().__init__(loop)
        self.message: RawResponseMessage | None = None
        self.body = ReceivedBody() if body is None else body
        self._reader: StreamReader | None = None
        self._begins = True
        self._upgraded_to = upgraded
        self.set_response_params(
            skip_payload=is_head,
            read_until_eof=True,
            auto_decompress=False,
            read_bufsize=_UNBOUNDED,
            max_line_size=_UNBOUNDED,
            max_field_size=_UNBOUNDED,
        )

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        del size
        message, body = data
        if message.code < _FIRST_FINAL and message.code != SWITCHING:
            return
        if self.message is None:
            self.message, self._reader = message, body
        if message.code == SWITCHING and self._upgraded_to is not None:
            self.set_parser(_Rest(self._upgraded_to), None)

    def take(self, data: bytes) -> None:
        """
        Read what has come. The reader calls the method of the protocol itself, as it is emptied.
        """
        self.data_received(data)
        message, body = self.message, self._reader
        if message is None or body is None or body is EMPTY_PAYLOAD:
            return
        while body.total_bytes > self.taken:
            piece, is_end = _at_once(body.readchunk())
            if self._begins:
                self.body.begin()
            self.body.extend(piece)
            self._begins = is_end or not message.chunked

    @property
    def taken(self) -> int:
        return len(self.body)

    @property
    def is_complete(self) -> bool:
        return self._reader is not None and self._reader.is_eof()

    @property
    def is_stream(self) -> bool:
        """
        Whether the length of the body was unknown before its end.
        """
        return self.message is not None and hdrs.CONTENT_LENGTH not in self.message.headers

    @property
    def missing(self) -> int | None:
        """
        How many bytes of the body are still to come; None where nobody can tell.
        """
        if self.message is None or self.is_complete:
            return None
        length = self.message.headers.get(hdrs.CONTENT_LENGTH, "")
        return int(length) - self.taken if length.isdigit() else None


class _Rest:
    """
    Takes what comes after an answer that changes the protocol.
    """

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self._take(data)
        return False, b""

    def feed_eof(self) -> None:
        """
        Nothing: the connection tells of its end itself.
        """


class _WatchedReader(StreamReader):
    """
    A body that notes whether the client waits for more of it.
    """

    __slots__ = ()

    async def _wait(self, func_name: str) -> None:
        notes = vars(self._protocol)
        notes[_WAITS] = True
        await super()._wait(func_name)
        notes[_WAITS] = False


def header_pairs(message: RawResponseMessage) -> Pairs:
    return tuple((_text(name), _text(value)) for name, value in message.raw_headers)


def _reason(message: RawResponseMessage) -> str:
    return _text(message.reason.encode("utf-8", "surrogateescape"))


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _first_sizes(sizes: Iterable[int], total: int) -> Iterator[int]:
    """
    Those of the pieces that the first *total* bytes are in.
    """
    for size in sizes:
        if total <= 0:
            return
        yield min(size, total)
        total -= size


def _packed_size(content: Content, sizes: Iterable[int], size: int) -> int:
    """
    The bytes of as many pieces as *size* bytes take that are unpacked; all of what cannot be unpacked here.
    """
    decoder, end = zlib.decompressobj(_ZLIB_OR_GZIP), 0
    for start, end in pairwise([0, *accumulate(sizes)]):
        if size <= 0:
            return start
        with suppress(zlib.error):
            size -= len(decoder.decompress(content[start:end]))
    return end


def _at_once(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """
    The result of a coroutine that has nothing to wait for.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    coroutine.close()
    raise RuntimeError("a piece of a body was there, and could not be read without waiting")
