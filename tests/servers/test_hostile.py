"""
Inputs that mean harm, or nothing: each is answered clearly, and none changes a row.
"""

from __future__ import annotations

import json
import select
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.servers.conftest import Mesh, Server

PAGE = "c0000000-0000-4000-8000-000000000001"
SNAPSHOT = "{notionModel{id block_id page_id parent_id type content indexer order version}}"
FRAGMENTS = [
    "'; DROP TABLE mesh_content; --",
    "' OR '1'='1",
    '" OR ""="',
    "1; DELETE FROM mesh_content",
    "1 UNION SELECT 1,2,3",
    "')) OR TRUE --",
    "$1",
    "$$; SELECT pg_sleep(9); $$",
    "pg_sleep(9)",
    "{}::jsonb",
    "{a,b}",
    "$.store[*] ? (@.price > 0)",
    "$[*]",
    "strict $.a",
    "a->>'b'",
    "a #> '{b}'",
    "\\",
    "\\'",
    "%",
    "_",
    "\x01\x02",
    "\u202e '",
    "'" * 500,
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "NULL",
    "__proto__",
    "constructor",
    "content); DROP TABLE x; --",
]

Probe = tuple[str, str, dict[str, Any]]


def where_probes(text: str) -> Iterator[Probe]:
    for where in (
        {text: "x"},
        {text: {text: "x"}},
        {"name": text},
        {"name": {text: 1}},
        {"name": {"in": [text]}},
        {"name": {"like": text}},
        {"name": {"contains": text}},
        {"name": {"hasKey": text}},
        {"name": {"hasAnyKeys": [text]}},
        {"page_id": text},
        {"page_id": {"in": [text]}},
        {"parent_id": {"between": [text, text]}},
        {"type": text},
        {"version": {"startsWith": text}},
        {"order": text},
        {f"meta.{text}": {"gt": text}},
        {"indexer": {"path": text, "equals": text}},
        {"indexer": {"path": text, "has": text}},
        {"indexer": {"path": "name", text: text}},
        {"OR": [{text: text}]},
    ):
        yield "GET", "/api/content/User", {"params": {"where": json.dumps(where)}}
    yield "GET", "/api/content/User", {"params": {"where": text}}


def rest_probes(text: str) -> Iterator[Probe]:
    segment = quote(text, safe="")
    yield from where_probes(text)
    yield "GET", "/api/content/User", {"params": {"limit": text}}
    yield "GET", "/api/content/User", {"params": {"offset": text}}
    yield "GET", "/api/content/User", {"params": {"page_id": text}}
    yield "GET", "/api/content/Other", {"params": {"tenant": text}}
    yield "GET", f"/api/content/{segment}", {}
    yield "GET", f"/api/content/User/{segment}", {}
    yield "DELETE", f"/api/content/User/{segment}", {}
    yield "DELETE", f"/api/content/{segment}/{PAGE}", {}
    yield "PATCH", f"/api/content/User/{segment}", {"json": {"content": {"name": text}}}
    yield "GET", f"/api/definition/{segment}", {"params": {"tenant": text}}
    yield "POST", "/api/content/User", {"json": {"content": {"_id": text}}}
    yield "POST", "/api/content/Account", {"json": {"content": {"userId": text}}}
    yield "PUT", f"/api/content/User/{PAGE}", {"json": {"content": {"parent_id": text}}}
    yield "PATCH", f"/api/content/User/{PAGE}", {"json": {"content": {"order": text}}}
    yield "POST", "/api/definition", {"params": {"tenant": text}, "json": {"definition": {"name": text}}}
    yield "GET", "/api/content/User", {"headers": {"x-use-in-memory": quote(text)}}


def graphql_probes(text: str) -> Iterator[Probe]:
    listing = "query($w:NotionModelFilter,$o:[OrderByInput!]){notionModel(where:$w,orderBy:$o){id}}"
    for variables in (
        {"w": {"page_id": {"eq": text}}},
        {"w": {"type": {"like": text}}},
        {"w": {"contentJsonb": {"path": text, "eq": text}}},
        {"w": {"indexer": {"path": text, "hasSome": [text]}}},
        {"w": {text: 1}},
        {"o": [{"field": text, "direction": "ASC"}]},
        {"o": [{"field": "id", "direction": text}]},
    ):
        yield "POST", "/graphql", {"json": {"query": listing, "variables": variables}}
    yield "POST", "/graphql", {"json": {"query": text}}
    deletion = {"query": "mutation($b:String!){deleteNotionModel(block_id:$b)}", "variables": {"b": text}}
    yield "POST", "/graphql", {"json": deletion}


