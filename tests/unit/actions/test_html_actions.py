"""HTML actions: what they refuse, what they send, what they make of the answers."""

from __future__ import annotations

import httpx
import pytest

from bot.actions.html_actions import (
    create_html_generation,
    delete_html_generation,
    fuzzy_search_html_generations,
    fuzzy_search_html_library,
    get_html_generation_by_id,
    list_html_generations,
    list_html_library,
    make_unique_title,
    update_html_generation,
)
from bot.actions.html_definition import HTML_GENERATION
from bot.errors import InvalidValueError, MeshNoDefinitionError, MeshRejectedError, NotAllowedError
from tests.fakes import OTHER_USER, PAGE_ID, TENANT, USER, Script, ok, page, refusal

pytestmark = pytest.mark.asyncio

COLLECTION = f"/api/content/HtmlGeneration?tenant={TENANT}"
ITEM = f"/api/content/HtmlGeneration/{PAGE_ID}?tenant={TENANT}"
NO_DEFINITION = 'Internal error: Content definition for type "HtmlGeneration" not found.'
CONTENT = {
    "title": "Pong",
    "contentType": "app",
    "htmlContent": "<p>",
    "userRequest": "",
    "isAiGenerated": True,
    "createdBy": USER,
    "tenantId": TENANT,
    "tags": [],
}
ROW = {**CONTENT, "_id": PAGE_ID}


class TestCreate:
    async def test_the_stored_page_comes_back_with_its_id_under_both_names(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW))

        created = await create_html_generation(TENANT, USER, "Pong", "<p>", mesh=mesh)

        assert created == {**ROW, "page_id": PAGE_ID}
        assert transport.said == [("POST", COLLECTION, {"content": CONTENT})]

    async def test_everything_given_is_sent(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW))

        await create_html_generation(
            TENANT,
            USER,
            "Pong",
            "<p>",
            content_type="game",
            user_request="make pong",
            source_note_id="f1767586-c200-4e9c-9b55-c9fc4ed6161a",
            tags=("fun", "old"),
            mesh=mesh,
        )

        content = CONTENT | {
            "contentType": "game",
            "userRequest": "make pong",
            "sourceNoteId": "f1767586-c200-4e9c-9b55-c9fc4ed6161a",
            "tags": ["fun", "old"],
        }
        assert transport.said == [("POST", COLLECTION, {"content": content})]

    @pytest.mark.parametrize("blank", ["", " \n\t"])
    async def test_a_blank_title_is_refused_and_nothing_is_sent(self, script: Script, blank: str) -> None:
        mesh, transport = await script()

        with pytest.raises(ValueError, match="title is empty"):
            await create_html_generation(TENANT, USER, blank, "<p>", mesh=mesh)

        assert transport.said == []

    @pytest.mark.parametrize("blank", ["", " \n\t"])
    async def test_blank_html_is_refused_and_nothing_is_sent(self, script: Script, blank: str) -> None:
        mesh, transport = await script()

        with pytest.raises(ValueError, match="html_content is empty"):
            await create_html_generation(TENANT, USER, "Pong", blank, mesh=mesh)

        assert transport.said == []

    async def test_a_missing_definition_is_registered_and_the_call_repeated(self, script: Script) -> None:
        mesh, transport = await script(
            refusal(500, NO_DEFINITION, "CONTENT_CREATE_ERR"), ok({**HTML_GENERATION, "_id": "1"}), ok(ROW)
        )

        created = await create_html_generation(TENANT, USER, "Pong", "<p>", mesh=mesh)

        assert created == {**ROW, "page_id": PAGE_ID}
        assert transport.said == [
            ("POST", COLLECTION, {"content": CONTENT}),
            ("POST", f"/api/definition?tenant={TENANT}", {"definition": HTML_GENERATION}),
            ("POST", COLLECTION, {"content": CONTENT}),
        ]

    async def test_a_definition_that_stays_missing_is_not_registered_again(self, script: Script) -> None:
        missing = refusal(500, NO_DEFINITION, "CONTENT_CREATE_ERR")
        mesh, transport = await script(missing, ok({**HTML_GENERATION, "_id": "1"}), missing)

        with pytest.raises(MeshNoDefinitionError):
            await create_html_generation(TENANT, USER, "Pong", "<p>", mesh=mesh)

        assert len(transport.said) == 3

    async def test_another_refusal_is_the_callers_to_know(self, script: Script) -> None:
        mesh, transport = await script(refusal(500, "Internal error", "CONTENT_CREATE_ERR"))

        with pytest.raises(MeshRejectedError, match="500 CONTENT_CREATE_ERR: Internal error"):
            await create_html_generation(TENANT, USER, "Pong", "<p>", mesh=mesh)

        assert len(transport.said) == 1


