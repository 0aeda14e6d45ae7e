"""
GraphQL: reading, writing, errors, and how requests are carried.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.servers.conftest import Mesh

CREATE = "mutation($i:NotionModelInput!){createNotionModel(input:$i){id block_id page_id parent_id type content indexer order version}}"  # noqa: E501 - one document
NOBODY = "dddddddd-0000-4000-8000-00000000dead"
CHANGED = "(block_id:$b,input:$i){content indexer order}}"
UPDATE = f"mutation($b:String!,$i:NotionModelInput!){{updateNotionModel{CHANGED}"
REPLACE = f"mutation($b:String!,$i:NotionModelInput!){{replaceNotionModel{CHANGED}"
LIST = (
    "query($w:NotionModelFilter,$o:[OrderByInput!],$l:Int,$s:Int)"
    "{notionModel(where:$w,orderBy:$o,limit:$l,offset:$s){version}}"
)


def created(mesh: Mesh, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    answer = mesh.graphql(CREATE, i={"type": "Item", "content": {}, **given})
    row: dict[str, Any] = answer["data"]["createNotionModel"]
    return row


@pytest.fixture
def items(mesh: Mesh) -> Mesh:
    inputs: list[dict[str, Any]] = [
        {
            "version": "a",
            "order": 2,
            "content": {"n": 5, "s": "Alpha"},
            "indexer": {"tags": ["x", "y"], "k": 0},
        },
        {"version": "b", "order": 1, "content": {"n": 10, "s": "beta"}, "indexer": {"tags": ["y"], "k": "v"}},
        {"version": "c", "content": {"n": 7.5}, "indexer": "text"},
    ]
    bulk = "mutation($i:[NotionModelInput!]!){bulkCreateNotionModel(inputs:$i){id}}"
    assert "errors" not in mesh.graphql(bulk, i=[{"type": "Item", **given} for given in inputs])
    return mesh


def listed(mesh: Mesh, **variables: Any) -> str:  # noqa: ANN401 - JSON
    answer = mesh.graphql(LIST, **variables)
    return "".join(row["version"] for row in answer["data"]["notionModel"])


@pytest.mark.parametrize(
    ("where", "versions"),
    [
        (None, "abc"),
        ({"type": {"eq": "Other"}}, ""),
        ({"version": {"in": ["a", "c"]}}, "ac"),
        ({"version": {"OR": ["a", "b"]}}, "ab"),
        ({"version": {"startsWith": "A"}}, "a"),
        ({"order": {"gte": 1, "lt": 2}}, "b"),
        ({"order": {"eq": None}}, "c"),
        ({"id": {"ne": 2}}, "ac"),
        ({"contentJsonb": {"path": "n", "eq": 7.5}}, "c"),
        ({"contentJsonb": {"path": "n", "gt": 5, "lte": 10}}, "bc"),
        ({"contentJsonb": {"path": "s", "contains": "ALPH"}}, "a"),
        ({"contentJsonb": {"path": "n", "in": [5, 10]}}, "ab"),
        ({"content": {"contains": "beta"}}, "b"),
        ({"indexer": {"path": "k", "equals": 0}}, "a"),
        ({"indexer": {"path": "tags", "hasEvery": ["x", "y"]}}, "a"),
        ({"indexer": {"path": "tags", "hasNone": ["x"]}}, "bc"),
        ({"indexer": {"path": "k", "not": {"path": "k", "equals": "v"}}}, "ac"),
        ({"indexer": {"path": "k", "typed": {"string": {"eq": "v"}}}}, "b"),
        ({"OR": [{"version": {"eq": "a"}}, {"AND": [{"order": {"eq": 1}}]}]}, "ab"),
        ({"AND": [], "OR": None}, "abc"),
        ({"page_id": {"eq": NOBODY}}, ""),
        ({"page_id": {"ne": "junk"}}, "abc"),
        ({"parent_id": {"eq": "any"}}, "abc"),
        ({"parent_id": {"eq": "any"}, "version": {"eq": "b"}}, "b"),
        ({"indexer": {"path": "k", "typed": {"isNull": True}}}, "c"),
        ({"indexer": {"path": "k", "typed": {"isNull": False, "string": None}}}, "ab"),
        ({"indexer": {"path": "k", "typed": None}}, "abc"),
        ({"indexer": {"path": "k", "typed": {"number": {"lt": 0.5}}}}, "a"),
    ],
)
def test_rows_are_filtered(items: Mesh, where: object, versions: str) -> None:
    assert listed(items, w=where) == versions


@pytest.mark.parametrize(
    ("variables", "versions"),
    [
        ({"o": [{"field": "order", "direction": "ASC"}]}, "bac"),
        ({"o": [{"field": "order", "direction": "DESC"}]}, "cab"),
        ({"o": [{"field": "type", "direction": "ASC"}, {"field": "id", "direction": "DESC"}]}, "cba"),
        ({"o": {"field": "createdAt", "direction": "ASC"}, "l": 2}, "ab"),
        ({"l": 1, "s": 1}, "b"),
        ({"l": 0, "s": 2}, "c"),
    ],
)
def test_rows_are_ordered_and_cut(items: Mesh, variables: dict[str, Any], versions: str) -> None:
    assert listed(items, **variables) == versions


def test_rest_and_graphql_see_the_same_rows(mesh: Mesh) -> None:
    content = mesh.create("User", {"name": "Ada"})

    row = mesh.graphql(
        "query($p:String!){notionModelByPageId(page_id:$p){content indexer}}", p=content["_id"]
    )

    assert row == {"data": {"notionModelByPageId": {"content": {"name": "Ada"}, "indexer": {"name": "Ada"}}}}


def test_parents_nest(mesh: Mesh) -> None:
    top = created(mesh, version="top")
    middle = created(mesh, version="middle", parent_id=top["block_id"])
    created(mesh, version="bottom", parent_id=middle["block_id"])
    created(mesh, version="orphan", parent_id="dddddddd-0000-4000-8000-00000000dead")

    answer = mesh.graphql("{notionModel{version parentData{version parentData{version}}}}")

    assert [row["parentData"] for row in answer["data"]["notionModel"]] == [
        None,
        {"version": "top", "parentData": None},
        {"version": "middle", "parentData": {"version": "top"}},
        None,
    ]


def test_updating_merges_and_replacing_replaces(mesh: Mesh) -> None:
    row = created(mesh, content={"a": 1, "n": {"x": 1}}, indexer={"k": 1}, order=5)

    def changed(document: str, **given: Any) -> Any:  # noqa: ANN401 - JSON
        answer = mesh.graphql(document, b=row["block_id"], i={"type": "Item", **given})
        return next(iter(answer["data"].values()))

    assert changed(UPDATE, content={"n": {"y": 2}}, indexer={"z": 1}) == {
        "content": {"a": 1, "n": {"y": 2}},
        "indexer": {"k": 1, "z": 1},
        "order": 5,
    }
    assert changed(UPDATE, content='{"s":1}', order=None)["content"] == {"a": 1, "n": {"y": 2}, "s": 1}
    assert changed(REPLACE, content='{"not":"parsed"}')["content"] == '{"not":"parsed"}'
    assert changed(UPDATE, content={"now": "an object"})["content"] == {"now": "an object"}


def test_bulk_creation_is_all_or_nothing(mesh: Mesh) -> None:
    bulk = "mutation($i:[NotionModelInput!]!){bulkCreateNotionModel(inputs:$i){id}}"

    answer = mesh.graphql(
        bulk, i=[{"type": "A", "content": 1}, {"type": "A", "content": 1, "page_id": "junk"}]
    )

    assert answer["errors"][0]["message"] == "page_id must be a UUID"
    assert answer["data"] is None
    assert mesh.graphql("{notionModel{id}}") == {"data": {"notionModel": []}}


@pytest.mark.parametrize(
    ("document", "message", "code"),
    [
        (f'mutation{{deleteNotionModel(block_id:"{NOBODY}")}}', None, None),
        ('mutation{deleteNotionModel(block_id:"junk")}', "block_id must be a UUID", "BAD_USER_INPUT"),
        ('{notionModelByPageId(page_id:"x"){id}}', "page_id must be a UUID", "BAD_USER_INPUT"),
        ('{notionModel(where:{page_id:{eq:"x"}}){id}}', "page_id must be a UUID", "BAD_USER_INPUT"),
        (
            f'{{notionModel(where:{{parent_id:{{in:["{NOBODY}","x"]}}}}){{id}}}}',
            "parent_id must be a UUID",
            "BAD_USER_INPUT",
        ),
        (
            '{notionModel(where:{AND:[{parent_id:{eq:"any"}}]}){id}}',
            "parent_id must be a UUID",
            "BAD_USER_INPUT",
        ),
        (
            'mutation{updateNotionModel(block_id:"junk",input:{type:"T",content:1}){id}}',
            "block_id must be a UUID",
            "BAD_USER_INPUT",
        ),
        (
            f'mutation{{updateNotionModel(block_id:"{NOBODY}",input:{{type:"T",content:1}}){{id}}}}',
            "Content not found",
            "NOT_FOUND",
        ),
        (
            '{notionModel(orderBy:[{field:"bogus",direction:ASC}]){id}}',
            "There is no field 'bogus' to order by",
            "BAD_USER_INPUT",
        ),
        (
            'mutation{createNotionModel(input:{type:"T",content:1,indexer:null}){id}}',
            "indexer must not be null",
            "BAD_USER_INPUT",
        ),
        (
            'mutation{createNotionModel(input:{type:"T",content:"\\u0000"}){id}}',
            "A value is of the wrong kind, or too large to be stored",
            "BAD_VALUE",
        ),
        (
            'mutation{createNotionModel(input:{type:"\\u0000",content:1}){id}}',
            "A value is of the wrong kind, or too large to be stored",
            "BAD_VALUE",
        ),
        (
            "{notionModel(limit:-1){id}}",
            "A value is of the wrong kind, or too large to be stored",
            "BAD_VALUE",
        ),
    ],
)
def test_a_resolver_says_what_was_wrong(
    mesh: Mesh, document: str, message: str | None, code: str | None
) -> None:
    answer = mesh.graphql(document)

    errors = [(error["message"], error["extensions"]["code"]) for error in answer.get("errors", ())]
    assert errors == ([(message, code)] if message else [])


@pytest.mark.parametrize(
    ("accept", "status", "media_type"),
    [
        ("application/json", 200, "application/json; charset=utf-8"),
        ("*/*", 200, "application/json; charset=utf-8"),
        ("application/graphql-response+json", 400, "application/graphql-response+json; charset=utf-8"),
        ("text/event-stream", 200, "text/event-stream"),
        ("application/xml", 406, "application/json; charset=utf-8"),
    ],
)
def test_the_accept_header_decides_on_the_form(mesh: Mesh, accept: str, status: int, media_type: str) -> None:
    answer = mesh.http.post("/graphql", json={"query": "{nope}"}, headers={"accept": accept})

    assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"query": "{__typename}"}), "application/json"),
        (json.dumps({"query": "{__typename}"}), "application/graphql+json; charset=utf-8"),
        ("{__typename}", "application/graphql"),
        ("query=%7B__typename%7D&variables=%7B%7D", "application/x-www-form-urlencoded"),
    ],
)
def test_requests_come_in_several_forms(mesh: Mesh, body: str, content_type: str) -> None:
    answer = mesh.http.post("/graphql", content=body, headers={"content-type": content_type})

    assert answer.json() == {"data": {"__typename": "Query"}}


def test_a_query_may_come_by_get_and_a_mutation_may_not(mesh: Mesh) -> None:
    query = mesh.http.get(
        "/graphql", params={"query": "query($l:Int){notionModel(limit:$l){id}}", "variables": "{}"}
    )
    mutation = mesh.http.get("/graphql", params={"query": 'mutation{deleteNotionModel(block_id:"x")}'})

    assert query.json() == {"data": {"notionModel": []}}
    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("[]", 400, "Batching is not supported."),
        ("null", 400, "POST body is expected to be object but received null"),
        ("{", 400, "POST body sent invalid JSON."),
        ("{}", 200, "Must provide query string."),
        ('{"query":"{__typename}","bogus":1}', 400, 'Unexpected parameter "bogus" in the request body.'),
        ('{"query":5}', 400, 'Expected "query" param to be a string, but given number.'),
        (
            '{"query":"{a}","variables":[]}',
            400,
            'Expected "variables" param to be empty or an object, but given array.',
        ),
        ('{"query":"query A{a}query B{b}"}', 400, "Could not determine what operation to execute."),
        ('{"query":"subscription{x}"}', 200, "Schema is not configured to execute subscription operation."),
        (
            '{"query":"{notionModel{idd}}"}',
            200,
            'Cannot query field "idd" on type "NotionModel". Did you mean "id"?',
        ),
    ],
)
def test_requests_that_are_not_executed_say_why(mesh: Mesh, body: str, status: int, message: str) -> None:
    answer = mesh.http.post("/graphql", content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (status, message)


def test_a_browser_gets_a_page_that_needs_no_network(mesh: Mesh) -> None:
    page = mesh.http.get("/graphql", headers={"accept": "text/html"})

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "https://" not in page.text