def test_fragments_of_sql_and_paths_are_nothing_but_text(mesh: Mesh) -> None:
    mesh.create("User", {"_id": PAGE, "name": "Ada"})
    before = mesh.graphql(SNAPSHOT)
    probes = [probe for text in FRAGMENTS for probe in (*rest_probes(text), *graphql_probes(text))]

    answers = [(probe, mesh.http.request(probe[0], probe[1], **probe[2])) for probe in probes]

    assert len(probes) > 1000
    assert [probe for probe, answer in answers if not clear(answer)] == []
    assert mesh.graphql(SNAPSHOT) == before


def clear(answer: httpx.Response) -> bool:
    """
    Whether *answer* is a success or a refusal in its envelope, and shows nothing of the inside.
    """
    if answer.status_code >= 500 or any(
        word in answer.text for word in ("Traceback", "asyncpg", ".py", "SELECT id")
    ):
        return False
    if answer.request.url.path == "/graphql":
        return bool({"data", "errors"} & {*answer.json()})
    error = answer.json().get("error", {})
    return answer.status_code == 200 or (answer.json()["success"] is False and bool(error["message"]))


DEEP = 100_000
BODIES: list[tuple[bytes, str]] = [
    (b"{", "BAD_JSON"),
    (b"{'content':1}", "BAD_JSON"),
    (b'{"content":{}}x', "BAD_JSON"),
    (b'{"content":{"a":NaN}}', "BAD_JSON"),
    (b'{"content":{"a":Infinity}}', "BAD_JSON"),
    (b'{"content":{"a":\xff}}', "BAD_JSON"),
    (b'{"content":{"a":"\xff\xfe"}}', "BAD_JSON"),
    (b'{"content":{"a":"\xed\xa0\x80"}}', "BAD_JSON"),
    (b'{"content":{"a":"\\u0000"}}', "BAD_JSON"),
    (b'{"content":{"\\u0000":1}}', "BAD_JSON"),
    (b'{"content":{"a":"\\ud800"}}', "BAD_JSON"),
    (b'{"content":{"a":"\\udc00\\ud800"}}', "BAD_JSON"),
    (b'{"content":{"a":"x\x00y"}}', "BAD_JSON"),
    (b'{"content":{"a":"\\x41"}}', "BAD_JSON"),
    (b'"text"', "BAD_JSON"),
    (b"5", "BAD_JSON"),
    (b"null", "BAD_JSON"),
    ('{"content":{"a":1}}'.encode("utf-16"), "BAD_JSON"),
    (b"[" * DEEP, "BAD_JSON"),
    (b'{"content":' + b'{"a":' * 1000 + b"1" + b"}" * 1001, "BAD_JSON"),
    (b'{"content":{"a":' + b"[" * 250 + b"]" * 250 + b"}}", "BAD_JSON"),
    (b'{"content":{"a":"' + b"x" * 300_000 + b'"}}', "PAYLOAD_TOO_LARGE"),
    (b"x" * 5_000_000, "PAYLOAD_TOO_LARGE"),
]