class TestGet:
    async def test_the_page_comes_back(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW))

        found = await get_html_generation_by_id(TENANT, PAGE_ID, mesh=mesh)

        assert found == {**ROW, "page_id": PAGE_ID}
        assert transport.said == [("GET", ITEM, None)]

    async def test_what_is_not_there_is_none(self, script: Script) -> None:
        mesh, _ = await script(refusal(404, "Content not found"))

        assert await get_html_generation_by_id(TENANT, PAGE_ID, mesh=mesh) is None

    async def test_another_refusal_is_the_callers_to_know(self, script: Script) -> None:
        mesh, _ = await script(refusal(401, "Unauthorized", "UNAUTHORIZED"))

        with pytest.raises(MeshRejectedError):
            await get_html_generation_by_id(TENANT, PAGE_ID, mesh=mesh)


class TestUpdate:
    async def test_what_is_given_is_changed(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW))

        updated = await update_html_generation(TENANT, PAGE_ID, "Pong!", "<b>", ("x",), mesh=mesh)

        assert updated is True
        assert transport.said == [
            ("PATCH", ITEM, {"content": {"title": "Pong!", "htmlContent": "<b>", "tags": ["x"]}})
        ]

    async def test_no_tags_are_something_to_change(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW))

        updated = await update_html_generation(TENANT, PAGE_ID, tags=[], mesh=mesh)

        assert updated is True
        assert transport.said == [("PATCH", ITEM, {"content": {"tags": []}})]

    async def test_nothing_to_change_is_false_and_nothing_is_sent(self, script: Script) -> None:
        mesh, transport = await script()

        updated = await update_html_generation(TENANT, PAGE_ID, mesh=mesh)

        assert (updated, transport.said) == (False, [])

    async def test_what_is_not_there_is_not_updated(self, script: Script) -> None:
        mesh, _ = await script(refusal(404, "Content not found"))

        assert await update_html_generation(TENANT, PAGE_ID, title="Pong!", mesh=mesh) is False

    async def test_a_blank_title_is_refused_and_nothing_is_sent(self, script: Script) -> None:
        mesh, transport = await script()

        with pytest.raises(ValueError, match="title is empty"):
            await update_html_generation(TENANT, PAGE_ID, title=" ", mesh=mesh)

        assert transport.said == []

    async def test_blank_html_is_refused_and_nothing_is_sent(self, script: Script) -> None:
        mesh, transport = await script()

        with pytest.raises(ValueError, match="html_content is empty"):
            await update_html_generation(TENANT, PAGE_ID, html_content="", mesh=mesh)

        assert transport.said == []

    async def test_another_refusal_is_the_callers_to_know(self, script: Script) -> None:
        mesh, _ = await script(refusal(500, "Internal error", "CONTENT_UPDATE_ERR"))

        with pytest.raises(MeshRejectedError):
            await update_html_generation(TENANT, PAGE_ID, title="Pong!", mesh=mesh)


class TestDelete:
    async def test_what_was_there_is_gone(self, script: Script) -> None:
        mesh, transport = await script(ok({"deleted": True}))

        deleted = await delete_html_generation(TENANT, PAGE_ID, mesh=mesh)

        assert (deleted, transport.said) == (True, [("DELETE", ITEM, None)])

    async def test_what_is_not_there_is_not_deleted(self, script: Script) -> None:
        mesh, _ = await script(refusal(404, "Content not found"))

        assert await delete_html_generation(TENANT, PAGE_ID, mesh=mesh) is False

    async def test_another_refusal_is_the_callers_to_know(self, script: Script) -> None:
        mesh, _ = await script(refusal(401, "Unauthorized", "UNAUTHORIZED"))

        with pytest.raises(MeshRejectedError):
            await delete_html_generation(TENANT, PAGE_ID, mesh=mesh)


@pytest.mark.parametrize(
    "gen_id", ["", "none", "..", f"{{{PAGE_ID}}}", PAGE_ID.replace("-", ""), f"{PAGE_ID}\n", f" {PAGE_ID}"]
)
async def test_what_is_no_id_is_nobodys_and_nothing_is_sent(script: Script, gen_id: str) -> None:
    mesh, transport = await script()

    found = await get_html_generation_by_id(TENANT, gen_id, mesh=mesh)
    updated = await update_html_generation(TENANT, gen_id, title="Pong!", mesh=mesh)
    deleted = await delete_html_generation(TENANT, gen_id, mesh=mesh)

    assert (found, updated, deleted, transport.said) == (None, False, False, [])


