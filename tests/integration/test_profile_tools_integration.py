"""What is known of the user, as the LLM uses it, against a real Mesh."""

from __future__ import annotations

import pytest

from tests.fakes import FakeBot, FakeForwarder, Say, saying

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]


async def test_what_the_user_says_is_remembered(say: Say, screen: FakeForwarder) -> None:
    updated = await say("update_user_profile", first_name="Ann", facts={"likes": "tea"})

    known = await say("get_user_profile")

    profile = {"first_name": "Ann", "facts": {"likes": "tea"}}
    assert updated == {"success": True, "message": "I will remember that.", "profile": profile}
    assert known == {"success": True, "message": "This is what I know about you.", "profile": profile}
    assert screen.sent == [("profile.updated", profile)]


async def test_what_the_user_wants_forgotten_is_forgotten(say: Say, screen: FakeForwarder) -> None:
    await say("update_user_profile", facts={"likes": "tea", "city": "Bonn"})

    forgotten = await say("forget_user_facts", keys=["likes"])

    assert forgotten == {"success": True, "message": "I forgot it.", "forgotten": ["likes"]}
    assert (await say("get_user_profile"))["profile"] == {"facts": {"city": "Bonn"}}
    assert screen.sent[-1] == ("profile.updated", {"forgotten": ["likes"]})


async def test_of_a_stranger_nothing_is_known(say: Say) -> None:
    known = await say("get_user_profile")
    forgotten = await say("forget_user_facts", keys=["likes"])

    assert known == {"success": True, "message": "I do not know anything about you yet.", "profile": {}}
    assert forgotten == {"success": False, "message": "I did not know that about you anyway."}


async def test_what_is_no_address_is_not_remembered(say: Say) -> None:
    refused = await say("update_user_profile", email="ann")

    assert refused == {"success": False, "message": "I cannot do that: this is no email address: 'ann'."}
    assert (await say("get_user_profile"))["profile"] == {}


async def test_who_has_not_signed_in_is_not_remembered(tenant_id: str) -> None:
    anonymous = saying(FakeBot(tenant_id, None))

    results = [
        await anonymous("get_user_profile"),
        await anonymous("update_user_profile", first_name="Ann"),
        await anonymous("forget_user_facts", keys=["likes"]),
    ]

    message = "I cannot do that: who is anonymous has no profile."
    assert results == [{"success": False, "message": message}] * 3
