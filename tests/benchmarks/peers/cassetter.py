"""
cassetter, written in Rust: YAML as it is by default, and TOML, which its documentation calls the faster one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from cassetter import Cassette, MatchConfig, NoMatchError, RecordMode, use_cassette
from cassetter.compare import body_to_bytes

from tests.benchmarks.peers.clients import async_client, client
from tests.benchmarks.peers.protocol import AsyncSend, Send
from tests.benchmarks.samples import Sample

suffix = ".yaml"
_MATCH_ON = ["method", "uri", "json_body"]


class _Opened:
    def __init__(self, path: Path) -> None:
        config = MatchConfig(match_on=_MATCH_ON)
        self._cassette = Cassette(path, record_mode=RecordMode.NONE, match_config=config)
        self._cassette.load()

    def answers(self) -> dict[str, bytes]:
        return {item.request.uri: body_to_bytes(item.response.body) for item in self._cassette.interactions}

    def find(self, sample: Sample) -> bytes | None:
        headers = {name: [value] for name, value in sample.headers.items()}
        try:
            answer = self._cassette.play(sample.method, sample.url, headers, sample.body or None)
        except NoMatchError:
            return None
        return bytes(body_to_bytes(answer.body))

    def rewind(self) -> None:
        pass


def record(samples: Sequence[Sample], path: Path) -> Callable[[], object]:
    cassette = Cassette(path, record_mode=RecordMode.ALL)
    cassette.load()
    for sample in samples:
        headers = {name: [value] for name, value in sample.headers.items()}
        answered = {"content-type": [sample.media]}
        cassette.record(sample.method, sample.url, headers, sample.body or None, 200, answered, sample.answer)
    return lambda: cassette.save()  # noqa: PLW0108 - of a type that is known here


def load(path: Path) -> _Opened:
    return _Opened(path)


@contextmanager
def use(path: Path, _samples: Sequence[Sample]) -> Iterator[Send]:
    with use_cassette(path, record_mode="none", match_on=_MATCH_ON), client() as send:
        yield send


@asynccontextmanager
async def use_async(path: Path, _samples: Sequence[Sample]) -> AsyncIterator[AsyncSend]:
    with use_cassette(path, record_mode="none", match_on=_MATCH_ON):
        async with async_client() as send:
            yield send
