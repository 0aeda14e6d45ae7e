"""The Mesh client: what it sends, what it returns, and what it says when a call fails."""

from __future__ import annotations

import asyncio
import json
import pickle
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import respx

from bot.errors import (
    MeshAnswerError,
    MeshError,
    MeshGraphQLError,
    MeshNoDefinitionError,
    MeshNotFoundError,
    MeshRejectedError,
    MeshTimeoutError,
    MeshUnreachableError,
    SettingsError,
)
from bot.mesh import Content, Mesh, Page, open_mesh, use_mesh, verification
from tests.fakes import PAGE_ID, SETTINGS, TENANT, ScriptedTransport, ok, page, refusal

pytestmark = pytest.mark.asyncio

NOTES = "http://mesh.test/api/content/Notes"
NOTE = f"{NOTES}/{PAGE_ID}"
GRAPHQL = "http://mesh.test/graphql"
ROW: Content = {"title": "First", "_id": PAGE_ID}


@pytest_asyncio.fixture
async def mesh() -> AsyncIterator[Mesh]:
    async with open_mesh(SETTINGS) as opened:
        yield opened


def sent(route: respx.Route) -> object:
    return json.loads(route.calls.last.request.content)


class TestCalls:
    async def test_create_posts_the_content_in_its_envelope(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        route = respx_mock.post(NOTES, params={"tenant": TENANT}).mock(ok(ROW))

        created = await mesh.create("Notes", {"title": "First"}, tenant=TENANT)

        assert (created, sent(route)) == (ROW, {"content": {"title": "First"}})

    async def test_get_asks_for_the_row(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        respx_mock.get(NOTE, params={"tenant": TENANT}).mock(ok(ROW))

        assert await mesh.get("Notes", PAGE_ID, tenant=TENANT) == ROW

    async def test_replace_puts(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.put(NOTE, params={"tenant": TENANT}).mock(ok(ROW))

        replaced = await mesh.replace("Notes", PAGE_ID, {"title": "First"}, tenant=TENANT)

        assert (replaced, sent(route)) == (ROW, {"content": {"title": "First"}})

    async def test_patch_patches(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.patch(NOTE, params={"tenant": TENANT}).mock(ok(ROW))

        patched = await mesh.patch("Notes", PAGE_ID, {"title": "First"}, tenant=TENANT)

        assert (patched, sent(route)) == (ROW, {"content": {"title": "First"}})

    async def test_delete_deletes(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.delete(NOTE, params={"tenant": TENANT}).mock(ok({"deleted": True}))

        await mesh.delete("Notes", PAGE_ID, tenant=TENANT)

        assert route.call_count == 1

    async def test_definition_asks_for_the_definition(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        definition = {"name": "Notes", "_id": PAGE_ID}
        respx_mock.get("http://mesh.test/api/definition/Notes", params={"tenant": TENANT}).mock(
            ok(definition)
        )

        assert await mesh.definition("Notes", tenant=TENANT) == definition

    async def test_register_posts_the_definition_in_its_envelope(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        stored = {"name": "Notes", "_id": PAGE_ID}
        route = respx_mock.post("http://mesh.test/api/definition", params={"tenant": TENANT}).mock(ok(stored))

        registered = await mesh.register({"name": "Notes"}, tenant=TENANT)

        assert (registered, sent(route)) == (stored, {"definition": {"name": "Notes"}})

    async def test_without_a_tenant_none_is_named(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.get(NOTE).mock(ok(ROW))

        await mesh.get("Notes", PAGE_ID)

        assert str(route.calls.last.request.url) == NOTE

    async def test_names_in_a_path_cannot_leave_it(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        named = {**ROW, "_id": "a?b#c"}
        route = respx_mock.get(url__startswith="http://mesh.test").mock(ok(named))

        await mesh.get("No/tes", "a?b#c")

        assert str(route.calls.last.request.url) == "http://mesh.test/api/content/No%2Ftes/a%3Fb%23c"

    async def test_every_call_carries_both_secrets(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.get(NOTE).mock(ok(ROW))

        await mesh.get("Notes", PAGE_ID)

        headers = route.calls.last.request.headers
        names = ("accept", "user-agent", "x-mesh-secret", "x-bot-control-secret")
        assert [headers[name] for name in names] == [
            "application/json",
            "pipecat-bot",
            "mesh-s3cret",
            "bot-s3cret",
        ]

    async def test_a_secret_that_is_not_configured_is_not_sent(self, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.get(NOTE).mock(ok(ROW))

        async with open_mesh(replace(SETTINGS, bot_control_secret="")) as mesh:
            await mesh.get("Notes", PAGE_ID)

        assert "x-bot-control-secret" not in route.calls.last.request.headers


class TestPages:
    async def test_where_goes_as_compact_json_beside_limit_and_offset(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        route = respx_mock.get(NOTES).mock(page(ROW, total=9, has_more=True))

        found = await mesh.page("Notes", tenant=TENANT, where={"mode": {"eq": "wörk"}}, limit=1, offset=0)

        assert found == Page(rows=(ROW,), total=9, has_more=True)
        assert dict(route.calls.last.request.url.params) == {
            "tenant": TENANT,
            "where": '{"mode":{"eq":"wörk"}}',
            "limit": "1",
            "offset": "0",
        }

    async def test_what_is_not_asked_for_is_not_sent(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        route = respx_mock.get(NOTES).mock(page())

        await mesh.page("Notes")

        assert str(route.calls.last.request.url) == NOTES

    async def test_rows_follow_each_other_over_all_pages(self) -> None:
        transport = ScriptedTransport(
            page({"_id": "1"}, {"_id": "2"}, total=3, has_more=True), page({"_id": "3"}, total=3)
        )

        async with open_mesh(SETTINGS, transport=transport) as mesh:
            rows = [row async for row in mesh.rows("Notes", page_size=2)]

        assert rows == [{"_id": "1"}, {"_id": "2"}, {"_id": "3"}]
        assert transport.said == [
            ("GET", "/api/content/Notes?limit=2&offset=0", None),
            ("GET", "/api/content/Notes?limit=2&offset=2", None),
        ]

    async def test_an_empty_page_is_the_last_whatever_it_promises(self) -> None:
        transport = ScriptedTransport(page(total=3, has_more=True))

        async with open_mesh(SETTINGS, transport=transport) as mesh:
            assert [row async for row in mesh.rows("Notes")] == []


class TestGraphQL:
    async def test_query_and_variables_are_posted_and_the_data_comes_back(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        answer = httpx.Response(200, json={"data": {"notionModel": []}})
        route = respx_mock.post(GRAPHQL).mock(answer)

        data = await mesh.graphql("query ($n: Int) { notionModel(limit: $n) { id } }", {"n": 1})

        assert data == {"notionModel": []}
        assert sent(route) == {
            "query": "query ($n: Int) { notionModel(limit: $n) { id } }",
            "variables": {"n": 1},
        }

    @pytest.mark.parametrize("status", [200, 400])
    async def test_its_errors_are_raised_whatever_the_status(
        self, mesh: Mesh, respx_mock: respx.MockRouter, status: int
    ) -> None:
        errors = [{"message": "Unexpected error."}, {"message": "not mesh-s3cret"}, "odd"]
        respx_mock.post(GRAPHQL).mock(httpx.Response(status, json={"data": None, "errors": errors}))

        with pytest.raises(MeshGraphQLError) as caught:
            await mesh.graphql("{ x }")

        assert str(caught.value) == "POST /graphql: GraphQL errors: Unexpected error.; not ***; odd"
        assert caught.value.messages == ("Unexpected error.", "not ***", "odd")

    async def test_a_bare_sentence_is_a_refusal_too(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        respx_mock.post(GRAPHQL).mock(httpx.Response(401, json={"error": "Unauthorized"}))

        with pytest.raises(MeshRejectedError) as caught:
            await mesh.graphql("{ x }")

        assert str(caught.value) == (
            "POST /graphql: Mesh refused, 401: Unauthorized "
            "(are MESH_SHARED_SECRET and BOT_CONTROL_SHARED_SECRET the ones Mesh was started with?)"
        )

    async def test_an_answer_without_data_is_none(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        respx_mock.post(GRAPHQL).mock(httpx.Response(200, json={"data": None}))

        with pytest.raises(MeshAnswerError) as caught:
            await mesh.graphql("{ x }")

        assert str(caught.value) == "POST /graphql: status 200, but it has no data: '{\"data\":null}'"


class TestRefusals:
    async def test_a_refusal_names_call_status_code_and_message(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        respx_mock.get(NOTES).mock(refusal(400, "OR must be non-empty array", "BAD_WHERE"))

        with pytest.raises(MeshRejectedError) as caught:
            await mesh.page("Notes", where={"OR": []})

        error = caught.value
        assert (error.call, error.status, error.code, error.message) == (
            "GET /api/content/Notes",
            400,
            "BAD_WHERE",
            "OR must be non-empty array",
        )
        assert str(error) == (
            "GET /api/content/Notes: Mesh refused, 400 BAD_WHERE: OR must be non-empty array"
        )

    async def test_a_refusal_with_a_good_status_is_one(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        respx_mock.get(NOTE).mock(refusal(200, "no"))

        with pytest.raises(MeshRejectedError, match="Mesh refused, 200: no"):
            await mesh.get("Notes", PAGE_ID)

    @pytest.mark.parametrize("message", ["Content not found", "Definition not found"])
    async def test_what_is_not_there_has_an_error_of_its_own(
        self, mesh: Mesh, respx_mock: respx.MockRouter, message: str
    ) -> None:
        respx_mock.get(NOTE).mock(refusal(404, message))

        with pytest.raises(MeshNotFoundError):
            await mesh.get("Notes", PAGE_ID)

    async def test_a_wrong_address_does_not_pass_for_missing_content(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        respx_mock.get(NOTE).mock(httpx.Response(404, text="<pre>Cannot GET</pre>"))

        with pytest.raises(MeshRejectedError) as caught:
            await mesh.get("Notes", PAGE_ID)

        assert type(caught.value) is MeshRejectedError
        assert str(caught.value) == (
            f"GET /api/content/Notes/{PAGE_ID}: Mesh refused, 404: <pre>Cannot GET</pre>"
        )

    async def test_a_missing_definition_has_an_error_of_its_own(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        message = 'Internal error: Content definition for type "Notes" not found.'
        respx_mock.post(NOTES).mock(refusal(500, message, "CONTENT_CREATE_ERR"))

        with pytest.raises(MeshNoDefinitionError):
            await mesh.create("Notes", {})

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ('Internal error: Content definition for type "Notes" not found.', "CONTENT_UPDATE_ERR"),
            ('Internal error: Content definition for type "Notes" not found. Retry', "CONTENT_CREATE_ERR"),
        ],
    )
    async def test_what_only_sounds_like_a_missing_definition_brings_none(
        self, mesh: Mesh, respx_mock: respx.MockRouter, message: str, code: str
    ) -> None:
        respx_mock.post(NOTES).mock(refusal(500, message, code))

        with pytest.raises(MeshRejectedError) as caught:
            await mesh.create("Notes", {})

        assert type(caught.value) is MeshRejectedError

    async def test_a_secret_that_mesh_echoes_is_masked(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        respx_mock.get(NOTE).mock(refusal(400, "got mesh-s3cret and bot-s3cret", "NOT_bot-s3cret"))

        with pytest.raises(MeshRejectedError) as caught:
            await mesh.get("Notes", PAGE_ID)

        assert caught.value.args == (
            f"GET /api/content/Notes/{PAGE_ID}",
            400,
            "NOT_***",
            "got *** and ***",
        )

    async def test_a_long_page_is_cut_after_it_was_masked(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        respx_mock.get(NOTE).mock(httpx.Response(502, text="." * 195 + "mesh-s3cret" + "." * 195))

        with pytest.raises(MeshRejectedError) as caught:
            await mesh.get("Notes", PAGE_ID)

        assert caught.value.message == "." * 195 + "***" + ".."


class TestOddAnswers:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (httpx.Response(200, text="<html>"), "status 200, but it is not an answer of Mesh: '<html>'"),
            (httpx.Response(200, content=b"\xff"), "status 200, but it is not an answer of Mesh: '\ufffd'"),
            (httpx.Response(200, json=[]), "status 200, but it is not an answer of Mesh: '[]'"),
            (httpx.Response(302, text=""), "status 302, but it is not an answer of Mesh: ''"),
            (
                httpx.Response(200, json={"success": True}),
                "status 200, but its data is not a row with an _id: '{\"success\":true}'",
            ),
            (
                httpx.Response(200, json={"data": {"_id": 1}}),
                'status 200, but its data is not a row with an _id: \'{"data":{"_id":1}}\'',
            ),
            (
                httpx.Response(200, json={"data": {"_id": "1"}}),
                'status 200, but its data is another row: \'{"data":{"_id":"1"}}\'',
            ),
        ],
    )
    async def test_what_is_no_row_is_said_to_be_none(
        self, mesh: Mesh, respx_mock: respx.MockRouter, answer: httpx.Response, reason: str
    ) -> None:
        respx_mock.get(NOTE).mock(answer)

        with pytest.raises(MeshAnswerError) as caught:
            await mesh.get("Notes", PAGE_ID)

        assert str(caught.value) == f"GET /api/content/Notes/{PAGE_ID}: {reason}"

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"data": {}}, "it is not a page of rows: '{\"data\":{}}'"),
            ({"data": []}, "it does not say how many rows there are: '{\"data\":[]}'"),
            (
                {"data": [], "total": 0},
                'it does not say whether there are more rows: \'{"data":[],"total":0}\'',
            ),
            (
                {"data": [{}], "total": 1, "hasMore": False},
                'one of its rows has no _id: \'{"data":[{}],"total":1,"hasMore":false}\'',
            ),
        ],
    )
    async def test_what_is_no_page_is_said_to_be_none(
        self, mesh: Mesh, respx_mock: respx.MockRouter, body: object, reason: str
    ) -> None:
        respx_mock.get(NOTES).mock(httpx.Response(200, json=body))

        with pytest.raises(MeshAnswerError) as caught:
            await mesh.page("Notes")

        assert str(caught.value) == f"GET /api/content/Notes: status 200, but {reason}"

    async def test_who_needs_no_count_is_not_refused_for_want_of_one(
        self, mesh: Mesh, respx_mock: respx.MockRouter
    ) -> None:
        """
        Some versions of Mesh count only what they send, so that nothing but a page relies on it.
        """
        respx_mock.get(NOTES).mock(httpx.Response(200, json={"data": [ROW], "hasMore": False}))

        first = await mesh.first("Notes")
        listed = [row async for row in mesh.rows("Notes")]

        assert (first, listed) == (ROW, [ROW])

    async def test_a_definition_must_be_confirmed(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        respx_mock.post("http://mesh.test/api/definition").mock(ok(ROW))

        with pytest.raises(MeshAnswerError, match="it does not confirm the definition"):
            await mesh.register({"name": "Tasks"})

    async def test_a_deletion_must_be_confirmed(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        respx_mock.delete(NOTE).mock(ok({"deleted": False}))

        with pytest.raises(MeshAnswerError, match="it does not confirm the deletion"):
            await mesh.delete("Notes", PAGE_ID)


class TestSilence:
    @pytest.mark.parametrize(
        ("cause", "reason"),
        [
            (httpx.ConnectError("All connection attempts failed"), "All connection attempts failed"),
            (httpx.RemoteProtocolError(""), "RemoteProtocolError"),
            (httpx.LocalProtocolError("Illegal header value b'mesh-s3cret'"), "Illegal header value b'***'"),
        ],
    )
    async def test_a_broken_connection_is_named_without_its_secrets(
        self, mesh: Mesh, respx_mock: respx.MockRouter, cause: httpx.TransportError, reason: str
    ) -> None:
        respx_mock.get(NOTE).mock(side_effect=cause)

        with pytest.raises(MeshUnreachableError) as caught:
            await mesh.get("Notes", PAGE_ID)

        assert str(caught.value) == f"GET /api/content/Notes/{PAGE_ID}: Mesh cannot be reached: {reason}"
        assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)

    async def test_a_stalled_read_is_a_timeout(self, mesh: Mesh, respx_mock: respx.MockRouter) -> None:
        respx_mock.get(NOTE).mock(side_effect=httpx.ReadTimeout("read"))

        with pytest.raises(MeshTimeoutError) as caught:
            await mesh.get("Notes", PAGE_ID)

        assert str(caught.value) == (
            f"GET /api/content/Notes/{PAGE_ID}: no complete answer within 5 s (MESH_TIMEOUT)"
        )

    async def test_the_time_is_counted_over_the_whole_call(self, respx_mock: respx.MockRouter) -> None:
        async def never(_request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        respx_mock.get(NOTE).mock(side_effect=never)

        async with open_mesh(replace(SETTINGS, timeout=0.01)) as mesh:
            with pytest.raises(MeshTimeoutError, match=r"within 0\.01 s"):
                await mesh.get("Notes", PAGE_ID)


@pytest.mark.parametrize(
    "error",
    [
        MeshRejectedError("GET /", 400, None, "no"),
        MeshNotFoundError("GET /", 404, "NOT_FOUND", "no"),
        MeshGraphQLError("POST /graphql", ("one", "two")),
        MeshAnswerError("GET /", 200, "odd"),
        MeshUnreachableError("GET /", "down"),
        MeshTimeoutError("GET /", 10.0),
        SettingsError(("one", "two")),
    ],
)
async def test_an_error_says_the_same_in_another_process(error: MeshError | SettingsError) -> None:
    travelled = pickle.loads(pickle.dumps(error))  # noqa: S301 - the bytes are our own

    assert (type(travelled), str(travelled), vars(travelled)) == (type(error), str(error), vars(error))


class TestOpening:
    async def test_the_mesh_handed_in_is_used_and_stays_open(self, respx_mock: respx.MockRouter) -> None:
        respx_mock.get(NOTE).mock(ok(ROW))

        async with httpx.AsyncClient() as client:
            mesh = Mesh(client, SETTINGS)
            async with use_mesh(mesh) as used:
                assert used is mesh
            assert await mesh.get("Notes", PAGE_ID) == ROW

    async def test_without_one_the_environment_says_where_mesh_is(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, respx_mock: respx.MockRouter
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("MESH_ENDPOINT", raising=False)
        monkeypatch.setenv("MESH_API_ENDPOINT", "http://mesh.test")
        respx_mock.get(NOTE).mock(ok(ROW))

        async with use_mesh(None) as mesh:
            assert await mesh.get("Notes", PAGE_ID) == ROW

    async def test_certificates_are_read_once_for_all_that_is_https(self) -> None:
        first = verification(replace(SETTINGS, api_url="https://mesh.test/api"))
        second = verification(replace(SETTINGS, graphql_url="https://mesh.test/graphql"))

        assert isinstance(first, ssl.SSLContext)
        assert first is second

    async def test_a_plain_address_reads_no_certificates(self) -> None:
        assert verification(SETTINGS) is False
