"""
Sharing notes and applets with other users.

What is shared has an organization of its own, whose members are those it is shared with: a viewer may
read, a member may change. Two who share it for the first time at the same moment may each create one:
therefore whatever is asked or taken back is asked of, and taken back in, all of its organizations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypedDict, cast, get_args

from bot.actions.access import (
    ORGANIZATION,
    OWNER_FIELDS,
    ROLE,
    Access,
    ResourceType,
    access_to,
    is_owner,
    permitted,
    shared_with,
)
from bot.actions.conditions import child_of, every, field_is
from bot.actions.emails import require_email, row_by_email
from bot.actions.ids import ANONYMOUS, derived_id, person, require_ids
from bot.actions.required import require_text
from bot.actions.rows import created_once, every_row, row_or_none, rows_by_id, was_deleted
from bot.actions.titles import reading_order
from bot.errors import InvalidValueError
from bot.mesh import Content, Mesh, use_mesh

_USER = "User"
_STRONGER: Final = frozenset({"admin", "owner"})


class Share(TypedDict):
    """
    That something is shared with somebody, and how far.
    """

    organization_id: str
    resource_type: ResourceType
    resource_id: str
    user_id: str
    role: str


class SharedResource(TypedDict):
    """
    Something that somebody else lets the user see.
    """

    resource_type: ResourceType
    resource_id: str
    title: str
    owner_id: str
    access: Literal["read", "write", "manage"]


class User(TypedDict):
    """
    What may be known of a user: never what logging in needs.
    """

    page_id: str
    _id: str
    name: str
    email: str


async def share_resource_with_user(
    tenant_id: str,
    user_id: str,
    resource_type: ResourceType,
    resource_id: str,
    with_user_id: str,
    *,
    writable: bool = False,
    mesh: Mesh | None = None,
) -> Share | None:
    """
    Let another user read it, or change it too; to share it again is to change one's mind about which.

    None when the tenant has no such thing. Only who may delete it may share it: a ``NotAllowedError``.
    """
    _require_sharable(tenant_id, resource_type, with_user_id)
    async with use_mesh(mesh) as opened:
        row = await _sharable(opened, tenant_id, user_id, resource_type, resource_id)
        if row is None:
            return None
        if is_owner(with_user_id, resource_type, row):
            raise InvalidValueError("it belongs to the user with whom it is to be shared")
        organizations = await _organizations(opened, tenant_id, resource_type, row)
        if not organizations:
            organizations = [await _new_organization(opened, tenant_id, resource_type, row)]
        role = await _assigned(
            opened, organizations, person(with_user_id), "member" if writable else "viewer"
        )
    return {
        "organization_id": organizations[0],
        "resource_type": resource_type,
        "resource_id": str(row["_id"]),
        "user_id": person(with_user_id),
        "role": role,
    }


async def unshare_resource_with_user(
    tenant_id: str,
    user_id: str,
    resource_type: ResourceType,
    resource_id: str,
    with_user_id: str,
    *,
    mesh: Mesh | None = None,
) -> bool:
    """
    Take back what :func:`share_resource_with_user` gave; False when there is nothing to take back.
    """
    _require_sharable(tenant_id, resource_type, with_user_id)
    async with use_mesh(mesh) as opened:
        row = await _sharable(opened, tenant_id, user_id, resource_type, resource_id)
        if row is None:
            return False
        organizations = await _organizations(opened, tenant_id, resource_type, row)
        held = await _roles(opened, organizations, person(with_user_id))
        return any([await was_deleted(opened, ROLE, str(role["_id"])) for role in held])


async def get_resource_access(
    tenant_id: str,
    user_id: str,
    resource_type: ResourceType,
    resource_id: str,
    *,
    mesh: Mesh | None = None,
) -> Access:
    """
    The most that the user may do with it; with what does not exist, nothing.
    """
    _require_type(resource_type)
    person(user_id)
    async with use_mesh(mesh) as opened:
        row = await row_or_none(opened, resource_type, resource_id, tenant=tenant_id)
        return Access.NONE if row is None else await access_to(opened, tenant_id, user_id, resource_type, row)


async def check_resource_permission(
    tenant_id: str,
    user_id: str,
    resource_type: ResourceType,
    resource_id: str,
    needed: Access,
    *,
    mesh: Mesh | None = None,
) -> bool:
    return await get_resource_access(tenant_id, user_id, resource_type, resource_id, mesh=mesh) >= needed


async def list_shared_resources(
    tenant_id: str, user_id: str, resource_type: ResourceType | None = None, *, mesh: Mesh | None = None
) -> list[SharedResource]:
    """
    What others share with the user: notes, then applets, or only one of the two, each sorted by title.
    """
    require_ids(tenant_id=tenant_id)
    if resource_type is not None:
        _require_type(resource_type)
    types: Iterable[ResourceType] = (resource_type,) if resource_type else get_args(ResourceType)
    async with use_mesh(mesh) as opened:
        return [each for one in types for each in await _shared(opened, tenant_id, user_id, one)]


async def get_user_by_id(user_id: str, *, mesh: Mesh | None = None) -> User | None:
    async with use_mesh(mesh) as opened:
        row = await row_or_none(opened, _USER, user_id)
    return None if row is None else _user(row)


async def get_or_create_user_by_email(
    email: str, name: str | None = None, *, mesh: Mesh | None = None
) -> User:
    """
    The user with this address, created where there is none; users belong to the platform, not to a tenant.

    Who is created without a name is called by the part of the address before the @.
    """
    require_text(name=name)
    address = require_email(email)
    async with use_mesh(mesh) as opened:
        if (known := await row_by_email(opened, _USER, address)) is not None:
            return _user(known)
        content = {"email": address, "name": name or address.partition("@")[0]}
        row, _ = await created_once(opened, _USER, derived_id("user", address), content)
        return _user(row)


async def _sharable(
    mesh: Mesh, tenant_id: str, user_id: str, resource_type: ResourceType, resource_id: str
) -> Content | None:
    return await permitted(mesh, tenant_id, user_id, resource_type, resource_id, Access.MANAGE, verb="share")


async def _organizations(mesh: Mesh, tenant_id: str, resource_type: ResourceType, row: Content) -> list[str]:
    """
    The ids of those that share this one thing and no other.
    """
    name = _organization_name(resource_type, row)
    rows = await every_row(mesh, ORGANIZATION, every(child_of(tenant_id), field_is("name", name)))
    return [str(organization["_id"]) for organization in rows]


async def _new_organization(mesh: Mesh, tenant_id: str, resource_type: ResourceType, row: Content) -> str:
    resource_id, owner = str(row["_id"]), str(row.get(OWNER_FIELDS[resource_type]))
    content = {
        "name": _organization_name(resource_type, row),
        "tenantId": tenant_id,
        "description": f"Sharing organization for {resource_type}: {row.get('title')}",
        "settings": {"resourceSharing": True, "resourceOwnerUserId": owner},
        "sharedResources": {resource_id: resource_type},
    }
    organization_id = str((await mesh.create(ORGANIZATION, content))["_id"])
    await _assigned(mesh, [organization_id], owner, "owner")
    return organization_id


def _organization_name(resource_type: ResourceType, row: Content) -> str:
    return f"Share:{resource_type}:{row['_id']}"


async def _assigned(mesh: Mesh, organizations: Sequence[str], user_id: str, role: str) -> str:
    """
    The role that the user has now; one that goes further than a share can is left as it is.
    """
    held = await _roles(mesh, organizations, user_id)
    if not held:
        content = {"userId": user_id, "organizationId": organizations[0], "role": role}
        await mesh.create(ROLE, content)
    if stronger := [name for row in held if (name := str(row.get("role"))) in _STRONGER]:
        return stronger[0]
    for row in held:
        if row.get("role") != role:
            await mesh.patch(ROLE, str(row["_id"]), {"role": role})
    return role


async def _roles(mesh: Mesh, organizations: Iterable[str], user_id: str) -> list[Content]:
    """
    Every role that the user has in them, of which there should be one.
    """
    return [
        row
        for organization_id in organizations
        for row in await every_row(
            mesh, ROLE, every(child_of(user_id), field_is("organizationId", organization_id))
        )
    ]


async def _shared(
    mesh: Mesh, tenant_id: str, user_id: str, resource_type: ResourceType
) -> list[SharedResource]:
    access = await shared_with(mesh, tenant_id, user_id, resource_type)
    rows = rows_by_id(mesh, resource_type, access, tenant=tenant_id)
    resources = [
        _resource(resource_type, row, access[str(row["_id"])])
        async for row in rows
        if not is_owner(user_id, resource_type, row)
    ]
    return sorted(resources, key=lambda resource: reading_order(resource["title"]))


def _resource(resource_type: ResourceType, row: Content, access: Access) -> SharedResource:
    return {
        "resource_type": resource_type,
        "resource_id": str(row["_id"]),
        "title": str(row.get("title") or ""),
        "owner_id": str(row.get(OWNER_FIELDS[resource_type])),
        "access": cast("Literal['read', 'write', 'manage']", access.name.lower()),
    }


def _user(row: Content) -> User:
    return {
        "page_id": str(row["_id"]),
        "_id": str(row["_id"]),
        "name": str(row.get("name") or ""),
        "email": str(row.get("email") or ""),
    }


def _require_sharable(tenant_id: str, resource_type: str, with_user_id: str) -> None:
    if with_user_id in {"anonymous", ANONYMOUS}:
        raise InvalidValueError("who is anonymous is everybody, and cannot be shared with")
    require_ids(tenant_id=tenant_id, with_user_id=with_user_id)
    _require_type(resource_type)


def _require_type(resource_type: str) -> None:
    if resource_type not in get_args(ResourceType):
        raise InvalidValueError(f"resource_type is neither Notes nor HtmlGeneration: {resource_type!r}")
