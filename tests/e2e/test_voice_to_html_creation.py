"""
From voice to page: a sentence is spoken into a browser, and the page shows what it asked for.

A bot process, Mesh, Chorus, a recogniser and the scripted model, recorded together. A replay has the bot and
the browser alone, and WebRTC between them.
"""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.actions import html_actions
from bot.chorus import open_chorus
from bot.mesh import open_mesh
from bot.settings import read_settings
from bot.voice_settings import read_voice_settings
from tests.e2e.browser import Tab, tab
from tests.e2e.chromium import missing, own_addresses
from tests.e2e.conftest import BotProcess, has_failed

_MISSING = missing("pipecat", "aiortc", "cv2")
RED, BLUE = "rgb(200, 0, 0)", "rgb(0, 0, 200)"

pytestmark = [
    pytest.mark.asyncio,
    # The line to Chorus waits while the user speaks.
    pytest.mark.vcr(children=True, patience=120),
    pytest.mark.block_network(allowed_hosts=own_addresses()),
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING),
]


@pytest_asyncio.fixture
async def opened(bot: BotProcess, request: pytest.FixtureRequest) -> AsyncIterator[Tab]:
    """
    The page, joined, after the bot has greeted.
    """
    kept = Path(request.config.rootpath, "failed", request.node.name)  # CI may collect it from there
    async with tab(bot.address, kept=kept, has_failed=lambda: has_failed(request.node)) as opened:
        await opened.join()
        await opened.shows("bot", "Hello! Tell me what I shall make for you.")
        await opened.is_quiet_again()
        yield opened


async def spoken(sentence: str) -> bytes:
    """
    *sentence* as a WAV file, in the voice of Chorus.
    """
    async with open_chorus(read_voice_settings()) as chorus:
        audio = await chorus.say(sentence)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(audio.sample_rate)
        written.writeframes(audio.pcm)
    return file.getvalue()


async def colour_of_the_button(opened: Tab) -> str:
    button = opened.applet.get_by_role("button", name="Hello")
    return str(await button.evaluate("(button) => getComputedStyle(button).backgroundColor"))


async def test_a_spoken_wish_becomes_a_page_and_another_changes_it(opened: Tab) -> None:
    wish = await spoken("Make a page with a red button that says hello.")
    before = await opened.loudness()

    await opened.speak(wish)

    await opened.shows("user", "Make a page with a red button that says hello.")
    await opened.shows("bot", "I made Hello button.")
    assert await opened.applets.all_inner_texts() == ["Hello button"]
    assert await colour_of_the_button(opened) == RED
    await opened.is_quiet_again()
    assert await opened.loudness() > before

    await opened.speak(await spoken("Make the button blue."))

    await opened.shows("bot", "I changed Hello button.")
    assert await opened.applets.all_inner_texts() == ["Hello button"]
    assert await colour_of_the_button(opened) == BLUE
    assert opened.complaints == []


async def test_an_applet_is_opened_by_what_its_title_is_like(
    tenant_id: str, user_id: str, bot: BotProcess, opened: Tab
) -> None:
    async with open_mesh(read_settings()) as mesh:
        await html_actions.create_html_generation(
            tenant_id, user_id, "Space Invaders Game", "<h1>Pew</h1>", content_type="game", mesh=mesh
        )

    await opened.speak(await spoken("Open my space game."))

    await opened.shows("bot", "Here is Space Invaders Game.")
    assert await opened.applet.get_by_role("heading").inner_text() == "Pew"
    assert opened.hosts == {bot.address.removeprefix("http://")}


async def test_a_failure_is_spoken_and_shown(opened: Tab) -> None:
    wish = await spoken("Open the piano.")
    before = await opened.loudness()

    await opened.speak(wish)

    await opened.shows("failure", "I could not find anything called piano.")
    await opened.shows("bot", "I could not find anything called piano.")
    await opened.is_quiet_again()
    assert await opened.loudness() > before
    assert await opened.applets.count() == 0
