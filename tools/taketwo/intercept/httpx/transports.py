"""
HTTP of httpx and httpx2, which have the same classes, at the transports that go to the network.

With no active cassette, or with one that leaves the library alone, they do what they always do.

Transports that answer in the process itself (``ASGITransport``, ``WSGITransport``, ``MockTransport``, or one
of a project) belong to the code under test: they are never recorded, and never replayed.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import cache, lru_cache, partial, wraps
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, cast

from taketwo.cassette.index import Wire
from taketwo.cassette.model import CLIENT, WAITING, LiveRequest, LiveResponse, Pairs
from taketwo.config.extras import needed_for
from taketwo.intercept.answers import paced_pieces, reason_of, version_of
from taketwo.intercept.patching import Replacements
from taketwo.intercept.received import ReceivedBody
from taketwo.playback.active import ActiveCassette, PendingExchange, current
from taketwo.playback.conversations import routing
from taketwo.playback.player import IncomingRequest

if TYPE_CHECKING:
    # Both libraries have the same internals.
    import httpx

    from taketwo.config.faults import Fault
    from taketwo.intercept.httpx.faulty import FaultyExchange
    from taketwo.playback.quotas import Turn

    class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
        """
        What every stream of either library is.
        """

    Response = httpx.Response
else:
    Response = Stream = object

Sync: TypeAlias = "Callable[[httpx.BaseTransport, httpx.Request], httpx.Response]"
Async: TypeAlias = "Callable[[httpx.AsyncBaseTransport, httpx.Request], Awaitable[httpx.Response]]"
Extract: TypeAlias = "Callable[[httpx.Cookies, httpx.Response], None]"
_Raw: TypeAlias = "Iterable[tuple[bytes, bytes]]"
"""Headers as they go over the wire, which are made anew each time that they are asked for."""

_COOKIES = {b"set-cookie", b"set-cookie2"}
_ENCODED = {b"content-encoding"}
_UPGRADE = {b"upgrade"}
_FIRST_VERSION = b"HTTP/1.1"


class _Library:
    """
    One of the libraries, with the classes that a replay and a recording need of it.
    """

    def __init__(self, module: Any) -> None:  # noqa: ANN401 - httpx, or what has the same classes
        self.name: str = module.__name__
        self.module = module
        self.response: type[httpx.Response] = module.Response
        self.byte_stream: type[httpx.ByteStream] = module.ByteStream
        self.whole: type[_Whole] = type("Response", (_Whole, module.Response), {})
        streams = (module.SyncByteStream, module.AsyncByteStream)
        self.played: type[_Played] = type("PlayedStream", (_Played, *streams), {"library": self})
        self.recorded: type[_Recorded] = type("RecordedStream", (_Recorded, *streams), {"library": self})
        self.plain_jars = frozenset({CookieJar, type(module.Cookies().jar)})
        # Headers to be copied: to make them anew takes longer, and most answers of a service have the same.
        self.headers: Callable[[Pairs], httpx.Headers] = lru_cache(maxsize=1024)(
            # In bytes, since of a text the library takes ASCII alone; it tries UTF-8 when it reads them.
            lambda pairs: module.Headers([(name.encode(), value.encode()) for name, value in pairs])
        )


_sleep = time.sleep  # a test may replace it in its module
_library = cache(_Library)


def install(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - httpx or httpx2
    """
    Have the transports of *module* ask for the active cassette.
    """
    library = _library(module)
    _intercept(library, module.HTTPTransport, module.AsyncHTTPTransport, replacements)


def install_cookies(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - as above
    replacements.replace(module.Cookies, "extract_cookies", _extracting(_library(module)))


def install_curl_cffi(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - httpx_curl_cffi
    import httpx  # noqa: PLC0415 - the module has imported it

    _intercept(_library(httpx), module.CurlTransport, module.AsyncCurlTransport, replacements)


def install_pyreqwest(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - pyreqwest's transports
    import httpx  # noqa: PLC0415 - as above

    _intercept(_library(httpx), module.SyncHttpxTransport, module.HttpxTransport, replacements)


def _intercept(library: _Library, sync: type, asynchronous: type, replacements: Replacements) -> None:
    replacements.replace(sync, "handle_request", _intercepted(library))
    replacements.replace(asynchronous, "handle_async_request", _intercepted_async(library))


def _extracting(library: _Library) -> Callable[[Extract], Extract]:
    """
    Search no replayed answer for cookies that sets none: that takes a quarter of the time of a request.
    """

    def extracting(extract: Extract) -> Extract:
        @wraps(extract)
        def extract_cookies(self: httpx.Cookies, response: httpx.Response) -> None:
            # A jar of another kind may want to see every answer.
            is_plain = isinstance(response, _Whole) and type(self.jar) in library.plain_jars
            if not is_plain or _has_any(response.headers.raw, _COOKIES):
                extract(self, response)

        return extract_cookies

    return extracting


def _has_any(raw: _Raw, names: AbstractSet[bytes]) -> bool:
    """
    Whether one of *names*, which are in small letters, is in *raw* headers: to ask the others takes longer.
    """
    return not names.isdisjoint([name.lower() for name, _ in raw])


def _intercepted(library: _Library) -> Callable[[Sync], Sync]:
    def asking(send: Sync) -> Sync:
        @wraps(send)
        def handle_request(self: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
            active = current()
            if active is None or library.name in active.skipped:
                return send(self, request)
            raw = request.headers.raw
            ws_router = routing.current() if _is_opening(request, raw) else None
            if ws_router is not None:
                with needed_for("a WebSocket conversation"):
                    from taketwo.intercept.httpx.websocket import (  # noqa: PLC0415 - imports websockets
                        converse,
                    )

                return converse(ws_router, request, library.module, partial(send, self, request))
            wanted = _incoming(request, raw, request.read())
            number = active.find(wanted)
            if number is not None:
                fault = active.take_fault(number)
                if fault is not None:
                    return _faulty(library, active, request, fault, is_async=False).answer(number)
                return _played(library, active, number)
            turn = active.turn(request.method, wanted.wire.url)
            if turn is not None:
                return _sent_in_turn(library, active, wanted, turn, partial(send, self, request))
            pending = active.issue(wanted, library.name)
            response = send(self, request)
            return response if pending is None else _recorded(library, pending, response)

        return handle_request

    return asking


def _intercepted_async(library: _Library) -> Callable[[Async], Async]:
    def asking(send: Async) -> Async:
        @wraps(send)
        async def handle_async_request(
            self: httpx.AsyncBaseTransport, request: httpx.Request
        ) -> httpx.Response:
            active = current()
            if active is None or library.name in active.skipped:
                return await send(self, request)
            raw = request.headers.raw
            ws_router = routing.current() if _is_opening(request, raw) else None
            if ws_router is not None:
                from taketwo.intercept.httpx.websocket import converse_async  # noqa: PLC0415 - as above

                return await converse_async(ws_router, request, library.module, partial(send, self, request))
            wanted = _incoming(request, raw, await request.aread())
            number = active.find(wanted)
            if number is not None:
                fault = active.take_fault(number)
                if fault is not None:
                    exchange = _faulty(library, active, request, fault, is_async=True)
                    return await exchange.answer_async(number)
                return _played(library, active, number)
            turn = active.turn(request.method, wanted.wire.url)
            if turn is not None:
                return await _sent_in_turn_async(library, active, wanted, turn, partial(send, self, request))
            pending = active.issue(wanted, library.name)
            response = await send(self, request)
            return response if pending is None else await _recorded_async(library, pending, response)

        return handle_async_request

    return asking


def _sent_in_turn(
    library: _Library,
    active: ActiveCassette,
    wanted: IncomingRequest,
    turn: Turn,
    send: Callable[[], httpx.Response],
) -> httpx.Response:
    """
    The answer to a request of a service that has a quota, sent until it is none of that.
    """
    while True:
        turn.take()
        pending = active.issue(wanted, library.name, turn=turn)
        with turn.sending():
            response = send()
        if turn.is_over(response.status_code, tuple(response.headers.multi_items())):
            break
        response.close()
    if pending is None:
        turn.release()
        return response
    return _recorded(library, pending, response)


async def _sent_in_turn_async(
    library: _Library,
    active: ActiveCassette,
    wanted: IncomingRequest,
    turn: Turn,
    send: Callable[[], Awaitable[httpx.Response]],
) -> httpx.Response:
    from anyio import sleep  # noqa: PLC0415 - asyncio or trio; the library is on it

    while True:
        await turn.take_async(sleep)
        pending = active.issue(wanted, library.name, turn=turn)
        with turn.sending():
            response = await send()
        if turn.is_over(response.status_code, tuple(response.headers.multi_items())):
            break
        await response.aclose()
    if pending is None:
        turn.release()
        return response
    return await _recorded_async(library, pending, response)


def _faulty(
    library: _Library, active: ActiveCassette, request: httpx.Request, fault: Fault, *, is_async: bool
) -> FaultyExchange:
    from taketwo.intercept.httpx.faulty import FaultyExchange  # noqa: PLC0415 - few tests have a fault

    return FaultyExchange(library.module, active, request, fault, is_async=is_async)


def _is_opening(request: httpx.Request, raw: _Raw) -> bool:
    """
    Whether *request* asks for a WebSocket.
    """
    return _has_any(raw, _UPGRADE) and request.headers["upgrade"].lower() == "websocket"


def _incoming(request: httpx.Request, raw: _Raw, body: bytes) -> IncomingRequest:
    def whole() -> LiveRequest:
        headers = tuple(request.headers.multi_items())
        return LiveRequest(method=request.method, url=str(request.url), headers=headers, body=body)

    wire = Wire(request.method, str(request.url), _media_type(raw) if body else "", body)
    return IncomingRequest(wire, tuple(raw), whole)


def _media_type(headers: _Raw) -> str:
    for name, value in headers:
        if name.lower() == b"content-type":
            return value.decode("latin-1")
    return ""


def _played(library: _Library, active: ActiveCassette, number: int) -> httpx.Response:
    found = active.player.response(number)
    extensions = {"http_version": found.version.encode() or _FIRST_VERSION}
    if not found.version:  # later versions of HTTP have none
        extensions["reason_phrase"] = reason_of(found).encode("latin-1", "replace")
    headers = library.headers(found.headers)
    body = found.body
    if found.chunks or found.ended or not isinstance(body, bytes):
        return library.response(
            found.status, headers=headers, stream=library.played(found), extensions=extensions
        )
    stream = library.byte_stream(body)
    response = library.whole(found.status, headers=headers, stream=stream, extensions=extensions)
    response.body, response.recorded = body, stream
    return response


class _Whole(Response):
    """
    An answer that is not streamed. It is open, as what comes from a transport is, but read without a detour
    through streams and decoders.

    The client leads its stream through one that refers to the answer. Once read, it is as it was recorded:
    what refers to itself stays in memory until the garbage is collected, and no test should wait for that.
    """

    body: bytes
    recorded: httpx.ByteStream

    def read(self) -> bytes:
        if self.is_stream_consumed or self.is_closed or _has_any(self.headers.raw, _ENCODED):
            return super().read()
        self._content = self.body
        self.is_stream_consumed = self.is_closed = True
        cast("httpx.SyncByteStream", self.stream).close()  # which tells how long it took
        self._leave_stream()
        return self.body

    async def aread(self) -> bytes:
        if self.is_stream_consumed or self.is_closed or _has_any(self.headers.raw, _ENCODED):
            return await super().aread()
        self._content = self.body
        self.is_stream_consumed = self.is_closed = True
        await cast("httpx.AsyncByteStream", self.stream).aclose()
        self._leave_stream()
        return self.body

    def _leave_stream(self) -> None:
        took = getattr(self.stream, "elapsed", None)
        if took is not None:  # of httpx2, whose responses leave it there
            self.elapsed = took
        self.stream = self.recorded


async def _sleep_async(seconds: float) -> None:
    from anyio import sleep  # noqa: PLC0415 - asyncio or trio, for the few streams at their recorded pace

    await sleep(seconds)


class _Played(Stream):
    """
    A streamed body as it was recorded: the same pieces, and the same end.
    """

    library: _Library

    def __init__(self, response: LiveResponse) -> None:
        self._response = response
        self._ended = response.ended

    def __iter__(self) -> Iterator[bytes]:
        for pause, piece in paced_pieces(self._response):
            if pause:
                _sleep(pause)
            yield piece
        if self._ended:
            self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for pause, piece in paced_pieces(self._response):
            if pause:
                await _sleep_async(pause)
            yield piece
        if self._ended == WAITING:
            from anyio import sleep_forever  # noqa: PLC0415 - asyncio or trio, for the few streams that hang

            await sleep_forever()
        if self._ended:
            self._end()

    def _end(self) -> NoReturn:
        errors = self.library.module
        if self._ended in {CLIENT, WAITING}:
            raise errors.ReadError(
                "the recording ends here, where the client closed the stream; if it is right to read on, "
                "record again with --record-mode=rewrite"
            )
        name, _, message = self._ended.partition(": ")
        kind = getattr(errors, name, None)
        if isinstance(kind, type) and issubclass(kind, errors.TransportError):
            raise kind(message)
        raise errors.ReadError(self._ended)


def _reason(response: httpx.Response) -> str:
    """
    The reason as the service gave it; the client's own property leaves out what is no ASCII.
    """
    raw = response.extensions.get("reason_phrase")
    return raw.decode("latin-1") if isinstance(raw, bytes) else response.reason_phrase


def _recorded(library: _Library, pending: PendingExchange, response: httpx.Response) -> httpx.Response:
    incoming = library.recorded(pending, response)
    if response.is_closed:  # it was made with its content, which no client reads again
        for _ in incoming:
            pass
    else:
        response.stream = incoming
    return response


async def _recorded_async(
    library: _Library, pending: PendingExchange, response: httpx.Response
) -> httpx.Response:
    incoming = library.recorded(pending, response)
    if response.is_closed:
        async for _ in incoming:
            pass
    else:
        response.stream = incoming
    return response


class _Recorded(Stream):
    """
    An answer on its way to the client, who is given each piece as it comes.
    """

    library: _Library

    def __init__(self, pending: PendingExchange, response: httpx.Response) -> None:
        self._pending = pending
        self._response = response
        self._stream = response.stream
        self._body = ReceivedBody(pending.spool())
        self._is_waiting = False
        headers = tuple(response.headers.multi_items())
        head = LiveResponse(status=response.status_code, reason=_reason(response), headers=headers)
        pending.begin(self._left, head)

    def __iter__(self) -> Iterator[bytes]:
        with self._ending():
            self._is_waiting = True
            for piece in cast("httpx.SyncByteStream", self._stream):
                yield self._came(piece)
                self._is_waiting = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._ending():
            self._is_waiting = True
            async for piece in cast("httpx.AsyncByteStream", self._stream):
                yield self._came(piece)
                self._is_waiting = True

    def close(self) -> None:
        cast("httpx.SyncByteStream", self._stream).close()
        self._left()

    async def aclose(self) -> None:
        await cast("httpx.AsyncByteStream", self._stream).aclose()
        self._left()

    def _came(self, piece: bytes) -> bytes:
        self._is_waiting = False
        self._body.add(piece)
        self._pending.came(len(self._body))
        return piece

    @contextmanager
    def _ending(self) -> Iterator[None]:
        try:
            yield
        except self.library.module.TransportError as error:
            self._end(f"{type(error).__name__}: {error}")
            raise
        except BaseException:  # the client has had enough, or was cancelled
            self._left()
            raise
        self._end()

    def _left(self) -> None:
        self._end(WAITING if self._is_waiting else CLIENT)

    def _end(self, how: str = "") -> None:
        headers = tuple(self._response.headers.multi_items())
        self._pending.answer(
            LiveResponse(
                status=self._response.status_code,
                version=version_of(self._response.http_version),
                reason=_reason(self._response),
                headers=headers,
                body=self._body.content,
                chunks=self._body.chunks,
                ended=how,
            )
        )
