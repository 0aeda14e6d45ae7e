"""
A WebSocket of a child process while it is recorded: both ends hear each other, and a recorder hears both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import h11

from taketwo.cassette.model import LiveRequest, LiveResponse, Pairs
from taketwo.intercept.websockets.frames import FrameListener
from taketwo.playback.conversations.recorder import ConversationRecorder

_PIECE = 65_536
_SWITCHING = 101


class Relay:
    """
    Leads one WebSocket of a client to the service at the other end of *upstream*.
    """

    def __init__(
        self,
        recorder: ConversationRecorder,
        request: LiveRequest,
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._recorder = recorder
        self._request = request
        self._reader, self._writer = upstream

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._recorder.asked(self._request)
        self._writer.write(head)
        listener = None
        try:
            answer, rest = await self._answer(writer)
            if answer.status_code != _SWITCHING:
                await self._refused(answer, rest, writer)
                return
            self._recorder.opened(_response(answer))
            named = dict(answer.headers)
            extensions = named.get(b"sec-websocket-extensions", b"").decode("latin-1")
            listener = FrameListener(self._recorder, extensions, hands_over=True)
            listener.received(rest)
            ways = [
                asyncio.create_task(_pass_on(reader, self._writer, listener.sent)),
                asyncio.create_task(_pass_on(self._reader, writer, listener.received)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(ways, timeout=1)
            for way in ways:
                way.cancel()
        finally:
            if listener is not None:
                listener.gone()
            self._writer.close()

    async def _answer(
        self, writer: asyncio.StreamWriter
    ) -> tuple[h11.Response | h11.InformationalResponse, bytes]:
        """
        The answer to the handshake, which goes to the client as it is, and what has come behind it.
        """
        content = await self._reader.readuntil(b"\r\n\r\n")
        protocol = h11.Connection(h11.CLIENT)
        headers = [*self._request.headers]
        protocol.send(h11.Request(method="GET", target="/", headers=headers))
        protocol.receive_data(content)
        event = protocol.next_event()
        if not isinstance(event, h11.Response | h11.InformationalResponse):
            raise ConnectionError("the service did not answer the handshake of a WebSocket")
        writer.write(content)
        await writer.drain()
        return event, b""

    async def _refused(
        self, answer: h11.Response | h11.InformationalResponse, begun: bytes, writer: asyncio.StreamWriter
    ) -> None:
        named = dict(answer.headers)
        length = named.get(b"content-length")
        with suppress(asyncio.IncompleteReadError):
            begun += await (self._reader.readexactly(int(length)) if length else self._reader.read())
        writer.write(begun)
        await writer.drain()
        self._recorder.opened(_response(answer, begun))


async def _pass_on(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, heard: Callable[[bytes], None]
) -> None:
    with suppress(ConnectionError):
        while piece := await source.read(_PIECE):
            heard(piece)
            target.write(piece)
            await target.drain()


def _response(answer: h11.Response | h11.InformationalResponse, body: bytes = b"") -> LiveResponse:
    headers: Pairs = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers
    )
    reason = bytes(answer.reason).decode("latin-1")
    return LiveResponse(status=answer.status_code, reason=reason, headers=headers, body=body)
