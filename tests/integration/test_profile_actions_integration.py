"""The profile actions against a real Mesh: what is remembered of a user, merged and forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

import pytest

from bot.actions import profile_actions
from bot.actions.conditions import field_is
from bot.actions.ids import ANONYMOUS
from bot.errors import InvalidValueError
from bot.mesh import Mesh

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def email(user_id: str) -> str:
    """
    Profiles belong to no tenant, so each test has an address of its own.
    """
    return f"ann.{uuid5(NAMESPACE_URL, user_id).hex[:8]}@x.test"


async def test_the_first_fact_creates_the_profile(user_id: str, email: str) -> None:
    created = await profile_actions.upsert_user_profile(
        user_id, first_name="Ann", email=email, metadata={"likes": "tea"}
    )

    assert await profile_actions.get_user_profile(user_id) == created
    assert created == {
        "_id": created["page_id"],
        "page_id": created["_id"],
        "userId": user_id,
        "first_name": "Ann",
        "email": email,
        "metadata": {"likes": "tea"},
    }


async def test_a_later_fact_is_merged_into_it(user_id: str, email: str) -> None:
    first = await profile_actions.upsert_user_profile(user_id, email=email, metadata={"likes": "tea", "a": 1})

    merged = await profile_actions.upsert_user_profile(
        user_id, first_name="Anna", metadata={"likes": "coffee"}, overlay_dismissed=True
    )

    assert merged == {
        **first,
        "first_name": "Anna",
        "overlayDismissed": True,
        "metadata": {"likes": "coffee", "a": 1},
    }


async def test_a_profile_is_found_by_any_spelling_of_the_address(user_id: str, email: str) -> None:
    created = await profile_actions.upsert_user_profile(user_id, email=email.upper())

    assert created.get("email") == email
    assert await profile_actions.get_user_profile_by_email(f" {email.title()} ") == created


async def test_an_address_that_contains_another_is_not_it(
    user_id: str, other_user_id: str, email: str
) -> None:
    await profile_actions.upsert_user_profile(user_id, email=f"jo{email}")
    ann = await profile_actions.upsert_user_profile(other_user_id, email=email)

    assert await profile_actions.get_user_profile_by_email(email) == ann


async def test_whom_nobody_knows_has_no_profile(user_id: str, email: str) -> None:
    assert await profile_actions.get_user_profile(user_id) is None
    assert await profile_actions.get_user_profile_by_email(email) is None
    assert await profile_actions.delete_profile_metadata_keys(user_id, ["likes"]) is False
    assert await profile_actions.clear_profile_metadata(user_id) is False
    assert await profile_actions.add_session_history_entry(user_id, "s", "joined", at=NOON) is False
    assert await profile_actions.save_conversation_summary(user_id, "s", "tea", "Pearl", at=NOON) is False


async def test_two_users_have_two_profiles(user_id: str, other_user_id: str) -> None:
    await profile_actions.upsert_user_profile(user_id, first_name="Ann")
    await profile_actions.upsert_user_profile(other_user_id, first_name="Bob")

    ann = await profile_actions.get_user_profile(user_id)
    bob = await profile_actions.get_user_profile(other_user_id)

    assert ann is not None
    assert bob is not None
    assert (ann.get("first_name"), bob.get("first_name")) == ("Ann", "Bob")


async def test_what_the_user_row_knows_is_added_and_not_its_password(user_id: str, mesh: Mesh) -> None:
    secret = {"password_hash": "x", "metadata": {"city": "Bonn", "likes": "cake"}}
    await mesh.create("User", {"_id": user_id, "name": "Ann B", "phone_number": "+49", **secret})

    profile = await profile_actions.upsert_user_profile(user_id, metadata={"likes": "tea"})

    assert (profile.get("name"), profile.get("phone_number")) == ("Ann B", "+49")
    assert profile["metadata"] == {"city": "Bonn", "likes": "tea"}
    assert "password_hash" not in profile


async def test_what_the_user_row_knows_is_not_copied_into_the_profile(user_id: str, mesh: Mesh) -> None:
    await mesh.create("User", {"_id": user_id, "name": "Ann B", "metadata": {"city": "Bonn"}})
    await profile_actions.upsert_user_profile(user_id, metadata={"likes": "tea"})

    await profile_actions.upsert_user_profile(user_id, metadata={"a": 1})

    stored = await mesh.first("UserProfile", where=field_is("userId", user_id))
    assert stored is not None
    assert (stored["metadata"], "name" in stored) == ({"likes": "tea", "a": 1}, False)


async def test_deleted_keys_are_forgotten_and_the_others_kept(user_id: str) -> None:
    await profile_actions.upsert_user_profile(user_id, metadata={"likes": "tea", "city": "Bonn"})

    first = await profile_actions.delete_profile_metadata_keys(user_id, ["likes", "shoes"])
    second = await profile_actions.delete_profile_metadata_keys(user_id, ["likes", "shoes"])

    profile = await profile_actions.get_user_profile(user_id)
    assert (first, second) == (True, False)
    assert profile is not None
    assert profile["metadata"] == {"city": "Bonn"}


async def test_cleared_metadata_is_gone_and_the_rest_stays(user_id: str) -> None:
    profile = await profile_actions.upsert_user_profile(user_id, first_name="Ann", metadata={"likes": "tea"})

    cleared = await profile_actions.clear_profile_metadata(user_id)

    assert cleared is True
    assert await profile_actions.get_user_profile(user_id) == {**profile, "metadata": {}}


async def test_the_history_has_the_newest_first(user_id: str) -> None:
    await profile_actions.upsert_user_profile(user_id, first_name="Ann")
    note: profile_actions.Reference = {"type": "note", "id": "n"}
    await profile_actions.add_session_history_entry(user_id, "s1", "joined", at=NOON)
    await profile_actions.add_session_history_entry(user_id, "s1", "wrote", references=[note], at=NOON)

    profile = await profile_actions.get_user_profile(user_id)

    time = "2026-01-01T12:00:00+00:00"
    assert profile is not None
    assert profile.get("sessionHistory") == [
        {"time": time, "action": "wrote", "sessionId": "s1", "refIds": [note]},
        {"time": time, "action": "joined", "sessionId": "s1"},
    ]


async def test_the_last_summary_moves_the_one_before_it_into_the_history(user_id: str) -> None:
    await profile_actions.upsert_user_profile(user_id, first_name="Ann")
    await profile_actions.save_conversation_summary(user_id, "s1", "tea", "Pearl", at=NOON)
    await profile_actions.save_conversation_summary(user_id, "s2", "cake", "Pearl", at=NOON)

    profile = await profile_actions.get_user_profile(user_id)

    time = "2026-01-01T12:00:00+00:00"
    about = {"type": "summary", "id": "s1", "description": "tea"}
    assert profile is not None
    assert profile.get("lastConversationSummary", {}).get("summary") == "cake"
    assert profile.get("sessionHistory") == [
        {"time": time, "action": "conversation", "sessionId": "s1", "refIds": [about]}
    ]


async def test_who_is_anonymous_is_not_remembered(mesh: Mesh) -> None:
    with pytest.raises(InvalidValueError, match="who is anonymous has no profile"):
        await profile_actions.upsert_user_profile("anonymous", first_name="Ann", mesh=mesh)

    for anybody in ("anonymous", ANONYMOUS):
        assert await mesh.first("UserProfile", where=field_is("userId", anybody)) is None
