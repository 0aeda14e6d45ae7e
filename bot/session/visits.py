"""Visitors of the page: each has a connection over WebRTC and a conversation of its own."""

from __future__ import annotations

import asyncio

from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport

from bot.session.conversation import Conversation, Services
from bot.session.settings import SessionSettings


class Visits:
    """
    The conversations that are held, until :meth:`close`.
    """

    def __init__(self, settings: SessionSettings, services: Services) -> None:
        self._settings = settings
        self._services = services
        self._held: dict[asyncio.Task[None], Conversation] = {}

    def __len__(self) -> int:
        return len(self._held)

    async def offer(self, sdp: str) -> str:
        """
        The answer to a browser's offer of a connection, both as SDP with all candidates.

        :raises ValueError: when *sdp* is no offer.
        """
        connection = SmallWebRTCConnection()
        await connection.initialize(sdp=sdp, type="offer")
        transport = SmallWebRTCTransport(
            webrtc_connection=connection,
            params=TransportParams(audio_in_enabled=True, audio_out_enabled=True),
        )
        conversation = Conversation(transport, self._settings, self._services)
        task = asyncio.create_task(_held(conversation, connection))
        self._held[task] = conversation
        task.add_done_callback(self._held.pop)
        return str(connection.get_answer()["sdp"])

    async def close(self) -> None:
        """
        End what is held, and wait for it.
        """
        held = dict(self._held)
        for conversation in held.values():
            await conversation.end()
        await asyncio.gather(*held, return_exceptions=True)


async def _held(conversation: Conversation, connection: SmallWebRTCConnection) -> None:
    try:
        await conversation.hold()
    finally:
        # Closing is under way already; this waits for it, and for what was begun by it.
        await connection.pc.close()
        await connection.cleanup()
