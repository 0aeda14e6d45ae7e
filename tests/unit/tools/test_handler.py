"""Handlers: how they are called, what they say when something fails, and what they never say."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

import pytest

from bot.errors import (
    InvalidValueError,
    MeshAnswerError,
    MeshRejectedError,
    MeshTimeoutError,
    MeshUnreachableError,
    NotAllowedError,
    SettingsError,
)
from bot.tools.calls import ForwarderRef, ToolResult
from bot.tools.handler import handlers_of
from bot.tools.tool import Arguments, Event, Outcome, Parameter, Session, Tool, Unable
from tests.fakes import PAGE_ID, TENANT, USER, FakeBot, FakeCallback, FakeCallParams, FakeForwarder

pytestmark = pytest.mark.asyncio

Run = Callable[[Session, Arguments], Awaitable[Outcome]]

SECRET = "hunter2"
WRONG = "Something went wrong on my side. Please try again."


async def greet(session: Session, args: Arguments) -> Outcome:
    event = Event("greeted", {"name": args.text("name")})
    return Outcome("Hello.", {"tenant": session.tenant_id, "user": session.user_id}, event)


def raising(error: BaseException) -> Run:
    async def fail(session: Session, args: Arguments) -> Outcome:
        del session, args
        raise error

    return fail


async def called(
    run: Run = greet,
    args: dict[str, object] | None = None,
    *,
    bot: FakeBot | None = None,
    forwarder_ref: ForwarderRef | None = None,
) -> ToolResult:
    tool = Tool("greet", "Greet.", (Parameter("name", "Whom."),), run)
    callback = FakeCallback()
    handler = handlers_of((tool,), bot or FakeBot(), forwarder_ref or {})["greet"]
    await handler("greet", "call-1", {"name": "Ann"} if args is None else args, None, None, callback)
    return callback.results[0]


async def test_the_result_is_given_to_the_callback_and_the_event_to_the_forwarder() -> None:
    forwarder = FakeForwarder()

    result = await called(forwarder_ref={"instance": forwarder})

    assert result == {"success": True, "message": "Hello.", "tenant": TENANT, "user": USER}
    assert forwarder.sent == [("greeted", {"name": "Ann"})]


async def test_the_signature_of_the_strategy_may_be_called_by_name() -> None:
    callback = FakeCallback()
    handlers = handlers_of((Tool("greet", "", (Parameter("name", ""),), greet),), FakeBot(), {})

    await handlers["greet"](
        function_name="greet",
        tool_call_id="call-123",
        args={"name": "Ann"},
        llm=None,
        context=None,
        result_callback=callback,
    )

    assert callback.results[0].result["success"] is True


async def test_pipecats_one_object_does_the_same() -> None:
    callback = FakeCallback()
    handlers = handlers_of((Tool("greet", "", (Parameter("name", ""),), greet),), FakeBot(), {})

    await handlers["greet"](FakeCallParams("greet", "call-1", {"name": "Ann"}, None, None, callback))

    assert callback.results == [{"success": True, "message": "Hello.", "tenant": TENANT, "user": USER}]


async def test_a_call_without_a_callback_is_a_mistake_of_the_caller() -> None:
    handlers = handlers_of((Tool("greet", "", (), greet),), FakeBot(), {})

    with pytest.raises(TypeError, match="greet was called without a result_callback"):
        await handlers["greet"]("greet", "call-1", {}, None, None, None)  # type: ignore[call-overload]


async def test_a_result_is_json_and_has_itself_as_its_result() -> None:
    result = await called()

    assert json.loads(json.dumps(result)) == result.result == result


async def test_a_bot_may_take_its_time_to_say_who_is_there() -> None:
    class SlowBot:
        async def get_room_tenant_id(self) -> str:
            return TENANT

        async def get_session_user_id(self) -> str:
            return USER

    callback = FakeCallback()
    handler = handlers_of((Tool("greet", "", (Parameter("name", ""),), greet),), SlowBot(), {})["greet"]

    await handler("greet", "call-1", {"name": "Ann"}, None, None, callback)

    assert (callback.results[0]["tenant"], callback.results[0]["user"]) == (TENANT, USER)


async def test_who_has_not_signed_in_is_anonymous() -> None:
    assert (await called(bot=FakeBot(user_id=None)))["user"] == "anonymous"


async def test_without_a_tenant_nothing_is_opened() -> None:
    assert await called(bot=FakeBot(tenant_id=None)) == {
        "success": False,
        "message": "I do not know to whom this room belongs, so there is nothing I could open.",
    }


@pytest.mark.parametrize("forwarder_ref", [{}, {"instance": None}], ids=["no place", "nobody there"])
async def test_without_a_screen_the_work_is_done_all_the_same(forwarder_ref: ForwarderRef) -> None:
    assert (await called(forwarder_ref=forwarder_ref))["success"] is True


async def test_a_screen_that_fails_undoes_nothing_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    forwarder = FakeForwarder(error=RuntimeError(SECRET))

    result = await called(forwarder_ref={"instance": forwarder})

    assert result["success"] is True
    assert caplog.messages[0].startswith("greet could not send greeted: RuntimeError at ")
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Unable("There is no such note."), "There is no such note."),
        (InvalidValueError("title is empty"), "I cannot do that: title is empty."),
        (
            NotAllowedError(USER, "change", "Notes", PAGE_ID),
            "You are not allowed to change this note. Its owner could share it with you.",
        ),
        (
            NotAllowedError(USER, "delete", "HtmlGeneration", PAGE_ID),
            "You are not allowed to delete this applet. Its owner could share it with you.",
        ),
        (
            NotAllowedError(USER, "read", "Sprite", PAGE_ID),
            "You are not allowed to read this thing. Its owner could share it with you.",
        ),
        (
            MeshUnreachableError("GET /x", "refused"),
            "I cannot reach the place where things are kept. Please try again in a moment.",
        ),
        (
            MeshTimeoutError("GET /x", 5),
            "I cannot reach the place where things are kept. Please try again in a moment.",
        ),
        (
            MeshRejectedError("GET /x", 500, None, "no"),
            "The place where things are kept did not accept that.",
        ),
        (MeshAnswerError("GET /x", 200, "it has no data"), WRONG),
        (SettingsError(("MESH_API_ENDPOINT is not set",)), WRONG),
        (ValueError(SECRET), WRONG),
        (KeyError(SECRET), WRONG),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_every_failure_can_be_spoken_and_none_escapes(error: Exception, message: str) -> None:
    assert await called(raising(error)) == {"success": False, "message": message}


async def test_a_failure_of_ours_is_logged_as_it_says(caplog: pytest.LogCaptureFixture) -> None:
    await called(raising(MeshUnreachableError("GET /x", "refused")))

    assert caplog.record_tuples == [
        (
            "bot.tools.handler",
            logging.WARNING,
            "greet failed: MeshUnreachableError: GET /x: Mesh cannot be reached: refused",
        )
    ]


async def test_of_any_other_failure_the_place_is_logged_and_not_the_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await called(raising(ValueError(SECRET)))

    assert caplog.messages[0].startswith("greet failed: ValueError at ")
    assert "test_handler.py" in caplog.messages[0]
    assert SECRET not in caplog.text


async def test_who_cancels_is_obeyed() -> None:
    with pytest.raises(asyncio.CancelledError):
        await called(raising(asyncio.CancelledError()))


async def test_a_failure_sends_no_event() -> None:
    forwarder = FakeForwarder()

    await called(raising(ValueError()), forwarder_ref={"instance": forwarder})

    assert forwarder.sent == []


async def test_what_the_schema_does_not_allow_is_told_to_the_llm() -> None:
    assert await called(args={"nmae": "Ann"}) == {
        "success": False,
        "message": "I cannot do that: greet takes no nmae.",
    }
