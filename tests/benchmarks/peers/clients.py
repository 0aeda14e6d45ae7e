"""
How a test would send a sample with httpx.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx

from tests.benchmarks.peers.protocol import AsyncSend, Send
from tests.benchmarks.samples import Sample


@contextmanager
def client(transport: httpx.BaseTransport | None = None) -> Iterator[Send]:
    with httpx.Client(transport=transport, trust_env=False) as opened:

        def send(sample: Sample) -> bytes:
            return opened.request(
                sample.method, sample.url, content=sample.body or None, headers=sample.headers
            ).content

        yield send


@asynccontextmanager
async def async_client(transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[AsyncSend]:
    async with httpx.AsyncClient(transport=transport, trust_env=False) as opened:

        async def send(sample: Sample) -> bytes:
            answer = await opened.request(
                sample.method, sample.url, content=sample.body or None, headers=sample.headers
            )
            return answer.content

        yield send
