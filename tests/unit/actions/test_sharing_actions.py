"""Sharing actions: what they refuse, what they send, what they make of the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.actions.access import Access, ResourceType
from bot.actions.ids import ANONYMOUS, derived_id
from bot.actions.sharing_actions import (
    check_resource_permission,
    get_or_create_user_by_email,
    get_resource_access,
    get_user_by_id,
    list_shared_resources,
    share_resource_with_user,
    unshare_resource_with_user,
)
from bot.errors import InvalidValueError, MeshRejectedError, NotAllowedError
from bot.mesh import Mesh
from tests.fakes import OTHER_USER, PAGE_ID, TENANT, USER, Script, ok, page, refusal

pytestmark = pytest.mark.asyncio

GONE = refusal(404, "Content not found")
TAKEN = refusal(409, "Content already exists", "DUPLICATE_ID")
NOTE = {"_id": PAGE_ID, "userId": USER, "title": "Diary", "mode": "personal"}
ORGANIZATION = "5a737db1-24db-4b8e-b295-d4834b484251"
ROLE = "2428a0f5-fe7e-4ebc-a102-e3b4197123eb"
ROLES = "/api/content/UserOrganizationRole"
UNKNOWN: ResourceType = "Sprite"  # type: ignore[assignment]

Call = Callable[[Mesh], Awaitable[object]]


def role(name: str, user: str = OTHER_USER) -> dict[str, object]:
    return {"_id": ROLE, **assigned(name, user)}


def assigned(name: str, user: str = OTHER_USER) -> dict[str, object]:
    return {"userId": user, "organizationId": ORGANIZATION, "role": name}


REFUSED: dict[str, tuple[Call, str]] = {
    "no tenant": (
        lambda mesh: share_resource_with_user("any", USER, "Notes", PAGE_ID, OTHER_USER, mesh=mesh),
        "tenant_id is not a UUID: 'any'",
    ),
    "no sharer": (
        lambda mesh: share_resource_with_user(TENANT, "ann", "Notes", PAGE_ID, OTHER_USER, mesh=mesh),
        "user_id is not a UUID: 'ann'",
    ),
    "nobody to share with": (
        lambda mesh: share_resource_with_user(TENANT, USER, "Notes", PAGE_ID, "bob", mesh=mesh),
        "with_user_id is not a UUID: 'bob'",
    ),
    "everybody to share with": (
        lambda mesh: share_resource_with_user(TENANT, USER, "Notes", PAGE_ID, "anonymous", mesh=mesh),
        "who is anonymous is everybody, and cannot be shared with",
    ),
    "everybody by id": (
        lambda mesh: unshare_resource_with_user(TENANT, USER, "Notes", PAGE_ID, ANONYMOUS, mesh=mesh),
        "who is anonymous is everybody, and cannot be shared with",
    ),
    "nothing to share": (
        lambda mesh: share_resource_with_user(TENANT, USER, UNKNOWN, PAGE_ID, OTHER_USER, mesh=mesh),
        "resource_type is neither Notes nor HtmlGeneration: 'Sprite'",
    ),
    "nothing to look at": (
        lambda mesh: get_resource_access(TENANT, USER, UNKNOWN, PAGE_ID, mesh=mesh),
        "resource_type is neither Notes nor HtmlGeneration: 'Sprite'",
    ),
    "nobody who looks": (
        lambda mesh: check_resource_permission(TENANT, "", "Notes", PAGE_ID, Access.READ, mesh=mesh),
        "user_id is not a UUID: ''",
    ),
    "nothing to list": (
        lambda mesh: list_shared_resources(TENANT, USER, UNKNOWN, mesh=mesh),
        "resource_type is neither Notes nor HtmlGeneration: 'Sprite'",
    ),
    "nobody to list for": (
        lambda mesh: list_shared_resources(TENANT, "ann", mesh=mesh),
        "user_id is not a UUID: 'ann'",
    ),
    "no address": (
        lambda mesh: get_or_create_user_by_email("", mesh=mesh),
        "this is no email address: ''",
    ),
    "no name": (lambda mesh: get_or_create_user_by_email("b@x.test", " ", mesh=mesh), "name is empty"),
}


@pytest.mark.parametrize("reason", REFUSED)
async def test_what_cannot_be_done_is_refused_and_nothing_is_sent(script: Script, reason: str) -> None:
    call, problem = REFUSED[reason]
    mesh, transport = await script()

    with pytest.raises(InvalidValueError) as caught:
        await call(mesh)

    assert (str(caught.value), transport.said) == (problem, [])


async def test_the_first_share_makes_an_organization_its_owner_and_its_reader(script: Script) -> None:
    mesh, transport = await script(
        ok(NOTE),
        page(),
        ok({"_id": ORGANIZATION}),
        page(),
        ok(role("owner", USER)),
        page(),
        ok(role("viewer")),
    )

    share = await share_resource_with_user(TENANT, USER, "Notes", PAGE_ID, OTHER_USER, mesh=mesh)

    assert share == {
        "organization_id": ORGANIZATION,
        "resource_type": "Notes",
        "resource_id": PAGE_ID,
        "user_id": OTHER_USER,
        "role": "viewer",
    }
    organization = {
        "name": f"Share:Notes:{PAGE_ID}",
        "tenantId": TENANT,
        "description": "Sharing organization for Notes: Diary",
        "settings": {"resourceSharing": True, "resourceOwnerUserId": USER},
        "sharedResources": {PAGE_ID: "Notes"},
    }
    assert [said for said in transport.said if said[0] == "POST"] == [
        ("POST", "/api/content/Organization", {"content": organization}),
        ("POST", ROLES, {"content": assigned("owner", USER)}),
        ("POST", ROLES, {"content": assigned("viewer")}),
    ]


@pytest.mark.parametrize(
    ("held", "writable", "now", "patches"),
    [
        ("viewer", False, "viewer", []),
        ("viewer", True, "member", [{"content": {"role": "member"}}]),
        ("member", False, "viewer", [{"content": {"role": "viewer"}}]),
        ("admin", False, "admin", []),
        ("owner", True, "owner", []),
    ],
)
async def test_to_share_again_changes_what_differs(
    script: Script, held: str, *, writable: bool, now: str, patches: list[object]
) -> None:
    mesh, transport = await script(ok(NOTE), page({"_id": ORGANIZATION}), page(role(held)), ok(role(now)))

    share = await share_resource_with_user(
        TENANT, USER, "Notes", PAGE_ID, OTHER_USER, writable=writable, mesh=mesh
    )

    assert share is not None
    assert share["role"] == now
    assert [body for method, _, body in transport.said if method == "PATCH"] == patches


async def test_of_two_organizations_both_learn_of_a_change(script: Script) -> None:
    other = {**role("viewer"), "_id": USER}
    mesh, transport = await script(
        ok(NOTE),
        page({"_id": ORGANIZATION}, {"_id": "2"}),
        page(role("viewer")),
        page(other),
        ok(role("member")),
        ok({**other, "role": "member"}),
    )

    await share_resource_with_user(TENANT, USER, "Notes", PAGE_ID, OTHER_USER, writable=True, mesh=mesh)

    change = {"content": {"role": "member"}}
    assert transport.said[4:] == [
        ("PATCH", f"{ROLES}/{ROLE}", change),
        ("PATCH", f"{ROLES}/{USER}", change),
    ]


async def test_in_two_organizations_both_roles_are_taken_back(script: Script) -> None:
    mesh, transport = await script(
        ok(NOTE),
        page({"_id": ORGANIZATION}, {"_id": "2"}),
        page(role("viewer")),
        page({**role("viewer"), "_id": USER}),
        ok({"deleted": True}),
        GONE,
    )

    assert await unshare_resource_with_user(TENANT, USER, "Notes", PAGE_ID, OTHER_USER, mesh=mesh) is True
    assert [method for method, *_ in transport.said[4:]] == ["DELETE", "DELETE"]


async def test_an_admin_may_share_what_another_owns(script: Script) -> None:
    admin = {"_id": "r", "organizationId": ORGANIZATION, "role": "admin"}
    organization = {"_id": ORGANIZATION, "tenantId": TENANT, "sharedResources": {PAGE_ID: "Notes"}}
    mesh, _ = await script(
        ok({**NOTE, "userId": PAGE_ID}),
        page(organization),
        page(admin),
        page(organization),
        page(role("viewer")),
    )

    assert await share_resource_with_user(TENANT, USER, "Notes", PAGE_ID, OTHER_USER, mesh=mesh) is not None


@pytest.mark.parametrize("share", [share_resource_with_user, unshare_resource_with_user])
async def test_a_stranger_may_not(script: Script, share: Callable[..., Awaitable[object]]) -> None:
    mesh, _ = await script(ok(NOTE), page())

    with pytest.raises(NotAllowedError, match="may not share Notes"):
        await share(TENANT, OTHER_USER, "Notes", PAGE_ID, PAGE_ID, mesh=mesh)


async def test_an_error_in_the_middle_is_the_callers_to_know(script: Script) -> None:
    mesh, _ = await script(ok(NOTE), page(), refusal(500, "Internal error"))

    with pytest.raises(MeshRejectedError):
        await share_resource_with_user(TENANT, USER, "Notes", PAGE_ID, OTHER_USER, mesh=mesh)


async def test_what_is_taken_back_is_the_role(script: Script) -> None:
    found = page({"_id": ORGANIZATION})
    mesh, transport = await script(ok(NOTE), found, page(role("viewer")), ok({"deleted": True}))

    assert await unshare_resource_with_user(TENANT, USER, "Notes", PAGE_ID, OTHER_USER, mesh=mesh) is True
    assert transport.said[3] == ("DELETE", f"{ROLES}/{ROLE}", None)


async def test_a_user_that_exists_is_not_created(script: Script) -> None:
    near = {"_id": "1", "email": "jobob@x.test"}
    bob = {"_id": "2", "email": "BOB@x.test", "name": "Bob", "password_hash": "x"}
    mesh, transport = await script(page(near, bob))

    user = await get_or_create_user_by_email("bob@x.test", mesh=mesh)

    assert user == {"page_id": "2", "_id": "2", "name": "Bob", "email": "BOB@x.test"}
    where = '{"indexer":{"path":"email","contains":"bob@x.test"}}'
    assert transport.said == [("GET", f"/api/content/User?where={where}&limit=100&offset=0", None)]


async def test_a_new_user_without_a_name_is_called_by_the_address(script: Script) -> None:
    user_id = derived_id("user", "bob@x.test")
    content = {"_id": user_id, "email": "bob@x.test", "name": "bob"}
    mesh, transport = await script(page(), GONE, ok(content), ok(content))

    user = await get_or_create_user_by_email("Bob@X.test", mesh=mesh)

    assert user == {**content, "page_id": user_id}
    assert transport.said[2] == ("POST", "/api/content/User", {"content": content})


async def test_who_is_created_by_two_is_one(script: Script) -> None:
    bob = {"_id": derived_id("user", "bob@x.test"), "email": "bob@x.test", "name": "Robert"}
    mesh, _ = await script(page(), GONE, TAKEN, ok(bob))

    assert await get_or_create_user_by_email("bob@x.test", mesh=mesh) == {**bob, "page_id": bob["_id"]}


async def test_who_is_created_by_two_is_one_where_no_id_is_refused(script: Script) -> None:
    bob = {"_id": derived_id("user", "bob@x.test"), "email": "bob@x.test", "name": "Robert"}
    mesh, _ = await script(page(), GONE, ok({**bob, "name": "bob"}), ok(bob))

    assert await get_or_create_user_by_email("bob@x.test", mesh=mesh) == {**bob, "page_id": bob["_id"]}


async def test_who_is_there_without_an_address_is_not_created_again(script: Script) -> None:
    bob = {"_id": derived_id("user", "bob@x.test"), "name": "Robert"}
    mesh, transport = await script(page(), ok(bob))

    user = await get_or_create_user_by_email("bob@x.test", mesh=mesh)

    assert user == {"page_id": bob["_id"], "_id": bob["_id"], "name": "Robert", "email": ""}
    assert [method for method, *_ in transport.said] == ["GET", "GET"]


async def test_a_user_without_anything_is_one_too(script: Script) -> None:
    mesh, _ = await script(ok({"_id": USER}))

    assert await get_user_by_id(USER, mesh=mesh) == {"page_id": USER, "_id": USER, "name": "", "email": ""}
