"""
The bot in a room of Daily's, with stand-ins for the parts of Pipecat that need Daily's own library.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import signal
import sys
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from bot.session.settings import DailySettings, SessionSettings, read_session_settings
from tests.fake_chorus import SPOKEN, fake_chorus
from tests.fakes import TENANT, USER

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(find_spec("aiortc") is None, reason="the extra 'voice' is not installed"),
    pytest.mark.block_network(allowed_hosts=["127.0.0.1"]),
]

URL, KEY, TOKEN = "https://our.daily.co/room", "key of ours", "a token"
DAILY = DailySettings(room_url=URL, api_key=KEY)
TRANSPORT, REST = "pipecat.transports.daily.transport", "pipecat.transports.daily.utils"


@pytest.fixture
def settings() -> SessionSettings:
    environ = {
        "MESH_API_ENDPOINT": "http://127.0.0.1:9/api",
        "BOT_TENANT_ID": TENANT,
        "BOT_USER_ID": USER,
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }
    return read_session_settings(environ, dotenv=Path("there is no such file"))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, rooms: ModuleType) -> ModuleType:
    """
    ``bot.session.daily`` over stand-ins; ``rooms.DailyRoom.joined`` are the rooms that the bot has joined.
    """
    monkeypatch.setattr(rooms.DailyRoom, "joined", [])
    transport = SimpleNamespace(DailyTransport=rooms.DailyRoom, DailyParams=rooms.TransportParams)
    monkeypatch.setitem(sys.modules, TRANSPORT, transport)
    monkeypatch.setattr(import_module(REST), "DailyRESTHelper", rooms.DailyTokens)
    monkeypatch.delitem(sys.modules, "bot.session.daily", raising=False)
    return import_module("bot.session.daily")


async def test_the_bot_talks_in_its_room_until_the_guest_has_left(
    settings: SessionSettings, room: ModuleType, rooms: ModuleType
) -> None:
    async with fake_chorus(SPOKEN) as chorus:
        held = asyncio.create_task(room.join_room(DAILY, replace(settings, voice=chorus.settings)))
        await rooms.until(rooms.DailyRoom.is_open)
        [joined] = rooms.DailyRoom.joined
        await joined.happens("on_client_connected", {"id": "guest"})
        await rooms.until(lambda: any(message["type"] == "said" for message in joined.sent))
        await joined.happens("on_client_disconnected", {"id": "guest"})
        await held

    assert (joined.room_url, joined.token, joined.bot_name) == (URL, f"{TOKEN} for {URL} by {KEY}", "Bot")
    assert (joined.params.audio_in_enabled, joined.params.audio_out_enabled) == (True, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_bot_in_its_room(
    settings: SessionSettings, room: ModuleType, rooms: ModuleType, number: signal.Signals
) -> None:
    async with fake_chorus() as chorus:
        held = asyncio.create_task(room.join_room(DAILY, replace(settings, voice=chorus.settings)))
        await rooms.until(rooms.DailyRoom.is_open)
        os.kill(os.getpid(), number)
        await held

    assert len(rooms.DailyRoom.joined) == 1


async def test_the_stand_ins_have_the_signatures_of_what_they_stand_for(rooms: ModuleType) -> None:
    real = import_module(REST).DailyRESTHelper

    assert list(inspect.signature(rooms.DailyRoom.__init__).parameters) == _arguments_of_transport()
    for name in ("__init__", "get_token"):
        of_stand_in = inspect.signature(getattr(rooms.DailyTokens, name)).parameters
        assert [(each.name, each.kind) for each in of_stand_in.values()] == [
            (each.name, each.kind) for each in inspect.signature(getattr(real, name)).parameters.values()
        ]


def _arguments_of_transport() -> list[str]:
    """
    Those of ``DailyTransport``, read from its source: its import needs Daily's own library.
    """
    spec = find_spec(TRANSPORT)
    assert spec is not None
    assert spec.origin is not None
    module = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    [transport] = [
        node for node in module.body if isinstance(node, ast.ClassDef) and node.name == "DailyTransport"
    ]
    [init] = [
        node for node in transport.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    ]
    return [argument.arg for argument in init.args.args]
