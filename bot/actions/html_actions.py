"""
What the bot does with the HTML pages it writes.

Where *user_id* is an option, it says on whose behalf one acts, and a user who may not gets a
``NotAllowedError``; without it the bot acts for itself, and all that the tenant has is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict, cast

from bot.actions.access import Access, permitted, shared_with
from bot.actions.conditions import Condition, child_of, every, field_is
from bot.actions.html_definition import HTML_GENERATION
from bot.actions.ids import person, require_ids
from bot.actions.required import given, require_text
from bot.actions.rows import (
    create_defined,
    every_row,
    patched_or_none,
    row_or_none,
    rows_by_id,
    sorted_by,
    was_deleted,
)
from bot.actions.titles import alike, unique_title
from bot.mesh import Content, Mesh, use_mesh

_TYPE: Literal["HtmlGeneration"] = "HtmlGeneration"


class HtmlMetadata(TypedDict):
    """
    A page without its HTML. ``page_id`` and ``_id`` are the same: Mesh's id for it.
    """

    page_id: str
    _id: str
    title: str
    contentType: str
    userRequest: str
    isAiGenerated: bool
    createdBy: str
    tenantId: str
    tags: list[str]
    sourceNoteId: NotRequired[str]


class HtmlGeneration(HtmlMetadata):
    """
    A page as it is stored.
    """

    htmlContent: str


class LibraryEntry(TypedDict):
    """
    What a user sees of a page in the library; *access* says what may be done with it.
    """

    page_id: str
    title: str
    contentType: str
    tags: list[str]
    createdBy: str
    access: Literal["read", "write", "manage"]


async def create_html_generation(
    tenant_id: str,
    user_id: str,
    title: str,
    html_content: str,
    content_type: str = "app",
    user_request: str = "",
    source_note_id: str | None = None,
    tags: Sequence[str] | None = None,
    *,
    unique: bool = False,
    mesh: Mesh | None = None,
) -> HtmlGeneration:
    """
    Store a page; the first one of a tenant also brings Mesh the definition of such pages.

    With *unique*, a title that the user already has gets a number behind it, see :func:`make_unique_title`.
    A title or HTML without anything in it is a ``ValueError``, and nothing is sent.
    """
    require_ids(tenant_id=tenant_id)
    require_text(title=title, html_content=html_content)
    content: dict[str, object] = {
        "title": title,
        "contentType": content_type,
        "htmlContent": html_content,
        "userRequest": user_request,
        "isAiGenerated": True,
        "createdBy": person(user_id),
        "tenantId": tenant_id,
        "tags": list(tags or ()),
    }
    if source_note_id is not None:
        content["sourceNoteId"] = source_note_id
    async with use_mesh(mesh) as opened:
        if unique:
            content["title"] = await make_unique_title(tenant_id, user_id, title, mesh=opened)
        return _generation(await create_defined(opened, HTML_GENERATION, content, tenant=tenant_id))


async def make_unique_title(
    tenant_id: str, user_id: str, title: str, *, page_size: int = 100, mesh: Mesh | None = None
) -> str:
    """
    The title itself, or with the first number that none of the user's pages has: "Pong", "Pong 2".

    A title is no key: of two who ask at the same moment, both may get the same answer.
    """
    require_text(title=title)
    pages = await list_html_generations(tenant_id, person(user_id), page_size=page_size, mesh=mesh)
    return unique_title(title, (str(page.get("title") or "") for page in pages))


async def get_html_generation_by_id(
    tenant_id: str, gen_id: str, *, user_id: str | None = None, mesh: Mesh | None = None
) -> HtmlGeneration | None:
    """
    The page, or None when the tenant has none with this id.
    """
    async with use_mesh(mesh) as opened:
        row = await _found(opened, tenant_id, gen_id, user_id, Access.READ)
    return None if row is None else _generation(row)


async def update_html_generation(
    tenant_id: str,
    gen_id: str,
    title: str | None = None,
    html_content: str | None = None,
    tags: Sequence[str] | None = None,
    *,
    user_id: str | None = None,
    mesh: Mesh | None = None,
) -> bool:
    """
    Change what is given and leave the rest; ``tags=[]`` takes all tags away.

    False when there is nothing to update: no such page, or nothing to change, and then nothing is sent.
    A title or HTML without anything in it is a ``ValueError``, as it is when a page is created.
    """
    require_text(title=title, html_content=html_content)
    changes = given(title=title, htmlContent=html_content, tags=None if tags is None else list(tags))
    if not changes:
        return False
    async with use_mesh(mesh) as opened:
        if user_id is not None and not await _found(opened, tenant_id, gen_id, user_id, Access.WRITE):
            return False
        return await patched_or_none(opened, _TYPE, gen_id, changes, tenant=tenant_id) is not None


async def delete_html_generation(
    tenant_id: str, gen_id: str, *, user_id: str | None = None, mesh: Mesh | None = None
) -> bool:
    """
    True when the page is gone by this call, False when the tenant had none with this id.
    """
    async with use_mesh(mesh) as opened:
        if user_id is not None and not await _found(opened, tenant_id, gen_id, user_id, Access.MANAGE):
            return False
        return await was_deleted(opened, _TYPE, gen_id, tenant=tenant_id)


async def list_html_generations(
    tenant_id: str, user_id: str, *, page_size: int = 100, mesh: Mesh | None = None
) -> list[HtmlMetadata]:
    """
    Everything the user has, sorted by title; the HTML itself is had by id.
    """
    async with use_mesh(mesh) as opened:
        rows = await _rows(opened, tenant_id, user_id, page_size)
    return [_metadata(row) for row in rows]


async def fuzzy_search_html_generations(
    tenant_id: str,
    text: str,
    *,
    user_id: str | None = None,
    threshold: float = 0.6,
    page_size: int = 100,
    mesh: Mesh | None = None,
) -> HtmlGeneration | None:
    """
    The page whose title is most like *text*, in the whole tenant or among the pages of one user.

    *threshold* is the likeness, from 0 to 1, below which nothing is found. A part of a title counts
    like a whole one, but loses against one; of pages with the same title the last that Mesh lists is found.
    """
    if not text.strip():
        return None
    async with use_mesh(mesh) as opened:
        rows = await _rows(opened, tenant_id, user_id, page_size)
    found = alike(text, _by_title(rows), threshold=threshold)
    return _generation(found[0]) if found else None


async def list_html_library(
    tenant_id: str, user_id: str, *, page_size: int = 100, mesh: Mesh | None = None
) -> list[LibraryEntry]:
    """
    What the user has, then what is shared with the user, each sorted by title.
    """
    owner = person(user_id)
    async with use_mesh(mesh) as opened:
        own = await _rows(opened, tenant_id, owner, page_size)
        access = dict.fromkeys((str(row["_id"]) for row in own), Access.MANAGE)
        shared = await shared_with(opened, tenant_id, owner, _TYPE)
        foreign = [each for each in shared if each not in access]
        theirs = [row async for row in rows_by_id(opened, _TYPE, foreign, tenant=tenant_id)]
    rows = [*own, *sorted_by("title", theirs)]
    return [_entry(row, (shared | access)[str(row["_id"])]) for row in rows]


async def fuzzy_search_html_library(
    tenant_id: str,
    user_id: str,
    text: str,
    *,
    threshold: float = 0.6,
    page_size: int = 100,
    mesh: Mesh | None = None,
) -> list[LibraryEntry]:
    """
    What of the user's library has a title like *text*, the most alike first.
    """
    person(user_id)
    if not text.strip():
        return []
    entries = await list_html_library(tenant_id, user_id, page_size=page_size, mesh=mesh)
    return alike(text, [(entry["title"], entry) for entry in entries], threshold=threshold)


async def _found(
    mesh: Mesh, tenant_id: str, gen_id: str, user_id: str | None, needed: Access
) -> Content | None:
    if user_id is None:
        return await row_or_none(mesh, _TYPE, gen_id, tenant=tenant_id)
    verb = "delete" if needed is Access.MANAGE else None
    return await permitted(mesh, tenant_id, user_id, _TYPE, gen_id, needed, verb=verb)


async def _rows(mesh: Mesh, tenant_id: str, user_id: str | None, page_size: int) -> list[Content]:
    where = _belonging_to(tenant_id, user_id)
    return sorted_by("title", await every_row(mesh, _TYPE, where, tenant=tenant_id, page_size=page_size))


def _belonging_to(tenant_id: str, user_id: str | None) -> Condition:
    owner = () if user_id is None else (child_of(person(user_id)),)
    return every(field_is("tenantId", tenant_id), *owner)


def _by_title(rows: Sequence[Content]) -> list[tuple[str, Content]]:
    return [(str(row.get("title") or ""), row) for row in rows]


def _generation(row: Content) -> HtmlGeneration:
    # Mesh stores content as it was given; what the fields hold is its definition's promise.
    return cast("HtmlGeneration", {**row, "page_id": row["_id"]})


def _metadata(row: Content) -> HtmlMetadata:
    described = {name: value for name, value in row.items() if name != "htmlContent"}
    return cast("HtmlMetadata", {**described, "page_id": row["_id"]})


def _entry(row: Content, access: Access) -> LibraryEntry:
    described = {
        "page_id": row["_id"],
        "title": str(row.get("title") or ""),
        "contentType": row.get("contentType"),
        "tags": row.get("tags") or [],
        "createdBy": row.get("createdBy"),
        "access": access.name.lower(),
    }
    return cast("LibraryEntry", described)
