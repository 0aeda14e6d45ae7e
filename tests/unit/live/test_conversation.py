"""
What a participant hears, and how the harness waits for it. No test waits longer than it needs.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.live.conversation import Conversation, ConversationError, Event, Kind, Message, read

pytestmark = pytest.mark.asyncio

STARTED, STOPPED = Event(Kind.STARTED), Event(Kind.STOPPED)
LONG, SHORT = 60.0, 0.01


def said(text: str) -> Event:
    return Event(Kind.SAID, text)


def hearing(*events: Event) -> Conversation:
    conversation = Conversation()
    for event in events:
        conversation.hear(event)
    return conversation


async def test_sentences_up_to_the_stop_are_one_message() -> None:
    conversation = hearing(
        STARTED, said("Hello."), said("How are you?"), STOPPED, STOPPED, STARTED, said("Bye."), said("Soon")
    )

    assert conversation.messages() == [
        Message("Hello. How are you?", is_over=True),
        Message("Bye. Soon", is_over=False),
    ]


async def test_a_stop_before_anything_is_said_is_no_message() -> None:
    assert hearing(STARTED, STOPPED).messages() == []


async def test_messages_that_are_there_are_not_waited_for() -> None:
    conversation = hearing(said("One."), STOPPED, said("Two."), STOPPED, said("Three."))

    assert await conversation.wait_for_messages(2, patience=LONG) == ["One.", "Two."]


async def test_the_bot_has_to_stop_unless_nobody_asks_for_it() -> None:
    conversation = hearing(said("One."))

    assert await conversation.wait_for_messages(until_stopped=False, patience=LONG) == ["One."]
    with pytest.raises(ConversationError, match=r"waited 0\.01 s for: 1 message of the bot and its end"):
        await conversation.wait_for_messages(patience=SHORT)


async def test_what_is_said_while_one_waits_is_heard() -> None:
    conversation = hearing(said("Hello."), STOPPED)
    waiting = asyncio.ensure_future(conversation.wait_for_messages(2, patience=LONG))

    await asyncio.sleep(0)
    conversation.hear(said("Bye."))
    await asyncio.sleep(0)
    conversation.hear(STOPPED)

    assert await waiting == ["Hello.", "Bye."]


async def test_a_wait_looks_at_what_comes_after_the_question() -> None:
    conversation = hearing(said("Hello."), STOPPED)
    asked = conversation.position
    conversation.hear(said("Answered before the wait."))
    conversation.hear(STOPPED)

    assert await conversation.wait_for_messages(since=asked, patience=LONG) == ["Answered before the wait."]


async def test_an_expected_tool_call_is_found_by_its_name() -> None:
    conversation = hearing(Event(Kind.TOOL, "list_notes"), Event(Kind.TOOL, "create_note"))

    assert await conversation.wait_for(Kind.TOOL, "create_note", patience=LONG) == Event(
        Kind.TOOL, "create_note"
    )


async def test_a_wait_in_vain_shows_what_was_heard_instead() -> None:
    conversation = hearing(said("Hello."), STOPPED)
    asked = conversation.position
    for event in (Event(Kind.HEARD, "Take a coat."), STARTED, said("A coat?"), Event(Kind.FAILED, "no tool")):
        conversation.hear(event)

    with pytest.raises(ConversationError) as raised:
        await conversation.wait_for(Kind.EVENT, "note.created", since=asked, patience=SHORT)

    assert str(raised.value) == (
        "waited 0.01 s for: the page gets note.created\n"
        "heard in this time:\n"
        "  the bot hears Take a coat.\n"
        "  the bot starts speaking\n"
        "  the bot says A coat?\n"
        "  the bot fails no tool\n"
        "a slower bot is given longer with PIPECAT_ASSISTANT_TIMEOUT_SECS"
    )


async def test_a_silent_bot_is_said_to_be_silent() -> None:
    with pytest.raises(ConversationError, match=r"for: 2 messages of the bot and its end\n.*\n  nothing\n"):
        await Conversation().wait_for_messages(2, patience=SHORT)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"type": "state", "state": "speaking"}, STARTED),
        ({"type": "state", "state": "quiet"}, STOPPED),
        ({"type": "state", "state": "thinking"}, None),
        ({"type": "said", "speaker": "bot", "text": " Hello. "}, said("Hello.")),
        ({"type": "said", "speaker": "bot", "text": " "}, None),
        ({"type": "said", "speaker": "user", "text": "Hello."}, Event(Kind.HEARD, "Hello.")),
        ({"type": "event", "name": "note.created", "payload": {}}, Event(Kind.EVENT, "note.created")),
        ({"type": "failure", "text": "No."}, Event(Kind.FAILED, "No.")),
        (
            {
                "label": "rtvi-ai",
                "type": "llm-function-call-in-progress",
                "data": {"tool_call_id": "1", "function_name": "create_note"},
            },
            Event(Kind.TOOL, "create_note"),
        ),
        ({"label": "rtvi-ai", "type": "llm-function-call-in-progress", "data": {"tool_call_id": "1"}}, None),
        ({"label": "rtvi-ai", "type": "error", "data": {"error": "No."}}, Event(Kind.FAILED, "No.")),
        ({"label": "rtvi-ai", "type": "metrics", "data": {}}, None),
        ("hello", None),
        (None, None),
    ],
)
async def test_messages_of_the_bot_and_of_pipecat_are_read(message: object, event: Event | None) -> None:
    assert read(message) == event
