"""The tools for applets, over a Mesh whose answers are written down."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.actions import html_actions
from bot.actions.html_actions import HtmlGeneration
from bot.mesh import Mesh
from bot.tools import html_tools
from tests.fakes import (
    PAGE_ID,
    TENANT,
    USER,
    FakeBot,
    FakeCallback,
    FakeForwarder,
    Script,
    ok,
    refusal,
    saying,
)

pytestmark = pytest.mark.asyncio

APPLET: HtmlGeneration = {
    "page_id": PAGE_ID,
    "_id": PAGE_ID,
    "title": "Test Game",
    "contentType": "game",
    "htmlContent": "<p>",
    "userRequest": "",
    "isAiGenerated": True,
    "createdBy": USER,
    "tenantId": TENANT,
    "tags": [],
}
DESCRIBED = {"applet_id": PAGE_ID, "title": "Test Game", "content_type": "game", "tags": []}
GONE = refusal(404, "Content not found")


async def test_create_html_applet_hands_the_action_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    As the strategy has it: the action is faked, the tool is real.
    """
    asked: list[tuple[object, ...]] = []

    async def create_html_generation(
        tenant_id: str,
        user_id: str,
        title: str,
        html_content: str,
        content_type: str = "app",
        user_request: str = "",
        source_note_id: str | None = None,
        tags: Sequence[str] | None = None,
        *,
        unique: bool = False,
        mesh: Mesh | None = None,
    ) -> HtmlGeneration:
        asked.append((tenant_id, user_id, title, html_content, content_type))
        asked.append((user_request, source_note_id, tags, unique, mesh))
        return APPLET

    monkeypatch.setattr(html_actions, "create_html_generation", create_html_generation)
    screen, callback = FakeForwarder(), FakeCallback()
    handler = html_tools.get_handlers(FakeBot(), {"instance": screen})["create_html_applet"]

    await handler(
        function_name="create_html_applet",
        tool_call_id="call-123",
        args={"title": "Test Game", "html_content": "<p>", "content_type": "game", "tags": ["fun"]},
        llm=None,
        context=None,
        result_callback=callback,
    )

    assert asked == [(TENANT, USER, "Test Game", "<p>", "game"), ("", None, ["fun"], True, None)]
    assert screen.sent == [("html.created", {**DESCRIBED, "html_content": "<p>"})]
    assert callback.results == [{"success": True, "message": "I made Test Game.", "applet": DESCRIBED}]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "title is missing; html_content is missing"),
        ({"title": "", "html_content": "<p>"}, "title is empty"),
        ({"title": "x", "html_content": "<p>", "content_type": "film"},
         "content_type must be one of: game, app, tool, interactive"),
        ({"title": "x", "html_content": "<p>", "tags": "fun"}, "tags must be a list of texts"),
    ],
)  # fmt: skip
async def test_what_cannot_be_made_is_not_sent(script: Script, args: dict[str, object], message: str) -> None:
    mesh, transport = await script()

    result = await saying(FakeBot(), mesh=mesh)("create_html_applet", **args)

    assert result == {"success": False, "message": f"I cannot do that: {message}."}
    assert transport.said == []


async def test_without_anything_to_change_one_asks_back(script: Script) -> None:
    mesh, transport = await script()

    result = await saying(FakeBot(), mesh=mesh)("update_html_applet", title="Pong")

    assert (result["message"], transport.said) == ("What shall I change about it?", [])


@pytest.mark.parametrize("tool", ["load_html_applet", "delete_html_applet"])
async def test_without_a_title_and_an_id_one_asks_back(script: Script, tool: str) -> None:
    mesh, transport = await script()

    result = await saying(FakeBot(), mesh=mesh)(tool)

    assert (result["message"], transport.said) == ("Which one do you mean? Please tell me its title.", [])


async def test_what_is_deleted_while_it_is_changed_is_said_to_be(script: Script) -> None:
    mesh, _ = await script(ok(APPLET), GONE, GONE)

    result = await saying(FakeBot(), mesh=mesh)("update_html_applet", applet_id=PAGE_ID, new_title="x")

    assert result == {"success": False, "message": "I could not find that. It may have been deleted."}


async def test_what_is_deleted_twice_is_said_to_be(script: Script) -> None:
    mesh, _ = await script(ok(APPLET), GONE)

    result = await saying(FakeBot(), mesh=mesh)("delete_html_applet", applet_id=PAGE_ID)

    assert result == {"success": False, "message": "Test Game was gone already."}
