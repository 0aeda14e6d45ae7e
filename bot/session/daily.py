"""A conversation in a room of Daily's."""

from __future__ import annotations

import asyncio
import signal

import aiohttp
from pipecat.transports.daily.transport import DailyParams, DailyTransport
from pipecat.transports.daily.utils import DailyRESTHelper

from bot.session.conversation import Conversation
from bot.session.run import open_services, quieten
from bot.session.settings import DailySettings, SessionSettings

_NAME = "Bot"


async def join_room(daily: DailySettings, settings: SessionSettings) -> None:
    """
    Join the room and talk, until whoever came has left, or SIGINT or SIGTERM.
    """
    quieten()
    async with aiohttp.ClientSession() as session:
        token = await DailyRESTHelper(daily_api_key=daily.api_key, aiohttp_session=session).get_token(
            daily.room_url
        )
    transport = DailyTransport(
        daily.room_url, token, _NAME, DailyParams(audio_in_enabled=True, audio_out_enabled=True)
    )
    async with open_services(settings) as services:
        conversation = Conversation(transport, settings, services)
        held = asyncio.create_task(conversation.hold())
        ending: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: ending.add(asyncio.create_task(conversation.end())))
        await held
