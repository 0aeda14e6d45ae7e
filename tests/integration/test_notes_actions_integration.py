"""The notes actions against a real Mesh: what is kept, who reads it, who may change it."""

from __future__ import annotations

import pytest

from bot.actions import notes_actions
from bot.actions.ids import ANONYMOUS
from bot.actions.notes_definition import NOTES
from bot.errors import NotAllowedError
from bot.mesh import Mesh

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


async def test_a_created_note_is_read_back(tenant_id: str, user_id: str) -> None:
    created = await notes_actions.create_note(tenant_id, user_id, "Groceries", "milk")

    assert await notes_actions.get_note_by_id(tenant_id, user_id, created["page_id"]) == created
    assert created == {
        "page_id": created["_id"],
        "_id": created["page_id"],
        "title": "Groceries",
        "content": "milk",
        "mode": "work",
        "userId": user_id,
        "tenantId": tenant_id,
    }


async def test_the_first_note_brings_the_definition(tenant_id: str, user_id: str, mesh: Mesh) -> None:
    await notes_actions.create_note(tenant_id, user_id, "Groceries", mesh=mesh)

    stored = await mesh.definition("Notes", tenant=tenant_id)

    assert stored == {**NOTES, "_id": stored["_id"]}


async def test_a_note_lives_from_its_first_word_to_its_deletion(tenant_id: str, user_id: str) -> None:
    note_id = (await notes_actions.create_note(tenant_id, user_id, "Groceries", "milk"))["page_id"]

    await notes_actions.append_to_note(tenant_id, user_id, note_id, "- eggs")
    await notes_actions.update_note_title(tenant_id, user_id, note_id, "Shopping")
    await notes_actions.update_note_mode(tenant_id, user_id, note_id, "personal")
    changed = await notes_actions.get_note_by_id(tenant_id, user_id, note_id)
    deleted = await notes_actions.delete_note(tenant_id, user_id, note_id)

    assert changed is not None
    assert (changed["title"], changed["content"], changed["mode"]) == ("Shopping", "milk\n- eggs", "personal")
    assert deleted is True
    assert await notes_actions.get_note_by_id(tenant_id, user_id, note_id) is None


async def test_what_is_replaced_is_all_there_is(tenant_id: str, user_id: str) -> None:
    created = await notes_actions.create_note(tenant_id, user_id, "Groceries", "milk")

    replaced = await notes_actions.update_note_content(tenant_id, user_id, created["page_id"], "eggs")

    assert replaced == {**created, "content": "eggs"}
    assert await notes_actions.get_note_by_id(tenant_id, user_id, created["page_id"]) == replaced


async def test_what_is_appended_to_nothing_stands_alone(tenant_id: str, user_id: str) -> None:
    created = await notes_actions.create_note(tenant_id, user_id, "Groceries")

    extended = await notes_actions.append_to_note(tenant_id, user_id, created["page_id"], "milk")

    assert extended == {**created, "content": "milk"}


async def test_notes_of_work_are_listed_before_personal_ones(tenant_id: str, user_id: str) -> None:
    diary = await notes_actions.create_note(tenant_id, user_id, "Diary", "dear", mode="personal")
    plan = await notes_actions.create_note(tenant_id, user_id, "Plan", "first")

    listed = await notes_actions.list_notes(tenant_id, user_id, include_content=True)

    assert listed == [plan, diary]


async def test_a_list_leaves_out_what_is_written_in_the_notes(tenant_id: str, user_id: str) -> None:
    created = await notes_actions.create_note(tenant_id, user_id, "Plan", "first")

    listed = await notes_actions.list_notes(tenant_id, user_id)

    assert listed == [{name: value for name, value in created.items() if name != "content"}]


async def test_a_list_of_one_mode_holds_only_that(tenant_id: str, user_id: str) -> None:
    await notes_actions.create_note(tenant_id, user_id, "Diary", mode="personal")
    await notes_actions.create_note(tenant_id, user_id, "Plan")

    work = await notes_actions.list_notes(tenant_id, user_id, mode="work")
    personal = await notes_actions.list_notes(tenant_id, user_id, mode="personal")

    assert ([each["title"] for each in work], [each["title"] for each in personal]) == (["Plan"], ["Diary"])


async def test_a_list_goes_on_over_all_pages(tenant_id: str, user_id: str) -> None:
    for number in range(1, 6):
        await notes_actions.create_note(tenant_id, user_id, f"Note {number}")

    listed = await notes_actions.list_notes(tenant_id, user_id, page_size=2)

    assert [each["title"] for each in listed] == ["Note 1", "Note 2", "Note 3", "Note 4", "Note 5"]


async def test_before_the_first_note_the_list_is_empty(tenant_id: str, user_id: str) -> None:
    assert await notes_actions.list_notes(tenant_id, user_id) == []


async def test_a_note_is_found_by_what_is_like_its_title(tenant_id: str, user_id: str) -> None:
    await notes_actions.create_note(tenant_id, user_id, "Shopping List")
    minutes = await notes_actions.create_note(tenant_id, user_id, "Meeting Minutes", "all agreed")

    assert await notes_actions.fuzzy_search_notes(tenant_id, user_id, "meating minute") == [minutes]
    assert await notes_actions.fuzzy_search_notes(tenant_id, user_id, "qwertz uiop") == []


