"""What the integration tests may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from bot.mesh import Mesh, open_mesh
from bot.settings import read_settings


@pytest_asyncio.fixture
async def mesh(vcr: object) -> AsyncIterator[Mesh]:
    """
    Mesh itself, for what stands there before a test begins and no action creates.
    """
    del vcr  # asked for so that the settings point to the recorded Mesh
    async with open_mesh(read_settings()) as opened:
        yield opened
