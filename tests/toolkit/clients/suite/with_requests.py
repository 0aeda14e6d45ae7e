"""
requests, with a session.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from tests.toolkit.clients.suite.client import Answer, Call, Client


class Sync(Client):
    broken = requests.exceptions.ChunkedEncodingError
    # ReadTimeout, and ConnectionError in the middle of an answer
    timed_out = requests.exceptions.RequestException

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = self.authority or True
        retry = Retry(self.retries, status_forcelist=[503], allowed_methods=None, backoff_factor=0.01)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=32))

    async def send(self, url: str, call: Call) -> Answer:
        response = self._ask(url, call)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status_code, headers=headers, body=response.content)

    @asynccontextmanager
    async def stream(self, url: str, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in response.iter_content(chunk_size=None):
                yield piece

        with self._ask(url, call, stream=True) as response:
            yield pieces()

    async def close(self) -> None:
        self._session.close()

    def _ask(self, url: str, call: Call, *, stream: bool = False) -> requests.Response:
        fields = {part.name: part.content.decode() for part in call.parts if not part.file}
        files = {part.name: (part.file, part.content, part.media_type) for part in call.parts if part.file}
        return self._session.request(
            call.method,
            url + call.path,
            params=call.query,
            headers=call.headers,
            json=cast("Any", call.json),
            data=call.generated() if call.pieces else call.form or fields or None,
            files=files or None,
            stream=stream,
            timeout=self.timeout,
        )
