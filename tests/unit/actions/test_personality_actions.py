"""Personality actions: what they refuse, what they send, what they make of the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.actions.personality_actions import (
    DEFAULT_VOICE,
    choose_personality_voice,
    get_personality_by_id,
    get_personality_by_name,
    get_personality_voice,
    list_personalities,
)
from bot.errors import InvalidValueError, MeshRejectedError
from bot.mesh import Mesh
from tests.fakes import PAGE_ID, TENANT, USER, Script, ok, page, refusal

pytestmark = pytest.mark.asyncio

GONE = refusal(404, "Content not found")
ROW = {"_id": PAGE_ID, "key": "pearl", "name": "Pearl", "primaryPrompt": "You are Pearl", "tenantId": TENANT}
PEARL = {**ROW, "page_id": PAGE_ID, "kind": "personality"}
CHOICE = {"personalityId": PAGE_ID, "name": "Pearl", "voiceProvider": "kokoro", "voiceId": "af_sky"}

Call = Callable[[Mesh], Awaitable[object]]

REFUSED: dict[str, tuple[Call, str]] = {
    "no tenant to list": (
        lambda mesh: list_personalities("any", mesh=mesh),
        "tenant_id is not a UUID: 'any'",
    ),
    "no tenant": (lambda mesh: get_personality_by_id("", PAGE_ID, mesh=mesh), "tenant_id is not a UUID: ''"),
    "no name": (lambda mesh: get_personality_by_name(TENANT, " ", mesh=mesh), "name is empty"),
    "no user": (
        lambda mesh: get_personality_voice(TENANT, "ann", PAGE_ID, mesh=mesh),
        "user_id is not a UUID: 'ann'",
    ),
    "no voice": (
        lambda mesh: choose_personality_voice(TENANT, USER, PAGE_ID, "", mesh=mesh),
        "voice_id is empty",
    ),
    "no provider": (
        lambda mesh: choose_personality_voice(TENANT, USER, PAGE_ID, "af_sky", provider="", mesh=mesh),
        "provider is empty",
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
async def test_what_cannot_be_asked_is_refused_and_nothing_is_sent(script: Script, reason: str) -> None:
    call, problem = REFUSED[reason]
    mesh, transport = await script()

    with pytest.raises(InvalidValueError) as caught:
        await call(mesh)

    assert (str(caught.value), transport.said) == (problem, [])


async def test_the_list_is_the_tenants(script: Script) -> None:
    mesh, transport = await script(page(ROW))

    assert await list_personalities(TENANT, mesh=mesh) == [PEARL]
    where = f'{{"parent_id":{{"eq":"{TENANT}"}}}}'
    assert transport.said == [("GET", f"/api/content/Personality?where={where}&limit=50&offset=0", None)]


async def test_who_has_no_name_is_found_by_none(script: Script) -> None:
    mesh, _ = await script(page({"_id": "1", "key": "x"}, {"_id": "2", "name": None}, ROW))

    assert await get_personality_by_name(TENANT, "PEARL", mesh=mesh) == PEARL


async def test_who_is_no_personality_may_be_a_sprite(script: Script) -> None:
    mesh, transport = await script(GONE, ok({**ROW, "gifData": "R0lGODlh"}))

    found = await get_personality_by_id(TENANT, PAGE_ID, mesh=mesh)

    assert found == {**PEARL, "kind": "sprite"}
    assert [address for _, address, _ in transport.said] == [
        f"/api/content/Personality/{PAGE_ID}",
        f"/api/content/Sprite/{PAGE_ID}",
    ]


async def test_what_is_no_id_is_nobodys_and_nothing_is_sent(script: Script) -> None:
    mesh, transport = await script()

    assert (await get_personality_by_id(TENANT, "pearl", mesh=mesh), transport.said) == (None, [])


async def test_an_error_is_the_callers_to_know(script: Script) -> None:
    mesh, _ = await script(refusal(500, "Internal error"))

    with pytest.raises(MeshRejectedError):
        await get_personality_voice(TENANT, USER, PAGE_ID, mesh=mesh)


async def test_a_voice_without_a_provider_is_the_bots_providers(script: Script) -> None:
    mesh, _ = await script(GONE, ok({**ROW, "voiceId": "bf_emma"}), page())

    voice = await get_personality_voice(TENANT, USER, PAGE_ID, mesh=mesh)

    assert voice == {**DEFAULT_VOICE, "voice_id": "bf_emma"}


async def test_a_choice_is_sent_to_the_profile(script: Script) -> None:
    profile = {"_id": USER, "userId": USER}
    mesh, transport = await script(ok(ROW), page(profile), ok(profile))

    await choose_personality_voice(TENANT, USER, PAGE_ID, "af_sky", parameters={"speed": 2}, mesh=mesh)

    choice = {**CHOICE, "voiceParameters": {"speed": 2}}
    assert transport.said[2] == (
        "PATCH",
        f"/api/content/UserProfile/{USER}",
        {"content": {"personalityVoiceConfig": choice}},
    )


async def test_a_choice_of_a_personality_without_a_name_has_its_key(script: Script) -> None:
    """
    Mesh's definition requires the key of a personality, and not its name.
    """
    profile = {"_id": USER, "userId": USER}
    nameless = {name: value for name, value in ROW.items() if name != "name"}
    mesh, transport = await script(ok(nameless), page(profile), ok(profile))

    await choose_personality_voice(TENANT, USER, PAGE_ID, "af_sky", mesh=mesh)

    assert transport.said[2][2] == {"content": {"personalityVoiceConfig": {**CHOICE, "name": "pearl"}}}


async def test_who_is_anonymous_chooses_nothing(script: Script) -> None:
    mesh, _ = await script(ok(ROW))

    with pytest.raises(InvalidValueError, match="who is anonymous has no profile"):
        await choose_personality_voice(TENANT, "anonymous", PAGE_ID, "af_sky", mesh=mesh)
