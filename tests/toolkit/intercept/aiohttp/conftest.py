"""
A service in a process of its own, and what records and replays a scenario in this one.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.model import Cassette
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.stabilize import stabilize
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.config.playback import Manner, Playback
from taketwo.intercept.cassette import open_cassette
from taketwo.playback.conversations.router import ConversationRouter
from taketwo.playback.conversations.routing import RoutedConversations
from taketwo.playback.player import Player, play
from taketwo.playback.recorder import Recorder

SERVICE = Path(__file__).with_name("service.py")
NAME = "http://shop.test"
TEST = "tests/test_a.py::test_a"

_T = TypeVar("_T")

Scenario = Callable[[str], Coroutine[Any, Any, _T]]


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """
    The address of the service.
    """
    port = free_port()
    process = subprocess.Popen([sys.executable, str(SERVICE), str(port)])
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the service did not start")


@dataclass(slots=True)
class Studio:
    """
    Records what scenarios exchange with a service, and replays it without any.
    """

    service: str
    unanswered: int = 0
    unmatched: Sequence[str] = ()

    def record(self, scenario: Scenario[_T], accepted: Cassette | None = None) -> tuple[_T, Cassette]:
        """
        What *scenario* gives with the service, and the cassette of it.
        """
        bases = BaseUrls({self.service: NAME})
        recorder, player = Recorder(), _player(None, bases)
        router = ConversationRouter(player, recorder, Manner())
        with self._opened(player, recorder, router):
            result: _T = asyncio.run(scenario(self.service))
        self.unanswered = recorder.unanswered + router.unanswered
        cassette = make_cassette(
            recorder.exchanges,
            conversations=router.conversations,
            test=TEST,
            services={},
            redactor=Redactor({}),
            bases=bases,
        )
        return result, _through_a_file(stabilize(accepted, cassette))

    def replay(self, scenario: Scenario[_T], cassette: Cassette) -> _T:
        """
        What *scenario* gives with *cassette*, at an address where nobody listens.
        """
        address = f"http://127.0.0.1:{free_port()}"
        player = _player(cassette, BaseUrls({address: NAME}))
        self.unmatched = player.unmatched
        with self._opened(player, None, ConversationRouter(player, None, Manner(patience=1.0))):
            return asyncio.run(scenario(address))

    @contextmanager
    def _opened(
        self, player: Player, recorder: Recorder | None, router: ConversationRouter
    ) -> Iterator[None]:
        cassette: AbstractContextManager[object] = open_cassette(
            "cassettes/a.yaml", {}, player=player, recorder=recorder, configure=None
        )
        with ExitStack() as stack:
            stack.enter_context(RoutedConversations(lambda: router))
            stack.enter_context(cassette)
            yield


def _player(cassette: Cassette | None, bases: BaseUrls) -> Player:
    return play(
        cassette,
        name="cassettes/a.yaml",
        test=TEST,
        redactor=Redactor({}),
        reveal={},
        bases=bases,
        playback=Playback(),
    )


def _through_a_file(cassette: Cassette) -> Cassette:
    files = attachments(cassette)
    return load_cassette(
        dump_cassette(cassette), name="a.yaml", attached=lambda name, size: files[name][: size + 1]
    )


@pytest.fixture
def studio(service: str) -> Studio:
    return Studio(service)
