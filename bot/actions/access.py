"""Who may do what to a note or an applet: its owner, and whom an organization shares it with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final, Literal, TypeAlias

from bot.actions.conditions import (
    Condition,
    child_of,
    child_with_key,
    every,
    field_is,
    field_is_true,
)
from bot.actions.ids import person
from bot.actions.rows import every_row, row_or_none, rows_by_id
from bot.errors import NotAllowedError
from bot.mesh import Content, Json, Mesh

ResourceType: TypeAlias = Literal["Notes", "HtmlGeneration"]

ORGANIZATION: Final = "Organization"
ROLE: Final = "UserOrganizationRole"

OWNER_FIELDS: Final[Mapping[ResourceType, str]] = {"Notes": "userId", "HtmlGeneration": "createdBy"}


class Access(IntEnum):
    """
    What a user may do; each member may do what those before it may.

    * ``NONE``: nothing, as far as the user knows it does not exist
    * ``READ``: read it
    * ``WRITE``: change its title and its content
    * ``MANAGE``: delete it, share it, and decide who sees it
    """

    NONE = 0
    READ = 1
    WRITE = 2
    MANAGE = 3


_OF_ROLE: Final = {
    "viewer": Access.READ,
    "member": Access.WRITE,
    "admin": Access.MANAGE,
    "owner": Access.MANAGE,
}
_VERBS: Final = {Access.READ: "read", Access.WRITE: "change", Access.MANAGE: "manage"}


async def permitted(
    mesh: Mesh,
    tenant_id: str,
    user_id: str,
    resource_type: ResourceType,
    resource_id: str,
    needed: Access,
    *,
    verb: str | None = None,
) -> Content | None:
    """
    The note or applet, or None when the tenant has none with this id.

    A user with less than the *needed* access is a :class:`~bot.errors.NotAllowedError`.
    """
    owner = person(user_id)
    row = await row_or_none(mesh, resource_type, resource_id, tenant=tenant_id)
    if row is None:
        return None
    if _own_access(owner, resource_type, row) < needed:
        shared = await _shared_access(mesh, tenant_id, owner, str(row["_id"]))
        if shared < needed:
            raise NotAllowedError(user_id, verb or _VERBS[needed], resource_type, resource_id)
    return row


async def access_to(
    mesh: Mesh, tenant_id: str, user_id: str, resource_type: ResourceType, row: Content
) -> Access:
    """
    The most that anything lets the user do.
    """
    owner = person(user_id)
    own = _own_access(owner, resource_type, row)
    if own is Access.MANAGE:
        return own
    return max(own, await _shared_access(mesh, tenant_id, owner, str(row["_id"])))


async def shared_with(
    mesh: Mesh, tenant_id: str, user_id: str, resource_type: ResourceType
) -> dict[str, Access]:
    """
    The ids of all of this type that organizations share with the user, and how far.
    """
    roles = await _roles(mesh, person(user_id))
    access: dict[str, Access] = {}
    async for organization in rows_by_id(mesh, ORGANIZATION, roles):
        if organization.get("tenantId") == tenant_id:
            _widen(access, _resources(organization, resource_type), roles[str(organization["_id"])])
    for organization in await every_row(mesh, ORGANIZATION, _open_to_all(tenant_id)):
        _widen(access, _resources(organization, resource_type), Access.READ)
    return access


def is_owner(user_id: str, resource_type: ResourceType, row: Content) -> bool:
    return str(row.get(OWNER_FIELDS[resource_type])).lower() == person(user_id)


def _own_access(user_id: str, resource_type: ResourceType, row: Content) -> Access:
    """
    What the row itself says: a note of work is everybody's to read in its tenant.
    """
    if is_owner(user_id, resource_type, row):
        return Access.MANAGE
    return Access.READ if resource_type == "Notes" and row.get("mode") == "work" else Access.NONE


async def _shared_access(mesh: Mesh, tenant_id: str, user_id: str, resource_id: str) -> Access:
    where = child_with_key(tenant_id, "sharedResources", resource_id)
    found = await every_row(mesh, ORGANIZATION, where)
    # What nobody shared must stay closed, also where Mesh lists more than it was asked for.
    organizations = [each for each in found if resource_id in _shared(each)]
    if not organizations:
        return Access.NONE
    roles = await _roles(mesh, user_id)
    return max(_access_in(organization, roles) for organization in organizations)


def _access_in(organization: Content, roles: Mapping[str, Access]) -> Access:
    to_all = Access.READ if organization.get("sharedToAllReadOnly") is True else Access.NONE
    return max(to_all, roles.get(str(organization["_id"]), Access.NONE))


async def _roles(mesh: Mesh, user_id: str) -> dict[str, Access]:
    """
    How far the user gets in each organization; a role that nobody knows gets nowhere.
    """
    access: dict[str, Access] = {}
    for row in await every_row(mesh, ROLE, child_of(user_id)):
        if (role := _OF_ROLE.get(str(row.get("role")))) is not None:
            _widen(access, [str(row.get("organizationId"))], role)
    return access


def _resources(organization: Content, resource_type: ResourceType) -> list[str]:
    shared = _shared(organization)
    return [resource_id for resource_id, its_type in shared.items() if its_type == resource_type]


def _shared(organization: Content) -> Mapping[str, Json]:
    listed = organization.get("sharedResources")
    return listed if isinstance(listed, dict) else {}


def _open_to_all(tenant_id: str) -> Condition:
    return every(field_is_true("sharedToAllReadOnly"), field_is("tenantId", tenant_id))


def _widen(access: dict[str, Access], ids: Iterable[str], given: Access) -> None:
    for each in ids:
        access[each] = max(given, access.get(each, Access.NONE))
