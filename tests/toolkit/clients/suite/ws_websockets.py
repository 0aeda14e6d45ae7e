"""
websockets, with its asyncio client and its synchronous one.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection as SyncConnection
from websockets.sync.client import connect as connect_sync

from tests.toolkit.clients.suite.cell import LONG
from tests.toolkit.clients.suite.sockets import Closed, Connect, Refused, Socket


def _options(
    subprotocols: Sequence[str], headers: Mapping[str, str] | None, authority: str
) -> dict[str, Any]:
    options: dict[str, Any] = {"proxy": None, "open_timeout": LONG, "close_timeout": LONG}
    if subprotocols:
        options["subprotocols"] = list(subprotocols)
    if headers:
        options["additional_headers"] = dict(headers)
    if authority:
        options["ssl"] = ssl.create_default_context(cafile=authority)
    return options


def _closed(error: ConnectionClosed) -> Closed:
    return Closed(error.rcvd.code, error.rcvd.reason) if error.rcvd else Closed(1006, "")


class _Async(Socket):
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.subprotocol = connection.subprotocol

    async def send(self, message: str | bytes) -> None:
        await self._connection.send(message)

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def ping(self) -> None:
        await (await self._connection.ping())


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
            connection = await connect_async(url, **_options(subprotocols, headers, authority))
        except InvalidStatus as error:
            raise Refused(error.response.status_code) from error
        try:
            yield _Async(connection)
        finally:
            await connection.close()


class _Sync(Socket):
    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection
        self.subprotocol = connection.subprotocol

    async def send(self, message: str | bytes) -> None:
        self._connection.send(message)

    async def receive(self) -> str | bytes:
        try:
            return self._connection.recv(timeout=LONG)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def ping(self) -> None:
        assert self._connection.ping().wait(LONG)


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
            connection = connect_sync(url, **_options(subprotocols, headers, authority))
        except InvalidStatus as error:
            raise Refused(error.response.status_code) from error
        try:
            yield _Sync(connection)
        finally:
            connection.close()
