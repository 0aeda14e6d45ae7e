"""What the page is sent: by the tools, by their failures, and what it may send itself."""

from __future__ import annotations

import pytest

from bot.session.calls import Room, ShownHandler
from bot.session.forwarder import PageForwarder
from bot.session.messages import Message, event, failure, said, state, typed_text
from bot.session.shelf import Shelf
from bot.tools.calls import ToolResult
from bot.tools.handler import Handler
from bot.tools.tool import Arguments, Outcome, Session, Tool, Unable
from tests.fakes import FakeCallback, FakeCallParams


class Page:
    """
    Keeps what was sent.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)


async def _succeeds(session: Session, args: Arguments) -> Outcome:
    del args
    return Outcome(f"Done for {session.tenant_id} and {session.user_id}.")


async def _fails(session: Session, args: Arguments) -> Outcome:
    del session, args
    raise Unable("There is no such thing.")


@pytest.mark.asyncio
async def test_an_applet_goes_to_the_shelf_and_its_event_to_the_page() -> None:
    page, shelf = Page(), Shelf()

    await PageForwarder(page.send, shelf).send_event(
        "html.created", {"applet_id": "a-1", "title": "Pong", "html_content": "<p>"}
    )

    assert page.messages == [event("applet.created", {"applet_id": "a-1", "title": "Pong"})]
    assert shelf.html("a-1") == "<p>"


@pytest.mark.asyncio
async def test_a_deleted_applet_leaves_the_shelf() -> None:
    page, shelf = Page(), Shelf()
    shelf.put("a-1", "<p>")

    await PageForwarder(page.send, shelf).send_event("html.deleted", {"applet_id": "a-1"})

    assert shelf.html("a-1") is None
    assert page.messages == [event("applet.deleted", {"applet_id": "a-1"})]


@pytest.mark.asyncio
async def test_other_events_keep_their_names_and_touch_no_shelf() -> None:
    page, shelf = Page(), Shelf()

    await PageForwarder(page.send, shelf).send_event("note.created", {"title": "Milk"})
    await PageForwarder(page.send, shelf).send_event("html.loaded", {"applet_id": "a-2"})

    assert [message["name"] for message in page.messages] == ["note.created", "applet.loaded"]
    assert shelf.html("a-2") is None


def test_the_shelf_holds_the_last_hundred() -> None:
    shelf = Shelf()
    for number in range(100):
        shelf.put(str(number), "<p>")
    shelf.put("0", "<h1>")

    shelf.put("new", "<p>")

    assert (shelf.html("0"), shelf.html("1"), shelf.html("new")) == ("<h1>", None, "<p>")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("run", "result", "shown"),
    [
        (_succeeds, ToolResult(success=True, message="Done for tenant-1 and user-1."), []),
        (
            _fails,
            ToolResult(success=False, message="There is no such thing."),
            [failure("There is no such thing.")],
        ),
    ],
)
async def test_a_failure_is_shown_before_the_model_gets_it(
    run: object, result: ToolResult, shown: list[Message]
) -> None:
    page, callback = Page(), FakeCallback()
    tool = Tool("try_it", "Tries.", (), run)  # type: ignore[arg-type]
    handler = ShownHandler(Handler(tool, Room("tenant-1", "user-1"), {"instance": None}), page.send)

    await handler(FakeCallParams("try_it", "call-1", {}, None, None, callback))

    assert (callback.results, page.messages) == ([result], shown)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"type": "typed", "text": " hello "}, "hello"),
        ({"type": "typed", "text": 3}, ""),
        ({"type": "said", "text": "hello"}, ""),
        ("hello", ""),
    ],
)
def test_only_what_was_typed_is_a_text(message: object, text: str) -> None:
    assert typed_text(message) == text


def test_messages_name_their_type() -> None:
    assert said("bot", "Hello.") == {"type": "said", "speaker": "bot", "text": "Hello."}
    assert state("quiet") == {"type": "state", "state": "quiet"}
