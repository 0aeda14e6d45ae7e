"""
urllib3, with a pool manager.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import urllib3

from tests.toolkit.clients.suite.client import Answer, Call, Client


class Sync(Client):
    broken = urllib3.exceptions.ProtocolError
    timed_out = urllib3.exceptions.HTTPError  # ReadTimeoutError, or MaxRetryError around it

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._pool = urllib3.PoolManager(
            maxsize=32,
            ca_certs=self.authority or None,
            timeout=self.timeout,
            retries=urllib3.Retry(
                max(self.retries, 3), status_forcelist=[503] if self.retries else [], read=False
            ),
        )

    async def send(self, url: str, call: Call) -> Answer:
        response = self._ask(url, call)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status, headers=headers, body=response.data)

    @asynccontextmanager
    async def stream(self, url: str, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in response.stream():
                yield piece

        response = self._ask(url, call, preload_content=False)
        try:
            yield pieces()
        finally:
            response.close()

    async def close(self) -> None:
        self._pool.clear()

    def _ask(self, url: str, call: Call, **options: Any) -> urllib3.BaseHTTPResponse:
        query = f"?{urlencode(call.query)}" if call.query else ""
        headers = dict(call.headers)
        if call.form is not None:
            options |= {"fields": dict(call.form), "encode_multipart": False}
        elif call.parts:
            options["fields"] = {
                part.name: (part.file, part.content, part.media_type) if part.file else part.content.decode()
                for part in call.parts
            }
        elif call.pieces:
            options["body"] = call.generated()
        elif call.json is not None:
            # As urllib3 2 does for json=, which urllib3 1.26 does not know.
            options["body"] = json.dumps(call.json).encode()
            headers["Content-Type"] = "application/json"
        return self._pool.request(call.method, url + call.path + query, headers=headers or None, **options)
