"""
WebSockets of httpx2, and of httpx with httpx-ws, are recorded as conversations and replayed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from typing import Any

import httpx
import httpx2
import httpx_ws
import pytest
from httpx2.websockets import WebSocketUpgradeError

from taketwo.cassette.model import Closer
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import NoMatch
from tests.toolkit.intercept.aiohttp.conftest import Scenario, Studio

Session = Any


@contextmanager
def by_httpx2(url: str, **options: Any) -> Iterator[Session]:  # noqa: ANN401 - of the library
    with httpx2.Client(trust_env=False) as client, client.websocket(url, **options) as ws:
        yield ws


@contextmanager
def by_httpx_ws(url: str, **options: Any) -> Iterator[Session]:  # noqa: ANN401 - of the library
    with httpx.Client(trust_env=False) as client, httpx_ws.connect_ws(url, client, **options) as ws:
        yield ws


@asynccontextmanager
async def by_httpx2_async(url: str, **options: Any) -> AsyncIterator[Session]:  # noqa: ANN401 - of the library
    async with httpx2.AsyncClient(trust_env=False) as client, client.websocket(url, **options) as ws:
        yield ws


@asynccontextmanager
async def by_httpx_ws_async(url: str, **options: Any) -> AsyncIterator[Session]:  # noqa: ANN401 - of the library
    client = httpx.AsyncClient(trust_env=False)
    async with client, httpx_ws.aconnect_ws(url, client, **options) as ws:
        yield ws


Connect = Callable[..., AbstractContextManager[Session]]
ConnectAsync = Callable[..., AbstractAsyncContextManager[Session]]


def talking(connect: Connect, *, word: str = "hello") -> Scenario[list[object]]:
    async def scenario(url: str) -> list[object]:
        with connect(f"{url}/ws?name=Ada", subprotocols=["talk.v2"]) as ws:
            found: list[object] = [ws.subprotocol, ws.receive_json()]
            ws.send_text(word)
            found.append(ws.receive_text())
            ws.send_bytes(b"\xff\x00abc")
            found.append(ws.receive_bytes())
            ws.send_json({"a": 1})
            return [*found, ws.receive_text()]

    return scenario


def talking_async(connect: ConnectAsync, *, word: str = "hello") -> Scenario[list[object]]:
    async def scenario(url: str) -> list[object]:
        async with connect(f"{url}/ws?name=Ada", subprotocols=["talk.v2"]) as ws:
            found: list[object] = [ws.subprotocol, await ws.receive_json()]
            await ws.send_text(word)
            found.append(await ws.receive_text())
            await ws.send_bytes(b"\xff\x00abc")
            found.append(await ws.receive_bytes())
            await ws.send_json({"a": 1})
            return [*found, await ws.receive_text()]

    return scenario


MAKERS: dict[str, Callable[[str], Scenario[list[object]]]] = {
    "httpx2": lambda word: talking(by_httpx2, word=word),
    "httpx-ws": lambda word: talking(by_httpx_ws, word=word),
    "httpx2, asynchronous": lambda word: talking_async(by_httpx2_async, word=word),
    "httpx-ws, asynchronous": lambda word: talking_async(by_httpx_ws_async, word=word),
}


@pytest.mark.parametrize("client", MAKERS)
def test_a_conversation_is_replayed_as_it_was(studio: Studio, client: str) -> None:
    scenario = MAKERS[client]("hello")

    live, cassette = studio.record(scenario)
    replayed = studio.replay(scenario, cassette)
    unmatched = list(studio.unmatched)
    _, again = studio.record(scenario, cassette)

    assert (replayed, unmatched) == (live, [])
    assert live[0] == "talk.v2"
    (conversation,) = cassette.conversations
    assert (conversation.request.url, len(conversation.frames)) == ("ws://shop.test/ws", 7)
    assert conversation.close is not None
    assert conversation.close.by is Closer.CLIENT
    assert dump_cassette(again) == dump_cassette(cassette)


@pytest.mark.parametrize("client", MAKERS)
def test_who_sends_something_else_is_refused(studio: Studio, client: str) -> None:
    _, cassette = studio.record(MAKERS[client]("first"))

    with pytest.raises((NoMatch, BaseExceptionGroup)):
        studio.replay(MAKERS[client]("other"), cassette)

    assert 'text: recorded "first", received "other"' in studio.unmatched[0]


def waiting(connect: Connect, *, reads: int) -> Scenario[int]:
    async def scenario(url: str) -> int:
        with connect(f"{url}/ws") as ws:
            for _ in range(reads):
                ws.receive()
        return reads

    return scenario


def waiting_async(connect: ConnectAsync, *, reads: int) -> Scenario[int]:
    async def scenario(url: str) -> int:
        async with connect(f"{url}/ws") as ws:
            for _ in range(reads):
                await ws.receive()
        return reads

    return scenario


WAITING: dict[str, Callable[[int], Scenario[int]]] = {
    "synchronous": lambda reads: waiting(by_httpx2, reads=reads),
    "asynchronous": lambda reads: waiting_async(by_httpx2_async, reads=reads),
}


@pytest.mark.parametrize("client", WAITING)
def test_who_waits_for_more_than_was_recorded_is_refused(studio: Studio, client: str) -> None:
    _, cassette = studio.record(WAITING[client](1))

    with pytest.raises((NoMatch, BaseExceptionGroup)):
        studio.replay(WAITING[client](2), cassette)

    assert "waits for another frame, and none was recorded" in studio.unmatched[0]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_handshake_that_is_refused_is_so_in_a_replay(studio: Studio, is_async: bool) -> None:  # noqa: FBT001 - a parameter
    async def scenario(url: str) -> tuple[int, bytes]:
        try:
            if is_async:
                async with by_httpx2_async(f"{url}/ws-refused"):
                    pass
            else:
                with by_httpx2(f"{url}/ws-refused"):
                    pass
        except WebSocketUpgradeError as error:
            return error.response.status_code, error.response.content
        return 0, b""

    live, cassette = studio.record(scenario)

    assert studio.replay(scenario, cassette) == live == (503, b'{"why": "full"}')
