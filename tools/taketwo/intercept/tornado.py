"""
HTTP of tornado's clients.

Of the one that is written in Python, connections are replaced, below redirects, decompression and callbacks,
which stay its own. The one over libcurl does all of these inside of libcurl: there, a request is what the
client asks for, and its answer what it is given in the end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import partial, wraps
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from taketwo.cassette.body.coding import NotPacked, unpacked_pieces
from taketwo.cassette.content import whole
from taketwo.cassette.model import CLIENT, LiveRequest, LiveResponse, Pairs
from taketwo.errors import QuotaExceeded, Unanswered
from taketwo.intercept.answers import headers_of, paced_pieces, pieces_of, reason_of
from taketwo.intercept.faulty import faulty_answer
from taketwo.intercept.patching import Replacements
from taketwo.playback.active import ActiveCassette, PendingExchange, current
from taketwo.playback.player import IncomingRequest, incoming_request
from taketwo.playback.quotas import Turn

if TYPE_CHECKING:
    from tornado.httpclient import HTTPResponse
    from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine

Client: TypeAlias = Any
Connection: TypeAlias = Any
"""A ``_HTTPConnection`` of the client in Python, one for each request; it is a delegate of its answer."""
Request: TypeAlias = Any
Maybe: TypeAlias = Any
"""An awaitable, or nothing."""
Finish: TypeAlias = "Callable[[HTTPResponse], None]"

_LIBRARY = "tornado"
_CURL = "tornado with pycurl"
_sleep = asyncio.sleep  # a test may replace it in its module
_tasks: set[asyncio.Future[None]] = set()
_ACTIVE = "_taketwo_active"
_ASKED = "_taketwo_asked"
_CONTINUE = 100
_NO_ANSWER = 599
_TIMEOUT = "HTTPTimeoutError"
_TIMED_OUT = f"{_TIMEOUT}: Timeout during request"
_BROKEN_OFF = "StreamClosedError: the service closed the connection before the end"


def install(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - tornado.simple_httpclient
    """
    Have the connections of the client in Python ask for the active cassette.
    """
    replacements.replace(module.SimpleAsyncHTTPClient, "fetch_impl", _asking)
    replacements.replace(module._HTTPConnection, "__init__", _making)  # noqa: SLF001 - what the client is made of
    replacements.replace(module._HTTPConnection, "_create_connection", _connecting)  # noqa: SLF001 - as above


def install_curl(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - tornado.curl_httpclient
    replacements.replace(module.CurlAsyncHTTPClient, "fetch_impl", _fetching)


def _asking(fetch: Callable[[Client, Request, Finish], None]) -> Callable[[Client, Request, Finish], None]:
    """
    A request waits for one of the client's ten connections, and each is a task of its own: who asked for it,
    and when, is only known here.
    """

    @wraps(fetch)
    def fetch_impl(self: Client, request: Request, callback: Finish) -> None:
        active = current()
        if active is not None:
            request.__dict__[_ASKED] = active.ask()
        fetch(self, request, callback)

    return fetch_impl


def _making(init: Callable[..., None]) -> Callable[..., None]:
    @wraps(init)
    def __init__(self: Connection, *args: Any, **options: Any) -> None:  # noqa: ANN401, N807 - as the original
        init(self, *args, **options)
        active = current()
        if active is None or _LIBRARY in active.skipped:
            return
        self.__dict__[_ACTIVE] = active
        kind = _WatchedWires if active.only_records else _Wires
        self.tcp_client = kind(self.tcp_client, active, self.request.method, self.request.url)

    return __init__


def _connecting(create: Callable[[Connection, Any], Any]) -> Callable[[Connection, Any], Any]:
    @wraps(create)
    def created(self: Connection, stream: Any) -> Any:  # noqa: ANN401 - as the original
        active: ActiveCassette | None = self.__dict__.get(_ACTIVE)
        if active is None:
            return create(self, stream)
        if not isinstance(stream, _Wire):
            return _Recorded(partial(create, self), stream, self, active, self.tcp_client)
        return _Replayed(self, active, stream, lambda real: create(self, real))

    return created


class _Wires:
    """
    Makes no connection before one is needed.
    """

    def __init__(self, real: Any, active: ActiveCassette, method: str, url: str) -> None:  # noqa: ANN401 - a TCPClient
        self.watched = _WatchedWires(real, active, method, url)

    async def connect(self, *args: Any, **options: Any) -> _Wire:  # noqa: ANN401 - as the original
        return _Wire(lambda: self.watched.connect(*args, **options))


class _WatchedWires:
    """
    Notes the connections that cannot be made, and makes each when it is the turn of its request.
    """

    def __init__(self, real: Any, active: ActiveCassette, method: str, url: str) -> None:  # noqa: ANN401 - as above
        self._real = real
        self._active = active
        self._method = method
        self._url = url
        self._connect: Callable[[], Awaitable[Any]]
        self.turn: Turn | None = None

    async def connect(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
        self._connect = partial(self._real.connect, *args, **options)
        self.turn = self._active.turn(self._method, self._url)
        return await self.connect_again()

    async def connect_again(self) -> Any:  # noqa: ANN401 - a stream
        if self.turn is not None:
            await self.turn.take_async(_sleep)
        try:
            return await self._connect()
        except Exception:
            if self.turn is not None:
                self.turn.release()
            self._active.note_unreached(self._url, _LIBRARY)
            raise


class _Wire:
    """
    Stands for the stream of a connection that is not made.
    """

    error: BaseException | None = None

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        self.connect = connect

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        """
        Nothing: it is never closed by anybody else.
        """

    def close(self, *_: object, **__: object) -> None:
        """
        Nothing: there is no network below it.
        """

    def closed(self) -> bool:
        return False


class _Written:
    """
    A request while it is written.
    """

    def __init__(self, connection: Connection) -> None:
        self._url: str = connection.request.url
        self._pieces: list[bytes] = []
        self.method = ""
        self.headers: tuple[tuple[str, str], ...] = ()

    def begin(self, start_line: RequestStartLine, headers: HTTPHeaders) -> None:
        self.method = start_line.method
        self.headers = tuple(headers.get_all())

    def add(self, piece: bytes) -> None:
        self._pieces.append(bytes(piece))

    def incoming(self) -> IncomingRequest:
        split = urlsplit(self._url)
        url = split._replace(netloc=split.netloc.rpartition("@")[2]).geturl()
        body = b"".join(self._pieces)
        return incoming_request(LiveRequest(method=self.method, url=url, headers=self.headers, body=body))


class _Replayed:
    """
    A connection whose answer is recorded, or which is made when it is found to be none.
    """

    def __init__(
        self,
        connection: Connection,
        active: ActiveCassette,
        wire: _Wire,
        create: Callable[[Any], Any],
    ) -> None:
        self._connection = connection
        self._active = active
        self._wire = wire
        self._create = create
        self._written = _Written(connection)
        self._head: tuple[RequestStartLine, HTTPHeaders]
        self._waits_to_continue = False

    def write_headers(
        self, start_line: RequestStartLine, headers: HTTPHeaders, chunk: bytes | None = None
    ) -> asyncio.Future[None]:
        self._head = (start_line, headers)
        self._written.begin(start_line, headers)
        self._waits_to_continue = headers.get("Expect", "") == "100-continue"
        return _done() if chunk is None else self.write(chunk)

    def write(self, chunk: bytes) -> asyncio.Future[None]:
        self._written.add(chunk)
        return _done()

    def finish(self) -> None:
        """
        Nothing: what has been written is looked at when the answer is read.
        """

    async def read_response(self, delegate: HTTPMessageDelegate) -> bool:
        if self._waits_to_continue:
            self._waits_to_continue = False
            await _received(delegate, LiveResponse(status=_CONTINUE), is_head=False)
        try:
            number = self._active.find(self._written.incoming())
        except Unanswered as error:
            _fail(self._connection, error)
            return False
        if number is None:
            return await self._send(delegate)
        answer = faulty_answer(self._active, number)
        await _received(delegate, answer, is_head=self._written.method == "HEAD")
        for pause, piece in paced_pieces(answer):
            if pause:
                await _sleep(pause)
            await _or_nothing(delegate.data_received(piece))
        if answer.ended.startswith(_TIMEOUT):
            self._time_out(answer.ended)
        elif answer.ended:
            delegate.on_connection_close()
        else:
            delegate.finish()
        return True

    def _time_out(self, ended: str) -> None:
        from tornado.simple_httpclient import HTTPTimeoutError  # noqa: PLC0415 - only where there is a tornado

        error = HTTPTimeoutError(ended.partition(": ")[2])
        self._connection._handle_exception(type(error), error, None)  # noqa: SLF001 - the client's way

    async def _send(self, delegate: HTTPMessageDelegate) -> bool:
        stream = await self._wire.connect()
        self._connection.stream = stream
        stream.set_close_callback(self._connection.on_connection_close)
        wires = self._connection.tcp_client.watched
        real = _Recorded(self._create, stream, self._connection, self._active, wires)
        wanted = self._written.incoming()
        real.write_headers(*self._head)
        if body := wanted.wire.body:
            real.write(body)
        real.finish()
        return await real.read_response(delegate)


def _fail(connection: Connection, error: Unanswered) -> None:
    """
    Hand *error* to who asked: to raise it here would leave them waiting for ever.
    """
    raised: BaseException = error
    if hasattr(connection.request.request, "original_request"):
        # Behind a redirect, the client looks out for exceptions only.
        raised = RuntimeError(str(error))
    connection._handle_exception(type(raised), raised, raised.__traceback__)  # noqa: SLF001 - the client's way


class _Recorded:
    """
    A connection that is listened to: *create* makes it of a *stream*, *wires* has made that.
    """

    def __init__(
        self,
        create: Callable[[Any], Any],
        stream: Any,  # noqa: ANN401 - an IOStream
        connection: Connection,
        active: ActiveCassette,
        wires: _WatchedWires,
    ) -> None:
        self._create = create
        self._real = create(stream)
        self._wires = wires
        self._head: tuple[RequestStartLine, HTTPHeaders]
        self._active = active
        self._connection = connection
        self._written = _Written(connection)
        self._pending: PendingExchange | None = None

    def write_headers(
        self, start_line: RequestStartLine, headers: HTTPHeaders, chunk: bytes | None = None
    ) -> Any:  # noqa: ANN401 - a future of tornado's
        self._head = start_line, headers.copy()
        self._written.begin(start_line, headers)
        if chunk is not None:
            self._written.add(chunk)
        return self._real.write_headers(start_line, headers, chunk)

    def write(self, chunk: bytes) -> Any:  # noqa: ANN401 - as above
        self._written.add(chunk)
        return self._real.write(chunk)

    def finish(self) -> None:
        asked = self._connection.request.__dict__.get(_ASKED)
        self._pending = self._active.issue(
            self._written.incoming(), _LIBRARY, turn=self._wires.turn, asked=asked
        )
        self._real.finish()

    async def read_response(self, delegate: HTTPMessageDelegate) -> bool:
        while True:
            listener = _Listener(delegate, lambda: self._pending, self._connection, self._wires.turn)
            result = await self._real.read_response(listener)
            if listener.error is not None:
                _fail(self._connection, listener.error)
                return False
            if not listener.is_refused:
                return bool(result)
            try:
                await self._send_again()
            except Unanswered as error:
                _fail(self._connection, error)
                return False

    async def _send_again(self) -> None:
        """
        Send the same request over a connection of its own: the service may have closed the one before.
        """
        self._real.close()
        stream = await self._wires.connect_again()
        self._connection.stream = stream
        stream.set_close_callback(self._connection.on_connection_close)
        self._real = self._create(stream)
        body = self._written.incoming().wire.body
        start_line, headers = self._head
        self._real.write_headers(start_line, headers.copy())
        if body:
            self._real.write(body)
        self.finish()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a connection has
        return getattr(self._real, name)


class _Listener:
    """
    A delegate that passes an answer on to another one, piece by piece.

    Of one that is for the number of requests it passes on nothing: ``is_refused`` says so, and ``error`` when
    it is not waited for any longer.
    """

    def __init__(
        self,
        delegate: Any,  # noqa: ANN401 - tornado's
        pending: Callable[[], PendingExchange | None],
        connection: Connection,
        turn: Turn | None,
    ) -> None:
        self._delegate = delegate
        self._pending = pending
        self._connection = connection
        self._turn = turn
        self.is_refused = False
        self.error: QuotaExceeded | None = None
        self._start: ResponseStartLine | None = None
        self._headers: Pairs = ()
        self._pieces: list[bytes] = []
        self._count = 0

    def headers_received(self, start_line: ResponseStartLine, headers: HTTPHeaders) -> Maybe:
        pending = self._pending()
        if pending is not None and self._refuses(start_line.code, tuple(headers.get_all())):
            return None
        if pending is not None:  # else the client is asked to send the body first
            self._start, self._headers = start_line, tuple(headers.get_all())
            head = LiveResponse(status=start_line.code, reason=start_line.reason, headers=self._headers)
            pending.begin(lambda: self._end(CLIENT), head)
        return self._delegate.headers_received(start_line, headers)

    def _refuses(self, status: int, headers: Pairs) -> bool:
        if self._turn is None:
            return False
        try:
            self.is_refused = not self._turn.is_over(status, headers)
        except QuotaExceeded as error:
            self.is_refused, self.error = True, error
        if self.is_refused:
            self._connection.stream.set_close_callback(None)
        return self.is_refused

    def data_received(self, chunk: bytes) -> Maybe:
        if self.is_refused:
            return None
        self._pieces.append(bytes(chunk))
        self._count += len(chunk)
        if pending := self._pending():
            pending.came(self._count)
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        if self.is_refused:
            return
        self._end("")
        self._delegate.finish()

    def on_connection_close(self) -> None:
        if self.is_refused:
            return
        # The client, which was given a time-out, closes the connection.
        has_given_up = self._connection.final_callback is None
        self._end(_TIMED_OUT if has_given_up else _BROKEN_OFF)
        self._delegate.on_connection_close()

    def _end(self, how: str) -> None:
        pending = self._pending()
        if pending is not None and self._start is not None:
            start = self._start
            pending.answer(_live(start.code, start.reason, self._headers, self._pieces, ended=how))


def _fetching(fetch: Callable[[Client, Request, Finish], None]) -> Callable[[Client, Request, Finish], None]:
    @wraps(fetch)
    def fetch_impl(self: Client, request: Request, callback: Finish) -> None:
        active = current()
        if active is None or _LIBRARY in active.skipped:
            fetch(self, request, callback)
            return
        wanted = _asked_of_curl(request)
        try:
            number = active.find(wanted)
        except Unanswered as error:
            callback(_response(request, code=_NO_ANSWER, error=error))
            return
        if number is not None:
            callback(_played_to_curl(request, faulty_answer(active, number)))
            return
        turn = active.turn(request.method, request.url)
        if turn is not None:
            _send_in_turn(active, turn, wanted, partial(_record_curl, self, fetch, request), callback)
            return
        pending = active.issue(wanted, _CURL)
        if pending is None:
            fetch(self, request, callback)
        else:
            _record_curl(self, fetch, request, callback, pending)

    return fetch_impl


def _send_in_turn(
    active: ActiveCassette,
    turn: Turn,
    wanted: IncomingRequest,
    record: Callable[..., None],
    callback: Finish,
) -> None:
    """
    Have *record* send a request when it is its turn, until the service refuses it no longer for its number.
    """

    def keeps(response: HTTPResponse) -> bool:
        if turn.is_over(response.code, tuple(response.headers.get_all())):
            return True
        _send_in_turn(active, turn, wanted, record, callback)
        return False

    async def send() -> None:
        try:
            await turn.take_async(_sleep)
        except QuotaExceeded as error:
            record(callback, None, error=error)
            return
        with turn.sending():
            record(callback, active.issue(wanted, _CURL, turn=turn), keeps=keeps)

    task = asyncio.ensure_future(send())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _kept(_: HTTPResponse) -> bool:
    return True


def _asked_of_curl(request: Request) -> IncomingRequest:
    headers = tuple(request.headers.get_all())
    body = request.body or b""
    return incoming_request(
        LiveRequest(method=request.method, url=request.url, headers=headers, body=bytes(body))
    )


def _record_curl(
    client: Client,
    fetch: Callable[[Client, Request, Finish], None],
    request: Request,
    callback: Finish,
    pending: PendingExchange | None,
    *,
    keeps: Callable[[HTTPResponse], bool] = _kept,
    error: QuotaExceeded | None = None,
) -> None:
    """
    Send *request*, and have *pending* know an answer that *keeps* wants; an *error* is given in its place.
    """
    if error is not None:
        callback(_response(request, code=_NO_ANSWER, error=error))
        return
    pieces: list[bytes] = []

    def finish(response: HTTPResponse) -> None:
        try:
            if response.code != _NO_ANSWER and not keeps(response):
                return
        except QuotaExceeded as exceeded:
            callback(_response(request, code=_NO_ANSWER, error=exceeded))
            return
        if response.code != _NO_ANSWER and pending is not None:
            packed = {"content-encoding"} if request.decompress_response else set()
            headers = tuple(pair for pair in response.headers.get_all() if pair[0].lower() not in packed)
            body = pieces or [response.body]
            pending.answer(_live(response.code, response.reason, headers, body))
        callback(response)

    given = request.streaming_callback
    if given is not None:

        def streaming_callback(piece: bytes) -> Any:  # noqa: ANN401 - as the project's own
            pieces.append(bytes(piece))
            return given(piece)

        inner = copy(request.request)
        inner.streaming_callback = streaming_callback
        request = type(request)(inner, request.defaults)
    fetch(client, request, finish)


def _played_to_curl(request: Request, answer: LiveResponse) -> HTTPResponse:
    headers = _headers(answer, is_head=request.method == "HEAD")
    if request.decompress_response:  # libcurl does it before tornado sees the body
        answer = _unpacked(answer)
    if request.header_callback is not None:
        request.header_callback(f"HTTP/1.1 {answer.status} {reason_of(answer)}\r\n")
        for name, value in headers.get_all():
            request.header_callback(f"{name}: {value}\r\n")
        request.header_callback("\r\n")
    if request.streaming_callback is None:
        return _response(
            request, code=answer.status, reason=reason_of(answer), headers=headers, body=whole(answer.body)
        )
    for piece in pieces_of(answer):
        request.streaming_callback(piece)
    return _response(request, code=answer.status, reason=reason_of(answer), headers=headers)


def _unpacked(answer: LiveResponse) -> LiveResponse:
    coding = next((value for name, value in answer.headers if name.lower() == "content-encoding"), "")
    if not coding or not answer.body:
        return answer
    try:
        pieces = unpacked_pieces(pieces_of(answer), coding, is_whole=not answer.ended)
    except NotPacked:
        return answer
    chunks = tuple(map(len, pieces)) if answer.chunks else ()
    return replace(answer, body=b"".join(pieces), chunks=chunks)


def _response(request: Request, *, body: bytes = b"", **options: Any) -> HTTPResponse:  # noqa: ANN401 - of HTTPResponse
    from tornado.httpclient import HTTPResponse  # noqa: PLC0415 - only where there is a tornado

    return HTTPResponse(request, buffer=BytesIO(body), request_time=0.0, start_time=time.time(), **options)


def _live(
    status: int, reason: str | None, headers: Pairs, pieces: Sequence[bytes], *, ended: str = ""
) -> LiveResponse:
    sizes = tuple(len(piece) for piece in pieces if piece)
    return LiveResponse(
        status=status,
        reason=reason or "",  # a service may leave it out
        headers=headers,
        body=b"".join(pieces),
        chunks=sizes if len(sizes) > 1 else (),
        ended=ended,
    )


def _headers(answer: LiveResponse, *, is_head: bool) -> HTTPHeaders:
    from tornado.httputil import HTTPHeaders  # noqa: PLC0415 - only where there is a tornado

    headers = HTTPHeaders()
    for name, value in headers_of(answer, is_head=is_head):
        headers.add(name, value)
    return headers


async def _received(delegate: HTTPMessageDelegate, answer: LiveResponse, *, is_head: bool) -> None:
    from tornado.httputil import ResponseStartLine  # noqa: PLC0415 - only where there is a tornado

    start = ResponseStartLine("HTTP/1.1", answer.status, reason_of(answer))
    await _or_nothing(delegate.headers_received(start, _headers(answer, is_head=is_head)))


async def _or_nothing(result: Awaitable[None] | None) -> None:
    if result is not None:
        await result


def _done() -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
