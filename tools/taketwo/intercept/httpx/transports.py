"""
HTTP of httpx, at its transports: whatever a client sends goes through one of them.

With no active cassette, or with one that leaves httpx alone, they do what they always do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import lru_cache, wraps
from http.cookiejar import CookieJar
from itertools import accumulate, pairwise
from types import ModuleType
from typing import NoReturn, TypeAlias, cast

import httpx

from taketwo.cassette import CLIENT, WAITING, LiveRequest, LiveResponse, Pairs, Wire
from taketwo.intercept.patching import Replacements
from taketwo.playback.active import ActiveCassette, PendingExchange, current
from taketwo.playback.player import IncomingRequest

Sync: TypeAlias = Callable[[httpx.BaseTransport, httpx.Request], httpx.Response]
Async: TypeAlias = Callable[[httpx.AsyncBaseTransport, httpx.Request], Awaitable[httpx.Response]]
Extract: TypeAlias = Callable[[httpx.Cookies, httpx.Response], None]

_LIBRARY = "httpx"
_TRANSPORTS: tuple[tuple[type, str], ...] = (
    (httpx.HTTPTransport, "handle_request"),
    (httpx.AsyncHTTPTransport, "handle_async_request"),
    (httpx.MockTransport, "handle_request"),
    (httpx.MockTransport, "handle_async_request"),
    (httpx.WSGITransport, "handle_request"),
    (httpx.ASGITransport, "handle_async_request"),
)
_COOKIES = {b"set-cookie", b"set-cookie2"}
_ENCODED = {b"content-encoding"}


def install(_: ModuleType, replacements: Replacements) -> None:
    """
    Have every transport ask for the active cassette.
    """
    for owner, name in _TRANSPORTS:
        _intercept(owner, name, replacements)


def install_curl_cffi(module: ModuleType, replacements: Replacements) -> None:
    _intercept(module.CurlTransport, "handle_request", replacements)
    _intercept(module.AsyncCurlTransport, "handle_async_request", replacements)


def install_pyreqwest(module: ModuleType, replacements: Replacements) -> None:
    _intercept(module.SyncHttpxTransport, "handle_request", replacements)
    _intercept(module.HttpxTransport, "handle_async_request", replacements)


def install_cookies(_: ModuleType, replacements: Replacements) -> None:
    replacements.replace(httpx.Cookies, "extract_cookies", _extracting)


def _intercept(owner: type, name: str, replacements: Replacements) -> None:
    replacements.replace(owner, name, _asking if name == "handle_request" else _asking_async)


def _extracting(extract: Extract) -> Extract:
    """
    Search no replayed answer for cookies that sets none: that takes a quarter of the time of a request.
    """

    @wraps(extract)
    def extract_cookies(self: httpx.Cookies, response: httpx.Response) -> None:
        # A jar of another kind may want to see every answer.
        is_plain = isinstance(response, _Whole) and type(self.jar) is CookieJar
        if not is_plain or _tells(response.headers, _COOKIES):
            extract(self, response)

    return extract_cookies


def _tells(headers: httpx.Headers, names: AbstractSet[bytes]) -> bool:
    """
    Whether one of *names*, which are in small letters, is in *headers*: to ask those takes longer.
    """
    return not names.isdisjoint([name.lower() for name, _ in headers.raw])


def _asking(send: Sync) -> Sync:
    @wraps(send)
    def handle_request(self: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        active = current()
        if active is None or _LIBRARY in active.skipped:
            return send(self, request)
        wanted = _asked(request, request.read())
        number = active.find(wanted)
        if number is not None:
            return _played(active, number)
        pending = active.issue(wanted)
        response = send(self, request)
        return response if pending is None else _recorded(pending, response)

    return handle_request


def _asking_async(send: Async) -> Async:
    @wraps(send)
    async def handle_async_request(self: httpx.AsyncBaseTransport, request: httpx.Request) -> httpx.Response:
        active = current()
        if active is None or _LIBRARY in active.skipped:
            return await send(self, request)
        wanted = _asked(request, await request.aread())
        number = active.find(wanted)
        if number is not None:
            return _played(active, number)
        pending = active.issue(wanted)
        response = await send(self, request)
        return response if pending is None else await _recorded_async(pending, response)

    return handle_async_request


def _asked(request: httpx.Request, body: bytes) -> IncomingRequest:
    def whole() -> LiveRequest:
        headers = tuple(request.headers.multi_items())
        return LiveRequest(method=request.method, url=str(request.url), headers=headers, body=body)

    raw = tuple(request.headers.raw)
    return IncomingRequest(
        Wire(request.method, str(request.url), _media_type(raw) if body else "", body), raw, whole
    )


def _media_type(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name.lower() == b"content-type":
            return value.decode("latin-1")
    return ""


def _played(active: ActiveCassette, number: int) -> httpx.Response:
    found = active.player.replay.response(number)
    told = {"reason_phrase": found.reason.encode("latin-1", "replace")} if found.reason else None
    headers = _headers(found.headers)
    if found.chunks or found.ended:
        return httpx.Response(found.status, headers=headers, stream=_Played(found), extensions=told)
    stream = httpx.ByteStream(found.body)
    response = _Whole(found.status, headers=headers, stream=stream, extensions=told)
    response.body, response.recorded = found.body, stream
    return response


@lru_cache(maxsize=1024)
def _headers(pairs: Pairs) -> httpx.Headers:
    """
    Headers to be copied: to make them anew takes longer, and most answers of a service have the same.
    """
    return httpx.Headers(list(pairs))


class _Whole(httpx.Response):
    """
    An answer that is not streamed. It is open, as what comes from a transport is, but read without a detour
    through streams and decoders.

    The client leads its stream through one that refers to the answer. Once read, it is as it was recorded:
    what refers to itself stays in memory until the garbage is collected, and no test should wait for that.
    """

    body: bytes
    recorded: httpx.ByteStream

    def read(self) -> bytes:
        if self.is_stream_consumed or self.is_closed or _tells(self.headers, _ENCODED):
            return super().read()
        self._content = self.body
        self.is_stream_consumed = self.is_closed = True
        cast("httpx.SyncByteStream", self.stream).close()  # which tells how long it took
        self.stream = self.recorded
        return self.body

    async def aread(self) -> bytes:
        if self.is_stream_consumed or self.is_closed or _tells(self.headers, _ENCODED):
            return await super().aread()
        self._content = self.body
        self.is_stream_consumed = self.is_closed = True
        await cast("httpx.AsyncByteStream", self.stream).aclose()
        self.stream = self.recorded
        return self.body


class _Played(httpx.SyncByteStream, httpx.AsyncByteStream):
    """
    A streamed body as it was recorded: the same pieces, and the same end.
    """

    def __init__(self, response: LiveResponse) -> None:
        sizes = response.chunks or (len(response.body),)
        cuts = pairwise([0, *accumulate(sizes)])
        self._pieces = [response.body[start:end] for start, end in cuts if end > start]
        self._ended = response.ended

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._ended:
            self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if self._ended == WAITING:
            from anyio import sleep_forever  # noqa: PLC0415 - asyncio or trio, for the few streams that hang

            await sleep_forever()
        if self._ended:
            self._end()

    def _end(self) -> NoReturn:
        if self._ended in {CLIENT, WAITING}:
            raise httpx.ReadError(
                "the recording ends here, where the client closed the stream; if it is right to read on, "
                "record again with --record-mode=rewrite"
            )
        name, _, told = self._ended.partition(": ")
        kind = getattr(httpx, name, None)
        if isinstance(kind, type) and issubclass(kind, httpx.TransportError):
            raise kind(told)
        raise httpx.ReadError(self._ended)


def _recorded(pending: PendingExchange, response: httpx.Response) -> httpx.Response:
    incoming = _Recorded(pending, response)
    if response.is_closed:  # it was made with its content, which no client reads again
        for _ in incoming:
            pass
    else:
        response.stream = incoming
    return response


async def _recorded_async(pending: PendingExchange, response: httpx.Response) -> httpx.Response:
    incoming = _Recorded(pending, response)
    if response.is_closed:
        async for _ in incoming:
            pass
    else:
        response.stream = incoming
    return response


class _Recorded(httpx.SyncByteStream, httpx.AsyncByteStream):
    """
    An answer on its way to the client, who is given each piece as it comes.
    """

    def __init__(self, pending: PendingExchange, response: httpx.Response) -> None:
        self._pending = pending
        self._response = response
        self._stream = response.stream
        self._pieces: list[bytes] = []
        self._is_waiting = False
        pending.begin(self._left)

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
        self._pieces.append(piece)
        return piece

    @contextmanager
    def _ending(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
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
        pieces = [piece for piece in self._pieces if piece]
        self._pending.answer(
            LiveResponse(
                status=self._response.status_code,
                reason=self._response.reason_phrase,
                headers=headers,
                body=b"".join(pieces),
                chunks=tuple(map(len, pieces)) if len(pieces) > 1 else (),
                ended=how,
            )
        )
