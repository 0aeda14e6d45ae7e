"""
Paths, methods, headers and documents.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.servers.conftest import Mesh


@pytest.mark.parametrize("path", ["/health", "/health/", "/HEALTH"])
def test_health_needs_no_secret_and_forgives_case_and_slash(anyone: httpx.Client, path: str) -> None:
    answer = anyone.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "NOT_FOUND"),
        ("GET", "/api", 404, "NOT_FOUND"),
        ("GET", "/api//content/User", 404, "NOT_FOUND"),
        ("GET", "/api/content/User/a/b", 404, "NOT_FOUND"),
        ("POST", "/health", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/api/content/User", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/api/definition/User", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/graphql", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_unknown_routes_and_methods_answer_in_the_envelope(
    mesh: Mesh, method: str, path: str, status: int, code: str
) -> None:
    answer = mesh.http.request(method, path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["success"] is False


def test_a_head_is_answered_but_not_by_graphql(mesh: Mesh) -> None:
    heads = [mesh.http.head(path) for path in ("/health", "/api/content/User", "/graphql")]

    assert [(head.status_code, head.content) for head in heads] == [(200, b""), (200, b""), (405, b"")]


def test_a_browser_may_ask_from_anywhere(anyone: httpx.Client) -> None:
    answer = anyone.options("/api/content/User", headers={"access-control-request-headers": "x-mesh-secret"})

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "x-mesh-secret"
    assert answer.headers["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE"


def test_the_api_document_describes_exactly_what_is_served(mesh: Mesh, anyone: httpx.Client) -> None:
    document = anyone.get("/docs/docs.json").json()

    for path, methods in document["paths"].items():
        known = path.replace("{type}", "User").replace("{id}", "x")
        unknown = {"get", "post", "put", "patch", "delete"} - {*methods}
        assert mesh.http.options(known).status_code == 204
        for method in unknown:
            assert mesh.http.request(method, known).status_code in {404, 405}, (method, path)
        for method in methods:
            if path != "/test/reset-db":
                assert mesh.http.request(method, known).status_code != 405, (method, path)


def test_the_api_document_is_complete_in_itself(anyone: httpx.Client) -> None:
    text = anyone.get("/docs/docs.json").text
    document = json.loads(text)
    schemas = document["components"]["schemas"]

    references = {part.split('"')[0] for part in text.split('"$ref":"#/components/schemas/')[1:]}

    assert references <= {*schemas}
    assert {"User", "UserProfile", "Error", "ContentPage"} <= {*schemas}


def test_the_documentation_page_needs_no_network(anyone: httpx.Client) -> None:
    page = anyone.get("/docs")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "/api/content/{type}" in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_contracts_are_the_same_bytes_every_time(mesh: Mesh) -> None:
    def contracts() -> list[bytes]:
        introspection = {"query": "{__schema{types{name fields{name}}}}"}
        return [
            mesh.http.get("/docs/docs.json").content,
            mesh.http.get("/api/definitions").content,
            mesh.http.post("/graphql", json=introspection).content,
        ]

    before = contracts()
    mesh.http.get("/api/definition/User")
    mesh.create("User", {"name": "Ada"})

    assert contracts() == before


def test_the_test_route_exists_only_in_test_mode(mesh: Mesh) -> None:
    mesh.create("User", {"name": "Ada"})

    answer = mesh.http.post("/test/reset-db")

    assert answer.json() == {"success": True, "data": {"reset": True}}
    assert mesh.page("User")["total"] == 0
    created = mesh.graphql('mutation{createNotionModel(input:{type:"T",content:1}){id}}')
    assert created["data"]["createNotionModel"]["id"] == 1
