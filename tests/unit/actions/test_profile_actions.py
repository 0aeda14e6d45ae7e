"""Profile actions: what they refuse, what they send, what they make of the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from bot.actions import profile_actions
from bot.actions.ids import derived_id
from bot.actions.profile_actions import VoiceChoice, get_user_profile, upsert_user_profile
from bot.errors import InvalidValueError, MeshRejectedError
from bot.mesh import Mesh
from tests.fakes import PAGE_ID, USER, Script, ok, page, refusal

pytestmark = pytest.mark.asyncio

GONE = refusal(404, "Content not found")
ROW = {"_id": PAGE_ID, "userId": USER, "first_name": "Ann", "metadata": {"likes": "tea"}}
PROFILE = {**ROW, "page_id": PAGE_ID}
DERIVED = derived_id("profile", USER)
LOOKUP = (
    "GET",
    f'/api/content/UserProfile?where={{"indexer":{{"path":"userId","equals":"{USER}"}}}}&limit=1',
    None,
)
ITEM = f"/api/content/UserProfile/{PAGE_ID}"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VOICE: VoiceChoice = {
    "personalityId": PAGE_ID,
    "name": "Pearl",
    "voiceProvider": "kokoro",
    "voiceId": "af_sky",
}

Call = Callable[[Mesh], Awaitable[object]]

CHANGES: dict[str, Call] = {
    "keys": lambda mesh: profile_actions.delete_profile_metadata_keys(USER, ["likes"], mesh=mesh),
    "clear": lambda mesh: profile_actions.clear_profile_metadata(USER, mesh=mesh),
    "voice": lambda mesh: profile_actions.choose_voice(USER, VOICE, mesh=mesh),
    "history": lambda mesh: profile_actions.add_session_history_entry(
        USER, "s", "joined", at=NOON, mesh=mesh
    ),
    "summary": lambda mesh: profile_actions.save_conversation_summary(
        USER, "s", "tea", "Pearl", at=NOON, mesh=mesh
    ),
}
REFUSED: dict[str, tuple[Call, str]] = {
    "no user": (lambda mesh: get_user_profile(" ", mesh=mesh), "user_id is empty"),
    "anonymous": (lambda mesh: get_user_profile("anonymous", mesh=mesh), "who is anonymous has no profile"),
    "no address": (
        lambda mesh: profile_actions.get_user_profile_by_email("ann", mesh=mesh),
        "this is no email address: 'ann'",
    ),
    "a bad address": (
        lambda mesh: upsert_user_profile(USER, email="ann@home", mesh=mesh),
        "this is no email address: 'ann@home'",
    ),
    "no name": (lambda mesh: upsert_user_profile(USER, first_name="", mesh=mesh), "first_name is empty"),
    "nothing": (
        lambda mesh: upsert_user_profile(USER, mesh=mesh),
        "there is nothing to remember: no value is given",
    ),
    "no keys": (
        lambda mesh: profile_actions.delete_profile_metadata_keys(USER, [], mesh=mesh),
        "there is nothing to forget: no key is given",
    ),
    "no voice": (
        lambda mesh: profile_actions.choose_voice(USER, {**VOICE, "voiceId": ""}, mesh=mesh),
        "voiceId is empty",
    ),
    "no session": (
        lambda mesh: profile_actions.add_session_history_entry(USER, "", "joined", mesh=mesh),
        "session_id is empty",
    ),
    "no action": (
        lambda mesh: profile_actions.add_session_history_entry(USER, "s", "", mesh=mesh),
        "action is empty",
    ),
    "no summary": (
        lambda mesh: profile_actions.save_conversation_summary(USER, "s", "", "Pearl", mesh=mesh),
        "summary is empty",
    ),
    "no assistant": (
        lambda mesh: profile_actions.save_conversation_summary(USER, "s", "tea", "", mesh=mesh),
        "assistant_name is empty",
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
async def test_what_cannot_be_done_is_refused_and_nothing_is_sent(script: Script, reason: str) -> None:
    call, problem = REFUSED[reason]
    mesh, transport = await script()

    with pytest.raises(InvalidValueError) as caught:
        await call(mesh)

    assert (str(caught.value), transport.said) == (problem, [])


async def test_a_profile_is_looked_up_and_its_user_too(script: Script) -> None:
    mesh, transport = await script(page(ROW), ok({"_id": USER, "name": "Ann B", "password_hash": "x"}))

    assert await get_user_profile(USER.upper(), mesh=mesh) == {**PROFILE, "name": "Ann B"}
    assert transport.said == [LOOKUP, ("GET", f"/api/content/User/{USER}", None)]


async def test_a_user_whose_id_is_none_of_meshs_has_no_user_row(script: Script) -> None:
    mesh, transport = await script(page({"_id": PAGE_ID, "userId": "guest-7"}))

    profile = await get_user_profile("guest-7", mesh=mesh)

    assert profile == {"_id": PAGE_ID, "page_id": PAGE_ID, "userId": "guest-7", "metadata": {}}
    assert len(transport.said) == 1


async def test_a_new_profile_gets_the_id_that_follows_from_its_user(script: Script) -> None:
    created = ok({**ROW, "_id": DERIVED})
    mesh, transport = await script(page(), GONE, created, created, GONE)

    await upsert_user_profile(USER, first_name="Ann", onboarding_complete=False, mesh=mesh)

    content = {"_id": DERIVED, "userId": USER, "first_name": "Ann", "onboardingComplete": False}
    assert transport.said[1:4] == [
        ("GET", f"/api/content/UserProfile/{DERIVED}", None),
        ("POST", "/api/content/UserProfile", {"content": content}),
        ("GET", f"/api/content/UserProfile/{DERIVED}", None),
    ]


async def test_who_comes_second_merges_into_what_the_first_created(script: Script) -> None:
    taken = refusal(409, "Content already exists", "DUPLICATE_ID")
    theirs = ok({**ROW, "_id": DERIVED})
    mesh, transport = await script(page(), GONE, taken, theirs, theirs, GONE)

    await upsert_user_profile(USER, metadata={"a": 1}, mesh=mesh)

    merged = {"content": {"metadata": {"likes": "tea", "a": 1}}}
    assert transport.said[4] == ("PATCH", f"/api/content/UserProfile/{DERIVED}", merged)


async def test_who_comes_second_where_no_id_is_refused_merges_too(script: Script) -> None:
    """
    Such a Mesh creates a second row, and reads back the first.
    """
    theirs = ok({**ROW, "_id": DERIVED})
    mine = ok({"_id": DERIVED, "userId": USER, "metadata": {"a": 1}})
    mesh, transport = await script(page(), GONE, mine, theirs, theirs, GONE)

    await upsert_user_profile(USER, metadata={"a": 1}, mesh=mesh)

    merged = {"content": {"metadata": {"likes": "tea", "a": 1}}}
    assert transport.said[4] == ("PATCH", f"/api/content/UserProfile/{DERIVED}", merged)


async def test_a_profile_that_its_user_does_not_lead_to_is_not_created_twice(script: Script) -> None:
    nobodys = ok({"_id": DERIVED, "metadata": {"likes": "tea"}})
    mesh, transport = await script(page(), nobodys, nobodys)

    await upsert_user_profile(USER, metadata={"a": 1}, mesh=mesh)

    assert [method for method, *_ in transport.said] == ["GET", "GET", "PATCH"]


async def test_metadata_in_the_place_of_something_else_replaces_it(script: Script) -> None:
    mesh, transport = await script(page({**ROW, "metadata": "none"}), ok(ROW), GONE)

    await upsert_user_profile(USER, metadata={"a": 1}, mesh=mesh)

    assert transport.said[1] == ("PATCH", ITEM, {"content": {"metadata": {"a": 1}}})


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_patches_what_was_found(script: Script, change: str) -> None:
    mesh, transport = await script(page(ROW), ok(ROW))

    assert await CHANGES[change](mesh) is True
    assert (transport.said[0], transport.said[1][:2]) == (LOOKUP, ("PATCH", ITEM))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("answers", [[page()], [page(ROW), GONE]], ids=["before", "meanwhile"])
async def test_without_a_profile_nothing_is_changed(
    script: Script, change: str, answers: list[object]
) -> None:
    mesh, _ = await script(*answers)

    assert await CHANGES[change](mesh) is False


@pytest.mark.parametrize("change", CHANGES)
async def test_another_refusal_is_the_callers_to_know(script: Script, change: str) -> None:
    mesh, _ = await script(page(ROW), refusal(500, "Update failed", "CONTENT_UPDATE_FAIL"))

    with pytest.raises(MeshRejectedError):
        await CHANGES[change](mesh)


async def test_keys_that_are_not_there_need_no_change(script: Script) -> None:
    mesh, transport = await script(page(ROW))

    assert await profile_actions.delete_profile_metadata_keys(USER, ["shoes"], mesh=mesh) is False
    assert len(transport.said) == 1


async def test_the_history_forgets_what_was_a_hundred_entries_ago(script: Script) -> None:
    history = [{"action": str(number)} for number in range(100)]
    mesh, transport = await script(page({**ROW, "sessionHistory": history}), ok(ROW))

    await profile_actions.add_session_history_entry(USER, "s", "joined", at=NOON, mesh=mesh)

    newest = {"time": "2026-01-01T12:00:00+00:00", "action": "joined", "sessionId": "s"}
    assert transport.said[1][2] == {"content": {"sessionHistory": [newest, *history[:99]]}}


async def test_without_a_time_it_is_now(script: Script) -> None:
    mesh, transport = await script(page(ROW), ok(ROW))
    before = datetime.now(UTC)

    await profile_actions.add_session_history_entry(USER, "s", "joined", mesh=mesh)

    sent = transport.requests[1].content.decode().split('"time":"')[1].split('"')[0]
    assert before <= datetime.fromisoformat(sent) <= datetime.now(UTC)


async def test_what_is_no_metadata_leaves_the_metadata_alone(script: Script) -> None:
    mesh, transport = await script(page(ROW), ok(ROW), GONE)

    await upsert_user_profile(USER, first_name="Anna", mesh=mesh)

    assert transport.said[1] == ("PATCH", ITEM, {"content": {"first_name": "Anna"}})


async def test_a_summary_after_none_leaves_the_history_alone(script: Script) -> None:
    mesh, transport = await script(page(ROW), ok(ROW))

    await profile_actions.save_conversation_summary(
        USER, "s", "tea", "Pearl", participant_count=2, duration_seconds=1.5, at=NOON, mesh=mesh
    )

    last = {
        "summary": "tea",
        "sessionId": "s",
        "timestamp": "2026-01-01T12:00:00+00:00",
        "assistantName": "Pearl",
        "participantCount": 2,
        "durationSeconds": 1.5,
    }
    assert transport.said[1] == ("PATCH", ITEM, {"content": {"lastConversationSummary": last}})
