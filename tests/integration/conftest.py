"""What the integration tests may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.mesh import Mesh, open_mesh
from bot.settings import read_settings
from tests.fakes import FakeBot, FakeForwarder, Say, saying


@pytest_asyncio.fixture
async def mesh(vcr: object) -> AsyncIterator[Mesh]:
    """
    Mesh itself, for what stands there before a test begins and no action creates.
    """
    del vcr  # asked for so that the settings point to the recorded Mesh
    async with open_mesh(read_settings()) as opened:
        yield opened


@pytest.fixture
def screen() -> FakeForwarder:
    """
    What the user's screen was told.
    """
    return FakeForwarder()


@pytest.fixture
def say(tenant_id: str, user_id: str, screen: FakeForwarder) -> Say:
    """
    What the LLM calls when the user speaks.
    """
    return saying(FakeBot(tenant_id, user_id), screen)


@pytest.fixture
def other_says(tenant_id: str, other_user_id: str) -> Say:
    """
    The same, when another user of the tenant speaks.
    """
    return saying(FakeBot(tenant_id, other_user_id))
