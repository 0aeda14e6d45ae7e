"""
A recorded WebSocket conversation over a connection of a client.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from taketwo.intercept.websockets.peer import Peer
from taketwo.playback.conversations.player import ConversationPlayer

_PIECE = 65_536


async def replay_conversation(
    script: ConversationPlayer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begun: bytes
) -> None:
    """
    Send what the recorded service sent; *begun* is what the client has sent so far, its handshake.
    """
    conversation = _Replayed(script, writer)
    conversation.receive(begun)
    reading = asyncio.create_task(_read(reader, conversation))
    try:
        await conversation.deliver()
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await reading


async def _read(reader: asyncio.StreamReader, conversation: _Replayed) -> None:
    while data := await reader.read(_PIECE):
        conversation.receive(data)
    conversation.end()


class _Replayed:
    """
    What goes to the client, one output after the other, each after its wait.
    """

    def __init__(self, script: ConversationPlayer, writer: asyncio.StreamWriter) -> None:
        self._script = script
        self._writer = writer
        self._peer = Peer(script, explains=True)
        self._is_over = False
        self._awake = asyncio.Event()

    def receive(self, data: bytes) -> None:
        self._peer.receive(data)
        self._awake.set()

    def end(self) -> None:
        """
        Note that the client has gone.
        """
        self._peer.receive_eof()
        self._is_over = True
        self._awake.set()

    async def deliver(self) -> None:
        while await self._has_output():
            output = self._peer.outputs[0]
            if output.wait:
                await asyncio.sleep(output.wait)
                if not self._peer.outputs or self._peer.outputs[0] is not output:
                    continue  # the client has done meanwhile what was not recorded
            self._peer.outputs.popleft()
            if output.lost:
                return
            self._writer.write(output.data)
            await self._writer.drain()
            if output.end:
                return

    async def _has_output(self) -> bool:
        """
        Wait for something to say; a client that waits in vain is given up, where nothing else can come.
        """
        while not self._peer.outputs and not self._is_over:
            self._awake.clear()
            before = self._script.progress
            try:
                await asyncio.wait_for(self._awake.wait(), self._script.allowance())
            except TimeoutError:
                if self._script.progress == before:
                    self._script.stuck()
                    self._peer.give_up()
        return bool(self._peer.outputs)
