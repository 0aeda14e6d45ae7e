"""
A replayed connection for asyncio: the library's own connection over a transport in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from taketwo.intercept.websockets.peer import Output, Peer
from taketwo.playback.conversations.player import ConversationPlayer


def open_in_memory(script: ConversationPlayer, factory: Callable[[], ClientConnection]) -> ClientConnection:
    """
    The connection that *factory* makes, with the recorded service at its other end.
    """
    connection = factory()
    transport = MemoryTransport(connection, Peer(script))
    connection.connection_made(transport)
    _watch(connection, transport, script)
    return connection


def now() -> float:
    """
    The time of the running loop, which may have a clock of its own.
    """
    return asyncio.get_running_loop().time()


class MemoryTransport(asyncio.Transport):
    """
    Carries bytes between a protocol and a peer in the same loop, one output in each turn of it.
    """

    def __init__(self, protocol: asyncio.Protocol, peer: Peer) -> None:
        super().__init__({"peername": ("127.0.0.1", 0), "sockname": ("127.0.0.1", 0)})
        self._loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._peer = peer
        self._is_paused = False
        self._is_closing = False
        self._pumping: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()

    @property
    def is_quiet(self) -> bool:
        """
        Whether the client has been told all that it may be told.
        """
        return not self._peer.outputs

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._is_closing:
            self._peer.receive(bytes(data))
            self._pump()

    def give_up(self) -> None:
        self._peer.give_up()
        self._pump()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        if not self._is_closing:
            self._peer.receive_eof()
            self._pump()

    def pause_reading(self) -> None:
        self._is_paused = True

    def resume_reading(self) -> None:
        self._is_paused = False
        self._awake.set()

    def is_reading(self) -> bool:
        return not self._is_paused

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._lose(None)

    def abort(self) -> None:
        self._lose(None)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        if isinstance(protocol, asyncio.Protocol):
            self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """
        Nothing is ever buffered.
        """

    def get_write_buffer_size(self) -> int:
        return 0

    def _pump(self) -> None:
        if self._pumping is None or self._pumping.done():
            self._pumping = self._loop.create_task(self._deliver())

    async def _deliver(self) -> None:
        while self._peer.outputs and not self._is_closing:
            # The one place that waits; a loop with a clock of its own decides how long that is.
            await asyncio.sleep(self._peer.outputs[0].wait)
            while self._is_paused and not self._is_closing:
                self._awake.clear()
                await self._awake.wait()
            if self._peer.outputs and not self._is_closing:
                self._hand_over(self._peer.outputs.popleft())

    def _hand_over(self, output: Output) -> None:
        if output.lost:
            self._lose(None)
            return
        self._protocol.data_received(output.data)
        if output.end:
            self._protocol.eof_received()
            self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._awake.set()
            self._loop.call_soon(self._protocol.connection_lost, error)


def _watch(connection: ClientConnection, transport: MemoryTransport, script: ConversationPlayer) -> None:
    """
    Have the calls of the client tell what it does otherwise than recorded, and never wait in vain.
    """
    receive, stream, send = connection.recv, connection.recv_streaming, connection.send
    wait_closed = connection.wait_closed

    async def recv(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the library's signature
        return await _heeding(script, transport, receive(*arguments, **options))

    async def recv_streaming(*arguments: Any, **options: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - see above
        pieces = aiter(stream(*arguments, **options))
        while True:
            try:
                piece = await _heeding(script, transport, anext(pieces))
            except StopAsyncIteration:
                return
            yield piece

    async def heeding_send(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - see above
        await _heeding(script, transport, send(*arguments, **options), waits=False)

    async def heeding_wait_closed() -> None:
        await _heeding(script, transport, wait_closed())

    vars(connection).update(
        recv=recv, recv_streaming=recv_streaming, send=heeding_send, wait_closed=heeding_wait_closed
    )


async def _heeding(
    script: ConversationPlayer,
    transport: MemoryTransport,
    call: Any,  # noqa: ANN401
    *,
    waits: bool = True,
) -> Any:  # noqa: ANN401
    """
    What *call* gives; the failure of *script* instead, when there is one.
    """
    watch = _Watch(script, transport) if waits else None
    try:
        result = await call
    except ConnectionClosed:
        if script.failure is not None:
            raise script.failure from None
        raise
    finally:
        if watch is not None:
            watch.end()
    if script.failure is not None and not waits:
        raise script.failure
    return result


class _Watch:
    """
    Ends a wait that nothing can end: the client has not said what the recorded service answered to.
    """

    def __init__(self, script: ConversationPlayer, transport: MemoryTransport) -> None:
        self._script = script
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._arm()

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        allowance = self._script.allowance()
        if allowance is not None:
            self._timer = self._loop.call_later(allowance, self._look, self._script.progress)

    def _look(self, before: tuple[int, int, bool]) -> None:
        if self._script.progress == before and self._transport.is_quiet:
            self._script.stuck()
            self._transport.give_up()
        else:
            self._arm()
