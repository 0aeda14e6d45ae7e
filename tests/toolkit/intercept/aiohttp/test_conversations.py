# ruff: noqa: SIM117 - a session and what it sends read better one below the other
"""
WebSockets of aiohttp are recorded as conversations, and replayed as they were with nothing running.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from taketwo.cassette.model import Closer, Direction
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import NoMatch
from tests.toolkit.intercept.aiohttp.conftest import Scenario, Studio

Json = Any


async def text_and_binary(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws?name=Ada") as ws:
        found: list[Json] = [await ws.receive_json()]
        await ws.send_str("hello")
        found.append(await ws.receive_str())
        await ws.send_bytes(b"\xff\x00abc")
        found.append(await ws.receive_bytes())
        await ws.send_json({"a": [1, "ü"]})
        found.append(await ws.receive_str())
    return [*found, ws.close_code, ws.closed]


async def iterated(url: str) -> Json:
    found: list[Json] = []
    async with ClientSession() as session, session.ws_connect(f"{url}/ws") as ws:
        await ws.send_str("count 3")
        await ws.send_str("close 4001 enough")
        found.extend([(message.type, message.json()) async for message in ws])
    return [*found, ws.close_code]


async def closed_by_the_test(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws") as ws:
        await ws.receive()
        await ws.close(code=4002, message=b"done")
        return [ws.close_code, (await ws.receive()).type]


async def closed_by_the_service(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws", autoclose=False) as ws:
        await ws.receive()
        await ws.send_str("close 1008 policy")
        message = await ws.receive()
        found = [message.type, message.data, message.extra]
        await ws.close()
        return [*found, ws.close_code]


async def broken_off(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws") as ws:
        await ws.receive()
        await ws.send_str("break")
        return [(await ws.receive()).type, ws.closed, ws.close_code]


async def subprotocol(url: str) -> Json:
    async with ClientSession() as session:
        async with session.ws_connect(f"{url}/ws", protocols=["talk.v0", "talk.v2"]) as ws:
            await ws.receive()
            return ws.protocol


async def packed(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws", compress=15) as ws:
        await ws.receive()
        await ws.send_str("again " * 100)
        first = await ws.receive_str()
        await ws.send_str("long")
        return [ws.compress, first, await ws.receive_str()]


async def pings(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws", autoping=False) as ws:
        await ws.receive()
        await ws.ping(b"there?")
        message = await ws.receive()
        return [message.type, bytes(message.data)]


async def heartbeat(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws", heartbeat=0.6) as ws:
        await ws.receive()
        reading = asyncio.create_task(ws.receive_str())
        await asyncio.sleep(0.7)
        await ws.send_str("still there")
        return await reading


async def two_tasks(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws") as ws:

        async def read() -> Json:
            return [message.json() async for message in ws]

        reading = asyncio.create_task(read())
        await ws.send_str("count 3")
        await asyncio.sleep(0.05)
        await ws.send_str("count 2")
        await ws.send_str("close 1000 bye")
        return await reading


async def timeouts(url: str) -> Json:
    async with ClientSession() as session, session.ws_connect(f"{url}/ws") as ws:
        await ws.receive()
        try:
            await ws.receive(timeout=0.1)
        except TimeoutError:
            return "nothing came"


async def refused(url: str) -> Json:
    async with ClientSession() as session:
        try:
            await session.ws_connect(f"{url}/ws-refused")
        except aiohttp.WSServerHandshakeError as error:
            return [error.status, error.message]


async def beside_requests(url: str) -> Json:
    async with ClientSession() as session:
        async with session.get(f"{url}/echo") as answer:
            first = answer.status
        async with session.ws_connect(f"{url}/ws") as ws:
            hello = await ws.receive_json()
            async with session.post(f"{url}/echo", json=hello) as answer:
                return [first, hello, await answer.json()]


async def session_is_closed(url: str) -> Json:
    session = ClientSession()
    ws = await session.ws_connect(f"{url}/ws")
    await ws.receive()
    reading = asyncio.create_task(ws.receive())
    await asyncio.sleep(0.01)
    await session.close()
    return (await reading).type


async def closed_by_both(url: str) -> Json:
    """
    The service closes while the client waits with its close until its own reading has ended.
    """
    async with ClientSession() as session, session.ws_connect(f"{url}/ws") as ws:
        await ws.receive()
        reading = asyncio.create_task(ws.receive())
        await asyncio.sleep(0)
        await ws.send_str("close 1000 bye")
        await ws.close()
        await reading
        return ws.close_code


async def its_own_class(url: str) -> Json:
    class Own(ClientWebSocketResponse):
        async def receive_word(self) -> str:
            return (await self.receive_str()).strip()

    async with ClientSession(ws_response_class=Own) as session, session.ws_connect(f"{url}/ws") as ws:
        await ws.receive()
        await ws.send_str(" word ")
        assert isinstance(ws, Own)
        return await ws.receive_word()


SCENARIOS: dict[str, Scenario[Json]] = {
    scenario.__name__: scenario
    for scenario in (
        text_and_binary,
        iterated,
        closed_by_the_test,
        closed_by_the_service,
        broken_off,
        subprotocol,
        packed,
        pings,
        heartbeat,
        two_tasks,
        timeouts,
        refused,
        beside_requests,
        session_is_closed,
        closed_by_both,
        its_own_class,
    )
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_replay_gives_what_the_service_gave(studio: Studio, name: str) -> None:
    scenario = SCENARIOS[name]

    live, cassette = studio.record(scenario)
    replayed = studio.replay(scenario, cassette)
    unmatched = list(studio.unmatched)
    _, again = studio.record(scenario, cassette)

    assert (replayed, unmatched) == (live, [])
    assert len(cassette.conversations) == 1
    assert dump_cassette(again) == dump_cassette(cassette)


def test_the_cassette_holds_frames_in_order_and_the_close(studio: Studio) -> None:
    _, cassette = studio.record(closed_by_the_service)

    (conversation,) = cassette.conversations
    assert conversation.request.url == "ws://shop.test/ws"
    assert [frame.direction for frame in conversation.frames] == [Direction.RECEIVE, Direction.SEND]
    assert conversation.close is not None
    close = conversation.close
    assert (close.code, close.reason, close.by) == (1008, "policy", Closer.SERVICE)


def test_who_began_to_close_was_first(studio: Studio) -> None:
    _, cassette = studio.record(closed_by_both)

    (conversation,) = cassette.conversations
    assert conversation.close is not None
    assert conversation.close.by is Closer.CLIENT


def saying(*words: str, reads: int = 1) -> Scenario[list[object]]:
    async def scenario(url: str) -> list[object]:
        async with ClientSession() as session, session.ws_connect(f"{url}/ws") as ws:
            await ws.receive()
            for word in words:
                await ws.send_str(word)
            return [(await ws.receive()).data for _ in range(reads)]

    return scenario


def test_who_sends_something_else_is_refused(studio: Studio) -> None:
    _, cassette = studio.record(saying(json.dumps({"word": "first"})))

    with pytest.raises(NoMatch, match=r'json\.word: recorded "first", received "other"'):
        studio.replay(saying(json.dumps({"word": "other"})), cassette)


def test_who_sends_more_is_refused(studio: Studio) -> None:
    _, cassette = studio.record(saying("first"))

    with pytest.raises(NoMatch, match="sends a frame that was not recorded"):
        studio.replay(saying("first", "second"), cassette)


def test_who_sends_less_and_waits_is_refused(studio: Studio) -> None:
    _, cassette = studio.record(saying("first", "second", reads=2))

    with pytest.raises(NoMatch, match="has not sent frame"):
        studio.replay(saying("first", reads=2), cassette)


def test_who_waits_for_more_than_was_recorded_is_refused(studio: Studio) -> None:
    _, cassette = studio.record(saying("first"))

    with pytest.raises(NoMatch, match="waits for another frame, and none was recorded"):
        studio.replay(saying("first", reads=2), cassette)


def test_who_opens_another_conversation_is_refused(studio: Studio) -> None:
    def opening(path: str) -> Scenario[WSMsgType]:
        async def scenario(url: str) -> WSMsgType:
            async with ClientSession() as session, session.ws_connect(f"{url}{path}") as ws:
                return (await ws.receive()).type

        return scenario

    _, cassette = studio.record(opening("/ws?name=Ada"))

    with pytest.raises(NoMatch, match=r"has no conversation for GET ws://shop\.test/ws\?name=Bob"):
        studio.replay(opening("/ws?name=Bob"), cassette)


def test_a_secret_of_the_handshake_does_not_reach_the_cassette(studio: Studio) -> None:
    async def scenario(url: str) -> Json:
        headers = {"Authorization": "Bearer 0123456789abcdef0123456789abcdef"}
        async with ClientSession() as session, session.ws_connect(f"{url}/ws", headers=headers) as ws:
            return await ws.receive_json()

    live, cassette = studio.record(scenario)

    assert "0123456789abcdef" not in dump_cassette(cassette)
    assert studio.replay(scenario, cassette) == live