async def test_an_id_may_be_written_in_capitals(script: Script) -> None:
    mesh, _ = await script(ok({"deleted": True}))

    assert await delete_html_generation(TENANT, PAGE_ID.upper(), mesh=mesh) is True


class TestList:
    async def test_all_pages_are_read_and_the_html_left_out(self, script: Script) -> None:
        mesh, transport = await script(page({**ROW, "_id": "1"}, has_more=True), page({**ROW, "_id": "2"}))

        listed = await list_html_generations(TENANT, USER, page_size=1, mesh=mesh)

        metadata = {name: value for name, value in CONTENT.items() if name != "htmlContent"}
        assert listed == [
            {**metadata, "_id": "1", "page_id": "1"},
            {**metadata, "_id": "2", "page_id": "2"},
        ]
        where = (
            '{"AND":[{"indexer":{"path":"tenantId","equals":"11111111-1111-4111-8111-111111111111"}},'
            '{"parent_id":{"eq":"aaaaaaaa-0000-4000-8000-000000000001"}}]}'
        )
        assert transport.said == [
            ("GET", f"{COLLECTION}&where={where}&limit=1&offset=0", None),
            ("GET", f"{COLLECTION}&where={where}&limit=1&offset=1", None),
        ]

    async def test_a_user_without_pages_has_an_empty_list(self, script: Script) -> None:
        mesh, _ = await script(page())

        assert await list_html_generations(TENANT, USER, mesh=mesh) == []


class TestFuzzySearch:
    @staticmethod
    def titled(*titles: object) -> httpx.Response:
        return page(*({"title": title, "_id": str(number)} for number, title in enumerate(titles)))

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("space invader", "0"),
            ("SPACE   INVADERS clone", "0"),
            ("spase invadrs", "0"),
            ("invaders", "0"),
            ("todo list", "1"),
            ("pong", "2"),
            ("pong with sound", "3"),
            ("zzz qqq xxx", None),
            ("quarterly tax report", None),
        ],
    )
    async def test_the_title_most_alike_is_found(self, script: Script, text: str, found: str | None) -> None:
        mesh, _ = await script(
            self.titled("Space Invaders Clone", "My To-Do List", "Pong", "Pong with Sound", "")
        )

        best = await fuzzy_search_html_generations(TENANT, text, mesh=mesh)

        assert (best and best["page_id"]) == found

    async def test_of_pages_with_one_title_the_youngest_is_found(self, script: Script) -> None:
        mesh, _ = await script(self.titled("Pong", "PONG", "Pong 2"))

        best = await fuzzy_search_html_generations(TENANT, "pong", mesh=mesh)

        assert best is not None
        assert best["page_id"] == "1"

    async def test_a_page_without_a_title_is_passed_over(self, script: Script) -> None:
        mesh, _ = await script(self.titled(None, "Pong"))

        best = await fuzzy_search_html_generations(TENANT, "pong", mesh=mesh)

        assert best is not None
        assert best["page_id"] == "1"

    async def test_a_higher_threshold_finds_less(self, script: Script) -> None:
        mesh, _ = await script(self.titled("Pong"))

        assert await fuzzy_search_html_generations(TENANT, "pang", threshold=0.8, mesh=mesh) is None

    async def test_the_whole_tenant_is_searched(self, script: Script) -> None:
        mesh, transport = await script(page())

        await fuzzy_search_html_generations(TENANT, "pong", mesh=mesh)

        where = f'{{"AND":[{{"indexer":{{"path":"tenantId","equals":"{TENANT}"}}}}]}}'
        assert transport.said == [("GET", f"{COLLECTION}&where={where}&limit=100&offset=0", None)]

    async def test_a_user_narrows_the_search(self, script: Script) -> None:
        mesh, transport = await script(page())

        await fuzzy_search_html_generations(TENANT, "pong", user_id=USER, page_size=5, mesh=mesh)

        where = (
            f'{{"AND":[{{"indexer":{{"path":"tenantId","equals":"{TENANT}"}}}},'
            f'{{"parent_id":{{"eq":"{USER}"}}}}]}}'
        )
        assert transport.said == [("GET", f"{COLLECTION}&where={where}&limit=5&offset=0", None)]

    @pytest.mark.parametrize("blank", ["", " \n"])
    async def test_nothing_is_not_searched_for(self, script: Script, blank: str) -> None:
        mesh, transport = await script()

        best = await fuzzy_search_html_generations(TENANT, blank, mesh=mesh)

        assert (best, transport.said) == (None, [])