@pytest.mark.parametrize(("body", "code"), BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/content/User"), ("PUT", f"/api/content/User/{PAGE}")]
)
def test_bodies_that_cannot_be_stored_are_refused(
    mesh: Mesh, method: str, path: str, body: bytes, code: str
) -> None:
    answer = mesh.http.request(method, path, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == (413 if code == "PAYLOAD_TOO_LARGE" else 400)
    assert answer.json()["error"]["code"] == code
    assert mesh.page("User")["total"] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "br"},
    ],
)
def test_encodings_that_nobody_agreed_on_are_refused(mesh: Mesh, headers: dict[str, str]) -> None:
    answer = mesh.http.post("/api/content/User", content=b'{"content":{"a":1}}', headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_BODY")


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
def test_a_body_of_another_kind_is_none(mesh: Mesh, media: str) -> None:
    answer = mesh.http.post(
        "/api/content/User", content=b'{"content":{"a":1}}', headers={"content-type": media}
    )

    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Missing type or content")


@pytest.mark.parametrize(
    "target",
    [
        "/api/content/User?where=%00",
        "/api/content/User?where=%7B%22a%22%3A%22%5Cu0000%22%7D",
        "/api/content/User?where=%FF",
        "/api/content/User?tenant=%ED%A0%80",
        "/api/content/User?page_id=%00",
        "/api/content/%FF",
        "/api/content/%00",
        "/api/content/Us%zzer",
        "/api/content/User/%",
        "/api/content/User?limit=" + "9" * 5000,
        "/api/content/User?offset=1e400",
        "/api/content/User?" + "&".join(f"p{n}=1" for n in range(200)),
        "/api/content/User?where=" + quote("[" * 5000),
        "/api/content/User?where=" + quote('{"AND":[' * 300 + '{"a":1}' + "]}" * 300),
        "/api/content/User?where=" + quote(json.dumps({"OR": [{"a": 1}] * 1001})),
    ],
)
def test_paths_and_queries_that_cannot_be_read_are_refused(mesh: Mesh, target: str) -> None:
    answer = mesh.http.get(target)

    assert 400 <= answer.status_code < 500
    assert answer.json()["success"] is False


def test_the_deepest_document_that_is_accepted_comes_back_whole(mesh: Mesh) -> None:
    deep: Any = 1
    for _ in range(190):
        deep = {"a": deep}

    created = mesh.create("User", {"deep": deep})

    assert mesh.http.get(f"/api/content/User/{created['_id']}").json()["data"]["deep"] == deep
    where = {"deep": {"contains": deep}}
    assert mesh.page("User", where=json.dumps(where))["total"] == 1


def test_the_deepest_filter_that_is_accepted_works(mesh: Mesh) -> None:
    mesh.create("User", {"name": "Ada"})
    where: Any = {"name": "Ada"}
    for n in range(95):
        where = {"AND" if n % 2 else "OR": [where]}

    assert mesh.page("User", where=json.dumps(where))["total"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "{" * 20_000,
        "{notionModel{" + "parentData{" * 3000 + "id" + "}" * 3002,
        '{notionModelByPageId(page_id:"' + "x" * 100_000 + '"){id}}',
        "{notionModel(where:{OR:" + "[{OR:" * 2000 + "[]" + "}]" * 2000 + "}){id}}",
        "query " + " ".join(f"$v{n}" for n in range(20_000)),
        "{a:__typename " * 200 + "}",
    ],
    ids=range(6),
)
def test_documents_of_absurd_size_are_answered(mesh: Mesh, query: str) -> None:
    answer = mesh.http.post("/graphql", json={"query": query})

    assert answer.status_code in {200, 400}
    assert "errors" in answer.json() or answer.json() == {"data": {"notionModelByPageId": None}}


def raw(server: Server, *parts: bytes, pause: float = 0, limit: float = 15) -> bytes:
    """
    What the server answers to these bytes on a connection of their own.
    """
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=limit) as connection:
        for part in parts:
            connection.sendall(part)
            if select.select([connection], [], [], pause)[0]:
                break
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


HEAD = (
    b"POST /api/content/User HTTP/1.1\r\nHost: x\r\nx-mesh-secret: test-secret\r\n"
    b"Content-Type: application/json\r\n"
)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        HEAD + b"Content-Length: nonsense\r\n\r\n{}",
        HEAD + b"Content-Length: -5\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    ],
    ids=range(12),
)
def test_what_is_not_http_is_refused_in_the_envelope(server: Server, request_bytes: bytes) -> None:
    answer = raw(server, request_bytes)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 4")
    assert b"application/json" in head
    assert json.loads(body)["success"] is False


def test_a_body_that_never_ends_is_given_up(server: Server) -> None:
    answer = raw(
        server, HEAD + b"Connection: close\r\nContent-Length: 1000\r\n\r\n", b'{"content":', limit=10
    )

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"BODY_TIMEOUT" in answer


def test_a_head_that_never_ends_is_given_up(server: Server) -> None:
    answer = raw(server, b"GET /health HTTP/1.1\r\n", b"Host: x\r\n", pause=0.1)

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"REQUEST_TIMEOUT" in answer


def test_a_body_that_comes_drop_by_drop_is_given_up(server: Server) -> None:
    drops = [bytes([byte]) for byte in b'{"content":{']

    answer = raw(server, HEAD + b"Connection: close\r\nContent-Length: 1000\r\n\r\n", *drops, pause=0.15)

    assert answer.startswith(b"HTTP/1.1 408")


def test_a_request_that_is_cut_off_changes_nothing(mesh: Mesh, server: Server) -> None:
    address = urlsplit(server.url)
    for part in (
        HEAD,
        HEAD + b"Content-Length: 30\r\n\r\n",
        HEAD + b'Content-Length: 30\r\n\r\n{"content":{}',
    ):
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(part)

    assert mesh.page("User")["total"] == 0
    assert mesh.http.get("/health").status_code == 200
