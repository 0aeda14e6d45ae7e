"""
urllib.request, of the standard library, with an opener that keeps cookies.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.client import HTTPResponse, IncompleteRead
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, HTTPSHandler, ProxyHandler, Request, build_opener

from tests.toolkit.clients.suite import standard
from tests.toolkit.clients.suite.client import Answer, Call, Client


class Sync(Client):
    unpacks = frozenset[str]()
    broken = IncompleteRead
    timed_out = OSError  # TimeoutError, or URLError around it

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        handlers: list[Any] = [HTTPCookieProcessor(), ProxyHandler({})]
        if self.authority:
            handlers.append(HTTPSHandler(context=ssl.create_default_context(cafile=self.authority)))
        self._opener = build_opener(*handlers)

    async def send(self, url: str, call: Call) -> Answer:
        with self._ask(url, call) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(status=response.status or 0, headers=headers, body=response.read())

    @asynccontextmanager
    async def stream(self, url: str, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            while piece := response.read1():  # readline() takes a broken answer for a whole one
                yield piece

        with self._ask(url, call) as response:
            yield pieces()

    async def close(self) -> None:
        self._opener.close()

    def _ask(self, url: str, call: Call) -> HTTPResponse | HTTPError:
        request = Request(
            url + standard.target(call),
            standard.body(call),
            dict(standard.headers(call)),
            method=call.method,
        )
        try:
            response: HTTPResponse = self._opener.open(request, timeout=self.timeout)
        except HTTPError as error:  # any answer but one of the two hundreds
            return error
        return response