class TestUniqueTitles:
    async def test_a_title_the_user_has_gets_a_number(self, script: Script) -> None:
        mesh, transport = await script(page(ROW), ok(ROW))

        await create_html_generation(TENANT, USER, "pong", "<p>", unique=True, mesh=mesh)

        assert transport.said[1] == ("POST", COLLECTION, {"content": {**CONTENT, "title": "pong 2"}})

    async def test_a_page_without_a_title_takes_none(self, script: Script) -> None:
        mesh, _ = await script(page({**ROW, "title": None}))

        assert await make_unique_title(TENANT, USER, "Pong", mesh=mesh) == "Pong"

    @pytest.mark.parametrize(("user", "title"), [(USER, " "), ("ann", "Pong")])
    async def test_without_a_title_or_a_user_nothing_is_sent(
        self, script: Script, user: str, title: str
    ) -> None:
        mesh, transport = await script()

        with pytest.raises(InvalidValueError):
            await make_unique_title(TENANT, user, title, mesh=mesh)

        assert transport.said == []


class TestOnBehalfOfAUser:
    async def test_the_owner_may_change_and_delete(self, script: Script) -> None:
        mesh, transport = await script(ok(ROW), ok(ROW), ok(ROW), ok({"deleted": True}))

        updated = await update_html_generation(TENANT, PAGE_ID, title="Pong!", user_id=USER, mesh=mesh)
        deleted = await delete_html_generation(TENANT, PAGE_ID, user_id=USER, mesh=mesh)

        assert (updated, deleted) == (True, True)
        assert [method for method, *_ in transport.said] == ["GET", "PATCH", "GET", "DELETE"]

    async def test_a_stranger_may_not_even_read(self, script: Script) -> None:
        mesh, _ = await script(ok(ROW), page(), ok(ROW), page(), ok(ROW), page())

        with pytest.raises(NotAllowedError, match="may not read"):
            await get_html_generation_by_id(TENANT, PAGE_ID, user_id=OTHER_USER, mesh=mesh)
        with pytest.raises(NotAllowedError, match="may not change"):
            await update_html_generation(TENANT, PAGE_ID, title="x", user_id=OTHER_USER, mesh=mesh)
        with pytest.raises(NotAllowedError, match="may not delete"):
            await delete_html_generation(TENANT, PAGE_ID, user_id=OTHER_USER, mesh=mesh)

    async def test_what_is_not_there_is_nobodys(self, script: Script) -> None:
        gone = refusal(404, "Content not found")
        mesh, _ = await script(gone, gone)

        assert await update_html_generation(TENANT, PAGE_ID, title="x", user_id=USER, mesh=mesh) is False
        assert await delete_html_generation(TENANT, PAGE_ID, user_id=USER, mesh=mesh) is False


class TestLibrary:
    async def test_ones_own_come_before_what_is_shared_and_count_as_ones_own(self, script: Script) -> None:
        role = {"_id": "1", "organizationId": "o", "role": "viewer"}
        shared = {PAGE_ID: "HtmlGeneration", "s": "HtmlGeneration"}
        organization = {"_id": "o", "tenantId": TENANT, "sharedResources": shared}
        theirs = {"_id": "s", "title": "Tetris", "contentType": "game", "createdBy": OTHER_USER}
        mesh, _ = await script(page(ROW), page(role), page(organization), page(), page(theirs))

        library = await list_html_library(TENANT, USER, mesh=mesh)

        assert library == [
            {
                "page_id": PAGE_ID,
                "title": "Pong",
                "contentType": "app",
                "tags": [],
                "createdBy": USER,
                "access": "manage",
            },
            {
                "page_id": "s",
                "title": "Tetris",
                "contentType": "game",
                "tags": [],
                "createdBy": OTHER_USER,
                "access": "read",
            },
        ]

    async def test_nothing_is_not_searched_for(self, script: Script) -> None:
        mesh, transport = await script()

        assert (await fuzzy_search_html_library(TENANT, USER, " ", mesh=mesh), transport.said) == ([], [])


@pytest.mark.parametrize(("tenant", "user"), [("any", USER), (TENANT, "ann")])
async def test_without_a_tenant_or_a_user_nothing_is_stored(script: Script, tenant: str, user: str) -> None:
    mesh, transport = await script()

    with pytest.raises(InvalidValueError, match="is not a UUID"):
        await create_html_generation(tenant, user, "Pong", "<p>", mesh=mesh)

    assert transport.said == []
