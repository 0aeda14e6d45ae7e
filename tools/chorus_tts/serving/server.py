"""
Listening, saying so, and leaving quietly.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING, Final

import uvicorn

from chorus_tts.serving.parent import PARENT_DIED, is_orphan, watch
from chorus_tts.serving.protocol import ChorusProtocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from chorus_tts.settings import Settings

LARGEST_MESSAGE: Final = 256 * 1024
# Whoever plays what it hears reads no faster than it plays, and finds a ping behind minutes of sound.
_PING: Final = 30
_PONG: Final = 600
_GRACE: Final = 3
_BACKLOG: Final = 512


class ChorusServer(uvicorn.Server):
    """
    *ready* is called once, when the server listens.
    """

    def __init__(self, app: ASGIApp, settings: Settings, *, ready: Callable[[], None], parent: int) -> None:
        config = uvicorn.Config(
            app,
            http=_protocol(settings),
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            ws_ping_interval=_PING,
            ws_ping_timeout=_PONG,
            # Speech hardly becomes smaller, and the frames of a conversation are what was sent.
            ws_per_message_deflate=False,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=logging.getLogger("uvicorn.access").isEnabledFor(logging.DEBUG),
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
            backlog=_BACKLOG,
        )
        super().__init__(config)
        logging.getLogger("uvicorn.error").addFilter(_is_worth_telling)
        self._ready = ready
        self._parent = parent

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
            self._watching = asyncio.create_task(watch(self._parent, self.leave))

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again once it has shut down, which would end the process with an error.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.leave)
        loop.add_signal_handler(PARENT_DIED, self._leave_if_orphaned)
        yield

    def _leave_if_orphaned(self) -> None:
        if is_orphan(self._parent):
            self.leave()

    def leave(self) -> None:
        self.should_exit = True


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """
    Not the address of each conversation: a key may stand in its query. Nor that a refused one never began.
    """
    message = str(record.msg)
    return '"WebSocket %s"' not in message and "without completing handshake" not in message


def _protocol(settings: Settings) -> type[ChorusProtocol]:
    class Protocol(ChorusProtocol):
        head_timeout = min(settings.body_timeout, ChorusProtocol.head_timeout)

    return Protocol
