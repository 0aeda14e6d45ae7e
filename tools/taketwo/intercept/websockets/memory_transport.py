"""
A connection in memory for asyncio, with a recorded service at its other end; for the clients of any library.
"""

from __future__ import annotations

import asyncio

from taketwo.intercept.websockets.peer import Output, Peer
from taketwo.intercept.websockets.silence import Silence
from taketwo.playback.active import belonging_to
from taketwo.playback.conversations.player import ConversationPlayer


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
        self.silence = Silence(peer.script, lambda: self.is_quiet)

    @property
    def is_quiet(self) -> bool:
        """
        Whether the client has got all that it may get.
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
            with belonging_to(None):  # a pace that is asked for is no sleep of the test
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


class Watch:
    """
    Ends a wait that nothing can end: the client has not sent what the recorded service answered to, or waits
    for a silent one without a timeout.
    """

    def __init__(self, script: ConversationPlayer, transport: MemoryTransport) -> None:
        self._script = script
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._passing: asyncio.Task[None] | None = None
        self._is_over = False
        self._arm()
        if script.falls_silent:
            self._passing = self._loop.create_task(self._pass_by())

    def end(self) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._passing is not None:
            self._passing.cancel()

    async def _pass_by(self) -> None:
        if not await self._transport.silence.pass_by(lambda: self._is_over):
            self._script.never_ends()
            self._transport.give_up()

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
