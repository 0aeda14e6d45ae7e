"""
Creating, reading, replacing, patching, deleting and listing content.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.servers.conftest import Mesh

USER = "aaaaaaaa-0000-4000-8000-000000000001"
PAGE = "c0000000-0000-4000-8000-000000000001"
ROW = "query($p:String!){notionModelByPageId(page_id:$p){page_id parent_id type content indexer order}}"


def row(mesh: Mesh, page_id: str) -> dict[str, Any]:
    found: dict[str, Any] = mesh.graphql(ROW, p=page_id)["data"]["notionModelByPageId"]
    return found


def test_content_is_stored_as_given_and_gets_an_id(mesh: Mesh) -> None:
    given = {"name": "Füße 日本 🦪", "n": [1, 1.5, None, {"a": {}}], "": 0, "a.b": False, "text": '\\"\n<b>'}

    created = mesh.create("User", given)

    assert created == {**given, "_id": created["_id"]}
    assert uuid.UUID(created["_id"]).version == 4
    assert mesh.http.get(f"/api/content/User/{created['_id'].upper()}").json()["data"] == created


def test_a_row_is_derived_from_the_definition(mesh: Mesh) -> None:
    parent = {"type": "field", "field": "owner"}
    mesh.register("Note", indexer=["title", "source.kind", "absent"], parent=parent)

    created = mesh.create(
        "Note", {"_id": PAGE, "owner": USER, "title": None, "source": {"kind": "pdf", "n": 1}}
    )

    assert row(mesh, created["_id"]) == {
        "page_id": PAGE,
        "parent_id": USER,
        "type": "Note",
        "content": {"_id": PAGE, "owner": USER, "title": None, "source": {"kind": "pdf", "n": 1}},
        "indexer": {"title": None, "source": {"kind": "pdf"}},
        "order": None,
    }


def test_replacing_replaces_content_and_index(mesh: Mesh) -> None:
    mesh.register("Note", indexer=["title", "mode"])
    mesh.create("Note", {"_id": PAGE, "title": "a", "mode": "work"})

    answer = mesh.http.put(f"/api/content/Note/{PAGE}", json={"content": {"title": "b", "order": 3}})

    assert answer.json()["data"] == {"_id": PAGE, "title": "b", "order": 3}
    stored = row(mesh, PAGE)
    assert (stored["content"], stored["indexer"], stored["order"]) == (
        {"title": "b", "order": 3},
        {"title": "b"},
        3,
    )


def test_patching_merges_at_the_top_level(mesh: Mesh) -> None:
    mesh.register("Note", indexer=["title", "meta.color"])
    mesh.create("Note", {"_id": PAGE, "title": "a", "meta": {"color": "red", "size": 1}})

    answer = mesh.http.patch(
        f"/api/content/Note/{PAGE}", json={"content": {"meta": {"size": 2}, "new": None}}
    )

    assert answer.json()["data"] == {"_id": PAGE, "title": "a", "meta": {"size": 2}, "new": None}
    assert row(mesh, PAGE)["indexer"] == {"title": "a", "meta": {"color": "red"}}


def test_what_is_deleted_is_gone(mesh: Mesh) -> None:
    mesh.create("User", {"_id": PAGE, "name": "Ada"})

    first, second = (mesh.http.delete(f"/api/content/User/{PAGE}") for _ in range(2))

    assert first.json() == {"success": True, "data": {"deleted": True}}
    assert (second.status_code, second.json()["error"]) == (404, {"message": "Content not found"})


def test_an_id_belongs_to_one_content(mesh: Mesh) -> None:
    mesh.create("User", {"_id": PAGE, "name": "Ada"})

    answer = mesh.http.post("/api/content/Tenant", json={"content": {"_id": PAGE.upper(), "name": "x"}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "DUPLICATE_ID")
    assert mesh.page("Tenant")["total"] == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("text", "BAD_CONTENT"),
        (5, "BAD_CONTENT"),
        ([], "BAD_CONTENT"),
        ({"_id": "nonsense"}, "BAD_ID"),
        ({"_id": 5}, "BAD_ID"),
        ({"_id": "{c0000000-0000-4000-8000-000000000001}"}, "BAD_ID"),
        ({"owner": "nobody"}, "BAD_ID"),
        ({"owner": 7}, "BAD_ID"),
    ],
)
def test_content_that_cannot_be_a_row_is_refused(mesh: Mesh, content: object, code: str) -> None:
    mesh.register("Note", parent={"type": "field", "field": "owner"})

    answer = mesh.http.post("/api/content/Note", params={"tenant": mesh.tenant}, json={"content": content})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize("body", [{}, {"content": None}, {"content": ""}, {"content": 0}, []])
def test_content_may_not_be_missing(mesh: Mesh, body: object) -> None:
    created = mesh.http.post("/api/content/User", json=body)
    changed = mesh.http.put(f"/api/content/User/{PAGE}", json=body)

    assert (created.status_code, created.json()["error"]) == (400, {"message": "Missing type or content"})
    assert (changed.status_code, changed.json()["error"]) == (400, {"message": "Missing type, id or content"})


def test_a_missing_definition_is_told_in_the_words_that_the_bot_waits_for(mesh: Mesh) -> None:
    answer = mesh.http.post("/api/content/Note", params={"tenant": mesh.tenant}, json={"content": {"a": 1}})

    assert answer.status_code == 500
    assert answer.json()["error"] == {
        "message": 'Internal error: Content definition for type "Note" not found.',
        "code": "CONTENT_CREATE_ERR",
    }


@pytest.mark.parametrize(
    ("params", "names", "more"),
    [
        ({}, "abcde", False),
        ({"limit": 2}, "ab", True),
        ({"limit": 2, "offset": 2}, "cd", True),
        ({"limit": 2, "offset": 4}, "e", False),
        ({"limit": 2, "offset": 9}, "", False),
        ({"limit": 0}, "abcde", False),
        ({"limit": "2.9"}, "ab", True),
        ({"limit": 1, "where": '{"name":{"gt":"b"}}'}, "c", True),
        ({"offset": 1, "where": '{"name":{"gt":"b"}}'}, "de", False),
    ],
)
def test_pages_follow_each_other_in_order_of_creation(
    mesh: Mesh, params: dict[str, Any], names: str, *, more: bool
) -> None:
    for name in "abcde":
        mesh.create("User", {"name": name})

    page = mesh.page("User", **params)

    assert "".join(entry["name"] for entry in page["data"]) == names
    assert (page["total"], page["hasMore"]) == (3 if "where" in params else 5, more)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"limit": "many"}, "BAD_LIMIT"),
        ({"limit": "-1"}, "BAD_LIMIT"),
        ({"limit": "99999999999"}, "BAD_LIMIT"),
        ({"offset": "1;"}, "BAD_OFFSET"),
        ({"where": ["{}", "{}"]}, "BAD_WHERE"),
    ],
)
def test_pages_that_make_no_sense_are_refused(mesh: Mesh, params: dict[str, Any], code: str) -> None:
    answer = mesh.http.get("/api/content/User", params=params)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_numbers_are_those_of_javascript(mesh: Mesh) -> None:
    body = b'{"content":{"big":12345678901234567890,"zero":-0,"inf":1e400,"one":1.0,"odd":9007199254740993}}'

    answer = mesh.http.post("/api/content/User", content=body, headers={"content-type": "application/json"})

    data = answer.json()["data"]
    del data["_id"]
    assert data == {"big": 12345678901234567000, "zero": 0, "inf": None, "one": 1, "odd": 9007199254740992}


def test_validation_is_off_until_it_is_asked_for(mesh: Mesh) -> None:
    assert mesh.create("UserTenantRole", {"role": "king"})["role"] == "king"
