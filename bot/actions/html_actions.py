"""What the bot does with the HTML pages it writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NotRequired, TypedDict, cast

from bot.actions.html_definition import HTML_GENERATION
from bot.errors import MeshNoDefinitionError, MeshNotFoundError
from bot.mesh import Content, Mesh, use_mesh

_TYPE = "HtmlGeneration"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


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
    mesh: Mesh | None = None,
) -> HtmlGeneration:
    """
    Store a page; the first one of a tenant also brings Mesh the definition of such pages.

    A title or HTML without anything in it is a ``ValueError``, and nothing is sent.
    """
    _require_text(title=title, html_content=html_content)
    content: dict[str, object] = {
        "title": title,
        "contentType": content_type,
        "htmlContent": html_content,
        "userRequest": user_request,
        "isAiGenerated": True,
        "createdBy": user_id,
        "tenantId": tenant_id,
        "tags": list(tags or ()),
    }
    if source_note_id is not None:
        content["sourceNoteId"] = source_note_id
    async with use_mesh(mesh) as opened:
        return _generation(await _create(opened, tenant_id, content))


async def get_html_generation_by_id(
    tenant_id: str, gen_id: str, *, mesh: Mesh | None = None
) -> HtmlGeneration | None:
    """
    The page, or None when the tenant has none with this id.
    """
    if not _UUID.fullmatch(gen_id):
        return None
    async with use_mesh(mesh) as opened:
        try:
            return _generation(await opened.get(_TYPE, gen_id, tenant=tenant_id))
        except MeshNotFoundError:
            return None


async def update_html_generation(
    tenant_id: str,
    gen_id: str,
    title: str | None = None,
    html_content: str | None = None,
    tags: Sequence[str] | None = None,
    *,
    mesh: Mesh | None = None,
) -> bool:
    """
    Change what is given and leave the rest; ``tags=[]`` takes all tags away.

    False when there is nothing to update: no such page, or nothing to change, and then nothing is sent.
    A title or HTML without anything in it is a ``ValueError``, as it is when a page is created.
    """
    _require_text(title=title, html_content=html_content)
    changes = _given(title=title, htmlContent=html_content, tags=None if tags is None else list(tags))
    if not changes or not _UUID.fullmatch(gen_id):
        return False
    async with use_mesh(mesh) as opened:
        try:
            await opened.patch(_TYPE, gen_id, changes, tenant=tenant_id)
        except MeshNotFoundError:
            return False
    return True


async def delete_html_generation(tenant_id: str, gen_id: str, *, mesh: Mesh | None = None) -> bool:
    """
    True when the page is gone by this call, False when the tenant had none with this id.
    """
    if not _UUID.fullmatch(gen_id):
        return False
    async with use_mesh(mesh) as opened:
        try:
            await opened.delete(_TYPE, gen_id, tenant=tenant_id)
        except MeshNotFoundError:
            return False
    return True


async def list_html_generations(
    tenant_id: str, user_id: str, *, page_size: int = 100, mesh: Mesh | None = None
) -> list[HtmlMetadata]:
    """
    Everything the user has, in the order in which it was created; the HTML itself is had by id.
    """
    async with use_mesh(mesh) as opened:
        rows = await _rows(opened, _belonging_to(tenant_id, user_id), tenant_id, page_size)
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
    like a whole one, but loses against one; of pages with the same title the last one created is found.
    """
    if not text.strip():
        return None
    async with use_mesh(mesh) as opened:
        rows = await _rows(opened, _belonging_to(tenant_id, user_id), tenant_id, page_size)
    best = _most_alike(text, rows, threshold)
    return None if best is None else _generation(best)


async def _create(mesh: Mesh, tenant_id: str, content: Mapping[str, object]) -> Content:
    try:
        return await mesh.create(_TYPE, content, tenant=tenant_id)
    except MeshNoDefinitionError:
        await mesh.register(HTML_GENERATION, tenant=tenant_id)
    return await mesh.create(_TYPE, content, tenant=tenant_id)


async def _rows(mesh: Mesh, where: Mapping[str, object], tenant_id: str, page_size: int) -> list[Content]:
    return [row async for row in mesh.rows(_TYPE, tenant=tenant_id, where=where, page_size=page_size)]


def _belonging_to(tenant_id: str, user_id: str | None) -> dict[str, object]:
    conditions: list[dict[str, object]] = [{"indexer": {"path": "tenantId", "equals": tenant_id}}]
    if user_id is not None:
        conditions.append({"parent_id": {"eq": user_id}})
    return {"AND": conditions}


def _most_alike(text: str, rows: Sequence[Content], threshold: float) -> Content | None:
    wanted = _plain(text)
    words = len(wanted.split())
    parts = {part: row for row in rows for part in _parts(_title(row), words)}
    # Later entries win: a whole title over a part of one, and the younger page over the older.
    candidates = parts | {_title(row): row for row in rows}
    found = get_close_matches(wanted, candidates, n=1, cutoff=threshold)
    return candidates[found[0]] if found else None


def _parts(title: str, words: int) -> Iterator[str]:
    """
    Every run of so many words in the title.
    """
    split = title.split()
    return (" ".join(split[start : start + words]) for start in range(len(split) - words + 1))


def _title(row: Content) -> str:
    return _plain(str(row.get("title") or ""))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _generation(row: Content) -> HtmlGeneration:
    # Mesh stores content as it was given; what the fields hold is its definition's promise.
    return cast("HtmlGeneration", {**row, "page_id": row["_id"]})


def _metadata(row: Content) -> HtmlMetadata:
    described = {name: value for name, value in row.items() if name != "htmlContent"}
    return cast("HtmlMetadata", {**described, "page_id": row["_id"]})


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _require_text(**values: str | None) -> None:
    for name, value in values.items():
        if value is not None and not value.strip():
            raise ValueError(f"{name} is empty")
