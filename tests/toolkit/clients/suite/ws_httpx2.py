"""
WebSockets of httpx2, of its synchronous client and its asynchronous one.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import wsproto
from httpx2.websockets import (
    AsyncWebSocketSession,
    WebSocketDisconnect,
    WebSocketNetworkError,
    WebSocketSession,
    WebSocketUpgradeError,
)

from tests.toolkit.clients.suite.cell import LONG
from tests.toolkit.clients.suite.sockets import Closed, Connect, Refused, Socket


def _client_options(authority: str) -> dict[str, Any]:
    context = ssl.create_default_context(cafile=authority) if authority else True
    return {"verify": context, "trust_env": False}


def _options(subprotocols: Sequence[str], headers: Mapping[str, str] | None) -> dict[str, Any]:
    return {"subprotocols": list(subprotocols) or None, "headers": dict(headers or {})}


def _message(event: wsproto.events.Event) -> str | bytes:
    if isinstance(event, wsproto.events.BytesMessage):
        return bytes(event.data)
    assert isinstance(event, wsproto.events.TextMessage)
    return str(event.data)


class _Sync(Socket):
    def __init__(self, session: WebSocketSession) -> None:
        self._session = session
        self.subprotocol = session.subprotocol

    async def send(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self._session.send_text(message)
        else:
            self._session.send_bytes(message)

    async def receive(self) -> str | bytes:
        try:
            return _message(self._session.receive(timeout=LONG))
        except WebSocketDisconnect as end:
            raise Closed(end.code, end.reason or "") from end
        except WebSocketNetworkError as end:
            raise Closed(1006, "") from end

    async def ping(self) -> None:
        assert self._session.ping().wait(LONG)


class Sync(Connect):
    is_async = False

    @asynccontextmanager
    async def __call__(
        self,
        url: str,
        *,
        subprotocols: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        authority: str = "",
    ) -> AsyncIterator[Socket]:
        try:
            with (
                httpx2.Client(**_client_options(authority)) as client,
                client.websocket(url, **_options(subprotocols, headers)) as session,
            ):
                yield _Sync(session)
        except WebSocketUpgradeError as error:
            raise Refused(error.response.status_code) from error


class _Async(Socket):
    def __init__(self, session: AsyncWebSocketSession) -> None:
        self._session = session
        self.subprotocol = session.subprotocol

    async def send(self, message: str | bytes) -> None:
        if isinstance(message, str):
            await self._session.send_text(message)
        else:
            await self._session.send_bytes(message)

    async def receive(self) -> str | bytes:
        try:
            return _message(await self._session.receive(timeout=LONG))
        except WebSocketDisconnect as end:
            raise Closed(end.code, end.reason or "") from end
        except WebSocketNetworkError as end:
            raise Closed(1006, "") from end

    async def ping(self) -> None:
        await (await self._session.ping()).wait()


class Async(Connect):
    @asynccontextmanager
    async def __call__(
        self,
        url: str,
        *,
        subprotocols: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        authority: str = "",
    ) -> AsyncIterator[Socket]:
        try:
            async with (
                httpx2.AsyncClient(**_client_options(authority)) as client,
                client.websocket(url, **_options(subprotocols, headers)) as session,
            ):
                yield _Async(session)
        except WebSocketUpgradeError as error:
            raise Refused(error.response.status_code) from error
