"""
The server put together, and run until it is told to leave.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from chorus_tts.app import create_app
from chorus_tts.readiness import Readiness
from chorus_tts.serving.server import chorus_server

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from chorus_tts.settings import Settings
    from chorus_tts.synthesizer import Synthesizer

_log = logging.getLogger(__name__)


def run(settings: Settings, listening: socket.socket, parent: int, *, ready: Callable[[], None]) -> None:
    asyncio.run(_serve(settings, listening, parent, ready))


async def _serve(
    settings: Settings, listening: socket.socket, parent: int, ready: Callable[[], None]
) -> None:
    readiness = Readiness()
    server = chorus_server(create_app(readiness, settings), settings, ready=ready, parent=parent)
    opening = asyncio.create_task(_open(settings, readiness))
    opening.add_done_callback(lambda done: server.leave() if _failed(done) else None)
    try:
        await server.serve(sockets=[listening])
    finally:
        await _close(opening)


async def _open(settings: Settings, readiness: Readiness) -> Synthesizer:
    """
    Away from the event loop: the port answers while the weights are read.
    """
    synthesizer = await asyncio.to_thread(_open_synthesizer, settings)
    readiness.opened(synthesizer)
    for voice in synthesizer.voices:
        _log.debug("%s is spoken by the engine %s", voice.id, voice.engine)
    return synthesizer


def _open_synthesizer(settings: Settings) -> Synthesizer:
    # The libraries behind it take longer to import than the server takes to listen.
    from chorus_tts.synthesizer import open_synthesizer  # noqa: PLC0415 - see above

    return open_synthesizer(settings)


def _failed(opening: asyncio.Task[Synthesizer]) -> bool:
    return not opening.cancelled() and opening.exception() is not None


async def _close(opening: asyncio.Task[Synthesizer]) -> None:
    if not opening.done():
        opening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        (await opening).close()
