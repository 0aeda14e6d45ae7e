"""The applets, as the LLM uses them, against a real Mesh."""

from __future__ import annotations

import pytest

from bot.actions import sharing_actions
from tests.fakes import FakeForwarder, Say

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


async def made(say: Say, title: str = "Pong") -> str:
    applet = (await say("create_html_applet", title=title, html_content="<p>", content_type="game"))["applet"]
    assert isinstance(applet, dict)
    return str(applet["applet_id"])


async def test_an_applet_is_made_shown_and_changed(say: Say, screen: FakeForwarder) -> None:
    applet_id = await made(say)

    loaded = await say("load_html_applet", title="pong")
    changed = await say("update_html_applet", title="pong", html_content="<b>", tags=["fun"])

    described = {"applet_id": applet_id, "title": "Pong", "content_type": "game", "tags": []}
    assert loaded == {"success": True, "message": "Here is Pong.", "applet": described}
    assert changed["message"] == "I changed Pong."
    assert screen.sent == [
        ("html.created", {**described, "html_content": "<p>"}),
        ("html.loaded", {**described, "html_content": "<p>"}),
        ("html.updated", {**described, "tags": ["fun"], "html_content": "<b>"}),
    ]


async def test_the_llm_reads_the_html_where_it_asks_for_it(say: Say) -> None:
    applet_id = await made(say)

    loaded = await say("load_html_applet", applet_id=applet_id, include_html=True)

    assert isinstance(loaded["applet"], dict)
    assert loaded["applet"]["html_content"] == "<p>"


async def test_a_second_applet_of_one_title_gets_a_number(say: Say) -> None:
    await made(say)

    second = await say("create_html_applet", title="Pong", html_content="<p>")

    assert second["message"] == "I made Pong 2."
    assert (await say("list_html_applets"))["message"] == "In your library there is: Pong, Pong 2."


async def test_a_deleted_applet_is_gone(say: Say, screen: FakeForwarder) -> None:
    await made(say)

    deleted = await say("delete_html_applet", title="pong")

    assert (deleted["message"], screen.sent[-1][0]) == ("I deleted Pong.", "html.deleted")
    assert await say("list_html_applets") == {
        "success": True,
        "message": "There is nothing in your library yet.",
        "applets": [],
    }


async def test_what_is_only_like_a_title_is_not_deleted(say: Say) -> None:
    await made(say, "Space Invaders")

    refused = await say("delete_html_applet", title="invaders")

    assert refused["message"] == "There is nothing called invaders. Did you mean Space Invaders?"


@pytest.mark.parametrize("tool", ["load_html_applet", "update_html_applet", "delete_html_applet"])
async def test_what_does_not_exist_is_not_found(say: Say, tool: str) -> None:
    args = {"new_title": "x"} if tool == "update_html_applet" else {}

    by_id = await say(tool, applet_id=NOBODYS_ID, **args)
    by_title = await say(tool, title="Pong", **args)

    assert by_id == {"success": False, "message": "I could not find that. It may have been deleted."}
    assert by_title == {"success": False, "message": "I could not find anything called Pong."}


async def test_what_is_shared_to_read_is_loaded_and_not_changed(
    say: Say, other_says: Say, tenant_id: str, user_id: str, other_user_id: str
) -> None:
    applet_id = await made(say)
    await sharing_actions.share_resource_with_user(
        tenant_id, user_id, "HtmlGeneration", applet_id, other_user_id
    )

    loaded = await other_says("load_html_applet", title="pong")
    changed = await other_says("update_html_applet", title="pong", new_title="Mine")
    deleted = await other_says("delete_html_applet", title="pong")

    assert loaded["success"] is True
    assert [each["message"] for each in (changed, deleted)] == [
        f"You are not allowed to {verb} this applet. Its owner could share it with you."
        for verb in ("change", "delete")
    ]


async def test_an_applet_without_html_is_not_made(say: Say) -> None:
    refused = await say("create_html_applet", title="Pong", html_content=" ")

    assert refused == {"success": False, "message": "I cannot do that: html_content is empty."}
    assert (await say("list_html_applets"))["applets"] == []


async def test_a_list_takes_nothing(say: Say) -> None:
    refused = await say("list_html_applets", user="Ann")

    assert refused == {"success": False, "message": "I cannot do that: list_html_applets takes no user."}
