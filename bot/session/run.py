"""The bot as a process: everything put together, until a signal comes."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web
from loguru import logger

from bot.hearing import open_hearing
from bot.mesh import open_mesh
from bot.session.calls import Room
from bot.session.conversation import Services
from bot.session.settings import SessionSettings
from bot.session.shelf import Shelf
from bot.session.site import Site
from bot.session.visits import Visits

_GRACE = 3  # seconds for open requests


async def serve_page(settings: SessionSettings, *, ready: Callable[[str], None]) -> None:
    """
    Serve the page and hold its conversations, until SIGINT or SIGTERM.

    *ready* is called with the page's address.

    :raises OSError: when the address cannot be listened on.
    """
    quieten()
    leaving = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leaving.set)
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(settings))
        visits = Visits(settings, services)
        stack.push_async_callback(visits.close)
        room = Room(settings.tenant_id, settings.user_id)
        site = Site(services.mesh, services.shelf, room, offer=visits.offer)
        runner = web.AppRunner(site.application(), access_log=None, shutdown_timeout=_GRACE)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.port).start()
        host, port = runner.addresses[0][:2]
        ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
        await leaving.wait()


def quieten() -> None:
    """
    Leave to the log what deserves a look: Pipecat tells of each frame, others of each packet and request.
    """
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    for name in ("aioice", "httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)


@asynccontextmanager
async def open_services(settings: SessionSettings) -> AsyncIterator[Services]:
    async with open_mesh(settings.mesh) as mesh, open_hearing(settings.hearing) as hearing:
        yield Services(mesh, hearing, Shelf())
