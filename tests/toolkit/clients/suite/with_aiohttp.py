"""
aiohttp, with a client session.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.toolkit.clients.suite.client import Answer, Call, Client


class Async(Client):
    is_async = True
    broken = aiohttp.ClientPayloadError
    timed_out = TimeoutError

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, url: str, call: Call) -> Answer:
        async with self._opened().request(call.method, url + call.path, **self._asked(call)) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(status=response.status, headers=headers, body=await response.read())

    @asynccontextmanager
    async def stream(self, url: str, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        async with self._opened().request(call.method, url + call.path, **self._asked(call)) as response:
            yield response.content.iter_any()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self.timeout),
                # Its own keeps no cookies of servers that have an address for a name.
                cookie_jar=aiohttp.CookieJar(unsafe=True),
            )
        return self._session

    def _asked(self, call: Call) -> dict[str, Any]:
        asked: dict[str, Any] = {"params": dict(call.query), "headers": dict(call.headers)}
        if self.authority:
            asked["ssl"] = ssl.create_default_context(cafile=self.authority)
        if call.json is not None:
            asked["json"] = call.json
        if call.form is not None:
            asked["data"] = dict(call.form)
        if call.pieces:
            asked["data"] = call.generated_async()
        if call.parts:
            form = asked["data"] = aiohttp.FormData()
            for part in call.parts:
                if part.file:
                    form.add_field(part.name, part.content, filename=part.file, content_type=part.media_type)
                else:
                    form.add_field(part.name, part.content.decode())
        return asked
