"""What the unit tests may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest_asyncio

from bot.mesh import Mesh, open_mesh
from tests.fakes import SETTINGS, Script, ScriptedTransport


@pytest_asyncio.fixture
async def script() -> AsyncIterator[Script]:
    """
    Mesh with its answers written down beforehand, and what it was asked.
    """
    async with AsyncExitStack() as stack:

        async def opened(*answers: httpx.Response) -> tuple[Mesh, ScriptedTransport]:
            transport = ScriptedTransport(*answers)
            return await stack.enter_async_context(open_mesh(SETTINGS, transport=transport)), transport

        yield opened
