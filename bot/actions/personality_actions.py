"""Whom the bot can be: the personalities of a tenant, its users' sprites, and how they sound."""

from __future__ import annotations

from typing import Final, Literal, NotRequired, TypedDict, cast

from bot.actions.conditions import child_of
from bot.actions.ids import person, require_ids
from bot.actions.profile_actions import VoiceChoice, choose_voice, get_user_profile
from bot.actions.required import require_text
from bot.actions.rows import every_row, row_or_none, sorted_by
from bot.actions.titles import plain
from bot.mesh import Content, Json, Mesh, use_mesh


class Personality(TypedDict):
    """
    Who speaks; *kind* says whether the tenant made it or one of its users summoned it.
    """

    page_id: str
    _id: str
    kind: Literal["personality", "sprite"]
    name: NotRequired[str]
    primaryPrompt: str
    tenantId: str
    key: NotRequired[str]
    description: NotRequired[str]
    variables: NotRequired[list[str]]
    beats: NotRequired[list[dict[str, Json]]]
    voiceProvider: NotRequired[str]
    voiceId: NotRequired[str]
    voiceParameters: NotRequired[dict[str, Json]]


class Voice(TypedDict):
    provider: str
    voice_id: str
    parameters: dict[str, Json]


DEFAULT_VOICE: Final[Voice] = {"provider": "kokoro", "voice_id": "af_heart", "parameters": {}}


async def list_personalities(
    tenant_id: str, *, page_size: int = 50, mesh: Mesh | None = None
) -> list[Personality]:
    """
    Those of the tenant, sorted by name.
    """
    require_ids(tenant_id=tenant_id)
    async with use_mesh(mesh) as opened:
        rows = await every_row(opened, "Personality", child_of(tenant_id), page_size=page_size)
    return [_personality(row) for row in sorted_by("name", rows)]


async def get_personality_by_name(
    tenant_id: str, name: str, *, mesh: Mesh | None = None
) -> Personality | None:
    """
    The tenant's personality of this name, in capitals or not: names are heard. None when it has none.
    """
    require_text(name=name)
    listed = await list_personalities(tenant_id, mesh=mesh)
    return next((each for each in listed if plain(str(each.get("name") or "")) == plain(name)), None)


async def get_personality_by_id(
    tenant_id: str, personality_id: str, *, mesh: Mesh | None = None
) -> Personality | None:
    """
    The personality, or the sprite, or None when the tenant has neither with this id.
    """
    require_ids(tenant_id=tenant_id)
    async with use_mesh(mesh) as opened:
        if (row := await _of_tenant(opened, "Personality", personality_id, tenant_id)) is not None:
            return _personality(row)
        row = await _of_tenant(opened, "Sprite", personality_id, tenant_id)
        return None if row is None else _sprite(row)


async def get_personality_voice(
    tenant_id: str, user_id: str, personality_id: str, *, mesh: Mesh | None = None
) -> Voice | None:
    """
    The voice this user chose for it, else its own, else the bot's; None when there is no such personality.
    """
    listener = person(user_id)
    async with use_mesh(mesh) as opened:
        personality = await get_personality_by_id(tenant_id, personality_id, mesh=opened)
        if personality is None:
            return None
        chosen = None if user_id == "anonymous" else await _chosen(opened, listener, personality["page_id"])
    return chosen or _own(personality) or DEFAULT_VOICE


async def choose_personality_voice(
    tenant_id: str,
    user_id: str,
    personality_id: str,
    voice_id: str,
    *,
    provider: str = "kokoro",
    parameters: dict[str, Json] | None = None,
    mesh: Mesh | None = None,
) -> bool:
    """
    Remember the voice for this user; False when there is no such personality, or the user has no profile.
    """
    require_text(voice_id=voice_id, provider=provider)
    async with use_mesh(mesh) as opened:
        personality = await get_personality_by_id(tenant_id, personality_id, mesh=opened)
        if personality is None:
            return False
        choice: VoiceChoice = {
            "personalityId": personality["page_id"],
            # A name need not be there, and the choice must have one.
            "name": personality.get("name") or personality.get("key", ""),
            "voiceProvider": provider,
            "voiceId": voice_id,
        }
        if parameters:
            choice["voiceParameters"] = parameters
        return await choose_voice(user_id, choice, mesh=opened)


async def _of_tenant(mesh: Mesh, content_type: str, page_id: str, tenant_id: str) -> Content | None:
    # Both are types of the platform, of which Mesh shows every tenant all.
    row = await row_or_none(mesh, content_type, page_id)
    return row if row is not None and row.get("tenantId") == tenant_id else None


async def _chosen(mesh: Mesh, user_id: str, personality_id: str) -> Voice | None:
    profile = await get_user_profile(user_id, mesh=mesh)
    choice = None if profile is None else profile.get("personalityVoiceConfig")
    if not choice or choice["personalityId"] != personality_id:
        return None
    return _voice(choice["voiceProvider"], choice["voiceId"], choice.get("voiceParameters"))


def _own(personality: Personality) -> Voice | None:
    voice_id = personality.get("voiceId")
    if not voice_id:
        return None
    return _voice(personality.get("voiceProvider"), voice_id, personality.get("voiceParameters"))


def _voice(provider: str | None, voice_id: str, parameters: dict[str, Json] | None) -> Voice:
    return {
        "provider": provider or DEFAULT_VOICE["provider"],
        "voice_id": voice_id,
        "parameters": parameters or {},
    }


def _personality(row: Content) -> Personality:
    return cast("Personality", {**row, "kind": "personality", "page_id": row["_id"]})


def _sprite(row: Content) -> Personality:
    """
    A sprite in the form of a personality: without its picture, which is long and nothing to speak with.
    """
    left_out = {"gifData", "gifMimeType"}
    kept = {name: value for name, value in row.items() if name not in left_out}
    return cast("Personality", {**kept, "kind": "sprite", "page_id": row["_id"]})
