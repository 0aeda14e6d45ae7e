"""
httpx's MockTransport over a dictionary: the floor, as nothing is recorded, matched by rules, or checked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from tests.benchmarks.peers.clients import async_client, client
from tests.benchmarks.peers.protocol import AsyncSend, Send
from tests.benchmarks.samples import Sample


@contextmanager
def use(_path: Path, samples: Sequence[Sample]) -> Iterator[Send]:
    with client(httpx.MockTransport(handler(samples))) as send:
        yield send


@asynccontextmanager
async def use_async(_path: Path, samples: Sequence[Sample]) -> AsyncIterator[AsyncSend]:
    async with async_client(httpx.MockTransport(handler(samples))) as send:
        yield send


def handler(samples: Sequence[Sample]) -> Callable[[httpx.Request], httpx.Response]:
    answers = {(sample.method, sample.url, sample.body): sample for sample in samples}

    def answer(request: httpx.Request) -> httpx.Response:
        found = answers[request.method, str(request.url), request.content]
        return httpx.Response(200, headers={"content-type": found.media}, content=found.answer)

    return answer
