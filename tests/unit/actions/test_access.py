"""Access: what a row says, what organizations add, and what is left when nobody says anything."""

from __future__ import annotations

import httpx
import pytest

from bot.actions.access import Access, access_to, permitted, shared_with
from bot.errors import NotAllowedError
from bot.mesh import Content
from tests.fakes import OTHER_USER, PAGE_ID, TENANT, USER, Script, ok, page

pytestmark = pytest.mark.asyncio

APPLET: Content = {"_id": PAGE_ID, "createdBy": USER, "title": "Pong"}
WORK: Content = {"_id": PAGE_ID, "userId": USER, "mode": "work"}


def organization(name: str = "o", *, tenant: str = TENANT, **more: object) -> dict[str, object]:
    return {"_id": name, "tenantId": tenant, "sharedResources": {PAGE_ID: "HtmlGeneration"}, **more}


def role(name: object, organization_id: str = "o") -> dict[str, object]:
    return {"_id": "r", "organizationId": organization_id, "role": name}


async def test_an_owner_may_everything_without_a_request(script: Script) -> None:
    mesh, transport = await script()

    access = await access_to(mesh, TENANT, USER.upper(), "HtmlGeneration", APPLET)

    assert (access, transport.said) == (Access.MANAGE, [])


async def test_what_no_organization_shares_needs_no_roles(script: Script) -> None:
    mesh, transport = await script(page())

    access = await access_to(mesh, TENANT, OTHER_USER, "HtmlGeneration", APPLET)

    where = f'{{"parent_id":{{"eq":"{TENANT}"}},"indexer":{{"path":"sharedResources","hasKey":"{PAGE_ID}"}}}}'
    assert access is Access.NONE
    assert transport.said == [("GET", f"/api/content/Organization?where={where}&limit=100&offset=0", None)]


@pytest.mark.parametrize("shared", [{}, {"sharedResources": None}, {"sharedResources": {USER: "Notes"}}])
async def test_what_is_listed_and_does_not_share_it_opens_nothing(
    script: Script, shared: dict[str, object]
) -> None:
    """
    A Mesh that ignores a condition lists more organizations than it was asked for.
    """
    mesh, transport = await script(page({"_id": "o", "sharedToAllReadOnly": True, **shared}))

    access = await access_to(mesh, TENANT, OTHER_USER, "HtmlGeneration", APPLET)

    assert access is Access.NONE
    assert len(transport.said) == 1


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([], Access.NONE),
        ([role("viewer")], Access.READ),
        ([role("member")], Access.WRITE),
        ([role("admin")], Access.MANAGE),
        ([role("owner")], Access.MANAGE),
        ([role("viewer"), role("member")], Access.WRITE),
        ([role("member"), role("viewer")], Access.WRITE),
        ([role("janitor")], Access.NONE),
        ([role(None)], Access.NONE),
        ([role("member", "elsewhere")], Access.NONE),
    ],
)
async def test_a_role_says_how_far(script: Script, roles: list[object], expected: Access) -> None:
    mesh, _ = await script(page(organization()), page(*roles))

    assert await access_to(mesh, TENANT, OTHER_USER, "HtmlGeneration", APPLET) is expected


async def test_the_widest_of_several_organizations_counts(script: Script) -> None:
    roles = page(role("viewer", "a"), role("member", "b"))
    mesh, _ = await script(page(organization("a"), organization("b")), roles)

    assert await access_to(mesh, TENANT, OTHER_USER, "HtmlGeneration", APPLET) is Access.WRITE


@pytest.mark.parametrize(
    ("to_all", "expected"), [(True, Access.READ), (False, Access.NONE), ("yes", Access.NONE)]
)
async def test_what_is_shared_with_all_may_be_read(script: Script, to_all: object, expected: Access) -> None:
    mesh, _ = await script(page(organization(sharedToAllReadOnly=to_all)), page())

    assert await access_to(mesh, TENANT, OTHER_USER, "HtmlGeneration", APPLET) is expected


async def test_a_note_of_work_may_be_read_by_everybody(script: Script) -> None:
    mesh, _ = await script(page())

    assert await access_to(mesh, TENANT, OTHER_USER, "Notes", WORK) is Access.READ


async def test_a_work_applet_is_no_note_of_work(script: Script) -> None:
    mesh, _ = await script(page())

    assert (
        await access_to(mesh, TENANT, OTHER_USER, "HtmlGeneration", {**APPLET, "mode": "work"}) is Access.NONE
    )


async def test_a_reader_is_told_that_more_is_not_allowed(script: Script) -> None:
    mesh, _ = await script(ok(APPLET), page(organization()), page(role("viewer")))

    with pytest.raises(NotAllowedError) as caught:
        await permitted(mesh, TENANT, OTHER_USER, "HtmlGeneration", PAGE_ID, Access.WRITE)

    assert str(caught.value) == f"user {OTHER_USER} may not change HtmlGeneration {PAGE_ID}"


async def test_a_reader_may_read(script: Script) -> None:
    mesh, _ = await script(ok(APPLET), page(organization()), page(role("viewer")))

    assert await permitted(mesh, TENANT, OTHER_USER, "HtmlGeneration", PAGE_ID, Access.READ) == APPLET


class TestSharedWith:
    async def shared(self, script: Script, *answers: httpx.Response) -> dict[str, Access]:
        mesh, _ = await script(*answers)
        return await shared_with(mesh, TENANT, USER, "HtmlGeneration")

    async def test_without_roles_no_organization_is_asked_for_by_id(self, script: Script) -> None:
        mesh, transport = await script(page(), page())

        assert await shared_with(mesh, TENANT, USER, "HtmlGeneration") == {}
        assert len(transport.said) == 2

    async def test_only_the_type_that_is_asked_for_counts(self, script: Script) -> None:
        resources = {PAGE_ID: "HtmlGeneration", "n": "Notes"}
        found = await self.shared(
            script, page(role("member")), page(organization(sharedResources=resources)), page()
        )

        assert found == {PAGE_ID: Access.WRITE}

    async def test_another_tenants_organization_shares_nothing_here(self, script: Script) -> None:
        elsewhere = organization(tenant="99999999-9999-4999-8999-999999999999")

        assert await self.shared(script, page(role("member")), page(elsewhere), page()) == {}

    async def test_an_organization_without_resources_shares_nothing(self, script: Script) -> None:
        empty = organization(sharedResources=None)

        assert await self.shared(script, page(role("member")), page(empty), page()) == {}

    async def test_what_is_open_to_all_does_not_narrow_a_role(self, script: Script) -> None:
        found = await self.shared(script, page(role("member")), page(organization()), page(organization()))

        assert found == {PAGE_ID: Access.WRITE}

    async def test_many_organizations_are_asked_for_in_several_requests(self, script: Script) -> None:
        roles = page(*(role("viewer", f"o{number}") for number in range(101)))
        mesh, transport = await script(roles, page(), page(), page())

        await shared_with(mesh, TENANT, USER, "HtmlGeneration")

        asked = [request.url.params["where"].count('"o') for request in transport.requests[1:3]]
        assert asked == [100, 1]
