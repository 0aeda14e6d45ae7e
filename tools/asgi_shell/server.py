"""
Listening, reporting it, and ending without an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from asgi_shell.parent import PARENT_DIED, is_orphan, watch

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from asgi_shell.protocol import RefusingProtocol

_GRACE: Final = 3  # seconds for open requests
_BACKLOG: Final = 512


class ProcessServer(uvicorn.Server):
    """
    Serves *app* until a signal comes or the process *parent* ends.

    *ready* is called once, when the server listens; *more* are options of uvicorn's.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        http: type[RefusingProtocol],
        ready: Callable[[], None],
        parent: int,
        **more: Any,  # noqa: ANN401 - as uvicorn.Config has them
    ) -> None:
        config = uvicorn.Config(
            app,
            http=http,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=logging.getLogger("uvicorn.access").isEnabledFor(logging.DEBUG),
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
            backlog=_BACKLOG,
            **more,
        )
        super().__init__(config)
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

    def leave(self) -> None:
        """
        Stop listening, and end when the open requests have been answered.
        """
        self.should_exit = True

    def _leave_if_orphaned(self) -> None:
        if is_orphan(self._parent):
            self.leave()
