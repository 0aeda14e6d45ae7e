"""Tenants: what is none is refused by every action, since to Mesh it would mean all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.actions import html_actions, notes_actions, sharing_actions
from bot.errors import InvalidValueError
from bot.mesh import Mesh
from tests.fakes import OTHER_USER, PAGE_ID, USER, Script

pytestmark = pytest.mark.asyncio

Call = Callable[[str, Mesh], Awaitable[object]]

html, notes, sharing = html_actions, notes_actions, sharing_actions

CALLS: dict[str, Call] = {
    "create page": lambda tenant, mesh: html.create_html_generation(tenant, USER, "x", "<p>", mesh=mesh),
    "page title": lambda tenant, mesh: html.make_unique_title(tenant, USER, "x", mesh=mesh),
    "read page": lambda tenant, mesh: html.get_html_generation_by_id(tenant, PAGE_ID, mesh=mesh),
    "change page": lambda tenant, mesh: html.update_html_generation(tenant, PAGE_ID, "x", mesh=mesh),
    "delete page": lambda tenant, mesh: html.delete_html_generation(tenant, PAGE_ID, mesh=mesh),
    "list pages": lambda tenant, mesh: html.list_html_generations(tenant, USER, mesh=mesh),
    "find page": lambda tenant, mesh: html.fuzzy_search_html_generations(tenant, "x", mesh=mesh),
    "list library": lambda tenant, mesh: html.list_html_library(tenant, USER, mesh=mesh),
    "search library": lambda tenant, mesh: html.fuzzy_search_html_library(tenant, USER, "x", mesh=mesh),
    "create note": lambda tenant, mesh: notes.create_note(tenant, USER, "x", mesh=mesh),
    "list notes": lambda tenant, mesh: notes.list_notes(tenant, USER, mesh=mesh),
    "find notes": lambda tenant, mesh: notes.fuzzy_search_notes(tenant, USER, "x", mesh=mesh),
    "read note": lambda tenant, mesh: notes.get_note_by_id(tenant, USER, PAGE_ID, mesh=mesh),
    "rewrite note": lambda tenant, mesh: notes.update_note_content(tenant, USER, PAGE_ID, "x", mesh=mesh),
    "append to note": lambda tenant, mesh: notes.append_to_note(tenant, USER, PAGE_ID, "x", mesh=mesh),
    "rename note": lambda tenant, mesh: notes.update_note_title(tenant, USER, PAGE_ID, "x", mesh=mesh),
    "note mode": lambda tenant, mesh: notes.update_note_mode(tenant, USER, PAGE_ID, "work", mesh=mesh),
    "delete note": lambda tenant, mesh: notes.delete_note(tenant, USER, PAGE_ID, mesh=mesh),
    "access": lambda tenant, mesh: sharing.get_resource_access(tenant, USER, "Notes", PAGE_ID, mesh=mesh),
    "list shared": lambda tenant, mesh: sharing.list_shared_resources(tenant, USER, mesh=mesh),
    "share": lambda tenant, mesh: sharing.share_resource_with_user(
        tenant, USER, "Notes", PAGE_ID, OTHER_USER, mesh=mesh
    ),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("tenant", ["any", ""])
async def test_what_is_no_tenant_is_refused_and_nothing_is_sent(
    script: Script, call: str, tenant: str
) -> None:
    mesh, transport = await script()

    with pytest.raises(InvalidValueError, match=f"tenant_id is not a UUID: '{tenant}'"):
        await CALLS[call](tenant, mesh)

    assert transport.said == []
