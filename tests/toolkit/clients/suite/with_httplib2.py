"""
httplib2, which reads every answer whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from http.client import IncompleteRead
from typing import Any

import httplib2

from tests.toolkit.clients.suite import standard
from tests.toolkit.clients.suite.client import Answer, Call, Client


class Sync(Client):
    is_shared_by_threads = False
    unpacks = frozenset({"gzip"})
    broken = IncompleteRead
    timed_out = TimeoutError

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._http = httplib2.Http(timeout=self.timeout, ca_certs=self.authority or None)

    async def send(self, url: str, call: Call) -> Answer:
        response, content = self._http.request(
            url + standard.target(call), call.method, standard.body(call), dict(standard.headers(call))
        )
        headers = {name: value for name, value in response.items() if name != "status"}
        # Under this name it has what it unpacked.
        if coding := headers.pop("-content-encoding", None):
            headers["content-encoding"] = coding
        return Answer(status=response.status, headers=headers, body=content)

    def stream(self, url: str, call: Call) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        raise NotImplementedError

    async def close(self) -> None:
        self._http.close()
