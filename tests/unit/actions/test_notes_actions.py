"""Notes actions: what they refuse, what they send, what they make of the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.actions.notes_actions import (
    Mode,
    append_to_note,
    create_note,
    delete_note,
    fuzzy_search_notes,
    get_note_by_id,
    list_notes,
    update_note_content,
    update_note_mode,
    update_note_title,
)
from bot.actions.notes_definition import NOTES
from bot.errors import InvalidValueError, MeshRejectedError, NotAllowedError
from bot.mesh import Mesh
from tests.fakes import OTHER_USER, PAGE_ID, TENANT, USER, Script, ok, page, refusal

pytestmark = pytest.mark.asyncio

COLLECTION = f"/api/content/Notes?tenant={TENANT}"
ITEM = f"/api/content/Notes/{PAGE_ID}?tenant={TENANT}"
NO_DEFINITION = 'Internal error: Content definition for type "Notes" not found.'
CONTENT = {"userId": USER, "title": "Groceries", "content": "milk", "mode": "work", "tenantId": TENANT}
ROW = {**CONTENT, "_id": PAGE_ID}
NOTE = {**ROW, "page_id": PAGE_ID}
GONE = refusal(404, "Content not found")

Change = Callable[[str, str, Mesh], Awaitable[object]]

CHANGES: dict[str, Change] = {
    "replace": lambda user, note, mesh: update_note_content(TENANT, user, note, "eggs", mesh=mesh),
    "append": lambda user, note, mesh: append_to_note(TENANT, user, note, "eggs", mesh=mesh),
    "rename": lambda user, note, mesh: update_note_title(TENANT, user, note, "Shopping", mesh=mesh),
    "mode": lambda user, note, mesh: update_note_mode(TENANT, user, note, "personal", mesh=mesh),
}
PATCHES: dict[str, object] = {
    "replace": {"content": "eggs"},
    "append": {"content": "milk\neggs"},
    "rename": {"title": "Shopping"},
    "mode": {"mode": "personal"},
}


class TestCreate:
    async def test_the_stored_note_comes_back_with_its_id_under_both_names(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW))

        created = await create_note(TENANT, USER, "Groceries", "milk", mesh=mesh)

        assert created == NOTE
        assert transport.said == [("POST", COLLECTION, {"content": CONTENT})]

    async def test_a_missing_definition_is_registered_and_the_call_repeated(self, script: Script) -> None:
        mesh, transport = await script(
            refusal(500, NO_DEFINITION, "CONTENT_CREATE_ERR"), ok({**NOTES, "_id": "1"}), ok(ROW)
        )

        await create_note(TENANT, USER, "Groceries", "milk", mesh=mesh)

        assert [method for method, *_ in transport.said] == ["POST", "POST", "POST"]
        assert transport.said[1] == ("POST", f"/api/definition?tenant={TENANT}", {"definition": NOTES})

    @pytest.mark.parametrize(
        ("tenant", "user", "title", "mode", "problem"),
        [
            ("any", USER, "Plan", "work", "tenant_id is not a UUID: 'any'"),
            (TENANT, "ann", "Plan", "work", "user_id is not a UUID: 'ann'"),
            (TENANT, USER, " \n", "work", "title is empty"),
            (TENANT, USER, "Plan", "", "mode is neither work nor personal: ''"),
        ],
    )
    async def test_what_cannot_be_stored_is_not_sent(
        self, script: Script, tenant: str, user: str, title: str, mode: Mode, problem: str
    ) -> None:
        mesh, transport = await script()

        with pytest.raises(InvalidValueError) as caught:
            await create_note(tenant, user, title, mode=mode, mesh=mesh)

        assert (str(caught.value), transport.said) == (problem, [])


class TestChange:
    @pytest.mark.parametrize("change", CHANGES)
    async def test_the_note_is_read_patched_and_returned(self, script: Script, change: str) -> None:
        mesh, transport = await script(ok(ROW), ok({**ROW, "title": "as stored"}))

        changed = await CHANGES[change](USER, PAGE_ID, mesh)

        assert changed == {**NOTE, "title": "as stored"}
        assert transport.said == [("GET", ITEM, None), ("PATCH", ITEM, {"content": PATCHES[change]})]

    @pytest.mark.parametrize("change", CHANGES)
    async def test_what_is_not_there_is_none(self, script: Script, change: str) -> None:
        mesh, _ = await script(GONE)

        assert await CHANGES[change](USER, PAGE_ID, mesh) is None

    @pytest.mark.parametrize("change", CHANGES)
    async def test_what_went_while_one_was_looking_is_none(self, script: Script, change: str) -> None:
        mesh, _ = await script(ok(ROW), GONE)

        assert await CHANGES[change](USER, PAGE_ID, mesh) is None

    @pytest.mark.parametrize("change", CHANGES)
    async def test_what_is_no_id_is_nobodys_and_nothing_is_sent(self, script: Script, change: str) -> None:
        mesh, transport = await script()

        assert (await CHANGES[change](USER, "first note", mesh), transport.said) == (None, [])

    @pytest.mark.parametrize("change", CHANGES)
    async def test_a_stranger_may_not(self, script: Script, change: str) -> None:
        mesh, transport = await script(ok(ROW), page())

        with pytest.raises(NotAllowedError, match="may not change Notes"):
            await CHANGES[change](OTHER_USER, PAGE_ID, mesh)

        assert [method for method, *_ in transport.said] == ["GET", "GET"]

    @pytest.mark.parametrize("change", CHANGES)
    async def test_who_is_nobody_is_refused_and_nothing_is_sent(self, script: Script, change: str) -> None:
        mesh, transport = await script()

        with pytest.raises(InvalidValueError, match="user_id is not a UUID: ''"):
            await CHANGES[change]("", PAGE_ID, mesh)

        assert transport.said == []

    @pytest.mark.parametrize("change", CHANGES)
    async def test_another_refusal_is_the_callers_to_know(self, script: Script, change: str) -> None:
        mesh, _ = await script(ok(ROW), refusal(500, "Update failed", "CONTENT_UPDATE_FAIL"))

        with pytest.raises(MeshRejectedError, match="CONTENT_UPDATE_FAIL"):
            await CHANGES[change](USER, PAGE_ID, mesh)

    async def test_an_empty_note_is_extended_without_an_empty_line(self, script: Script) -> None:
        mesh, transport = await script(ok({**ROW, "content": None}), ok(ROW))

        await append_to_note(TENANT, USER, PAGE_ID, "eggs", mesh=mesh)

        assert transport.said[1] == ("PATCH", ITEM, {"content": {"content": "eggs"}})

    async def test_a_note_may_be_emptied(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW), ok(ROW))

        await update_note_content(TENANT, USER, PAGE_ID, "", mesh=mesh)

        assert transport.said[1] == ("PATCH", ITEM, {"content": {"content": ""}})

    async def test_nothing_is_not_appended(self, script: Script) -> None:
        mesh, transport = await script()

        with pytest.raises(InvalidValueError, match="text is empty"):
            await append_to_note(TENANT, USER, PAGE_ID, " ", mesh=mesh)

        assert transport.said == []

    async def test_a_blank_title_is_refused_and_nothing_is_sent(self, script: Script) -> None:
        mesh, transport = await script()

        with pytest.raises(InvalidValueError, match="title is empty"):
            await update_note_title(TENANT, USER, PAGE_ID, "", mesh=mesh)

        assert transport.said == []

    async def test_a_mode_that_is_none_is_refused_and_nothing_is_sent(self, script: Script) -> None:
        mesh, transport = await script()
        unknown: Mode = "secret"  # type: ignore[assignment]

        with pytest.raises(InvalidValueError, match="mode is neither work nor personal: 'secret'"):
            await update_note_mode(TENANT, USER, PAGE_ID, unknown, mesh=mesh)

        assert transport.said == []


class TestGet:
    async def test_the_owner_needs_one_request(self, script: Script) -> None:
        mesh, transport = await script(ok({**ROW, "mode": "personal"}))

        found = await get_note_by_id(TENANT, USER, PAGE_ID, mesh=mesh)

        assert (found, transport.said) == ({**NOTE, "mode": "personal"}, [("GET", ITEM, None)])

    async def test_another_refusal_is_the_callers_to_know(self, script: Script) -> None:
        mesh, _ = await script(refusal(401, "Unauthorized", "UNAUTHORIZED"))

        with pytest.raises(MeshRejectedError):
            await get_note_by_id(TENANT, USER, PAGE_ID, mesh=mesh)


class TestDelete:
    async def test_what_was_there_is_gone(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW), ok({"deleted": True}))

        assert await delete_note(TENANT, USER, PAGE_ID, mesh=mesh) is True
        assert transport.said == [("GET", ITEM, None), ("DELETE", ITEM, None)]

    @pytest.mark.parametrize("answers", [[GONE], [ok(ROW), GONE]], ids=["before", "meanwhile"])
    async def test_what_is_not_there_is_not_deleted(self, script: Script, answers: list[object]) -> None:
        mesh, _ = await script(*answers)

        assert await delete_note(TENANT, USER, PAGE_ID, mesh=mesh) is False

    async def test_a_stranger_may_not(self, script: Script) -> None:
        mesh, _ = await script(ok(ROW), page())

        with pytest.raises(NotAllowedError, match="may not delete Notes"):
            await delete_note(TENANT, OTHER_USER, PAGE_ID, mesh=mesh)


class TestList:
    async def test_what_is_shared_and_listed_already_is_not_asked_for(self, script: Script) -> None:
        role = {"_id": "1", "organizationId": "o", "role": "viewer"}
        shares = {
            "_id": "o",
            "tenantId": TENANT,
            "sharedResources": {PAGE_ID: "Notes", "x": "HtmlGeneration"},
        }
        mesh, transport = await script(page(ROW), page(), page(role), page(shares), page())

        listed = await list_notes(TENANT, USER, include_content=True, mesh=mesh)

        assert listed == [NOTE]
        assert [address.split("?")[0].rsplit("/", 1)[1] for _, address, _ in transport.said] == [
            "Notes",
            "Notes",
            "UserOrganizationRole",
            "Organization",
            "Organization",
        ]

    async def test_the_filters_name_tenant_mode_and_user(self, script: Script) -> None:
        mesh, transport = await script(page(), page(), page(), page())

        await list_notes(TENANT, USER, page_size=7, mesh=mesh)

        tenant = f'{{"indexer":{{"path":"tenantId","equals":"{TENANT}"}}}}'
        work, personal = (
            f'{{"indexer":{{"path":"mode","equals":"{each}"}}}}' for each in ("work", "personal")
        )
        own = f'{{"parent_id":{{"eq":"{USER}"}}}}'
        assert [address for _, address, _ in transport.said[:2]] == [
            f'{COLLECTION}&where={{"AND":[{tenant},{work}]}}&limit=7&offset=0',
            f'{COLLECTION}&where={{"AND":[{tenant},{personal},{own}]}}&limit=7&offset=0',
        ]

    async def test_what_is_shared_in_another_mode_is_left_out(self, script: Script) -> None:
        role = {"_id": "1", "organizationId": "o", "role": "viewer"}
        shares = {"_id": "o", "tenantId": TENANT, "sharedResources": {PAGE_ID: "Notes"}}
        mesh, _ = await script(page(), page(role), page(shares), page(), page(ROW))

        assert await list_notes(TENANT, USER, mode="personal", mesh=mesh) == []

    async def test_a_mode_that_is_none_is_refused_and_nothing_is_sent(self, script: Script) -> None:
        mesh, transport = await script()
        unknown: Mode = "secret"  # type: ignore[assignment]

        with pytest.raises(InvalidValueError, match="mode is neither"):
            await list_notes(TENANT, USER, mode=unknown, mesh=mesh)

        assert transport.said == []

    async def test_an_error_in_the_middle_is_the_callers_to_know(self, script: Script) -> None:
        mesh, _ = await script(page(ROW), refusal(500, "Internal error"))

        with pytest.raises(MeshRejectedError):
            await list_notes(TENANT, USER, mesh=mesh)


class TestFuzzySearch:
    async def test_the_most_alike_comes_first(self, script: Script) -> None:
        rows = [{**ROW, "_id": title, "title": title} for title in ("Plan B", "Plan", "Shopping", "")]
        mesh, _ = await script(page(*rows), page(), page(), page())

        found = await fuzzy_search_notes(TENANT, USER, "plan", mesh=mesh)

        assert [each["title"] for each in found] == ["Plan", "Plan B"]

    @pytest.mark.parametrize("blank", ["", " \n"])
    async def test_nothing_is_not_searched_for(self, script: Script, blank: str) -> None:
        mesh, transport = await script()

        assert (await fuzzy_search_notes(TENANT, USER, blank, mesh=mesh), transport.said) == ([], [])

    async def test_who_is_nobody_is_refused_and_nothing_is_sent(self, script: Script) -> None:
        mesh, transport = await script()

        with pytest.raises(InvalidValueError, match="user_id is not a UUID"):
            await fuzzy_search_notes(TENANT, "ann", "plan", mesh=mesh)

        assert transport.said == []
