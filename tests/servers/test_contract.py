"""
Serving another contract: each change shows in what describes the server, what it accepts and what it answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.conftest import Start

PAGE = "c0000000-0000-4000-8000-000000000001"
TENANT = "11111111-1111-4111-8111-111111111111"
CHANGES = """
[[graphql]]
rename = "NotionModel.page_id"
to = "pageId"
[[graphql]]
rename = "NotionModelFilter.page_id"
to = "pageId"
[[graphql]]
remove = "NotionModel.version"
[[graphql]]
add = "NotionModel.title"
type = "String"
value = "untitled"
[[graphql]]
retype = "Query.notionModel(limit:)"
type = "Int!"
[[graphql]]
add = "Query.notionModel(tenant:)"
type = "String"
[[graphql]]
add = "NotionModelFilter.bogus"
type = "Int"
[[graphql]]
rename = "OrderDirection.ASC"
to = "ASCENDING"
[[graphql]]
rename = "StringFilter"
to = "TextFilter"
[[graphql]]
retype = "NotionModel.order"
type = "String"

[[definitions]]
rename = "HtmlGeneration.htmlContent"
to = "html"
[[definitions]]
rename = "UserProfile.first_name"
to = "given_name"
[[definitions]]
remove = "User.image"
[[definitions]]
add = "User.nickname"
schema = { type = "string" }
value = "nobody"
[[definitions]]
retype = "Personality.version"
schema = { type = "string" }
[[definitions]]
require = "User.email"
[[definitions]]
remove = "Sprite"
[[definitions]]
rename = "Tool"
to = "Gadget"
[[definitions]]
add = "Badge"
definition.name = "Badge"
definition.dataModel = { block = "Badge", jsonSchema = { type = "object", properties = {} } }

[[answers]]
rename = "ContentPage.hasMore"
to = "more"
[[answers]]
remove = "ContentPage.total"
[[answers]]
add = "Content.revision"
value = 1
[[answers]]
rename = "Error.error"
to = "problem"

