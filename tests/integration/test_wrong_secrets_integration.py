"""Every action and every tool against a Mesh that does not let them in: none of them keeps it to itself."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from types import ModuleType

import pytest
import pytest_asyncio

from bot.actions import (
    html_actions,
    notes_actions,
    personality_actions,
    profile_actions,
    sharing_actions,
)
from bot.actions.access import Access
from bot.errors import MeshRejectedError
from bot.mesh import Mesh, open_mesh
from bot.settings import read_settings
from bot.tools.registry import discover_tools
from tests.fakes import FakeBot, FakeForwarder, saying

TENANT = "11111111-1111-4111-8111-111111111111"
USER = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER = "aaaaaaaa-0000-4000-8000-000000000002"
THING = "e5a57335-1397-4b7b-9fc9-454090b06dc2"
EMAIL = "ann@x.test"
VOICE: profile_actions.VoiceChoice = {
    "personalityId": THING,
    "name": "Pearl",
    "voiceProvider": "kokoro",
    "voiceId": "af_sky",
}

html, notes, people, profiles, sharing = (
    html_actions,
    notes_actions,
    personality_actions,
    profile_actions,
    sharing_actions,
)

ACTIONS: dict[str, Callable[[Mesh], Awaitable[object]]] = {
    "create_html_generation": lambda mesh: html.create_html_generation(TENANT, USER, "x", "<p>", mesh=mesh),
    "make_unique_title": lambda mesh: html.make_unique_title(TENANT, USER, "x", mesh=mesh),
    "get_html_generation_by_id": lambda mesh: html.get_html_generation_by_id(TENANT, THING, mesh=mesh),
    "update_html_generation": lambda mesh: html.update_html_generation(TENANT, THING, "x", mesh=mesh),
    "delete_html_generation": lambda mesh: html.delete_html_generation(TENANT, THING, mesh=mesh),
    "list_html_generations": lambda mesh: html.list_html_generations(TENANT, USER, mesh=mesh),
    "fuzzy_search_html_generations": lambda mesh: html.fuzzy_search_html_generations(TENANT, "x", mesh=mesh),
    "list_html_library": lambda mesh: html.list_html_library(TENANT, USER, mesh=mesh),
    "fuzzy_search_html_library": lambda mesh: html.fuzzy_search_html_library(TENANT, USER, "x", mesh=mesh),
    "create_note": lambda mesh: notes.create_note(TENANT, USER, "x", mesh=mesh),
    "list_notes": lambda mesh: notes.list_notes(TENANT, USER, mesh=mesh),
    "fuzzy_search_notes": lambda mesh: notes.fuzzy_search_notes(TENANT, USER, "x", mesh=mesh),
    "get_note_by_id": lambda mesh: notes.get_note_by_id(TENANT, USER, THING, mesh=mesh),
    "update_note_content": lambda mesh: notes.update_note_content(TENANT, USER, THING, "x", mesh=mesh),
    "append_to_note": lambda mesh: notes.append_to_note(TENANT, USER, THING, "x", mesh=mesh),
    "update_note_title": lambda mesh: notes.update_note_title(TENANT, USER, THING, "x", mesh=mesh),
    "update_note_mode": lambda mesh: notes.update_note_mode(TENANT, USER, THING, "work", mesh=mesh),
    "delete_note": lambda mesh: notes.delete_note(TENANT, USER, THING, mesh=mesh),
    "list_personalities": lambda mesh: people.list_personalities(TENANT, mesh=mesh),
    "get_personality_by_name": lambda mesh: people.get_personality_by_name(TENANT, "x", mesh=mesh),
    "get_personality_by_id": lambda mesh: people.get_personality_by_id(TENANT, THING, mesh=mesh),
    "get_personality_voice": lambda mesh: people.get_personality_voice(TENANT, USER, THING, mesh=mesh),
    "choose_personality_voice": lambda mesh: people.choose_personality_voice(
        TENANT, USER, THING, "af_sky", mesh=mesh
    ),
    "get_user_profile": lambda mesh: profiles.get_user_profile(USER, mesh=mesh),
    "get_user_profile_by_email": lambda mesh: profiles.get_user_profile_by_email(EMAIL, mesh=mesh),
    "upsert_user_profile": lambda mesh: profiles.upsert_user_profile(USER, first_name="Ann", mesh=mesh),
    "delete_profile_metadata_keys": lambda mesh: profiles.delete_profile_metadata_keys(
        USER, ["x"], mesh=mesh
    ),
    "clear_profile_metadata": lambda mesh: profiles.clear_profile_metadata(USER, mesh=mesh),
    "choose_voice": lambda mesh: profiles.choose_voice(USER, VOICE, mesh=mesh),
    "add_session_history_entry": lambda mesh: profiles.add_session_history_entry(USER, "s", "x", mesh=mesh),
    "save_conversation_summary": lambda mesh: profiles.save_conversation_summary(
        USER, "s", "x", "Pearl", mesh=mesh
    ),
    "share_resource_with_user": lambda mesh: sharing.share_resource_with_user(
        TENANT, USER, "Notes", THING, OTHER, mesh=mesh
    ),
    "unshare_resource_with_user": lambda mesh: sharing.unshare_resource_with_user(
        TENANT, USER, "Notes", THING, OTHER, mesh=mesh
    ),
    "get_resource_access": lambda mesh: sharing.get_resource_access(TENANT, USER, "Notes", THING, mesh=mesh),
    "check_resource_permission": lambda mesh: sharing.check_resource_permission(
        TENANT, USER, "Notes", THING, Access.READ, mesh=mesh
    ),
    "list_shared_resources": lambda mesh: sharing.list_shared_resources(TENANT, USER, mesh=mesh),
    "get_user_by_id": lambda mesh: sharing.get_user_by_id(USER, mesh=mesh),
    "get_or_create_user_by_email": lambda mesh: sharing.get_or_create_user_by_email(EMAIL, mesh=mesh),
}

TOOLS: dict[str, dict[str, object]] = {
    "append_to_note": {"title": "x", "text": "x"},
    "change_note_mode": {"title": "x", "mode": "work"},
    "create_html_applet": {"title": "x", "html_content": "<p>"},
    "create_note": {"title": "x"},
    "delete_html_applet": {"title": "x"},
    "delete_note": {"title": "x"},
    "forget_user_facts": {"keys": ["x"]},
    "get_user_profile": {},
    "list_html_applets": {},
    "list_notes": {},
    "load_html_applet": {"title": "x"},
    "read_note": {"title": "x"},
    "rename_note": {"title": "x", "new_title": "y"},
    "replace_note": {"title": "x", "content": "y"},
    "update_html_applet": {"title": "x", "new_title": "y"},
    "update_user_profile": {"first_name": "Ann"},
}


@pytest_asyncio.fixture
async def closed_mesh(vcr: object) -> AsyncIterator[Mesh]:
    """
    Mesh, with secrets that are not its own.
    """
    del vcr  # asked for so that the settings point to the recorded Mesh
    async with open_mesh(replace(read_settings(), mesh_secret="wrong", bot_control_secret="wrong")) as opened:
        yield opened


@pytest.mark.needs_mesh(to="enforce secrets")
@pytest.mark.vcr
@pytest.mark.asyncio
@pytest.mark.parametrize("action", ACTIONS)
async def test_an_action_raises_what_mesh_refuses(closed_mesh: Mesh, action: str) -> None:
    with pytest.raises(MeshRejectedError) as caught:
        await ACTIONS[action](closed_mesh)

    refusal = (caught.value.status, caught.value.code, caught.value.message)
    assert refusal == (401, "UNAUTHORIZED", "Unauthorized: missing or invalid secret")


@pytest.mark.needs_mesh(to="enforce secrets")
@pytest.mark.vcr
@pytest.mark.asyncio
@pytest.mark.parametrize("tool", TOOLS)
async def test_a_tool_says_that_it_was_refused_and_shows_nothing(
    closed_mesh: Mesh, tool: str, caplog: pytest.LogCaptureFixture
) -> None:
    screen = FakeForwarder()

    result = await saying(FakeBot(TENANT, USER), screen, mesh=closed_mesh)(tool, **TOOLS[tool])

    assert result == {"success": False, "message": "The place where things are kept did not accept that."}
    assert screen.sent == []
    assert "Mesh refused, 401 UNAUTHORIZED: Unauthorized: missing or invalid secret (are" in caplog.text


def test_no_action_and_no_tool_is_left_out() -> None:
    modules = (html_actions, notes_actions, personality_actions, profile_actions, sharing_actions)

    assert sorted(ACTIONS) == sorted(name for module in modules for name in actions_of(module))
    assert sorted(TOOLS) == [tool.name for tool in discover_tools()]


def actions_of(module: ModuleType) -> list[str]:
    """
    What the module itself offers, and not what it uses.
    """
    functions = inspect.getmembers(module, inspect.iscoroutinefunction)
    return [
        name
        for name, function in functions
        if not name.startswith("_") and function.__module__ == module.__name__
    ]
