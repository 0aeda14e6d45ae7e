"""The tools for the user's profile, over a Mesh whose answers are written down."""

from __future__ import annotations

import pytest

from bot.tools import profile_tools
from tests.fakes import PAGE_ID, USER, FakeBot, FakeCallback, Script, ok, page, refusal, saying

pytestmark = pytest.mark.asyncio

GONE = refusal(404, "Content not found")


async def test_of_a_profile_the_llm_hears_what_can_be_said(script: Script) -> None:
    summary = {"summary": "We spoke about tea.", "sessionId": "s"}
    row = {"_id": PAGE_ID, "userId": USER, "first_name": "Ann", "lastConversationSummary": summary}
    mesh, _ = await script(page(row), ok({"_id": USER, "name": "Ann B", "phone_number": "+49"}))

    result = await saying(FakeBot(), mesh=mesh)("get_user_profile")

    assert result["profile"] == {
        "first_name": "Ann",
        "name": "Ann B",
        "facts": {},
        "last_conversation": "We spoke about tea.",
    }


@pytest.mark.parametrize(
    ("tool", "args", "message"),
    [
        ("update_user_profile", {}, "there is nothing to remember: no value is given"),
        ("update_user_profile", {"first_name": " "}, "first_name is empty"),
        ("update_user_profile", {"facts": "tea"}, "facts must be an object"),
        ("forget_user_facts", {}, "keys is missing"),
        ("forget_user_facts", {"keys": []}, "there is nothing to forget: no key is given"),
        ("get_user_profile", {"user": "Ann"}, "get_user_profile takes no user"),
    ],
)
async def test_what_cannot_be_done_is_not_sent(
    script: Script, tool: str, args: dict[str, object], message: str
) -> None:
    mesh, transport = await script()

    result = await saying(FakeBot(), mesh=mesh)(tool, **args)

    assert result == {"success": False, "message": f"I cannot do that: {message}."}
    assert transport.said == []


async def test_the_handlers_of_the_module_are_those_of_the_profile(script: Script) -> None:
    mesh, _ = await script(page())
    callback = FakeCallback()
    handlers = profile_tools.get_handlers(FakeBot(), {}, mesh=mesh)

    await handlers["get_user_profile"]("get_user_profile", "c", None, None, None, callback)

    assert sorted(handlers) == ["forget_user_facts", "get_user_profile", "update_user_profile"]
    assert callback.results[0]["profile"] == {}
