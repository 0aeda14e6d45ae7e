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

from mesh_inmemory.serving.parent import PARENT_DIED, is_orphan, watch
from mesh_inmemory.serving.protocol import MeshProtocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from mesh_inmemory.settings import Settings

_GRACE: Final = 3
_BACKLOG: Final = 512


class MeshServer(uvicorn.Server):
    """
    *ready* is called once, when the server listens.
    """

    def __init__(self, app: ASGIApp, settings: Settings, *, ready: Callable[[], None], parent: int) -> None:
        config = uvicorn.Config(
            app,
            http=_protocol(settings),
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=logging.getLogger("uvicorn.access").isEnabledFor(logging.DEBUG),
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
            backlog=_BACKLOG,
        )
        super().__init__(config)
        self._ready = ready
        self._parent = parent

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
            self._watching = asyncio.create_task(watch(self._parent, self._leave))

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again once it has shut down, which would end the process with an error.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._leave)
        loop.add_signal_handler(PARENT_DIED, self._leave_if_orphaned)
        yield

    def _leave_if_orphaned(self) -> None:
        if is_orphan(self._parent):
            self._leave()

    def _leave(self) -> None:
        self.should_exit = True


def _protocol(settings: Settings) -> type[MeshProtocol]:
    class Protocol(MeshProtocol):
        head_timeout = min(settings.body_timeout, MeshProtocol.head_timeout)

    return Protocol
