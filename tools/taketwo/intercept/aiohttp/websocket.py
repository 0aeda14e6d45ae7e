"""
WebSocket conversations of aiohttp: over its own connection while they are recorded, over one in memory while
they are replayed. Frames, pings, compression and closing are aiohttp's own in both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeAlias

from aiohttp import ClientRequest, ClientWebSocketResponse, WSMessage, WSMsgType, hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage

from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.intercept.aiohttp.opening import ATTACH, url_of
from taketwo.intercept.aiohttp.recording import SWITCHING, HeldBack, Mirror, header_pairs
from taketwo.intercept.websockets.frames import FrameListener
from taketwo.intercept.websockets.memory_transport import MemoryTransport, Watch
from taketwo.intercept.websockets.peer import Peer
from taketwo.playback.conversations.player import ConversationPlayer
from taketwo.playback.conversations.recorder import ConversationRecorder

Data: TypeAlias = bytes | bytearray | memoryview

_MESSAGES = {WSMsgType.TEXT, WSMsgType.BINARY}
_SENDING = ("send_str", "send_bytes", "send_frame")


def listen_to_conversation(
    connection: Connection, recorder: ConversationRecorder, request: ClientRequest
) -> None:
    """
    Have *recorder* know the conversation that *request* opens over *connection*.
    """
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        return  # it was lost before it was used, which aiohttp will find out
    headers = tuple(request.headers.items())
    recorder.asked(LiveRequest(method="GET", url=url_of(request), headers=headers))
    listener = _ConversationListener(protocol, transport, recorder)
    transport.set_protocol(listener)
    protocol.transport = _ListenedTransport(transport, listener.sent)  # type: ignore[assignment]  # it stands for one
    vars(protocol)[ATTACH] = listener.attach
    connection.add_callback(listener.released)


def replaying_protocol(player: ConversationPlayer, request: ClientRequest) -> ResponseHandler:
    """
    The client's end of a connection with the recorded service at its other end.
    """
    protocol = ResponseHandler(asyncio.get_running_loop())
    is_packed = hdrs.SEC_WEBSOCKET_EXTENSIONS in request.headers
    transport = MemoryTransport(protocol, Peer(player, is_packed=is_packed))
    protocol.connection_made(transport)

    def attach(ws: ClientWebSocketResponse) -> None:
        _check_calls(ws, player, transport)

    vars(protocol)[ATTACH] = attach
    return protocol


class _ConversationListener(HeldBack):
    """
    Reads one conversation along.
    """

    def __init__(
        self, protocol: ResponseHandler, transport: asyncio.Transport, recorder: ConversationRecorder
    ) -> None:
        mirror = Mirror(asyncio.get_running_loop(), upgraded=self._received)
        super().__init__(protocol, transport, mirror)
        self._recorder = recorder
        self._frames: FrameListener | None = None
        self._is_open = False

    def sent(self, data: Data) -> None:
        if self._frames is not None:
            self._frames.sent(bytes(data))

    def _received(self, data: bytes) -> None:
        self._open()
        if self._frames is not None:
            self._frames.received(data)

    def attach(self, ws: ClientWebSocketResponse) -> None:
        """
        Note when the test is given a message, and when it begins to close.
        """
        receive, close = ws.receive, ws.close

        async def handing_over(*arguments: Any, **options: Any) -> WSMessage:  # noqa: ANN401 - aiohttp's
            message: WSMessage = await receive(*arguments, **options)
            if message.type in _MESSAGES:
                self._recorder.handed_over()
            return message

        async def closing(*arguments: Any, **options: Any) -> bool:  # noqa: ANN401 - aiohttp's
            if self._frames is not None:
                self._frames.closing()
            return await close(*arguments, **options)

        vars(ws).update(receive=handing_over, close=closing)

    def answered(self, message: RawResponseMessage) -> None:
        if message.code == SWITCHING or self.mirror.is_complete:
            self._open()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self._gone()

    def released(self) -> None:
        """
        Note that the client lets the connection go.
        """
        self.let_go()
        self._open()
        self._gone()
        vars(self.protocol).pop(ATTACH, None)
        self.step_aside()

    def _open(self) -> None:
        message = self.mirror.message
        if message is None or self._is_open:
            return
        self._is_open = True
        if message.code == SWITCHING:
            extensions = message.headers.get(hdrs.SEC_WEBSOCKET_EXTENSIONS, "")
            self._frames = FrameListener(self._recorder, extensions)
        self._recorder.opened(
            LiveResponse(
                status=message.code,
                reason=message.reason,
                headers=header_pairs(message),
                body=self.mirror.body.content if self.mirror.is_complete else b"",
            )
        )

    def _gone(self) -> None:
        if self._frames is not None:
            self._frames.gone()


class _ListenedTransport:
    """
    A transport that tells what is written to it.
    """

    def __init__(self, transport: asyncio.Transport, tell: Callable[[Data], None]) -> None:
        self._transport = transport
        self._tell = tell

    def write(self, data: Data) -> None:
        self._transport.write(data)
        self._tell(data)

    def writelines(self, list_of_data: Iterable[Data]) -> None:
        self.write(b"".join(list_of_data))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        return getattr(self._transport, name)


def _check_calls(ws: ClientWebSocketResponse, player: ConversationPlayer, transport: MemoryTransport) -> None:
    """
    Have the calls of *ws* raise what does not match the recording, and never wait in vain.
    """
    receive = ws.receive

    async def checked_receive(*arguments: Any, **options: Any) -> WSMessage:  # noqa: ANN401 - aiohttp's
        watch = Watch(player, transport)
        try:
            message: WSMessage = await receive(*arguments, **options)
        finally:
            watch.end()
        error = player.error()
        if error is not None and message.type not in _MESSAGES:
            raise error
        return message

    def checked(send: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(send)
        async def sent(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - aiohttp's
            await send(*arguments, **options)
            if player.failure is not None:
                raise player.failure

        return sent

    own = vars(ws)
    own["receive"] = checked_receive
    own.update({name: checked(getattr(ws, name)) for name in _SENDING if hasattr(ws, name)})
