"""The sharing actions against a real Mesh: who sees what of whose, and for how long."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pytest
import pytest_asyncio

from bot.actions import html_actions, notes_actions, sharing_actions
from bot.actions.access import Access
from bot.actions.conditions import child_of, field_contains, field_is, id_in
from bot.actions.ids import derived_id
from bot.errors import InvalidValueError, NotAllowedError
from bot.mesh import Mesh

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def email(user_id: str) -> str:
    """
    Users belong to no tenant, so each test has an address of its own.
    """
    return f"bob.{uuid5(NAMESPACE_URL, user_id).hex[:8]}@x.test"


@pytest_asyncio.fixture
async def diary(tenant_id: str, user_id: str, mesh: Mesh) -> str:
    note = await notes_actions.create_note(tenant_id, user_id, "Diary", "dear", mode="personal", mesh=mesh)
    return note["page_id"]


@pytest_asyncio.fixture
async def applet(tenant_id: str, user_id: str, mesh: Mesh) -> str:
    page = await html_actions.create_html_generation(tenant_id, user_id, "Pong", "<p>", mesh=mesh)
    return page["page_id"]


async def test_a_note_shared_to_read_is_read_and_not_changed(
    tenant_id: str, user_id: str, other_user_id: str, diary: str
) -> None:
    await sharing_actions.share_resource_with_user(tenant_id, user_id, "Notes", diary, other_user_id)

    read = await notes_actions.get_note_by_id(tenant_id, other_user_id, diary)
    with pytest.raises(NotAllowedError, match="may not change"):
        await notes_actions.append_to_note(tenant_id, other_user_id, diary, "me too")

    assert read is not None
    assert read["content"] == "dear"
    assert await notes_actions.list_notes(tenant_id, other_user_id, include_content=True) == [read]
    assert await notes_actions.fuzzy_search_notes(tenant_id, other_user_id, "diary") == [read]


async def test_a_note_shared_to_write_is_changed_and_not_deleted(
    tenant_id: str, user_id: str, other_user_id: str, diary: str
) -> None:
    await sharing_actions.share_resource_with_user(
        tenant_id, user_id, "Notes", diary, other_user_id, writable=True
    )

    await notes_actions.append_to_note(tenant_id, other_user_id, diary, "me too")
    with pytest.raises(NotAllowedError, match="may not delete"):
        await notes_actions.delete_note(tenant_id, other_user_id, diary)
    with pytest.raises(NotAllowedError, match="may not share"):
        await sharing_actions.share_resource_with_user(tenant_id, other_user_id, "Notes", diary, NOBODYS_ID)

    note = await notes_actions.get_note_by_id(tenant_id, user_id, diary)
    assert note is not None
    assert note["content"] == "dear\nme too"


async def test_a_shared_applet_stands_in_the_library_of_both(
    tenant_id: str, user_id: str, other_user_id: str, applet: str
) -> None:
    await sharing_actions.share_resource_with_user(
        tenant_id, user_id, "HtmlGeneration", applet, other_user_id, writable=True
    )

    own = await html_actions.list_html_library(tenant_id, user_id)
    shared = await html_actions.fuzzy_search_html_library(tenant_id, other_user_id, "pong")

    entry = {"page_id": applet, "title": "Pong", "contentType": "app", "tags": [], "createdBy": user_id}
    assert own == [{**entry, "access": "manage"}]
    assert shared == [{**entry, "access": "write"}]
    assert await html_actions.update_html_generation(tenant_id, applet, title="Pong!", user_id=other_user_id)


async def test_an_applet_that_is_not_shared_is_its_owners(
    tenant_id: str, user_id: str, other_user_id: str, applet: str
) -> None:
    with pytest.raises(NotAllowedError, match="may not read"):
        await html_actions.get_html_generation_by_id(tenant_id, applet, user_id=other_user_id)
    with pytest.raises(NotAllowedError, match="may not change"):
        await html_actions.update_html_generation(tenant_id, applet, title="Mine", user_id=other_user_id)
    with pytest.raises(NotAllowedError, match="may not delete"):
        await html_actions.delete_html_generation(tenant_id, applet, user_id=other_user_id)

    assert await html_actions.list_html_library(tenant_id, other_user_id) == []
    assert await html_actions.delete_html_generation(tenant_id, applet, user_id=user_id) is True


async def test_sharing_twice_leaves_one_organization_and_the_last_word(
    tenant_id: str, user_id: str, other_user_id: str, diary: str, mesh: Mesh
) -> None:
    first = await sharing_actions.share_resource_with_user(
        tenant_id, user_id, "Notes", diary, other_user_id, writable=True
    )

    second = await sharing_actions.share_resource_with_user(tenant_id, user_id, "Notes", diary, other_user_id)

    assert first is not None
    organizations = await mesh.page("Organization", where=child_of(tenant_id))
    roles = await mesh.page(
        "UserOrganizationRole", where=field_is("organizationId", first["organization_id"])
    )
    assert (first["role"], second) == ("member", {**first, "role": "viewer"})
    assert [row["_id"] for row in organizations.rows] == [first["organization_id"]]
    assert sorted(str(row["role"]) for row in roles.rows) == ["owner", "viewer"]


async def test_what_is_taken_back_is_seen_no_more(
    tenant_id: str, user_id: str, other_user_id: str, diary: str
) -> None:
    await sharing_actions.share_resource_with_user(tenant_id, user_id, "Notes", diary, other_user_id)

    first = await sharing_actions.unshare_resource_with_user(
        tenant_id, user_id, "Notes", diary, other_user_id
    )
    second = await sharing_actions.unshare_resource_with_user(
        tenant_id, user_id, "Notes", diary, other_user_id
    )

    assert (first, second) == (True, False)
    assert await notes_actions.list_notes(tenant_id, other_user_id) == []


async def test_everything_shared_is_listed_and_nothing_of_ones_own(
    tenant_id: str, user_id: str, other_user_id: str, diary: str, applet: str
) -> None:
    await sharing_actions.share_resource_with_user(tenant_id, user_id, "Notes", diary, other_user_id)
    await sharing_actions.share_resource_with_user(
        tenant_id, user_id, "HtmlGeneration", applet, other_user_id, writable=True
    )

    listed = await sharing_actions.list_shared_resources(tenant_id, other_user_id)

    owned = {"owner_id": user_id}
    note = {"resource_type": "Notes", "resource_id": diary, "title": "Diary", "access": "read", **owned}
    page = {"resource_type": "HtmlGeneration", "resource_id": applet, "title": "Pong", "access": "write"}
    assert listed == [note, {**page, **owned}]
    assert await sharing_actions.list_shared_resources(tenant_id, other_user_id, "Notes") == [note]
    assert await sharing_actions.list_shared_resources(tenant_id, user_id) == []


async def test_nothing_is_shared_before_anybody_shares(tenant_id: str, user_id: str) -> None:
    assert await sharing_actions.list_shared_resources(tenant_id, user_id) == []


async def test_what_is_shared_and_deleted_is_not_listed(
    tenant_id: str, user_id: str, other_user_id: str, diary: str
) -> None:
    await sharing_actions.share_resource_with_user(tenant_id, user_id, "Notes", diary, other_user_id)
    await notes_actions.delete_note(tenant_id, user_id, diary)

    assert await sharing_actions.list_shared_resources(tenant_id, other_user_id) == []


async def test_access_is_that_of_the_role(
    tenant_id: str, user_id: str, other_user_id: str, applet: str
) -> None:
    before = await sharing_actions.get_resource_access(tenant_id, other_user_id, "HtmlGeneration", applet)
    await sharing_actions.share_resource_with_user(
        tenant_id, user_id, "HtmlGeneration", applet, other_user_id
    )

    may_read = await sharing_actions.check_resource_permission(
        tenant_id, other_user_id, "HtmlGeneration", applet, Access.READ
    )
    may_write = await sharing_actions.check_resource_permission(
        tenant_id, other_user_id, "HtmlGeneration", applet, Access.WRITE
    )

    assert (before, may_read, may_write) == (Access.NONE, True, False)


async def test_a_share_opens_what_is_shared_and_nothing_else(
    tenant_id: str, user_id: str, other_user_id: str, diary: str, applet: str
) -> None:
    await sharing_actions.share_resource_with_user(tenant_id, user_id, "Notes", diary, other_user_id)
    await sharing_actions.share_resource_with_user(tenant_id, user_id, "HtmlGeneration", applet, NOBODYS_ID)

    to_diary = await sharing_actions.get_resource_access(tenant_id, other_user_id, "Notes", diary)
    to_applet = await sharing_actions.get_resource_access(tenant_id, other_user_id, "HtmlGeneration", applet)

    assert (to_diary, to_applet) == (Access.READ, Access.NONE)


async def test_what_an_organization_opens_to_all_is_everybodys_to_read(
    tenant_id: str, user_id: str, other_user_id: str, applet: str, mesh: Mesh
) -> None:
    resources = {applet: "HtmlGeneration"}
    row = {"name": "All", "tenantId": tenant_id, "sharedToAllReadOnly": True, "sharedResources": resources}
    await mesh.create("Organization", row)

    access = await sharing_actions.get_resource_access(tenant_id, other_user_id, "HtmlGeneration", applet)
    library = await html_actions.list_html_library(tenant_id, other_user_id)

    assert (access, [each["access"] for each in library]) == (Access.READ, ["read"])
    assert await html_actions.list_html_library(tenant_id, user_id) == [{**library[0], "access": "manage"}]


@pytest.mark.needs_mesh(to="isolate tenants")
async def test_another_tenant_sees_nothing_of_it(
    tenant_id: str, other_tenant_id: str, user_id: str, other_user_id: str, diary: str
) -> None:
    await sharing_actions.share_resource_with_user(tenant_id, user_id, "Notes", diary, other_user_id)

    there = await sharing_actions.share_resource_with_user(
        other_tenant_id, user_id, "Notes", diary, other_user_id
    )

    assert there is None
    assert await sharing_actions.list_shared_resources(other_tenant_id, other_user_id) == []
    assert (
        await sharing_actions.get_resource_access(other_tenant_id, other_user_id, "Notes", diary)
        is Access.NONE
    )


async def test_what_does_not_exist_is_not_shared(tenant_id: str, user_id: str, other_user_id: str) -> None:
    of_nothing = (tenant_id, user_id)

    assert (
        await sharing_actions.share_resource_with_user(*of_nothing, "Notes", NOBODYS_ID, other_user_id)
        is None
    )
    assert (
        await sharing_actions.unshare_resource_with_user(*of_nothing, "Notes", NOBODYS_ID, other_user_id)
        is False
    )


async def test_nothing_is_shared_with_its_owner(tenant_id: str, user_id: str, diary: str, mesh: Mesh) -> None:
    with pytest.raises(InvalidValueError, match="it belongs to the user with whom it is to be shared"):
        await sharing_actions.share_resource_with_user(tenant_id, user_id, "Notes", diary, user_id)

    assert (await mesh.page("Organization", where=child_of(tenant_id))).rows == ()


async def test_a_user_is_created_once_however_the_address_is_spelled(email: str, mesh: Mesh) -> None:
    first = await sharing_actions.get_or_create_user_by_email(email.upper(), "Bob B")
    second = await sharing_actions.get_or_create_user_by_email(f" {email}")

    assert second == first
    assert (first["name"], first["email"]) == ("Bob B", email)
    assert len((await mesh.page("User", where=field_contains("email", email))).rows) == 1
    assert await sharing_actions.get_user_by_id(first["page_id"]) == first


async def test_whom_another_caller_created_meanwhile_is_that_one(email: str, mesh: Mesh) -> None:
    """
    Two callers at once would do, but which of them Mesh lets win is another in every recording.
    """
    row = await mesh.create("User", {"_id": derived_id("user", email), "name": "Bob"})

    found = await sharing_actions.get_or_create_user_by_email(email, mesh=mesh)

    assert found["page_id"] == row["_id"]
    assert len((await mesh.page("User", where=id_in([found["page_id"]]))).rows) == 1


async def test_who_was_there_before_is_found_and_shown_without_a_password(email: str, mesh: Mesh) -> None:
    row = await mesh.create("User", {"name": "Bob", "email": email.title(), "password_hash": "x"})

    found = await sharing_actions.get_or_create_user_by_email(email)

    user_id = row["_id"]
    assert found == {"page_id": user_id, "_id": user_id, "name": "Bob", "email": email.title()}


async def test_who_does_not_exist_is_nobody() -> None:
    assert await sharing_actions.get_user_by_id(NOBODYS_ID) is None


async def test_what_is_no_address_creates_nobody(email: str, mesh: Mesh) -> None:
    name, _, _ = email.partition("@")

    with pytest.raises(InvalidValueError, match=f"this is no email address: '{name}'"):
        await sharing_actions.get_or_create_user_by_email(name, mesh=mesh)

    assert (await mesh.page("User", where=field_is("name", name))).rows == ()
