"""
tornado's asynchronous client, of which the simple one is the default.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tornado.httpclient import HTTPError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError, SimpleAsyncHTTPClient

from tests.toolkit.clients.suite import standard
from tests.toolkit.clients.suite.client import Answer, Call, Client


class Async(Client):
    is_async = True
    unpacks = frozenset({"gzip"})
    broken = HTTPError
    timed_out = HTTPTimeoutError

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._client: SimpleAsyncHTTPClient | None = None

    async def send(self, url: str, call: Call) -> Answer:
        response = await self._opened().fetch(self._request(url, call), raise_error=False)
        if response.code == 599:  # there was none
            response.rethrow()
        headers = {name.lower(): value for name, value in response.headers.get_all()}
        # Under this name it has what it unpacked.
        if coding := headers.pop("x-consumed-content-encoding", None):
            headers["content-encoding"] = coding
        return Answer(status=response.code, headers=headers, body=response.body)

    @asynccontextmanager
    async def stream(self, url: str, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            while (piece := await came.get()) is not None:
                yield piece
            await fetching

        came: asyncio.Queue[bytes | None] = asyncio.Queue()
        request = self._request(url, call, streaming_callback=came.put_nowait)
        fetching = asyncio.ensure_future(self._opened().fetch(request))
        fetching.add_done_callback(lambda _: came.put_nowait(None))
        yield pieces()

    async def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _opened(self) -> SimpleAsyncHTTPClient:
        if self._client is None:
            # The loop's own is shared by everybody in it, and has room for ten.
            self._client = SimpleAsyncHTTPClient(force_instance=True, max_clients=64)
        return self._client

    def _request(self, url: str, call: Call, **options: Any) -> HTTPRequest:
        if call.pieces:
            options["body_producer"] = _producer(call)
        elif call.method == "POST":
            body = standard.body(call)
            options["body"] = b"" if body is None else body
        if self.authority:
            options["ssl_options"] = ssl.create_default_context(cafile=self.authority)
        return HTTPRequest(
            url + standard.target(call),
            call.method,
            dict(standard.headers(call)),
            request_timeout=self.timeout,
            **options,
        )


def _producer(call: Call) -> Any:
    async def produce(write: Any) -> None:
        for piece in call.pieces:
            await write(piece)

    return produce
