"""
WebSockets of httpx2, and of httpx with httpx-ws: both speak over the network stream of an answer with 101.

While a conversation is recorded, that stream is listened to. While it is replayed, it is one in memory.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.errors import WaitsForever
from taketwo.intercept.faulty import can_pass_time
from taketwo.intercept.patching import Replacements
from taketwo.intercept.websockets.frames import FrameListener
from taketwo.intercept.websockets.memory_socket import Service
from taketwo.intercept.websockets.peer import Peer
from taketwo.intercept.websockets.silence import LONGEST_REAL, Silence
from taketwo.playback.active import belonging_to, current
from taketwo.playback.conversations.player import ConversationPlayer
from taketwo.playback.conversations.recorder import ConversationRecorder

if TYPE_CHECKING:
    import httpx

    from taketwo.intercept.httpx.faulty import FaultyExchange
    from taketwo.playback.conversations.router import ConversationRouter
    from taketwo.playback.conversations.routing import LateConversations

_SWITCHING = 101
_STREAM = "network_stream"
_SCHEMES = {"http": "ws", "https": "wss"}
_MESSAGES = {"TextMessage", "BytesMessage"}

Send: TypeAlias = "Callable[[], httpx.Response]"
SendAsync: TypeAlias = "Callable[[], Awaitable[httpx.Response]]"
Board: TypeAlias = "ConversationRouter | LateConversations"
# The streams and sessions of either library have no base in common.
Stream: TypeAlias = Any
Session: TypeAlias = Any


def install(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - httpx2.websockets or httpx_ws
    """
    Have the sessions of *module* report when a test waits for a message, and when it gets one.
    """
    replacements.replace(module.WebSocketSession, "receive", _receiving)
    replacements.replace(module.AsyncWebSocketSession, "receive", _receiving_async)


def converse(ws_router: Board, request: httpx.Request, module: Any, send: Send) -> httpx.Response:  # noqa: ANN401 - either library
    """
    The answer to *request*, which opens a conversation.
    """
    line = ws_router.connect(_url(request), time.monotonic)
    if isinstance(line, ConversationPlayer):
        exchange = _unconnected(module, line, request, is_async=False)
        if exchange is not None:
            exchange.connect()
        return _replayed(line, request, module.Response, _replaying_stream)
    line.asked(_live(request))
    response = send()
    if response.status_code == _SWITCHING:
        response.extensions[_STREAM] = _ListenedStream(response.extensions[_STREAM], _opened(line, response))
    else:
        response.read()
        _opened(line, response)
    return response


async def converse_async(
    ws_router: Board,
    request: httpx.Request,
    module: Any,  # noqa: ANN401 - either library
    send: SendAsync,
) -> httpx.Response:
    """
    The same for asynchronous clients.
    """
    line = ws_router.connect(_url(request), time.monotonic)
    if isinstance(line, ConversationPlayer):
        exchange = _unconnected(module, line, request, is_async=True)
        if exchange is not None:
            await exchange.connect_async()
        return _replayed(line, request, module.Response, _AsyncMemoryStream)
    line.asked(_live(request))
    response = await send()
    if response.status_code == _SWITCHING:
        stream = response.extensions[_STREAM]
        response.extensions[_STREAM] = _AsyncListenedStream(stream, _opened(line, response))
    else:
        await response.aread()
        _opened(line, response)
    return response


def _unconnected(
    module: Any,  # noqa: ANN401 - either library
    player: ConversationPlayer,
    request: httpx.Request,
    *,
    is_async: bool,
) -> FaultyExchange | None:
    """
    What raises the error of a conversation that cannot be connected to.
    """
    active = current()
    if player.fault is None or active is None:
        return None
    from taketwo.intercept.httpx.faulty import FaultyExchange  # noqa: PLC0415 - few tests have a fault

    return FaultyExchange(module, active, request, player.fault, is_async=is_async)


def _url(request: httpx.Request) -> str:
    scheme, colon, rest = str(request.url).partition(":")
    return _SCHEMES.get(scheme, scheme) + colon + rest


def _live(request: httpx.Request) -> LiveRequest:
    return LiveRequest(method="GET", url=_url(request), headers=tuple(request.headers.multi_items()))


def _opened(recorder: ConversationRecorder, response: httpx.Response) -> _Heard:
    is_refused = response.status_code != _SWITCHING
    recorder.opened(
        LiveResponse(
            status=response.status_code,
            reason=response.reason_phrase,
            headers=tuple(response.headers.multi_items()),
            body=response.content if is_refused else b"",
        )
    )
    return _Heard(recorder, response.headers.get("sec-websocket-extensions", ""))


def _replayed(
    player: ConversationPlayer,
    request: httpx.Request,
    response_class: Any,  # noqa: ANN401 - of either library
    make: Callable[[Peer], Stream],
) -> httpx.Response:
    recorded = player.conversation.response
    if recorded.status != _SWITCHING:
        body = body_to_bytes(recorded.body)
        response: httpx.Response = response_class(
            recorded.status, headers=list(recorded.headers), content=body
        )
        return response
    peer = Peer(player)
    peer.receive(_handshake(request))
    accepted = peer.outputs.popleft().data.decode("latin-1")
    lines = [line.partition(": ") for line in accepted.split("\r\n")[1:] if line]
    accepting: httpx.Response = response_class(
        recorded.status,
        headers=[(name, value) for name, _, value in lines],
        extensions={_STREAM: make(peer), "http_version": b"HTTP/1.1"},
    )
    return accepting


def _handshake(request: httpx.Request) -> bytes:
    lines = [b"GET %b HTTP/1.1" % request.url.raw_path, *(b"%b: %b" % pair for pair in request.headers.raw)]
    return b"\r\n".join([*lines, b"", b""])


class _Heard:
    """
    Reports one conversation to a recorder.
    """

    def __init__(self, recorder: ConversationRecorder, extensions: str) -> None:
        self.handed_over = recorder.handed_over
        self.frames = FrameListener(recorder, extensions, waits=False)

    @contextmanager
    def receiving(self) -> Iterator[None]:
        yield

    def receive(self, receive: Callable[..., Any], *arguments: object, **options: object) -> Any:  # noqa: ANN401 - as below
        return receive(*arguments, **options)

    def came(self, data: bytes) -> None:
        if data:
            self.frames.received(data)
        else:
            self.frames.cut()

    @contextmanager
    def reading(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not type(error).__name__.endswith("Timeout"):  # of httpcore or httpcore2
                self.frames.cut()
            raise


class _ListenedStream:
    """
    A network stream that reports its data.
    """

    def __init__(self, stream: Stream, heard: _Heard) -> None:
        self._stream = stream
        self.taketwo = heard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self.taketwo.reading():
            data: bytes = self._stream.read(max_bytes, timeout)
        self.taketwo.came(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.taketwo.frames.sent(buffer)  # before: another thread may already read the answer
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self.taketwo.frames.gone()
        self._stream.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a stream has
        return getattr(self._stream, name)


class _AsyncListenedStream:
    """
    The same for asynchronous clients.
    """

    def __init__(self, stream: Stream, heard: _Heard) -> None:
        self._stream = stream
        self.taketwo = heard

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        with self.taketwo.reading():
            data: bytes = await self._stream.read(max_bytes, timeout)
        self.taketwo.came(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        self.taketwo.frames.sent(buffer)
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        self.taketwo.frames.gone()
        await self._stream.aclose()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a stream has
        return getattr(self._stream, name)


class _Played:
    """
    What a replayed conversation learns of the calls of the test, and raises in them.
    """

    def __init__(self, player: ConversationPlayer, waits: Callable[[int], None], silence: Silence) -> None:
        self._player = player
        self._waits = waits
        self._silence = silence
        self._has_raised = False

    def handed_over(self) -> None:
        """
        Nothing: the recording knows what comes.
        """

    @contextmanager
    def receiving(self) -> Iterator[None]:
        self._waits(1)
        try:
            yield
        except Exception:
            error = self._player.error()
            if error is not None:
                self._has_raised = True
                raise error from None
            raise
        finally:
            self._waits(-1)

    def receive(self, receive: Callable[..., Any], session: Session, timeout: float | None = None) -> Any:  # noqa: ANN401 - an event of either library
        """
        The next event of a client for threads, which has its own clock.
        """
        if not self._player.falls_silent:
            return receive(session, timeout)
        try:
            return self._received(receive, session, timeout)
        except WaitsForever:
            self._has_raised = True
            raise

    def _received(self, receive: Callable[..., Any], session: Session, timeout: float | None) -> Any:  # noqa: ANN401 - as above
        return self._silence.receive(
            lambda seconds: receive(session, seconds),
            timeout=timeout,
            ping=session.ping,
            late=lambda _, error: error,
        )

    def check(self) -> None:
        """
        Raise once that the client has just sent what was not recorded; then it closes, which is no failure.
        """
        if self._player.failure is not None and not self._player.is_over and not self._has_raised:
            self._has_raised = True
            raise self._player.failure


def _replaying_stream(peer: Peer) -> _MemoryStream:
    near, far = socket.socketpair()
    service = Service(far, peer)
    service.start()
    return _MemoryStream(near, _Played(peer.script, service.waits, service.silence))


class _MemoryStream:
    """
    A stream over a pair of sockets that lead nowhere.
    """

    def __init__(self, near: socket.socket, played: _Played) -> None:
        self._near = near
        self.taketwo = played

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        try:
            return self._near.recv(max_bytes)
        except OSError:
            return b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        try:
            self._near.sendall(buffer)
        except OSError:  # the service has hung up, which reading tells
            return
        self.taketwo.check()

    def close(self) -> None:
        try:
            self._near.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        finally:
            self._near.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        del info


class _AsyncMemoryStream:
    """
    A stream to the recorded service in the same loop, be it asyncio's or trio's.
    """

    def __init__(self, peer: Peer) -> None:
        import anyio  # noqa: PLC0415 - asynchronous clients of either library have imported it

        self._anyio = anyio
        self._peer = peer
        self._rest = b""
        self._is_closed = False
        self._waiting = 0
        self._is_new_wait = False
        self._news = anyio.Event()
        self._silence = Silence(peer.script, lambda: not self._rest and not peer.outputs)
        self.taketwo = _Played(peer.script, self._wait, self._silence)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        del timeout
        while not self._rest and not self._peer.outputs and not self._is_closed:
            await self._wait_for_news()
        if not self._rest and not self._is_closed:
            output = self._peer.outputs.popleft()
            with belonging_to(None):  # a pace that is asked for is no sleep of the test
                await self._anyio.sleep(output.wait)
            if output.lost:
                return b""
            self._rest = output.data
        data, self._rest = self._rest[:max_bytes], self._rest[max_bytes:]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        del timeout
        self._peer.receive(buffer)
        self._news.set()
        await self._anyio.sleep(0)
        self.taketwo.check()

    async def aclose(self) -> None:
        self._is_closed = True
        self._news.set()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        del info

    def _wait(self, delta: int) -> None:
        self._waiting += delta
        self._is_new_wait = delta > 0
        self._news.set()

    async def _wait_for_news(self) -> None:
        """
        Wait until the client does something; for what cannot come no longer than allowed.
        """
        self._news = self._anyio.Event()
        player = self._peer.script
        if self._waiting and self._silence.is_here:
            await self._pass_silence()
            return
        allowance = player.allowance() if self._waiting else None
        with self._anyio.move_on_after(allowance) as scope:
            await self._news.wait()
        if scope.cancelled_caught:
            player.stuck()
            self._peer.give_up()

    async def _pass_silence(self) -> None:
        if can_pass_time():
            is_new, self._is_new_wait = self._is_new_wait, False
            is_over = await self._silence.pass_by(self._news.is_set, is_new=is_new)
        else:
            with self._anyio.move_on_after(LONGEST_REAL):
                await self._news.wait()
            is_over = self._news.is_set()
        if not is_over:
            self._peer.script.never_ends()
            self._peer.give_up()


def _receiving(receive: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(receive)
    def received(self: Session, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - of either library
        ours = getattr(self.stream, "taketwo", None)
        if ours is None:
            return receive(self, *arguments, **options)
        with ours.receiving():
            event = ours.receive(receive, self, *arguments, **options)
        if type(event).__name__ in _MESSAGES:
            ours.handed_over()
        return event

    return received


def _receiving_async(receive: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(receive)
    async def received(self: Session, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - of either library
        ours = getattr(self.stream, "taketwo", None)
        if ours is None:
            return await receive(self, *arguments, **options)
        with ours.receiving():
            event = await receive(self, *arguments, **options)
        if type(event).__name__ in _MESSAGES:
            ours.handed_over()
        return event

    return received
