"""The HTML actions against a real Mesh: what is stored, what is found, what is refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from bot.actions import html_actions
from bot.actions.html_definition import HTML_GENERATION
from bot.errors import MeshNotFoundError, MeshRejectedError
from bot.mesh import Mesh, open_mesh, verification
from bot.settings import read_settings

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"
OTHER_TENANT = "99999999-9999-4999-8999-999999999999"


async def test_a_created_page_is_read_back(tenant_id: str, user_id: str) -> None:
    created = await html_actions.create_html_generation(
        tenant_id=tenant_id,
        user_id=user_id,
        title="Test Game",
        html_content="<html><body>Test</body></html>",
        content_type="game",
        user_request="Create a test game",
        tags=["test", "game"],
    )

    retrieved = await html_actions.get_html_generation_by_id(tenant_id, created["page_id"])

    assert retrieved == created
    assert created == {
        "page_id": created["_id"],
        "_id": created["page_id"],
        "title": "Test Game",
        "contentType": "game",
        "htmlContent": "<html><body>Test</body></html>",
        "userRequest": "Create a test game",
        "isAiGenerated": True,
        "createdBy": user_id,
        "tenantId": tenant_id,
        "tags": ["test", "game"],
    }


async def test_an_update_persists(tenant_id: str, user_id: str) -> None:
    created = await html_actions.create_html_generation(
        tenant_id, user_id, title="Original Title", html_content="<html>Original</html>", tags=["kept"]
    )

    success = await html_actions.update_html_generation(
        tenant_id, created["page_id"], title="Updated Title", html_content="<html>Updated</html>"
    )

    updated = await html_actions.get_html_generation_by_id(tenant_id, created["page_id"])
    assert success is True
    assert updated == {**created, "title": "Updated Title", "htmlContent": "<html>Updated</html>"}


async def test_a_deleted_page_is_gone(tenant_id: str, user_id: str) -> None:
    created = await html_actions.create_html_generation(tenant_id, user_id, "Short-lived", "<p>")

    first = await html_actions.delete_html_generation(tenant_id, created["page_id"])
    second = await html_actions.delete_html_generation(tenant_id, created["page_id"])

    assert (first, second) == (True, False)
    assert await html_actions.get_html_generation_by_id(tenant_id, created["page_id"]) is None


async def test_everything_a_user_has_is_listed_without_its_html(tenant_id: str, user_id: str) -> None:
    game = await html_actions.create_html_generation(
        tenant_id, user_id, "Game 1", "<html>Game 1</html>", content_type="game"
    )
    app = await html_actions.create_html_generation(
        tenant_id, user_id, "App 1", "<html>App 1</html>", content_type="app"
    )

    listed = await html_actions.list_html_generations(tenant_id, user_id)

    assert listed == [
        {name: value for name, value in created.items() if name != "htmlContent"} for created in (app, game)
    ]


async def test_a_list_holds_nothing_of_another_user(tenant_id: str, user_id: str) -> None:
    mine = await html_actions.create_html_generation(tenant_id, user_id, "Mine", "<p>")
    await html_actions.create_html_generation(tenant_id, NOBODYS_ID, "Not mine", "<p>")

    listed = await html_actions.list_html_generations(tenant_id, user_id)

    assert listed == [{name: value for name, value in mine.items() if name != "htmlContent"}]


async def test_a_list_goes_on_over_all_pages(tenant_id: str, user_id: str) -> None:
    for number in range(1, 6):
        await html_actions.create_html_generation(tenant_id, user_id, f"App {number}", "<p>")

    listed = await html_actions.list_html_generations(tenant_id, user_id, page_size=2)

    assert [each["title"] for each in listed] == ["App 1", "App 2", "App 3", "App 4", "App 5"]


async def test_a_title_is_found_by_what_is_like_it(tenant_id: str, user_id: str) -> None:
    created = await html_actions.create_html_generation(
        tenant_id, user_id, "Space Invaders Clone", "<html>Game</html>", content_type="game"
    )
    await html_actions.create_html_generation(tenant_id, user_id, "Shopping List", "<html>List</html>")

    found = await html_actions.fuzzy_search_html_generations(tenant_id, "space invader")

    assert found == created


async def test_nonsense_finds_nothing(tenant_id: str, user_id: str) -> None:
    await html_actions.create_html_generation(tenant_id, user_id, "Space Invaders Clone", "<html>Game</html>")

    assert await html_actions.fuzzy_search_html_generations(tenant_id, "qwertz uiop") is None


async def test_a_search_for_one_user_finds_nothing_of_another(tenant_id: str, user_id: str) -> None:
    await html_actions.create_html_generation(tenant_id, NOBODYS_ID, "Space Invaders Clone", "<p>")

    found = await html_actions.fuzzy_search_html_generations(tenant_id, "space invader", user_id=user_id)

    assert found is None


@pytest.mark.usefixtures("clean_db")
async def test_an_empty_mesh_has_nothing_to_list_and_nothing_to_find(tenant_id: str, user_id: str) -> None:
    listed = await html_actions.list_html_generations(tenant_id, user_id)
    found = await html_actions.fuzzy_search_html_generations(tenant_id, "space invader")

    assert (listed, found) == ([], None)


async def test_what_does_not_exist_is_not_read_updated_or_deleted(tenant_id: str) -> None:
    found = await html_actions.get_html_generation_by_id(tenant_id, NOBODYS_ID)
    updated = await html_actions.update_html_generation(tenant_id, NOBODYS_ID, title="New")
    deleted = await html_actions.delete_html_generation(tenant_id, NOBODYS_ID)

    assert (found, updated, deleted) == (None, False, False)


@pytest.mark.needs_mesh(to="isolate tenants")
async def test_what_exists_for_its_tenant_does_not_for_another(tenant_id: str, user_id: str) -> None:
    created = await html_actions.create_html_generation(tenant_id, user_id, "Mine", "<p>")
    await html_actions.create_html_generation(OTHER_TENANT, user_id, "Theirs", "<p>")
    page_id = created["page_id"]

    found = await html_actions.get_html_generation_by_id(OTHER_TENANT, page_id)
    updated = await html_actions.update_html_generation(OTHER_TENANT, page_id, title="Theirs")
    deleted = await html_actions.delete_html_generation(OTHER_TENANT, page_id)
    listed = await html_actions.list_html_generations(OTHER_TENANT, user_id)
    searched = await html_actions.fuzzy_search_html_generations(OTHER_TENANT, "mine")

    assert (found, updated, deleted, searched) == (None, False, False, None)
    assert [each["title"] for each in listed] == ["Theirs"]
    assert await html_actions.get_html_generation_by_id(tenant_id, page_id) == created


@pytest.mark.needs_mesh(to="enforce secrets")
async def test_wrong_secrets_are_refused(tenant_id: str, user_id: str) -> None:
    wrong = replace(read_settings(), mesh_secret="wrong", bot_control_secret="wrong")

    async with open_mesh(wrong) as mesh:
        with pytest.raises(MeshRejectedError) as caught:
            await html_actions.list_html_generations(tenant_id, user_id, mesh=mesh)

    assert caught.value.status == 401
    refusal = "Mesh refused, 401 UNAUTHORIZED: Unauthorized: missing or invalid secret"
    assert str(caught.value).startswith(f"GET /api/content/HtmlGeneration: {refusal} (are MESH_SHARED_SECRET")


async def test_a_definition_is_registered_once_by_the_first_page(tenant_id: str, user_id: str) -> None:
    requests: list[str] = []

    async def note(request: httpx.Request) -> None:
        requests.append(f"{request.method} {request.url.path}")

    settings = read_settings()
    async with httpx.AsyncClient(
        event_hooks={"request": [note]}, verify=verification(settings), trust_env=False
    ) as client:
        mesh = Mesh(client, settings)
        await html_actions.create_html_generation(tenant_id, user_id, "First", "<p>", mesh=mesh)
        await html_actions.create_html_generation(tenant_id, user_id, "Second", "<p>", mesh=mesh)

    assert requests == [
        "POST /api/content/HtmlGeneration",
        "POST /api/definition",
        "POST /api/content/HtmlGeneration",
        "POST /api/content/HtmlGeneration",
    ]


async def test_the_registered_definition_is_the_bots(tenant_id: str, user_id: str) -> None:
    async with open_mesh(read_settings()) as mesh:
        with pytest.raises(MeshNotFoundError, match=r"404 NOT_FOUND: Definition not found$"):
            await mesh.definition("HtmlGeneration", tenant=tenant_id)
        await html_actions.create_html_generation(tenant_id, user_id, "First", "<p>", mesh=mesh)

        stored = await mesh.definition("HtmlGeneration", tenant=tenant_id)

    assert stored == {**HTML_GENERATION, "_id": stored["_id"]}


async def test_an_empty_title_leaves_no_trace(tenant_id: str, user_id: str) -> None:
    with pytest.raises(ValueError, match="title is empty"):
        await html_actions.create_html_generation(tenant_id, user_id, "", "<p>")

    assert await html_actions.list_html_generations(tenant_id, user_id) == []


async def test_any_script_and_any_sign_is_kept(tenant_id: str, user_id: str) -> None:
    title, html = "Größe 漢字 🎮 e\u0301", '<p title="a\'b">\tמשחק\r\n&amp; \\u0041 \u2028 👩‍👩‍👧 %20+</p>'

    created = await html_actions.create_html_generation(tenant_id, user_id, title, html, tags=["été"])

    retrieved = await html_actions.get_html_generation_by_id(tenant_id, created["page_id"])
    assert retrieved == created
    assert (created["title"], created["htmlContent"], created["tags"]) == (title, html, ["été"])


async def test_a_long_page_is_kept_whole(tenant_id: str, user_id: str) -> None:
    # The definition goes first with a short page, so that the long one is not recorded once more in vain.
    await html_actions.create_html_generation(tenant_id, user_id, "Short", "<p>")
    html = "".join(f"<p id='{number}'>line {number}</p>\n" for number in range(200))

    created = await html_actions.create_html_generation(tenant_id, user_id, "Long", html)

    retrieved = await html_actions.get_html_generation_by_id(tenant_id, created["page_id"])
    assert retrieved is not None
    assert retrieved["htmlContent"] == html


async def test_pages_created_at_once_each_get_their_own_answer(tenant_id: str, user_id: str) -> None:
    await html_actions.create_html_generation(tenant_id, user_id, "App 0", "<p>")

    created = await asyncio.gather(
        *(
            html_actions.create_html_generation(tenant_id, user_id, f"App {number}", f"<p>{number}</p>")
            for number in range(1, 6)
        )
    )

    assert [each["title"] for each in created] == ["App 1", "App 2", "App 3", "App 4", "App 5"]
    assert len({each["page_id"] for each in created}) == 5


async def test_a_title_is_unique_when_that_is_asked_for(tenant_id: str, user_id: str) -> None:
    titles = [
        (await html_actions.create_html_generation(tenant_id, user_id, title, "<p>", unique=True))["title"]
        for title in ("Pong", "pong", "Pong")
    ]

    assert titles == ["Pong", "pong 2", "Pong 3"]
    assert await html_actions.make_unique_title(tenant_id, NOBODYS_ID, "Pong") == "Pong"


async def test_the_library_of_who_has_nothing_is_empty(tenant_id: str, user_id: str) -> None:
    assert await html_actions.list_html_library(tenant_id, user_id) == []
    assert await html_actions.fuzzy_search_html_library(tenant_id, user_id, "pong") == []


async def test_graphql_reads_the_row_that_rest_wrote(tenant_id: str, user_id: str) -> None:
    created = await html_actions.create_html_generation(tenant_id, user_id, "Pong", "<p>", tags=["fun"])
    query = "query Row($id: String!) { notionModelByPageId(page_id: $id) { page_id parent_id type indexer } }"

    async with open_mesh(read_settings()) as mesh:
        data = await mesh.graphql(query, {"id": created["page_id"]})

    assert data == {
        "notionModelByPageId": {
            "page_id": created["page_id"],
            "parent_id": user_id,
            "type": "HtmlGeneration",
            "indexer": {
                "title": "Pong",
                "contentType": "app",
                "tenantId": tenant_id,
                "createdBy": user_id,
                "tags": ["fun"],
            },
        }
    }
