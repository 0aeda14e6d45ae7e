"""
respx: one route for each request, as its guide writes them; it keeps no cassette.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import respx

from tests.benchmarks.peers.clients import async_client, client
from tests.benchmarks.peers.protocol import AsyncSend, Send
from tests.benchmarks.samples import Sample


@contextmanager
def use(_path: Path, samples: Sequence[Sample]) -> Iterator[Send]:
    with _routes(samples), client() as send:
        yield send


@asynccontextmanager
async def use_async(_path: Path, samples: Sequence[Sample]) -> AsyncIterator[AsyncSend]:
    with _routes(samples):
        async with async_client() as send:
            yield send


@contextmanager
def _routes(samples: Sequence[Sample]) -> Iterator[None]:
    with respx.mock(assert_all_called=False) as router:
        for sample in samples:
            pattern = respx.patterns.M(method=sample.method, url=sample.url)
            if sample.body:
                pattern &= respx.patterns.M(content=sample.body)
            answer = httpx.Response(200, headers={"content-type": sample.media}, content=sample.answer)
            router.route(pattern).mock(return_value=answer)
        yield