async def test_a_note_of_work_is_the_tenants_to_read_and_its_owners_to_change(
    tenant_id: str, user_id: str, other_user_id: str
) -> None:
    plan = await notes_actions.create_note(tenant_id, user_id, "Plan", "first")

    with pytest.raises(NotAllowedError, match=f"user {other_user_id} may not change Notes {plan['page_id']}"):
        await notes_actions.update_note_content(tenant_id, other_user_id, plan["page_id"], "mine")

    assert await notes_actions.get_note_by_id(tenant_id, other_user_id, plan["page_id"]) == plan
    assert await notes_actions.list_notes(tenant_id, other_user_id, include_content=True) == [plan]


async def test_a_personal_note_is_nobody_elses(tenant_id: str, user_id: str, other_user_id: str) -> None:
    diary = await notes_actions.create_note(tenant_id, user_id, "Diary", "dear", mode="personal")

    with pytest.raises(NotAllowedError, match="may not read"):
        await notes_actions.get_note_by_id(tenant_id, other_user_id, diary["page_id"])

    assert await notes_actions.list_notes(tenant_id, other_user_id) == []
    assert await notes_actions.fuzzy_search_notes(tenant_id, other_user_id, "diary") == []


async def test_who_is_not_the_owner_changes_deletes_and_publishes_nothing(
    tenant_id: str, user_id: str, other_user_id: str
) -> None:
    plan = await notes_actions.create_note(tenant_id, user_id, "Plan", "first")
    of_another = (tenant_id, other_user_id, plan["page_id"])

    with pytest.raises(NotAllowedError):
        await notes_actions.append_to_note(*of_another, "second")
    with pytest.raises(NotAllowedError):
        await notes_actions.update_note_title(*of_another, "Mine")
    with pytest.raises(NotAllowedError):
        await notes_actions.update_note_mode(*of_another, "personal")
    with pytest.raises(NotAllowedError):
        await notes_actions.delete_note(*of_another)

    assert await notes_actions.get_note_by_id(tenant_id, user_id, plan["page_id"]) == plan


async def test_what_does_not_exist_is_not_read_changed_or_deleted(tenant_id: str, user_id: str) -> None:
    missing = (tenant_id, user_id, NOBODYS_ID)

    assert await notes_actions.get_note_by_id(*missing) is None
    assert await notes_actions.update_note_content(*missing, "x") is None
    assert await notes_actions.append_to_note(*missing, "x") is None
    assert await notes_actions.update_note_title(*missing, "x") is None
    assert await notes_actions.update_note_mode(*missing, "work") is None
    assert await notes_actions.delete_note(*missing) is False


@pytest.mark.needs_mesh(to="isolate tenants")
async def test_what_exists_for_its_tenant_does_not_for_another(
    tenant_id: str, other_tenant_id: str, user_id: str
) -> None:
    plan = await notes_actions.create_note(tenant_id, user_id, "Plan", "first")
    theirs = await notes_actions.create_note(other_tenant_id, user_id, "Theirs")

    assert await notes_actions.get_note_by_id(other_tenant_id, user_id, plan["page_id"]) is None
    assert await notes_actions.update_note_title(other_tenant_id, user_id, plan["page_id"], "x") is None
    assert await notes_actions.delete_note(other_tenant_id, user_id, plan["page_id"]) is False
    assert await notes_actions.list_notes(other_tenant_id, user_id, include_content=True) == [theirs]
    assert await notes_actions.get_note_by_id(tenant_id, user_id, plan["page_id"]) == plan


async def test_the_anonymous_share_one_diary(tenant_id: str) -> None:
    created = await notes_actions.create_note(tenant_id, "anonymous", "Diary", mode="personal")

    listed = await notes_actions.list_notes(tenant_id, "anonymous", include_content=True)

    assert (listed, created["userId"]) == ([created], ANONYMOUS)


@pytest.mark.parametrize(
    ("title", "mode", "problem"),
    [("", "work", "title is empty"), ("Plan", "secret", "mode is neither work nor personal: 'secret'")],
    ids=["no title", "no mode"],
)
async def test_what_is_refused_leaves_no_trace(
    tenant_id: str, user_id: str, title: str, mode: notes_actions.Mode, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        await notes_actions.create_note(tenant_id, user_id, title, mode=mode)

    assert await notes_actions.list_notes(tenant_id, user_id) == []


async def test_any_script_and_any_sign_is_kept(tenant_id: str, user_id: str) -> None:
    title, content = "Größe 漢字 🎮", 'a\'b\t"משחק"\r\n\\u0041 \u2028 %_'

    created = await notes_actions.create_note(tenant_id, user_id, title, content)

    assert (created["title"], created["content"]) == (title, content)
    assert await notes_actions.fuzzy_search_notes(tenant_id, user_id, "größe 漢字") == [created]
