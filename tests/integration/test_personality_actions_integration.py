"""The personality actions against a real Mesh: who there is, and how it sounds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.actions import personality_actions, profile_actions
from bot.actions.personality_actions import DEFAULT_VOICE
from bot.errors import InvalidValueError
from bot.mesh import Content, Mesh

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"

Born = Callable[..., Awaitable[str]]


async def stored(mesh: Mesh, content_type: str, row: Content) -> str:
    """
    The id of the row, which Mesh keeps as it was given.
    """
    created = await mesh.create(content_type, row)
    assert created == {**row, "_id": created["_id"]}
    return str(created["_id"])


@pytest.fixture
def born(mesh: Mesh, tenant_id: str) -> Born:
    """
    Makes a personality, which nobody does by speaking, and says its id.
    """

    async def create(name: str, *, tenant: str = tenant_id) -> str:
        prompt = f"You are {name}"
        row: Content = {"key": name.lower(), "name": name, "primaryPrompt": prompt, "tenantId": tenant}
        return await stored(mesh, "Personality", row)

    return create


@pytest.fixture
def summoned(mesh: Mesh, tenant_id: str, user_id: str) -> Born:
    async def create(name: str) -> str:
        row: Content = {
            "name": name,
            "description": "a fox",
            "originalRequest": "a fox",
            "primaryPrompt": f"You are {name}",
            "tenantId": tenant_id,
            "parent_id": user_id,
            "gifData": "R0lGODlh",
            "gifMimeType": "image/gif",
            "voiceProvider": "kokoro",
            "voiceId": "bf_emma",
            "voiceParameters": {"speed": 1.2},
        }
        return await stored(mesh, "Sprite", row)

    return create


async def test_a_tenant_has_its_own_personalities(tenant_id: str, other_tenant_id: str, born: Born) -> None:
    pearl, rex = await born("Pearl"), await born("Rex")
    theirs = await born("Theirs", tenant=other_tenant_id)

    listed = await personality_actions.list_personalities(tenant_id)
    listed_there = await personality_actions.list_personalities(other_tenant_id)

    assert [each["page_id"] for each in listed] == [pearl, rex]
    assert [each["page_id"] for each in listed_there] == [theirs]


async def test_a_list_goes_on_over_all_pages(tenant_id: str, born: Born) -> None:
    for name in ("A", "B", "C"):
        await born(name)

    listed = await personality_actions.list_personalities(tenant_id, page_size=2)

    assert [each["name"] for each in listed] == ["A", "B", "C"]


async def test_a_tenant_without_personalities_has_an_empty_list(tenant_id: str) -> None:
    assert await personality_actions.list_personalities(tenant_id) == []


async def test_a_personality_is_found_by_the_name_one_says(tenant_id: str, born: Born) -> None:
    pearl = await born("Pearl")

    found = await personality_actions.get_personality_by_name(tenant_id, " pearl")

    assert found == {
        "page_id": pearl,
        "_id": pearl,
        "kind": "personality",
        "key": "pearl",
        "name": "Pearl",
        "primaryPrompt": "You are Pearl",
        "tenantId": tenant_id,
    }
    assert await personality_actions.get_personality_by_id(tenant_id, pearl) == found


async def test_a_name_of_another_tenant_finds_nobody(
    tenant_id: str, other_tenant_id: str, born: Born
) -> None:
    rex = await born("Rex", tenant=other_tenant_id)

    assert await personality_actions.get_personality_by_name(tenant_id, "Rex") is None
    assert await personality_actions.get_personality_by_id(tenant_id, rex) is None


async def test_a_sprite_is_a_personality_without_its_picture(tenant_id: str, summoned: Born) -> None:
    fox = await summoned("Fox")

    found = await personality_actions.get_personality_by_id(tenant_id, fox)

    assert found is not None
    assert (found["kind"], found["name"], found["primaryPrompt"]) == ("sprite", "Fox", "You are Fox")
    assert not {"gifData", "gifMimeType"} & set(found)


async def test_who_does_not_exist_is_nobody_and_has_no_voice(tenant_id: str, user_id: str) -> None:
    assert await personality_actions.get_personality_by_id(tenant_id, NOBODYS_ID) is None
    assert await personality_actions.get_personality_voice(tenant_id, user_id, NOBODYS_ID) is None
    assert (
        await personality_actions.choose_personality_voice(tenant_id, user_id, NOBODYS_ID, "af_sky") is False
    )


async def test_who_has_no_voice_speaks_with_the_bots(tenant_id: str, user_id: str, born: Born) -> None:
    pearl = await born("Pearl")

    assert await personality_actions.get_personality_voice(tenant_id, user_id, pearl) == DEFAULT_VOICE


async def test_a_sprite_speaks_with_its_own_voice(tenant_id: str, user_id: str, summoned: Born) -> None:
    fox = await summoned("Fox")

    voice = await personality_actions.get_personality_voice(tenant_id, user_id, fox)

    assert voice == {"provider": "kokoro", "voice_id": "bf_emma", "parameters": {"speed": 1.2}}


async def test_a_user_hears_the_voice_that_user_chose(
    tenant_id: str, user_id: str, other_user_id: str, born: Born
) -> None:
    pearl, rex = await born("Pearl"), await born("Rex")
    await profile_actions.upsert_user_profile(user_id, first_name="Ann")

    chosen = await personality_actions.choose_personality_voice(tenant_id, user_id, pearl, "af_sky")

    voices = [
        await personality_actions.get_personality_voice(tenant_id, who, of)
        for who, of in ((user_id, pearl), (user_id, rex), (other_user_id, pearl), ("anonymous", pearl))
    ]
    assert chosen is True
    assert [voice and voice["voice_id"] for voice in voices] == ["af_sky", "af_heart", "af_heart", "af_heart"]


async def test_without_a_profile_no_choice_is_remembered(tenant_id: str, user_id: str, born: Born) -> None:
    pearl = await born("Pearl")

    assert await personality_actions.choose_personality_voice(tenant_id, user_id, pearl, "af_sky") is False


async def test_without_a_name_nobody_is_looked_for(tenant_id: str, born: Born) -> None:
    await born("Pearl")

    with pytest.raises(InvalidValueError, match="name is empty"):
        await personality_actions.get_personality_by_name(tenant_id, "")
