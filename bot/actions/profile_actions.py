"""
What the bot knows about its users.

Profiles belong to the platform, not to a tenant: a user has one, whoever the host is. Those who are
anonymous have none, since it would be everybody's. Mesh merges the first level only, so metadata and
history are merged here; of two who change them at the same moment, the later one wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NotRequired, TypedDict, cast

from bot.actions.conditions import field_is
from bot.actions.emails import require_email, row_by_email
from bot.actions.ids import derived_id, is_id
from bot.actions.required import given, require_text
from bot.actions.rows import created_once, patched_or_none, row_or_none
from bot.errors import InvalidValueError
from bot.mesh import Content, Json, Mesh, use_mesh

_TYPE = "UserProfile"
_HISTORY = 100


class Reference(TypedDict):
    """
    What a moment in the history was about.
    """

    type: str
    id: str
    description: NotRequired[str]


class HistoryEntry(TypedDict):
    time: str
    action: str
    sessionId: str
    refIds: NotRequired[list[Reference]]


class ConversationSummary(TypedDict):
    summary: str
    sessionId: str
    timestamp: str
    assistantName: str
    participantCount: int
    durationSeconds: float


class VoiceChoice(TypedDict):
    """
    The voice that the user wants one personality to speak with.
    """

    personalityId: str
    name: str
    voiceProvider: str
    voiceId: str
    voiceParameters: NotRequired[dict[str, Json]]
    lastUpdated: NotRequired[str]


class UserProfile(TypedDict):
    """
    A profile, and what is known of the user besides: ``name`` and ``phone_number`` come from there.
    """

    page_id: str
    _id: str
    userId: str
    first_name: NotRequired[str]
    email: NotRequired[str]
    name: NotRequired[str]
    phone_number: NotRequired[str]
    metadata: dict[str, Json]
    onboardingComplete: NotRequired[bool]
    overlayDismissed: NotRequired[bool]
    sessionHistory: NotRequired[list[HistoryEntry]]
    lastConversationSummary: NotRequired[ConversationSummary]
    personalityVoiceConfig: NotRequired[VoiceChoice]


async def get_user_profile(user_id: str, *, mesh: Mesh | None = None) -> UserProfile | None:
    async with use_mesh(mesh) as opened:
        row = await _found(opened, _known(user_id))
        return None if row is None else await _profile(opened, row)


async def get_user_profile_by_email(email: str, *, mesh: Mesh | None = None) -> UserProfile | None:
    wanted = require_email(email)
    async with use_mesh(mesh) as opened:
        row = await row_by_email(opened, _TYPE, wanted)
        return None if row is None else await _profile(opened, row)


async def upsert_user_profile(
    user_id: str,
    *,
    first_name: str | None = None,
    email: str | None = None,
    metadata: Mapping[str, Json] | None = None,
    onboarding_complete: bool | None = None,
    overlay_dismissed: bool | None = None,
    mesh: Mesh | None = None,
) -> UserProfile:
    """
    The user's profile with what is given merged into it; created where there is none.

    Metadata that is there and not given stays; what is given is replaced key by key.
    """
    require_text(first_name=first_name)
    changes = given(
        first_name=first_name,
        email=None if email is None else require_email(email),
        metadata=metadata,
        onboardingComplete=onboarding_complete,
        overlayDismissed=overlay_dismissed,
    )
    if not changes:
        raise InvalidValueError("there is nothing to remember: no value is given")
    known = _known(user_id)
    async with use_mesh(mesh) as opened:
        row = await _found(opened, known)
        if row is None:
            row, changes = await _created(opened, known, changes)
        if changes:
            row = await opened.patch(_TYPE, str(row["_id"]), _merged(row, changes))
        return await _profile(opened, row)


async def delete_profile_metadata_keys(
    user_id: str, keys: Sequence[str], *, mesh: Mesh | None = None
) -> bool:
    """
    Forget these; False when the user has no profile, or none of them in it.
    """
    if not keys:
        raise InvalidValueError("there is nothing to forget: no key is given")
    async with use_mesh(mesh) as opened:
        row = await _found(opened, _known(user_id))
        kept = {name: value for name, value in _metadata(row or {}).items() if name not in keys}
        if row is None or kept == _metadata(row):
            return False
        return await _patch(opened, row, {"metadata": kept})


async def clear_profile_metadata(user_id: str, *, mesh: Mesh | None = None) -> bool:
    """
    Forget all metadata; False when the user has no profile.
    """
    return await _change(_known(user_id), {"metadata": {}}, mesh)


async def choose_voice(user_id: str, choice: VoiceChoice, *, mesh: Mesh | None = None) -> bool:
    """
    Remember which voice the user wants a personality to have; False when the user has no profile.
    """
    require_text(
        personalityId=choice["personalityId"],
        voiceProvider=choice["voiceProvider"],
        voiceId=choice["voiceId"],
    )
    return await _change(_known(user_id), {"personalityVoiceConfig": choice}, mesh)


async def add_session_history_entry(
    user_id: str,
    session_id: str,
    action: str,
    *,
    references: Sequence[Reference] = (),
    at: datetime | None = None,
    mesh: Mesh | None = None,
) -> bool:
    """
    Remember what the user did, newest first, a hundred things at most; False when there is no profile.
    """
    require_text(session_id=session_id, action=action)
    entry: HistoryEntry = {"time": _moment(at), "action": action, "sessionId": session_id}
    if references:
        entry["refIds"] = list(references)
    async with use_mesh(mesh) as opened:
        row = await _found(opened, _known(user_id))
        return row is not None and await _patch(opened, row, {"sessionHistory": _history(entry, row)})


async def save_conversation_summary(
    user_id: str,
    session_id: str,
    summary: str,
    assistant_name: str,
    *,
    participant_count: int = 1,
    duration_seconds: float = 0,
    at: datetime | None = None,
    mesh: Mesh | None = None,
) -> bool:
    """
    Remember what the last conversation was about; the one before it becomes a part of the history.

    False when the user has no profile.
    """
    require_text(session_id=session_id, summary=summary, assistant_name=assistant_name)
    last: ConversationSummary = {
        "summary": summary,
        "sessionId": session_id,
        "timestamp": _moment(at),
        "assistantName": assistant_name,
        "participantCount": participant_count,
        "durationSeconds": duration_seconds,
    }
    async with use_mesh(mesh) as opened:
        row = await _found(opened, _known(user_id))
        if row is None:
            return False
        changes: dict[str, object] = {"lastConversationSummary": last}
        if (previous := _as_history(row.get("lastConversationSummary"))) is not None:
            changes["sessionHistory"] = _history(previous, row)
        return await _patch(opened, row, changes)


async def _found(mesh: Mesh, user_id: str) -> Content | None:
    return await mesh.first(_TYPE, where=field_is("userId", user_id))


async def _created(mesh: Mesh, user_id: str, content: dict[str, object]) -> tuple[Content, dict[str, object]]:
    """
    The new row, and what is still to be merged into it: all of it, where somebody else was faster.
    """
    page_id = derived_id("profile", user_id)
    row, is_new = await created_once(mesh, _TYPE, page_id, {"userId": user_id, **content})
    return row, {} if is_new else content


def _merged(row: Content, changes: Mapping[str, object]) -> Mapping[str, object]:
    metadata = changes.get("metadata")
    if not isinstance(metadata, Mapping):
        return changes
    return {**changes, "metadata": {**_metadata(row), **metadata}}


async def _change(user_id: str, changes: Mapping[str, object], mesh: Mesh | None) -> bool:
    async with use_mesh(mesh) as opened:
        row = await _found(opened, user_id)
        return row is not None and await _patch(opened, row, changes)


async def _patch(mesh: Mesh, row: Content, changes: Mapping[str, object]) -> bool:
    return await patched_or_none(mesh, _TYPE, str(row["_id"]), changes) is not None


async def _profile(mesh: Mesh, row: Content) -> UserProfile:
    # Never all of the user's row: it holds what logging in needs.
    user = await row_or_none(mesh, "User", str(row.get("userId"))) or {}
    known = {name: user[name] for name in ("name", "phone_number") if name in user}
    metadata = {**_metadata(user), **_metadata(row)}
    return cast("UserProfile", {**known, **row, "metadata": metadata, "page_id": row["_id"]})


def _known(user_id: str) -> str:
    require_text(user_id=user_id)
    if user_id == "anonymous":
        raise InvalidValueError("who is anonymous has no profile")
    return user_id.lower() if is_id(user_id) else user_id


def _metadata(row: Content) -> dict[str, Json]:
    metadata = row.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _history(newest: HistoryEntry, row: Content) -> list[HistoryEntry]:
    kept = row.get("sessionHistory")
    entries = cast("list[HistoryEntry]", kept if isinstance(kept, list) else [])
    return [newest, *entries][:_HISTORY]


def _as_history(summary: Json) -> HistoryEntry | None:
    if not isinstance(summary, dict):
        return None
    session = str(summary.get("sessionId"))
    about: Reference = {"type": "summary", "id": session, "description": str(summary.get("summary"))}
    time = str(summary.get("timestamp"))
    return {"time": time, "action": "conversation", "sessionId": session, "refIds": [about]}


def _moment(at: datetime | None) -> str:
    return (at or datetime.now(UTC)).isoformat()
