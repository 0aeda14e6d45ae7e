"""
httpx and httpx2, which is its successor under another name: both have synchronous and asynchronous clients.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from tests.toolkit.clients.suite.client import Answer, Call, Client, Part


class _Httpx(Client):
    """
    *library* is the module of the client.
    """

    library: ClassVar[Any]
    # One that is shared keeps no connection: its pool may close one that another thread was just given.
    is_shared_by_threads = False

    def options(self) -> dict[str, Any]:
        context = ssl.create_default_context(cafile=self.authority) if self.authority else True
        return {
            "verify": context,
            "http2": self.http2,
            "timeout": self.timeout,
            "trust_env": False,
            "follow_redirects": True,
        }

    @staticmethod
    def asked(call: Call) -> dict[str, Any]:
        asked: dict[str, Any] = {"params": dict(call.query), "headers": dict(call.headers)}
        if call.json is not None:
            asked["json"] = call.json
        if call.form is not None:
            asked["data"] = dict(call.form)
        if call.parts:
            asked["data"] = {part.name: part.content.decode() for part in call.parts if not part.file}
            asked["files"] = {part.name: _file(part) for part in call.parts if part.file}
        return asked

    @staticmethod
    def answer(response: Any) -> Answer:
        return Answer(
            status=response.status_code,
            headers=dict(response.headers),
            body=response.content,
            version=response.http_version,
        )


def _file(part: Part) -> tuple[str, bytes, str]:
    return part.file, part.content, part.media_type


class SyncHttpx(_Httpx):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._client = self.library.Client(**self.options())

    async def send(self, url: str, call: Call) -> Answer:
        content = {"content": call.generated()} if call.pieces else {}
        return self.answer(self._client.request(call.method, url + call.path, **self.asked(call), **content))

    @asynccontextmanager
    async def stream(self, url: str, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in response.iter_bytes():
                yield piece

        with self._client.stream(call.method, url + call.path, **self.asked(call)) as response:
            yield pieces()

    async def close(self) -> None:
        self._client.close()


class AsyncHttpx(_Httpx):
    is_async = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._client = self.library.AsyncClient(**self.options())

    async def send(self, url: str, call: Call) -> Answer:
        content = {"content": call.generated_async()} if call.pieces else {}
        return self.answer(
            await self._client.request(call.method, url + call.path, **self.asked(call), **content)
        )

    @asynccontextmanager
    async def stream(self, url: str, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        async with self._client.stream(call.method, url + call.path, **self.asked(call)) as response:
            yield response.aiter_bytes()

    async def close(self) -> None:
        await self._client.aclose()
