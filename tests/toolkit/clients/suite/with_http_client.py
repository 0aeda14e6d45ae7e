"""
http.client, of the standard library, and its classes where they were imported by name before.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from tests.toolkit.clients.suite import standard
from tests.toolkit.clients.suite.client import Answer, Call, Client


class Sync(Client):
    is_shared_by_threads = False
    unpacks = frozenset[str]()
    broken = IncompleteRead
    timed_out = TimeoutError

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._connection: HTTPConnection | None = None

    async def send(self, url: str, call: Call) -> Answer:
        response = self._ask(url, call)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=headers, body=response.read())

    @asynccontextmanager
    async def stream(self, url: str, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            while piece := response.read1():
                yield piece

        with self._ask(url, call) as response:
            yield pieces()

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _ask(self, url: str, call: Call) -> HTTPResponse:
        where = urlsplit(url)
        if self._connection is None:
            self._connection = self._connected(where.hostname or "", where.port)
        path, headers = where.path + standard.target(call), dict(standard.headers(call))
        self._connection.request(call.method, path, standard.body(call), headers)
        return self._connection.getresponse()

    def _connected(self, host: str, port: int | None) -> HTTPConnection:
        if not self.authority:
            return http.client.HTTPConnection(host, port, timeout=self.timeout)
        context = ssl.create_default_context(cafile=self.authority)
        return http.client.HTTPSConnection(host, port, timeout=self.timeout, context=context)


class ByName(Sync):
    def _connected(self, host: str, port: int | None) -> HTTPConnection:
        if not self.authority:
            return HTTPConnection(host, port, timeout=self.timeout)
        context = ssl.create_default_context(cafile=self.authority)
        return HTTPSConnection(host, port, timeout=self.timeout, context=context)