[[endpoints]]
remove = "DELETE /api/content/{type}/{id}"
[[endpoints]]
require = "GET /api/content/{type}"
parameter = "tenant"
"""
REFUSALS = """
[[answers]]
retype = "ContentPage.total"
schema = { type = "string" }
[[requests]]
add = "ContentPayload.source"
schema = { enum = ["bot", "web"] }
required = true
[[endpoints]]
describe = "GET /api/content/{type}"
parameter = "limit"
schema = { type = "integer", maximum = 2 }
[[endpoints]]
secure = "GET /api/content/{type}"
header = "x-client"
[[endpoints]]
answer = "GET /api/content/{type}/{id}"
status = 404
to = 410
"""


@pytest.fixture
def client(start: Start, tmp_path: Path) -> httpx.Client:
    contract = tmp_path / "contract.toml"
    contract.write_text(CHANGES)
    return httpx.Client(base_url=start("--contract", str(contract), environment={}).url, trust_env=False)


def graphql(client: httpx.Client, query: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/graphql", json={"query": query}).json()
    return answer


def test_graphql_changes_show_in_schema_checks_and_answers(client: httpx.Client) -> None:
    with client:
        created = graphql(
            client,
            f'mutation{{createNotionModel(input:{{type:"T",content:1,page_id:"{PAGE}",order:3}})'
            "{pageId title order}}",
        )
        listed = graphql(
            client,
            f'{{notionModel(limit:5,tenant:"x",where:{{pageId:{{eq:"{PAGE}"}},bogus:1}},'
            'orderBy:[{field:"id",direction:ASCENDING}]){pageId}}',
        )
        mistakes = [
            graphql(client, query)["errors"][0]["message"]
            for query in (
                "{notionModel(limit:1){page_id}}",
                "{notionModel(limit:1){version}}",
                "{notionModel{pageId}}",
                '{notionModel(limit:1,orderBy:[{field:"id",direction:ASC}]){pageId}}',
            )
        ]
        types = graphql(client, "{__schema{types{name}}}")["data"]["__schema"]["types"]

    assert created == {"data": {"createNotionModel": {"pageId": PAGE, "title": "untitled", "order": "3"}}}
    assert listed == {"data": {"notionModel": [{"pageId": PAGE}]}}
    assert mistakes == [
        'Cannot query field "page_id" on type "NotionModel". Did you mean "pageId" or "parent_id"?',
        'Cannot query field "version" on type "NotionModel".',
        'Field "notionModel" argument "limit" of type "Int!" is required, but it was not provided.',
        'Value "ASC" does not exist in "OrderDirection" enum. Did you mean the enum value "DESC"?',
    ]
    assert {"TextFilter", "StringFilter"} & {one["name"] for one in types} == {"TextFilter"}


def test_definition_changes_show_in_definitions_and_content(client: httpx.Client) -> None:
    with client:
        definitions = client.get("/api/definitions").json()["data"]
        profile = client.post(
            "/api/content/UserProfile", json={"content": {"first_name": "Ada", "email": "a@b.c"}}
        ).json()["data"]
        found = client.get(
            "/api/content/UserProfile",
            params={"tenant": "any", "where": '{"indexer":{"path":"given_name","equals":"Ada"}}'},
        ).json()["data"]
        user = client.post("/api/content/User", json={"content": {"name": "Ada", "image": "x"}}).json()[
            "data"
        ]
        patched = client.patch(f"/api/content/User/{user['_id']}", json={"content": {"image": "x"}}).json()[
            "data"
        ]
        person = client.post("/api/content/Personality", json={"content": {"version": 2}}).json()["data"]
        gone = [
            client.post(f"/api/content/{name}", json={"content": {"a": 1}}).status_code
            for name in ("Sprite", "Tool", "Gadget", "Badge")
        ]

    schema = definitions["UserProfile"]["dataModel"]["jsonSchema"]
    assert "given_name" in schema["properties"]
    assert "first_name" not in json.dumps(definitions["UserProfile"])
    assert (profile["given_name"], "first_name" in profile) == ("Ada", False)
    assert [one["_id"] for one in found] == [profile["_id"]]
    assert "image" not in definitions["User"]["dataModel"]["jsonSchema"]["properties"]
    assert definitions["User"]["dataModel"]["jsonSchema"]["required"] == ["name", "email"]
    assert (user["nickname"], "image" in user, "image" in patched) == ("nobody", False, False)
    assert person["version"] == "2"
    assert gone == [400, 400, 200, 200]
    assert {"Badge", "Gadget"} <= {*definitions}


def test_a_tenants_definition_is_changed_too(client: httpx.Client) -> None:
    properties = {"title": {"type": "string"}, "htmlContent": {"type": "string"}}
    model = {
        "block": "HtmlGeneration",
        "indexer": ["title", "htmlContent"],
        "jsonSchema": {"type": "object", "properties": properties, "required": ["htmlContent"]},
    }
    params = {"tenant": TENANT}
    with client:
        registered = client.post(
            "/api/definition",
            params=params,
            json={"definition": {"name": "HtmlGeneration", "dataModel": model}},
        ).json()["data"]
        created = client.post(
            "/api/content/HtmlGeneration",
            params=params,
            json={"content": {"title": "a", "htmlContent": "<b>"}},
        ).json()["data"]
        read = client.get(f"/api/content/HtmlGeneration/{created['_id']}", params=params).json()["data"]

    assert registered["dataModel"]["indexer"] == ["title", "html"]
    assert registered["dataModel"]["jsonSchema"]["required"] == ["html"]
    assert [*registered["dataModel"]["jsonSchema"]["properties"]] == ["title", "html"]
    assert created == read == {"_id": created["_id"], "title": "a", "html": "<b>", "revision": 1}


def test_changes_of_answers_and_endpoints_show_in_the_api_document(client: httpx.Client) -> None:
    with client:
        document = client.get("/docs/docs.json").json()
        created = client.post("/api/content/User", json={"content": {"name": "Ada"}}).json()["data"]
        listed = client.get("/api/content/User", params={"tenant": "any"}).json()
        missing = client.get("/api/content/User")
        deleted = client.delete(f"/api/content/User/{created['_id']}")

    schemas = document["components"]["schemas"]
    assert [*schemas["ContentPage"]["properties"]] == ["success", "data", "more"]
    assert schemas["ContentPage"]["required"] == ["success", "data", "more"]
    assert "revision" in schemas["Content"]["properties"]
    assert created["revision"] == 1
    assert listed == {"success": True, "data": [created], "more": False}
    assert missing.json()["problem"]["code"] == "MISSING_PARAMETER"
    assert deleted.status_code == 405
    assert "delete" not in document["paths"]["/api/content/{type}/{id}"]
    assert document["paths"]["/api/content/{type}"]["get"]["parameters"][1]["required"] is True


def test_validation_follows_the_changed_definition(start: Start, tmp_path: Path) -> None:
    contract = tmp_path / "contract.json"
    contract.write_text(json.dumps({"definitions": [{"rename": "User.name", "to": "label"}]}))
    server = start("--contract", str(contract), "--validate", environment={})

    def create(**content: str) -> int:
        url = f"{server.url}/api/content/User"
        return httpx.post(url, json={"content": content}, trust_env=False).status_code

    assert (create(label="Ada"), create(name="Ada")) == (200, 400)


def test_what_is_not_as_described_is_refused(start: Start, tmp_path: Path) -> None:
    contract = tmp_path / "contract.toml"
    contract.write_text(REFUSALS)
    url = start("--contract", str(contract), environment={}).url
    with httpx.Client(base_url=url, trust_env=False) as client:
        document = client.get("/docs/docs.json").json()
        made = [
            client.post("/api/content/User", json={"content": {"name": "Ada"}, **said}).status_code
            for said in ({}, {"source": "web"}, {"source": "fax"})
        ]
        listed = [
            client.get("/api/content/User", params={"tenant": "any", "limit": limit}, headers=headers)
            for limit, headers in ((2, {"x-client": "a"}), (3, {"x-client": "a"}), (2, {}))
        ]
        missing = client.get(f"/api/content/User/{PAGE}")

    payload, collection = document["components"]["schemas"]["ContentPayload"], "/api/content/{type}"
    assert payload["required"] == ["content", "source"]
    assert payload["properties"]["source"] == {"enum": ["bot", "web"]}
    assert {"meshSecret": [], "x-client": []} in document["paths"][collection]["get"]["security"]
    assert [*document["paths"][f"{collection}/{{id}}"]["get"]["responses"]] == ["200", "401", "410"]
    assert made == [400, 200, 400]
    assert [answer.status_code for answer in listed] == [200, 400, 401]
    assert listed[0].json()["total"] == "1"
    assert missing.status_code == 410


def test_an_answer_of_another_status_has_the_registered_phrase_on_every_python(
    start: Start, tmp_path: Path
) -> None:
    contract = tmp_path / "contract.json"
    moved = [{"answer": "GET /health", "status": 200, "to": status} for status in (422, 499)]
    contract.write_text(json.dumps({"endpoints": [moved[0]]}))
    first = httpx.get(f"{start('--contract', str(contract)).url}/docs/docs.json").json()
    contract.write_text(json.dumps({"endpoints": [moved[1]]}))
    second = httpx.get(f"{start('--contract', str(contract)).url}/docs/docs.json").json()

    described = [list(each["paths"]["/health"]["get"]["responses"].items()) for each in (first, second)]
    health = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}}
    assert described == [
        [("422", {"description": "Unprocessable Content", **health})],
        [("499", {"description": "Status 499", **health})],
    ]
    assert (
        first["paths"]["/api/content/{type}"]["post"]["responses"]["413"]["description"]
        == "Content Too Large"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "cannot read the contract"),
        ("[]", "is not usable: it is not an object of lists"),
        ('{"grapql":[]}', "grapql is none of graphql, definitions, answers, requests, endpoints"),
        ('{"graphql":[{"rename":"A.b"}]}', "graphql 1: rename needs to"),
        ('{"graphql":[{"explode":"A"}]}', "graphql 1: needs one of add, remove, rename, retype"),
        ('{"graphql":[{"remove":"Nobody.x"}]}', "graphql: there is no 'Nobody' to remove at Nobody.x"),
        ('{"definitions":[{"remove":"Nobody"}]}', "definitions: there is no type Nobody to remove"),
        ('{"endpoints":[{"remove":"GET /x"}]}', "endpoints: there is no GET /x to remove"),
        (
            '{"requests":[{"add":"Nobody.x","schema":{"type":"string"}}]}',
            "requests: the API document has no schema Nobody",
        ),
        ('{"endpoints":[{"answer":"GET /health","status":"ok","to":1}]}', "endpoints: ok is no status"),
        ('{"endpoints":[{"answer":"GET /health","status":200,"to":1}]}', "endpoints: 1 is no status"),
        (
            '{"graphql":[{"retype":"NotionModel.id","type":"Nope"}]}',
            "graphql: the changed schema is not valid",
        ),
    ],
)
def test_a_contract_that_cannot_be_served_is_refused_in_one_line(
    start: Start, tmp_path: Path, text: str, told: str
) -> None:
    contract = tmp_path / "contract.json"
    contract.write_text(text)

    server = start("--contract", str(contract))

    assert server.process.wait(10) == 1
    assert server.line == ""
    assert told in server.log.read_text()
    assert "Traceback" not in server.log.read_text()
