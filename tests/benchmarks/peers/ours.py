"""
taketwo: the cassette of a test, recorded and replayed as the plugin does it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from pathlib import Path

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette, Exchange, LiveRequest, LiveResponse
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text.writer import dump_cassette
from taketwo.config.playback import Playback
from taketwo.playback.player import Player, play
from tests.benchmarks import inside
from tests.benchmarks.peers.clients import async_client, client
from tests.benchmarks.peers.protocol import AsyncSend, Send
from tests.benchmarks.samples import Sample

PROJECT = """
[tool.taketwo]
tests = "suite"

[tool.pytest.ini_options]
testpaths = ["suite"]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
"""
_TEST = """
import pytest

from tests.benchmarks import inside


@pytest.mark.vcr
def test_replay():
    inside.act()
"""


class _Opened:
    def __init__(self, path: Path) -> None:
        found = read_cassette(path)
        assert found is not None
        self._cassette = found

    @cached_property
    def _player(self) -> Player:
        return play(
            self._cassette,
            name="a",
            test="a",
            redactor=Redactor({}),
            reveal={},
            bases=BaseUrls({}),
            playback=Playback(repeats=True),
        )

    def answers(self) -> dict[str, bytes]:
        replay = self._player.replay
        return {wire.url: whole(replay.response(number).body) for number, wire in enumerate(replay.wires())}

    def find(self, sample: Sample) -> bytes | None:
        number = self._player.take(_request(sample))
        return None if number is None else whole(self._player.replay.response(number).body)

    def rewind(self) -> None:
        pass


def record(samples: Sequence[Sample], path: Path) -> Callable[[], object]:
    """
    The write of the peers: into its place, and not flushed to the disk.
    """
    cassette = _take(samples)

    def save() -> None:
        path.write_bytes(dump_cassette(cassette).encode("utf-8"))
        for name, content in attachments(cassette).items():
            path.with_name(name).write_bytes(whole(content))

    return save


def record_safely(samples: Sequence[Sample], path: Path) -> Callable[[], object]:
    """
    The write of the plugin: staged, flushed to the disk, and moved into place at once.
    """
    cassette = _take(samples)
    staging = StagingDir(path.parent)
    return lambda: promote(staging.stage(dump_cassette(cassette), attachments(cassette)), path)


def load(path: Path) -> _Opened:
    return _Opened(path)


def replay(path: Path, _samples: Sequence[Sample], act: Callable[[Send], None]) -> None:
    def test() -> None:
        with client() as send:
            act(send)

    _in_pytest(path, test)


def replay_async(path: Path, _samples: Sequence[Sample], act: Callable[[AsyncSend], Awaitable[None]]) -> None:
    async def test() -> None:
        async with async_client() as send:
            await act(send)

    _in_pytest(path, lambda: asyncio.run(test()))


def _in_pytest(path: Path, test: Callable[[], None]) -> None:
    """
    Run *test* as the body of a test whose cassette is at *path*.
    """
    root = path.parent / "project"
    files = {
        root / "pyproject.toml": PROJECT,
        root / "suite" / "test_replay.py": _TEST,
        root / "cassettes" / "test_replay" / "test_replay.yaml": path.read_text(encoding="utf-8"),
    }
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    inside.ACT[:] = [test]
    # The worker's environment keeps pytest from loading whatever plugins are installed.
    plugins = ["-p", "recording", "-p", "taketwo"]
    code = pytest.main(
        ["-q", *plugins, "--rootdir", str(root), "-c", str(root / "pyproject.toml"), str(root)]
    )
    if code:
        raise RuntimeError(f"the replay inside of pytest ended with {code}")


def _take(samples: Sequence[Sample]) -> Cassette:
    exchanges = [
        Exchange(
            request=_request(sample),
            response=LiveResponse(
                status=200, reason="OK", headers=(("content-type", sample.media),), body=sample.answer
            ),
            issued=2 * number + 1,
            answered=2 * number + 2,
        )
        for number, sample in enumerate(samples)
    ]
    return make_cassette(exchanges, test="a", services={}, redactor=Redactor({}), bases=BaseUrls({}))


def _request(sample: Sample) -> LiveRequest:
    return LiveRequest(
        method=sample.method, url=sample.url, headers=tuple(sample.headers.items()), body=sample.body
    )
