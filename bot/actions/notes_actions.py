"""
What the bot does with notes.

A note of work can be read by everybody in its tenant, a personal one by its owner; both can be read, or
changed, by those with whom they are shared. Whoever may not gets a ``NotAllowedError``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Literal, TypeAlias, TypedDict, cast, get_args, overload

from bot.actions.access import Access, permitted, shared_with
from bot.actions.conditions import child_of, every, field_is
from bot.actions.ids import person, require_ids
from bot.actions.notes_definition import NOTES
from bot.actions.required import require_text
from bot.actions.rows import create_defined, every_row, patched_or_none, rows_by_id, sorted_by, was_deleted
from bot.actions.titles import alike
from bot.errors import InvalidValueError
from bot.mesh import Content, Mesh, use_mesh

Mode: TypeAlias = Literal["work", "personal"]

_TYPE: Literal["Notes"] = "Notes"


class NoteMetadata(TypedDict):
    """
    A note without what is written in it. ``page_id`` and ``_id`` are the same: Mesh's id for it.
    """

    page_id: str
    _id: str
    title: str
    mode: Mode
    userId: str
    tenantId: str


class Note(NoteMetadata):
    """
    A note as it is stored.
    """

    content: str


async def create_note(
    tenant_id: str,
    user_id: str,
    title: str,
    content: str = "",
    mode: Mode = "work",
    *,
    mesh: Mesh | None = None,
) -> Note:
    """
    Store a note; the first one of a tenant also brings Mesh the definition of notes.

    A title without anything in it, or a mode that is none, is a ``ValueError``, and nothing is sent.
    """
    require_ids(tenant_id=tenant_id)
    require_text(title=title)
    _require_mode(mode)
    note = {
        "userId": person(user_id),
        "title": title,
        "content": content,
        "mode": mode,
        "tenantId": tenant_id,
    }
    async with use_mesh(mesh) as opened:
        return _note(await create_defined(opened, NOTES, note, tenant=tenant_id))


@overload
async def list_notes(
    tenant_id: str,
    user_id: str,
    *,
    include_content: Literal[True],
    mode: Mode | None = None,
    page_size: int = 100,
    mesh: Mesh | None = None,
) -> list[Note]: ...


@overload
async def list_notes(
    tenant_id: str,
    user_id: str,
    *,
    include_content: Literal[False] = False,
    mode: Mode | None = None,
    page_size: int = 100,
    mesh: Mesh | None = None,
) -> list[NoteMetadata]: ...


async def list_notes(
    tenant_id: str,
    user_id: str,
    *,
    include_content: bool = False,
    mode: Mode | None = None,
    page_size: int = 100,
    mesh: Mesh | None = None,
) -> list[Note] | list[NoteMetadata]:
    """
    The tenant's notes of work, the user's personal ones, and those shared with the user, in this order, each
    sorted by title.

    *mode* leaves only the notes of one mode.
    """
    if mode is not None:
        _require_mode(mode)
    async with use_mesh(mesh) as opened:
        rows = [row async for row in _readable(opened, tenant_id, person(user_id), mode, page_size)]
    return [_note(row) for row in rows] if include_content else [_metadata(row) for row in rows]


async def fuzzy_search_notes(
    tenant_id: str,
    user_id: str,
    text: str,
    *,
    threshold: float = 0.5,
    page_size: int = 100,
    mesh: Mesh | None = None,
) -> list[Note]:
    """
    The notes the user may read whose titles are like *text*, the most alike first.
    """
    person(user_id)
    if not text.strip():
        return []
    notes = await list_notes(tenant_id, user_id, include_content=True, page_size=page_size, mesh=mesh)
    return alike(text, [(str(note.get("title") or ""), note) for note in notes], threshold=threshold)


async def get_note_by_id(
    tenant_id: str, user_id: str, note_id: str, *, mesh: Mesh | None = None
) -> Note | None:
    """
    The note, or None when the tenant has none with this id.
    """
    async with use_mesh(mesh) as opened:
        row = await permitted(opened, tenant_id, user_id, _TYPE, note_id, Access.READ)
    return None if row is None else _note(row)


async def update_note_content(
    tenant_id: str, user_id: str, note_id: str, content: str, *, mesh: Mesh | None = None
) -> Note | None:
    """
    The note with *content* in the place of all that was written in it; None when there is no such note.
    """
    async with use_mesh(mesh) as opened:
        return await _change(opened, tenant_id, user_id, note_id, {"content": content})


async def append_to_note(
    tenant_id: str, user_id: str, note_id: str, text: str, *, mesh: Mesh | None = None
) -> Note | None:
    """
    The note with *text* on a line of its own at its end; None when there is no such note.

    Mesh cannot append: of two who do it at the same moment, the later one's text may stand alone.
    """
    require_text(text=text)
    async with use_mesh(mesh) as opened:
        row = await permitted(opened, tenant_id, user_id, _TYPE, note_id, Access.WRITE)
        if row is None:
            return None
        written = str(row.get("content") or "")
        extended = "\n".join(filter(None, (written, text)))
        return await _patch(opened, tenant_id, note_id, {"content": extended})


async def update_note_title(
    tenant_id: str, user_id: str, note_id: str, title: str, *, mesh: Mesh | None = None
) -> Note | None:
    """
    The note under its new title; None when there is no such note.
    """
    require_text(title=title)
    async with use_mesh(mesh) as opened:
        return await _change(opened, tenant_id, user_id, note_id, {"title": title})


async def update_note_mode(
    tenant_id: str, user_id: str, note_id: str, mode: Mode, *, mesh: Mesh | None = None
) -> Note | None:
    """
    The note in its new mode; None when there is no such note. Its owner alone decides who sees it.
    """
    _require_mode(mode)
    async with use_mesh(mesh) as opened:
        return await _change(opened, tenant_id, user_id, note_id, {"mode": mode}, needed=Access.MANAGE)


async def delete_note(tenant_id: str, user_id: str, note_id: str, *, mesh: Mesh | None = None) -> bool:
    """
    True when the note is gone by this call, False when the tenant had none with this id.
    """
    async with use_mesh(mesh) as opened:
        row = await permitted(opened, tenant_id, user_id, _TYPE, note_id, Access.MANAGE, verb="delete")
        return row is not None and await was_deleted(opened, _TYPE, note_id, tenant=tenant_id)


async def _change(
    mesh: Mesh,
    tenant_id: str,
    user_id: str,
    note_id: str,
    changes: Mapping[str, object],
    *,
    needed: Access = Access.WRITE,
) -> Note | None:
    row = await permitted(mesh, tenant_id, user_id, _TYPE, note_id, needed, verb="change")
    return None if row is None else await _patch(mesh, tenant_id, note_id, changes)


async def _patch(mesh: Mesh, tenant_id: str, note_id: str, changes: Mapping[str, object]) -> Note | None:
    row = await patched_or_none(mesh, _TYPE, note_id, changes, tenant=tenant_id)
    return None if row is None else _note(row)


async def _readable(
    mesh: Mesh, tenant_id: str, user_id: str, mode: Mode | None, page_size: int
) -> AsyncIterator[Content]:
    """
    Every row once. One question after the other: a recording is then the same whatever is faster.
    """
    seen: set[str] = set()
    of_tenant = field_is("tenantId", tenant_id)
    work = every(of_tenant, field_is("mode", "work"))
    personal = every(of_tenant, field_is("mode", "personal"), child_of(user_id))
    for each, where in (("work", work), ("personal", personal)):
        if mode in {None, each}:
            found = await every_row(mesh, _TYPE, where, tenant=tenant_id, page_size=page_size)
            for row in sorted_by("title", found):
                seen.add(str(row["_id"]))
                yield row
    shared = await shared_with(mesh, tenant_id, user_id, _TYPE)
    foreign = [each for each in shared if each not in seen]
    theirs = [row async for row in rows_by_id(mesh, _TYPE, foreign, tenant=tenant_id)]
    for row in sorted_by("title", theirs):
        if mode in {None, row.get("mode")}:
            yield row


def _note(row: Content) -> Note:
    # Mesh stores content as it was given; what the fields hold is its definition's promise.
    return cast("Note", {**row, "page_id": row["_id"]})


def _metadata(row: Content) -> NoteMetadata:
    described = {name: value for name, value in row.items() if name != "content"}
    return cast("NoteMetadata", {**described, "page_id": row["_id"]})


def _require_mode(mode: str) -> None:
    if mode not in get_args(Mode):
        raise InvalidValueError(f"mode is neither work nor personal: {mode!r}")
