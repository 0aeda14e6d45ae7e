"""
nimax, for niquests instead of httpx: JSON, matched by method and address; it keeps no body of a request.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import niquests
from nimax import NimaxRecorder, RecordMode
from nimax._cassette import Cassette

from tests.benchmarks.peers.protocol import AsyncSend, Send
from tests.benchmarks.samples import Sample

suffix = ".json"
_MATCH_ON = frozenset({"method", "uri"})


class _Opened:
    def __init__(self, path: Path) -> None:
        self._cassette = Cassette(path, record_mode=RecordMode.NONE, match_on=_MATCH_ON)

    def answers(self) -> dict[str, bytes]:
        held = self._cassette._interactions  # noqa: SLF001 - it has no other door
        return {item.request["uri"]: item.response["body"]["string"].encode() for item in held}

    def find(self, sample: Sample) -> bytes | None:
        request = niquests.Request(sample.method, sample.url, data=sample.body, headers=sample.headers)
        found = self._cassette.find_match(request.prepare())
        return found.response["body"]["string"].encode() if found else None

    def rewind(self) -> None:
        for item in self._cassette._interactions:  # noqa: SLF001 - as above
            item.used = False


def record(samples: Sequence[Sample], path: Path) -> Callable[[], object]:
    cassette = Cassette(path, record_mode=RecordMode.ALL, match_on=_MATCH_ON)
    for sample in samples:
        answer = niquests.Response()
        answer.status_code = 200
        answer.headers["content-type"] = sample.media
        answer._content = sample.answer  # noqa: SLF001 - what a socket would give
        answer.encoding = "utf-8"
        cassette.save_interaction(sample.method, sample.url, answer)
    return lambda: cassette.save()  # noqa: PLW0108 - of a type that is known here


def load(path: Path) -> _Opened:
    return _Opened(path)


@contextmanager
def use(path: Path, _samples: Sequence[Sample]) -> Iterator[Send]:
    session = niquests.Session()

    def send(sample: Sample) -> bytes:
        answer = session.request(sample.method, sample.url, data=sample.body or None, headers=sample.headers)
        return answer.content or b""

    with _cassette(session, path):
        yield send


@asynccontextmanager
async def use_async(path: Path, _samples: Sequence[Sample]) -> AsyncIterator[AsyncSend]:
    session = niquests.AsyncSession()

    async def send(sample: Sample) -> bytes:
        answer = await session.request(
            sample.method, sample.url, data=sample.body or None, headers=sample.headers
        )
        return answer.content or b""

    with _cassette(session, path):
        yield send


@contextmanager
def _cassette(session: niquests.Session | niquests.AsyncSession, path: Path) -> Iterator[None]:
    with NimaxRecorder(session).use_cassette(
        path.stem, cassette_dir=path.parent, record_mode=RecordMode.NONE, match_on=_MATCH_ON
    ):
        yield
