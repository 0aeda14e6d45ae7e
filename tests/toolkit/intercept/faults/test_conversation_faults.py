"""
Faults of WebSocket conversations, each as websockets, aiohttp and httpx2 raise it over a network.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

import aiohttp
import httpx2
import pytest
import websockets.asyncio.client
import websockets.sync.client
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.model import (
    Cassette,
    Close,
    Conversation,
    Direction,
    Frame,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.secrets.redact import Redactor
from taketwo.config.faults import read_fault
from taketwo.config.playback import Manner
from taketwo.errors import WaitsForever
from taketwo.intercept.cassette import open_cassette
from taketwo.intercept.registry import REGISTRY
from taketwo.playback.conversations.router import ConversationRouter
from taketwo.playback.conversations.routing import RoutedConversations
from taketwo.playback.faults import Faults
from taketwo.playback.player import play
from tests.toolkit.intercept.faults.clients import outcome
from tests.toolkit.intercept.faults.unreliable import Unreliable, unreliable

_TIMEOUT, _LONG, _DAY = 0.3, 30.0, 86_000.0  # seconds
_MESSAGES = ("one", "two", "three", "four")
_HALF = len(_MESSAGES) // 2


@contextmanager
def _service() -> Iterator[str]:
    with serve(_speak, "127.0.0.1", 0, process_request=_refuse) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join()


def _refuse(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "") if request.path == "/503" else None


def _speak(connection: ServerConnection) -> None:
    path = connection.request.path if connection.request else ""
    for message in _MESSAGES[:_HALF]:
        connection.send(message)
    if path == "/close":
        connection.close(1012, "restart")
    elif path == "/reset":
        connection.socket.shutdown(2)
    elif path == "/read-timeout":
        with suppress(ConnectionClosed):
            connection.recv()


@pytest.fixture(autouse=True)
def _intercepted() -> Iterator[None]:
    with REGISTRY:  # as a session does
        yield


def _listen(url: str, patience: float) -> object:
    heard = []
    with websockets.sync.client.connect(url, open_timeout=patience) as connection:
        while True:
            heard.append(connection.recv())
            if len(heard) > len(_MESSAGES):
                return heard


def _listen_async(url: str, patience: float) -> object:
    async def main() -> object:
        heard = []
        async with websockets.asyncio.client.connect(url, open_timeout=patience) as connection:
            while True:
                heard.append(await connection.recv())
                if len(heard) > len(_MESSAGES):
                    return heard

    return asyncio.run(main())


def _listen_aiohttp(url: str, patience: float) -> object:
    async def main() -> object:
        limits = aiohttp.ClientTimeout(total=None, sock_connect=patience)
        heard = []
        async with aiohttp.ClientSession(timeout=limits) as session, session.ws_connect(url) as connection:
            while (message := await connection.receive()).type is aiohttp.WSMsgType.TEXT:
                heard.append(message.data)
            return heard, message.type.name, message.extra, connection.close_code

    return asyncio.run(main())


def _listen_httpx2(url: str, patience: float) -> object:
    heard: list[object] = []
    with (
        httpx2.Client(timeout=httpx2.Timeout(_LONG, connect=patience), trust_env=False) as client,
        client.websocket(url) as connection,
    ):
        while True:
            heard.append(connection.receive_text(timeout=_LONG))


def _listen_httpx2_async(url: str, patience: float) -> object:
    async def main() -> object:
        heard: list[object] = []
        async with (
            httpx2.AsyncClient(timeout=httpx2.Timeout(_LONG, connect=patience), trust_env=False) as client,
            client.websocket(url) as connection,
        ):
            while True:
                heard.append(await connection.receive_text(timeout=_LONG))

    return asyncio.run(main())


CLIENTS: dict[str, Callable[[str, float], object]] = {
    "websockets threads": _listen,
    "websockets asyncio": _listen_async,
    "aiohttp": _listen_aiohttp,
    "httpx2": _listen_httpx2,
    "httpx2 async": _listen_httpx2_async,
}


def replayed(url: str, fault: str, act: Callable[[], object], **further: object) -> str:
    frames = tuple(Frame(direction=Direction.RECEIVE, at=0, body=TextBody(message)) for message in _MESSAGES)
    conversation = Conversation(
        request=StoredRequest(method="GET", url=url),
        response=StoredResponse(status=101),
        frames=frames,
        close=Close(code=1000),
    )
    player = play(
        Cassette(test="t", conversations=(conversation,)),
        name="a.yaml",
        test="t",
        redactor=Redactor({}),
        reveal={},
        bases=BaseUrls({}),
    )
    player.meet(Faults([read_fault(fault, **further)]))
    router = ConversationRouter(player, None, Manner())
    with (
        RoutedConversations(lambda: router),
        open_cassette("a.yaml", {}, player=player, recorder=None, configure=None),
    ):
        found = outcome(act)
    assert player.unmatched == []
    assert router.unplayed == 0
    return found


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("fault", "further"), [("503", {}), ("close", {"code": 1012, "reason": "restart"}), ("reset", {})]
)
def test_a_conversation_ends_as_over_a_network(client: str, fault: str, further: dict[str, object]) -> None:
    with _service() as base:
        url = f"{base}/{fault}"
        live = outcome(lambda: CLIENTS[client](url, _LONG))

        assert replayed(url, fault, lambda: CLIENTS[client](url, _LONG), **further) == live


@pytest.fixture(scope="module")
def server() -> Iterator[Unreliable]:
    with unreliable() as server:
        yield server


@pytest.mark.block_network(allowed_hosts=["127.0.0.1", "nowhere.invalid"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", ["connect-timeout", "dns", "refused", "tls"])
def test_a_conversation_that_is_not_connected_fails_as_over_a_network(
    client: str, fault: str, server: Unreliable
) -> None:
    address = {
        "connect-timeout": server.full,
        "dns": "http://nowhere.invalid",
        "refused": server.closed,
        "tls": server.secure,
    }[fault]
    url = address.replace("http", "ws", 1) + "/notes"

    def listen() -> object:
        return CLIENTS[client](url, _TIMEOUT if fault == "connect-timeout" else _LONG)

    assert replayed(url, fault, listen) == outcome(listen)


def _wait(url: str, timeout: float | None) -> object:
    with websockets.sync.client.connect(url) as connection:
        return [connection.recv(timeout) for _ in _MESSAGES]


def _wait_async(url: str, timeout: float | None) -> object:
    async def main() -> object:
        async with websockets.asyncio.client.connect(url) as connection:
            return [await asyncio.wait_for(connection.recv(), timeout) for _ in _MESSAGES]

    return asyncio.run(main())


def _wait_aiohttp(url: str, timeout: float | None) -> object:
    async def main() -> object:
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as connection:
            return [(await connection.receive(timeout)).data for _ in _MESSAGES]

    return asyncio.run(main())


def _wait_httpx2(url: str, timeout: float | None) -> object:
    with httpx2.Client(trust_env=False) as client, client.websocket(url) as connection:
        return [connection.receive_text(timeout) for _ in _MESSAGES]


def _wait_httpx2_async(url: str, timeout: float | None) -> object:
    async def main() -> object:
        async with httpx2.AsyncClient(trust_env=False) as client, client.websocket(url) as connection:
            try:
                return [await connection.receive_text(timeout) for _ in _MESSAGES]
            except (TimeoutError, WaitsForever) as error:
                failed = error  # it would leave the connection in a group of errors
        raise failed

    return asyncio.run(main())


WAITING: dict[str, Callable[[str, float | None], object]] = {
    "websockets threads": _wait,
    "websockets asyncio": _wait_async,
    "aiohttp": _wait_aiohttp,
    "httpx2": _wait_httpx2,
    "httpx2 async": _wait_httpx2_async,
}


@pytest.mark.parametrize("client", WAITING)
def test_a_silent_service_is_waited_for_as_over_a_network(client: str) -> None:
    with _service() as base:
        url = f"{base}/read-timeout"
        live = outcome(lambda: WAITING[client](url, _TIMEOUT))

        assert replayed(url, "read-timeout", lambda: WAITING[client](url, _TIMEOUT)) == live


@pytest.mark.parametrize("client", WAITING)
def test_the_longest_wait_for_a_silent_service_costs_nothing(client: str) -> None:
    url = "ws://127.0.0.1:9/read-timeout"

    assert "TimeoutError" in replayed(url, "read-timeout", lambda: WAITING[client](url, _DAY))


@pytest.mark.parametrize("client", WAITING)
def test_a_client_that_waits_for_a_silent_service_without_a_timeout_would_hang(client: str) -> None:
    url = "ws://127.0.0.1:9/read-timeout"

    with pytest.raises(WaitsForever, match="waits for a message of the service without a timeout"):
        replayed(url, "read-timeout", lambda: WAITING[client](url, None))
