"""
replayx: JSON, and transports that are handed to the client, which its documentation recommends over patching.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from replayx import Cassette
from replayx.cassette import RecordedRequest, RecordedResponse

from tests.benchmarks.peers.clients import async_client, client
from tests.benchmarks.peers.protocol import AsyncSend, Send
from tests.benchmarks.samples import Sample

suffix = ".json"
_MATCH_ON = ("method", "url", "body")


class _Opened:
    def __init__(self, path: Path) -> None:
        self._cassette = Cassette.load(
            path, record_mode="none", match_on=_MATCH_ON, allow_playback_repeats=True
        )

    def answers(self) -> dict[str, bytes]:
        return {item.request.url: item.response.body for item in self._cassette.interactions}

    def find(self, sample: Sample) -> bytes | None:
        found = self._cassette.find(_request(sample))
        return found.response.body if found else None

    def rewind(self) -> None:
        pass


def record(samples: Sequence[Sample], path: Path) -> Callable[[], object]:
    cassette = Cassette.load(path, record_mode="all", match_on=_MATCH_ON)
    for sample in samples:
        answer = RecordedResponse(
            status_code=200, headers=[("content-type", sample.media)], body=sample.answer
        )
        cassette.record(_request(sample), answer)
    return lambda: cassette.save()  # noqa: PLW0108 - of a type that is known here


def load(path: Path) -> _Opened:
    return _Opened(path)


@contextmanager
def use(path: Path, _samples: Sequence[Sample]) -> Iterator[Send]:
    cassette = Cassette.load(path, record_mode="none", match_on=_MATCH_ON)
    with client(cassette.sync_transport()) as send:
        yield send


@asynccontextmanager
async def use_async(path: Path, _samples: Sequence[Sample]) -> AsyncIterator[AsyncSend]:
    cassette = Cassette.load(path, record_mode="none", match_on=_MATCH_ON)
    async with async_client(cassette.async_transport()) as send:
        yield send


def _request(sample: Sample) -> RecordedRequest:
    return RecordedRequest(
        method=sample.method, url=sample.url, headers=list(sample.headers.items()), body=sample.body
    )
