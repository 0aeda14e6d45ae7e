"""
What a client does, recorded and replayed in this process against a service in another one.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from pytest_recording import network

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.config.playback import Playback
from taketwo.intercept.cassette import open_cassette
from taketwo.intercept.registry import REGISTRY
from taketwo.playback.existing import existing_in
from taketwo.playback.player import Player, play
from taketwo.playback.quotas import Quotas
from taketwo.playback.recorder import Recorder

SERVICE = Path(__file__).with_name("service.py")

_T = TypeVar("_T")


@dataclass(slots=True)
class Laboratory:
    """
    Records what a function does against the service at ``url``, and replays it with the network closed.

    ``cassette`` is the text of the last recording, ``unmatched`` what the last replay had no answer to.
    """

    url: str
    path: Path
    cassette: str = ""
    unanswered: int = 0
    unmatched: list[str] = field(default_factory=list)

    def record(
        self,
        act: Callable[[], _T],
        *,
        adding: bool = False,
        quotas: Quotas | None = None,
        playback: Playback = Playback(),  # noqa: B008 - a frozen value
    ) -> _T:
        recorder, player = Recorder(quotas=quotas), self.player(None, playback)
        if adding:
            held = self._loaded()
            player = self.player(held, Playback())
            recorder = Recorder(existing_in(held, player.replay))
        with open_cassette("a.yaml", {}, player=player, recorder=recorder, configure=None):
            result = act()
        take = make_cassette(
            recorder.exchanges,
            test="t",
            services={},
            redactor=Redactor({}),
            bases=BaseUrls({self.url: "http://s.test"}),
        )
        self.cassette, self.unanswered = dump_cassette(take), recorder.unanswered
        self.path.write_text(self.cassette, encoding="utf-8")
        for name, content in attachments(take).items():
            self.path.with_name(name).write_bytes(whole(content))
        return result

    def replay(self, act: Callable[[], _T], playback: Playback = Playback()) -> _T:  # noqa: B008 - a frozen value
        player = self.player(self._loaded(), playback)
        self.unmatched = player.unmatched
        network.block()
        try:
            with open_cassette("a.yaml", {}, player=player, recorder=None, configure=None):
                return act()
        finally:
            network.unblock()

    def both(self, act: Callable[[], _T]) -> tuple[_T, _T]:
        """
        What *act* gives while it is recorded, and in the replay.
        """
        return self.record(act), self.replay(act)

    @property
    def requests(self) -> list[str]:
        """
        The recorded requests, each as method and path.
        """
        found = self._loaded().interactions
        return [f"{item.request.method} {item.request.url.removeprefix('http://s.test')}" for item in found]

    def _loaded(self) -> Cassette:
        cassette = read_cassette(self.path)
        assert cassette is not None
        return cassette

    def player(self, cassette: Cassette | None, playback: Playback = Playback()) -> Player:  # noqa: B008 - a frozen value
        """
        What plays *cassette*.
        """
        return play(
            cassette,
            name="a.yaml",
            test="t",
            redactor=Redactor({}),
            reveal={},
            bases=BaseUrls({self.url: "http://s.test"}),
            playback=playback,
        )


@pytest.fixture(scope="session")
def service_url() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with _process(str(port)):
        _await(lambda: socket.create_connection(("127.0.0.1", port)).close())
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def unix_socket() -> Iterator[str]:
    """
    The path of the same service's socket; a system takes no more than about a hundred characters.
    """
    with tempfile.TemporaryDirectory() as folder, _process(path := f"{folder}/s.sock"):
        _await(lambda: _connect_to(path))
        yield path


@pytest.fixture
def lab(service_url: str, tmp_path: Path) -> Iterator[Laboratory]:
    with REGISTRY:  # as a session does
        yield Laboratory(service_url, tmp_path / "a.yaml")


@contextmanager
def _process(where: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, str(SERVICE), where], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _await(connect: Callable[[], None]) -> None:
    for _ in range(600):
        try:
            connect()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the service does not listen")


def _connect_to(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(path)
