"""Rows of Mesh as the actions ask for them: every page of them, by their ids, or one if it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from itertools import islice

from bot.actions.conditions import Condition, id_in
from bot.actions.ids import is_id, require_ids
from bot.actions.titles import reading_order
from bot.errors import MeshConflictError, MeshNoDefinitionError, MeshNotFoundError
from bot.mesh import Content, Mesh

# Forty characters each in an address, of which servers take 16 kB.
_IDS_PER_REQUEST = 100


async def every_row(
    mesh: Mesh, content_type: str, where: Condition, *, tenant: str | None = None, page_size: int = 100
) -> list[Content]:
    """
    All that match, over as many pages as there are, in the order in which Mesh lists them.
    """
    _require_tenant(tenant)
    return [row async for row in mesh.rows(content_type, tenant=tenant, where=where, page_size=page_size)]


def sorted_by(field: str, rows: Iterable[Content]) -> list[Content]:
    """
    The rows in reading order of one *field*, since Mesh promises no order; equal ones stay as they are.
    """
    return sorted(rows, key=lambda row: reading_order(str(row.get(field) or "")))


async def rows_by_id(
    mesh: Mesh, content_type: str, ids: Iterable[str], *, tenant: str | None = None
) -> AsyncIterator[Content]:
    """
    Those of the ids that exist; nothing is asked for where there are none.
    """
    _require_tenant(tenant)
    remaining = iter(ids)
    while batch := list(islice(remaining, _IDS_PER_REQUEST)):
        async for row in mesh.rows(content_type, tenant=tenant, where=id_in(batch)):
            yield row


async def row_or_none(
    mesh: Mesh, content_type: str, page_id: str, *, tenant: str | None = None
) -> Content | None:
    """
    The row, or None when there is none with this id; what is no id is nobody's, and nothing is sent.
    """
    _require_tenant(tenant)
    if not is_id(page_id):
        return None
    try:
        return await mesh.get(content_type, page_id, tenant=tenant)
    except MeshNotFoundError:
        return None


async def patched_or_none(
    mesh: Mesh, content_type: str, page_id: str, changes: Mapping[str, object], *, tenant: str | None = None
) -> Content | None:
    """
    The row with its changes, or None when it is not there, or went while one was looking.
    """
    _require_tenant(tenant)
    if not is_id(page_id):
        return None
    try:
        return await mesh.patch(content_type, page_id, changes, tenant=tenant)
    except MeshNotFoundError:
        return None


async def was_deleted(mesh: Mesh, content_type: str, page_id: str, *, tenant: str | None = None) -> bool:
    """
    True when the row is gone by this call.
    """
    _require_tenant(tenant)
    if not is_id(page_id):
        return False
    try:
        await mesh.delete(content_type, page_id, tenant=tenant)
    except MeshNotFoundError:
        return False
    return True


async def create_defined(
    mesh: Mesh, definition: Mapping[str, object], content: Mapping[str, object], *, tenant: str
) -> Content:
    """
    Create content of a type that a tenant may not have yet; then its definition is registered, once.
    """
    _require_tenant(tenant)
    content_type = str(definition["name"])
    try:
        return await mesh.create(content_type, content, tenant=tenant)
    except MeshNoDefinitionError:
        await mesh.register(definition, tenant=tenant)
    return await mesh.create(content_type, content, tenant=tenant)


async def created_once(
    mesh: Mesh, content_type: str, page_id: str, content: Mapping[str, object]
) -> tuple[Content, bool]:
    """
    The row with this id, and whether this call created it.

    The original Mesh accepts an id that is taken: it then holds two rows, and everybody reads the first.
    Therefore the row is looked for before it is created, and read back afterwards: of two callers at the
    same moment, the later one learns that the row is not its own.
    """
    if (known := await row_or_none(mesh, content_type, page_id)) is not None:
        return known, False
    try:
        created = await mesh.create(content_type, {"_id": page_id, **content})
    except MeshConflictError:
        return await mesh.get(content_type, page_id), False
    stored = await mesh.get(content_type, page_id)
    return stored, stored == created


def _require_tenant(tenant: str | None) -> None:
    """
    Refuse what is no tenant: to Mesh it would mean all of them, and the bot would read across its rooms.
    """
    if tenant is not None:
        require_ids(tenant_id=tenant)
