"""
WebSockets of aiohttp.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import aiohttp

from tests.toolkit.clients.suite.cell import LONG
from tests.toolkit.clients.suite.sockets import Closed, Connect, Refused, Socket

_MESSAGES = {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}


class _Socket(Socket):
    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self.subprotocol = connection.protocol

    async def send(self, message: str | bytes) -> None:
        if isinstance(message, str):
            await self._connection.send_str(message)
        else:
            await self._connection.send_bytes(message)

    async def receive(self) -> str | bytes:
        message = await self._connection.receive(timeout=LONG)
        if message.type in _MESSAGES:
            data: str | bytes = message.data
            return data
        if message.type is aiohttp.WSMsgType.CLOSE:
            raise Closed(message.data, message.extra or "")
        raise Closed(self._connection.close_code or 1006, "")

    async def ping(self) -> None:
        await self._connection.ping(b"are you there")


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
        context = ssl.create_default_context(cafile=authority) if authority else True
        async with aiohttp.ClientSession() as session:
            try:
                connection = await session.ws_connect(
                    url, protocols=subprotocols, headers=headers, ssl=context
                )
            except aiohttp.WSServerHandshakeError as error:
                raise Refused(error.status) from error
            async with connection:
                yield _Socket(connection)
