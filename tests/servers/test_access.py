"""
Secrets, bearer tokens and tenants.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.servers.conftest import Mesh, Start

KEY = "test-secret"
A = "11111111-1111-4111-8111-111111111111"
B = "22222222-2222-4222-8222-222222222222"


def token(claims: dict[str, Any], *, key: str = KEY, algorithm: str = "HS256") -> str:
    def encoded(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    head = encoded(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    payload = encoded(json.dumps(claims).encode())
    signature = hmac.digest(key.encode(), f"{head}.{payload}".encode(), "sha256")
    return f"Bearer {head}.{payload}.{encoded(signature)}"


@pytest.mark.parametrize(
    "path", ["/api/content/User", "/api/definition/User", "/api/definitions", "/graphql"]
)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-mesh-secret": "wrong"},
        {"x-mesh-secret": ""},
        {"x-bot-control-secret": "test-secret"},
        {"authorization": "Bearer nonsense"},
        {"authorization": token({"sub": "u"}, key="other")},
        {"authorization": token({"sub": "u", "exp": int(time.time()) - 1})},
        {"authorization": token({"sub": "u"}, algorithm="none")},
        {"authorization": token({})},
        {"authorization": token({"sub": "u"}).replace("Bearer", "bearer")},
    ],
    ids=["none", "wrong", "empty", "swapped", "garbage", "key", "expired", "alg", "subject", "scheme"],
)
def test_nobody_enters_without_proof(
    mesh: Mesh, anyone: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    mesh.create("User", {"name": "Ada"})

    answer = anyone.get(path, headers=headers)

    assert answer.status_code == 401
    assert answer.json() == {
        "success": False,
        "error": {"message": "Unauthorized: missing or invalid secret", "code": "UNAUTHORIZED"},
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"x-mesh-secret": "test-secret"},
        {"x-bot-control-secret": "test-bot-secret"},
        {"x-mesh-secret": "wrong", "x-bot-control-secret": "test-bot-secret"},
    ],
)
def test_any_one_proof_is_enough(anyone: httpx.Client, headers: dict[str, str]) -> None:
    assert anyone.get("/api/definition/User", headers=headers).status_code == 200


def test_a_token_is_proof_until_it_expires(anyone: httpx.Client) -> None:
    headers = {"authorization": token({"sub": "u", "exp": int(time.time()) + 60})}

    assert anyone.get("/api/definition/User", headers=headers).status_code == 200


def test_emptying_the_database_needs_a_service(mesh: Mesh, anyone: httpx.Client) -> None:
    mesh.create("User", {"name": "Ada"})

    assert anyone.post("/test/reset-db").status_code == 401
    assert anyone.post("/test/reset-db", headers={"authorization": token({"sub": "u"})}).status_code == 401
    assert mesh.page("User")["total"] == 1


def test_without_configured_secrets_everybody_may_enter(start: Start) -> None:
    import httpx  # noqa: PLC0415 - the only test that needs it when it runs

    server = start(environment={})

    assert httpx.get(f"{server.url}/api/definition/User", trust_env=False).status_code == 200
    assert httpx.post(f"{server.url}/test/reset-db", trust_env=False).status_code == 404


def test_a_tenants_rows_do_not_exist_for_another_one(mesh: Mesh) -> None:
    other = type(mesh)(mesh.http, B)
    for one in (mesh, other):
        one.register("Note", indexer=["title"])
    mine = mesh.create("Note", {"title": "mine"})
    url = f"/api/content/Note/{mine['_id']}"

    assert other.page("Note")["data"] == []
    assert other.page("Note", where='{"title":"mine"}')["total"] == 0
    for method in ("GET", "DELETE"):
        assert mesh.http.request(method, url, params={"tenant": B}).status_code == 404
    for method in ("PUT", "PATCH"):
        answer = mesh.http.request(method, url, params={"tenant": B}, json={"content": {"title": "theirs"}})
        assert answer.status_code == 404
    assert mesh.page("Note")["data"] == [mine]


def test_a_service_that_names_no_tenant_sees_every_row(mesh: Mesh) -> None:
    for tenant in (A, B):
        one = type(mesh)(mesh.http, tenant)
        one.register("Note")
        one.create("Note", {"of": tenant})

    listed = mesh.http.get("/api/content/Note").json()["data"]
    changed = mesh.http.patch(f"/api/content/Note/{listed[1]['_id']}", json={"content": {"seen": True}})

    assert [row["of"] for row in listed] == [A, B]
    assert changed.json()["data"]["seen"] is True


def test_a_token_decides_on_the_tenant_whatever_the_query_says(mesh: Mesh, anyone: httpx.Client) -> None:
    mesh.register("Note")
    mesh.create("Note", {"title": "of A"})

    def listed(**claims: str) -> int:
        headers = {"authorization": token({"sub": "u", **claims})}
        return int(anyone.get("/api/content/Note", params={"tenant": A}, headers=headers).json()["total"])

    assert (listed(tenant=A), listed(tenant=B), listed()) == (1, 0, 0)


def test_graphql_keeps_tenants_apart_too(mesh: Mesh, anyone: httpx.Client) -> None:
    mesh.register("Note")
    mine = mesh.create("Note", {"title": "of A"})
    mesh.create("User", {"name": "shared"})
    block = mesh.graphql("query($p:String!){notionModelByPageId(page_id:$p){block_id}}", p=mine["_id"])
    block_id = block["data"]["notionModelByPageId"]["block_id"]

    def seen(tenant: str) -> list[str]:
        headers = {"authorization": token({"sub": "u", "tenant": tenant})}
        answer = anyone.post("/graphql", json={"query": "{notionModel{type}}"}, headers=headers).json()
        return sorted(row["type"] for row in answer["data"]["notionModel"])

    headers = {"authorization": token({"sub": "u", "tenant": B})}
    deletion = {"query": f'mutation{{deleteNotionModel(block_id:"{block_id}")}}'}
    deleted = anyone.post("/graphql", json=deletion, headers=headers).json()

    assert (seen(A), seen(B)) == (["DynamicContent", "Note", "User"], ["User"])
    assert deleted == {"data": {"deleteNotionModel": False}}


@pytest.mark.parametrize("tenant", ["garbage", "{11111111-1111-4111-8111-111111111111}", "1", f"{A},{B}"])
def test_what_cannot_be_a_tenant_is_refused_for_tenants_types_and_ignored_for_shared_ones(
    mesh: Mesh, tenant: str
) -> None:
    refused = mesh.http.get("/api/content/Note", params={"tenant": tenant})

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "BAD_TENANT")
    assert mesh.http.get("/api/content/User", params={"tenant": tenant}).status_code == 200
    assert mesh.http.get("/api/definition/User", params={"tenant": tenant}).status_code == 200
