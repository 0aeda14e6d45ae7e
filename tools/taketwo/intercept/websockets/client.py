"""
The one module that knows how the clients of the library ``websockets`` connect.

Each of them has one method that opens the network connection below a WebSocket. It is replaced once in a
process, when the library is imported, and does what it always did while no test has a cassette. While one
records, the library connects as ever and is listened to. While one is replayed, the library's own connection
runs over a connection in memory, with a :class:`Peer` at the other end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import partial
from socket import socket
from types import FunctionType, ModuleType
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from taketwo.cassette.model import Closer, LiveRequest, LiveResponse
from taketwo.config.faults import Fault, Kind
from taketwo.intercept.faulty import UNANSWERED_CALL, connection_error, pass_time
from taketwo.intercept.patching import Replacements
from taketwo.intercept.websockets.memory_connection import open_in_memory
from taketwo.intercept.websockets.memory_socket import create, open_over_sockets
from taketwo.playback.conversations.player import ConversationPlayer
from taketwo.playback.conversations.recorder import ConversationRecorder, Ending
from taketwo.playback.conversations.routing import current

_TARGET = "__taketwo__"
_HTTP_PORT, _HTTPS_PORT = 80, 443
_OF_THE_NETWORK = {
    "path",
    "proxy",
    "proxy_server_hostname",
    "proxy_ssl",
    "server_hostname",
    "sock",
    "source_address",
    "ssl",
    "ssl_context",
    "unix",
}

# The library's protocol and connection objects are of classes that differ between its clients.
Protocol: TypeAlias = Any
Connection: TypeAlias = Any
Owned: TypeAlias = MutableMapping[str, Any]


def install_asyncio(module: ModuleType, replacements: Replacements) -> None:
    """
    Have the asynchronous client, which is *module*, lead its connections to the running test.
    """
    connect: Any = module.connect
    # The first of the names is that of release 17.
    name = next(name for name in ("open_tcp_connection", "create_connection") if hasattr(connect, name))
    replacements.replace(connect, name, _opening_async)


def _opening_async(
    original: Callable[[Any], Awaitable[Connection]],
) -> Callable[[Any], Awaitable[Connection]]:
    async def open_connection(self: Any) -> Connection:  # noqa: ANN401 - the library's connect
        ws_router = current()
        if ws_router is None:
            return await original(self)
        line = ws_router.connect(self.uri, asyncio.get_running_loop().time)  # which may be no real one
        if isinstance(line, ConversationPlayer):
            if line.fault is not None and line.fault.is_unconnected:
                await _fail_to_connect_async(line.fault, self.uri)
            from websockets.uri import parse_uri  # noqa: PLC0415 - it is imported when this runs

            factory = self.factory if hasattr(self, "factory") else self.protocol_factory
            return open_in_memory(line, partial(factory, parse_uri(self.uri)))
        connection = await original(self)
        listen_to_protocol(connection.protocol, line, self.uri)
        _listen_to_async_calls(connection, line)
        return connection

    return open_connection


async def _fail_to_connect_async(fault: Fault, uri: str) -> None:
    """
    Raise what the event loop does that cannot connect to *uri*; the client's own timeout may come before.
    """
    if fault.kind is Kind.CONNECT_TIMEOUT:
        await pass_time(UNANSWERED_CALL)
    url = urlsplit(uri)
    port = url.port or (_HTTPS_PORT if url.scheme == "wss" else _HTTP_PORT)
    raise connection_error(fault, called=(url.hostname or "", port))


def install_threads(module: ModuleType, replacements: Replacements) -> None:
    """
    The same of the client for threads.
    """
    if hasattr(module, "reconnect"):
        replacements.replace(module.reconnect, "open_connection", _opening)
    else:
        _for_connect(module.connect, replacements)


def _opening(original: Callable[[Any, object], Connection]) -> Callable[[Any, object], Connection]:
    def open_connection(self: Any, deadline: object) -> Connection:  # noqa: ANN401 - see above
        ws_router = current()
        if ws_router is None:
            return original(self, deadline)
        line = ws_router.connect(self.uri, time.monotonic)
        if isinstance(line, ConversationRecorder):
            listening = _listening(self.create_connection, line, self.uri)
            with _own(self, create_connection=listening):
                return original(self, deadline)

        if line.fault is not None and line.fault.is_unconnected:
            raise connection_error(line.fault, has_timeout=self.open_timeout is not None)

        def over(near: socket) -> Connection:
            # There is no peer to speak TLS with.
            with _own(self, sock=near, enable_tls=lambda sock, _deadline: sock):
                return original(self, deadline)

        return open_over_sockets(line, over)

    return open_connection


def _for_connect(connect: FunctionType, replacements: Replacements) -> None:
    """
    Before release 17 the client for threads is a function, which tests have imported by its name.
    """
    if _TARGET in connect.__globals__:
        return
    original = _copy(connect)

    def connected(uri: str, **options: Any) -> Connection:  # noqa: ANN401 - whatever the library's are
        ws_router = current()
        if ws_router is None:
            return original(uri, **options)
        line = ws_router.connect(uri, time.monotonic)
        if isinstance(line, ConversationRecorder):
            listening = _listening(options.pop("create_connection", None) or create, line, uri)
            return original(uri, create_connection=listening, **options)

        if line.fault is not None and line.fault.is_unconnected:
            raise connection_error(line.fault, has_timeout=options.get("open_timeout", 10) is not None)

        def over(near: socket) -> Connection:
            own = {name: value for name, value in options.items() if name not in _OF_THE_NETWORK}
            # There is no peer to speak TLS with.
            return original(uri.replace("wss:", "ws:", 1), sock=near, unix=True, **own)

        return open_over_sockets(line, over)

    _lead(connect, connected, original)
    replacements.undo_with(partial(_give_back, connect, original))


def _copy(function: FunctionType) -> FunctionType:
    copy = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _lead(function: FunctionType, target: Callable[..., object], original: FunctionType) -> None:
    """
    Have every call of *function* call *target*, under whatever name it was imported.
    """

    def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the function's are
        return __taketwo__(*arguments, **options)  # type: ignore[name-defined]  # noqa: F821 - put there below

    function.__globals__[_TARGET] = target
    function.__code__ = call.__code__
    function.__defaults__, function.__kwdefaults__ = None, {}
    function.__dict__["__wrapped__"] = original


def _give_back(function: FunctionType, original: FunctionType) -> None:
    del function.__globals__[_TARGET]
    function.__code__ = original.__code__
    function.__defaults__, function.__kwdefaults__ = original.__defaults__, original.__kwdefaults__
    del function.__dict__["__wrapped__"]


@contextmanager
def _own(target: Any, **attributes: object) -> Iterator[None]:  # noqa: ANN401 - an object of the library
    """
    While open, *target* has *attributes* of its own.
    """
    own: Owned = target.__dict__
    before = {name: own[name] for name in attributes if name in own}
    own.update(attributes)
    try:
        yield
    finally:
        for name in attributes:
            del own[name]
        own.update(before)


def _listening(
    create: Callable[..., Connection], conversation_recorder: ConversationRecorder, url: str
) -> Callable[..., Connection]:
    """
    What makes a connection that is listened to from its first byte: its thread reads at once.
    """

    def create_connection(sock: object, protocol: Protocol, **options: Any) -> Connection:  # noqa: ANN401
        listen_to_protocol(protocol, conversation_recorder, url)
        connection = create(sock, protocol, **options)
        _listen_to_calls(connection, conversation_recorder)
        return connection

    return create_connection


def listen_to_protocol(protocol: Protocol, conversation_recorder: ConversationRecorder, url: str) -> None:
    """
    Have *conversation_recorder* note what *protocol* reads and writes.
    """
    own: Owned = protocol.__dict__
    reading, writing = _Message(), _Message()

    def send_request(request: Any) -> None:  # noqa: ANN401 - the library's request
        conversation_recorder.asked(
            LiveRequest(method="GET", url=url, headers=tuple(request.headers.raw_items()))
        )
        type(protocol).send_request(protocol, request)

    def events_received() -> list[Any]:
        events: list[Any] = type(protocol).events_received(protocol)
        for event in events:
            _note(event, reading, conversation_recorder)
        return events

    def sending(name: str) -> Callable[..., None]:
        send = getattr(type(protocol), name)

        def sent(data: bytes, fin: bool = True) -> None:  # noqa: FBT001, FBT002 - the library's signature
            send(protocol, data, fin)
            if writing.add(bytes(data), is_binary=_BINARY.get(name), fin=fin):
                conversation_recorder.sent(writing.take(), is_binary=writing.is_binary)

        return sent

    def closing(name: str) -> Callable[..., None]:
        close = getattr(type(protocol), name)

        def closed(*arguments: object) -> None:
            close(protocol, *arguments)
            conversation_recorder.closing()

        return closed

    own["send_request"] = send_request
    own["events_received"] = events_received
    own.update({name: sending(name) for name in ("send_text", "send_binary", "send_continuation")})
    own.update({name: closing(name) for name in ("send_close", "fail")})
    conversation_recorder.ending = lambda: _ending(protocol)


class _Message:
    """
    The pieces of one message.
    """

    def __init__(self) -> None:
        self.is_binary = False
        self.pieces: list[bytes] = []

    def add(self, data: bytes, *, is_binary: bool | None, fin: bool) -> bool:
        """
        True when the message is whole; *is_binary* is None for a piece that continues one.
        """
        if is_binary is not None:
            self.is_binary = is_binary
        self.pieces.append(data)
        return fin

    def take(self) -> bytes:
        content = b"".join(self.pieces)
        self.pieces = []
        return content


_BINARY = {"send_text": False, "send_binary": True}
_OPCODES = {"TEXT": False, "BINARY": True, "CONT": None}


def _note(event: Any, reading: _Message, conversation_recorder: ConversationRecorder) -> None:  # noqa: ANN401 - a frame, or the response
    if hasattr(event, "status_code"):
        conversation_recorder.opened(_response(event))
    elif event.opcode.name in _OPCODES:
        if reading.add(bytes(event.data), is_binary=_OPCODES[event.opcode.name], fin=event.fin):
            sizes = tuple(map(len, reading.pieces))
            conversation_recorder.arrived(reading.take(), is_binary=reading.is_binary, fragments=sizes)
    elif event.opcode.name == "CLOSE":
        conversation_recorder.closing()


def _response(response: Any) -> LiveResponse:  # noqa: ANN401 - the library's response
    return LiveResponse(
        status=response.status_code,
        reason=response.reason_phrase,
        headers=tuple(response.headers.raw_items()),
        body=bytes(response.body or b""),
    )


def _ending(protocol: Protocol) -> Ending:
    by_service = protocol.close_rcvd is not None and protocol.close_rcvd_then_sent is not False
    close = protocol.close_rcvd if by_service else protocol.close_sent
    both = protocol.close_rcvd is not None and protocol.close_sent is not None
    answer = protocol.close_rcvd if both and not by_service else None
    return Ending(
        code=None if close is None else int(close.code),
        reason="" if close is None else close.reason,
        by=Closer.SERVICE if by_service else Closer.CLIENT,
        answer=None if answer is None else int(answer.code),
        lost=protocol.state.name == "CLOSED" and not both,
    )


def _listen_to_async_calls(connection: Connection, conversation_recorder: ConversationRecorder) -> None:
    """
    Have *conversation_recorder* note when the test is given a message.
    """
    own: Owned = connection.__dict__
    receive, stream = connection.recv, connection.recv_streaming

    async def recv(*arguments: object, **options: object) -> object:
        message = await receive(*arguments, **options)
        conversation_recorder.handed_over()
        return message

    async def recv_streaming(*arguments: object, **options: object) -> Any:  # noqa: ANN401 - an iterator
        is_first = True
        async for piece in stream(*arguments, **options):
            if is_first:
                conversation_recorder.handed_over()
            is_first = False
            yield piece

    own.update(recv=recv, recv_streaming=recv_streaming)


def _listen_to_calls(connection: Connection, conversation_recorder: ConversationRecorder) -> None:
    own: Owned = connection.__dict__
    receive, stream = connection.recv, connection.recv_streaming

    def recv(*arguments: object, **options: object) -> object:
        message = receive(*arguments, **options)
        conversation_recorder.handed_over()
        return message

    def recv_streaming(*arguments: object, **options: object) -> Any:  # noqa: ANN401 - an iterator
        is_first = True
        for piece in stream(*arguments, **options):
            if is_first:
                conversation_recorder.handed_over()
            is_first = False
            yield piece

    own.update(recv=recv, recv_streaming=recv_streaming)
