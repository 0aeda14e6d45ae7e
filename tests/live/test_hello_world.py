"""
The bot in a real Daily room: it greets, talks, uses its tools, and leaves nothing behind.

Opt-in by ``PIPECAT_RUN_LIVE_TESTS=1``, with ``DAILY_DOMAIN`` and ``DAILY_API_KEY``; see TESTING_STRATEGY.md.
"""

from __future__ import annotations

import pytest
import pytest_asyncio

from bot.actions.notes_actions import list_notes
from bot.mesh import open_mesh
from bot.settings import read_settings
from bot.tools.registry import get_schemas
from tests.live.conversation import Kind
from tests.live.harness import LiveRoom, Play, RunningBot
from tests.live.leaks import leaks_reported, secrets_printed, unspeakable
from tests.live.live_settings import LiveSettings
from tests.live.participant import DailyParticipant

pytestmark = pytest.mark.asyncio

STARTS_WITHIN = 30.0  # seconds: Pipecat takes long to import
ENDS_WITHIN = 20.0


@pytest_asyncio.fixture
async def greeted(participant: DailyParticipant, live_settings: LiveSettings) -> DailyParticipant:
    """
    The participant, when the bot has said hello and is silent.
    """
    await participant.conversation.wait_for_messages(1, patience=live_settings.patience + STARTS_WITHIN)
    return participant


async def test_the_bot_greets_whoever_joins(
    participant: DailyParticipant, live_settings: LiveSettings
) -> None:
    """
    Before anything is said to it, and without calling a tool.
    """
    patience = live_settings.patience + STARTS_WITHIN

    greeting = await participant.conversation.wait_for_messages(1, patience=patience)

    assert greeting[0].strip()
    assert [event for event in participant.conversation.events if event.kind is Kind.TOOL] == []


async def test_the_bot_answers_what_it_hears(
    greeted: DailyParticipant, say: Play, live_settings: LiveSettings
) -> None:
    """
    Two sentences, two answers, each spoken to its end.
    """
    conversation, patience = greeted.conversation, live_settings.patience
    start = conversation.position

    for sentence, word in (("Hello, how are you?", "hello"), ("Thank you very much.", "thank")):
        asked = conversation.position
        await say(sentence)
        heard = await conversation.wait_for(Kind.HEARD, since=asked, patience=patience)
        answer = await conversation.wait_for_messages(1, since=asked, patience=patience)

        assert word in heard.text.lower()
        assert answer[0].strip()

    assert len(conversation.messages(since=start)) >= 2


async def test_the_bot_takes_a_note(
    greeted: DailyParticipant, say: Play, bot: RunningBot, live_settings: LiveSettings
) -> None:
    """
    The tool is called, the page hears of it, and Mesh has the note.
    """
    conversation, patience = greeted.conversation, live_settings.patience
    asked = conversation.position

    await say("Please write a note that says: buy milk.")
    await conversation.wait_for(Kind.EVENT, "note.created", since=asked, patience=patience)
    await conversation.wait_for_messages(1, since=asked, patience=patience)

    async with open_mesh(read_settings(bot.environment)) as mesh:
        notes = await list_notes(bot.tenant_id, bot.user_id, include_content=True, mesh=mesh)
    assert ["milk" in note["content"].lower() for note in notes] == [True]


async def test_nothing_is_left_and_nothing_gets_out(
    greeted: DailyParticipant, say: Play, bot: RunningBot, room: LiveRoom, live_settings: LiveSettings
) -> None:
    """
    The bot speaks no markup and no names of tools; when everybody has left, it ends by itself, and has
    printed no secret and reported no leak.
    """
    asked = greeted.conversation.position
    await say("Please write a note that says: buy milk.")
    await greeted.conversation.wait_for_messages(1, since=asked, patience=live_settings.patience)
    spoken = [message.text for message in greeted.conversation.messages()]

    await greeted.leave()

    assert bot.process.exit_code_within(ENDS_WITHIN) == 0
    assert unspeakable(spoken, [schema["name"] for schema in get_schemas()]) == []
    assert leaks_reported(bot.process.lines()) == []
    secrets = (live_settings.api_key, room.participant_token)
    assert secrets_printed(bot.process.lines(), secrets) == 0
