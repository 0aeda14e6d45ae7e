"""
vcrpy: YAML as it is by default, or JSON; with its matchers of method, address and body.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import ModuleType

import vcr
from vcr import matchers
from vcr.cassette import Cassette
from vcr.errors import UnhandledHTTPRequestError
from vcr.persisters.filesystem import FilesystemPersister
from vcr.record_mode import RecordMode
from vcr.request import Request
from vcr.serializers import jsonserializer, yamlserializer

from tests.benchmarks.peers.clients import async_client, client
from tests.benchmarks.peers.protocol import AsyncSend, Send
from tests.benchmarks.samples import Sample

suffix = ".yaml"
_MATCH_ON = (matchers.method, matchers.uri, matchers.body)


class _Opened:
    def __init__(self, path: Path) -> None:
        self._cassette = Cassette.load(
            path=str(path),
            serializer=_serializer(path),
            persister=FilesystemPersister,
            record_mode=RecordMode.NONE,
            match_on=_MATCH_ON,
            allow_playback_repeats=True,
        )

    def answers(self) -> dict[str, bytes]:
        return {request.uri: _body(response) for request, response in self._cassette.data}

    def find(self, sample: Sample) -> bytes | None:
        try:
            return _body(self._cassette.play_response(_request(sample)))
        except UnhandledHTTPRequestError:
            return None

    def rewind(self) -> None:
        pass


def record(samples: Sequence[Sample], path: Path) -> Callable[[], object]:
    cassette = Cassette(
        path=str(path),
        serializer=_serializer(path),
        persister=FilesystemPersister,
        record_mode=RecordMode.NEW_EPISODES,
        match_on=_MATCH_ON,
    )
    for sample in samples:
        answer = {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": [sample.media]},
            "body": {"string": sample.answer},
        }
        cassette.append(_request(sample), answer)
    return lambda: cassette._save()  # noqa: PLW0108, SLF001 - leaving its context calls this


def load(path: Path) -> _Opened:
    return _Opened(path)


@contextmanager
def use(path: Path, _samples: Sequence[Sample]) -> Iterator[Send]:
    with _recorder(path), client() as send:
        yield send


@asynccontextmanager
async def use_async(path: Path, _samples: Sequence[Sample]) -> AsyncIterator[AsyncSend]:
    with _recorder(path):
        async with async_client() as send:
            yield send


@contextmanager
def _recorder(path: Path) -> Iterator[None]:
    name = "json" if path.suffix == ".json" else "yaml"
    recorder = vcr.VCR(serializer=name, record_mode="none", match_on=["method", "uri", "body"])
    with recorder.use_cassette(str(path)):
        yield


def _serializer(path: Path) -> ModuleType:
    found: ModuleType = jsonserializer if path.suffix == ".json" else yamlserializer
    return found


def _request(sample: Sample) -> Request:
    return Request(sample.method, sample.url, sample.body, sample.headers)


def _body(response: dict[str, dict[str, bytes | str]]) -> bytes:
    body = response["body"]["string"]
    return body.encode() if isinstance(body, str) else body
