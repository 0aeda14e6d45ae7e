"""
Cassettes that are nearly VCR.py's: the keys of other serializers, other tools' files, forms of long ago.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.model import Cassette, JsonBody
from taketwo.cassette.store.names import find_cassettes
from taketwo.cassette.store.read import is_vcrpy, read_cassette
from taketwo.cassette.vcrpy.read import load_vcrpy
from taketwo.errors import CassetteFormatError

PARSED = """
interactions:
- request:
    headers: {content-type: [application/json]}
    method: POST
    parsed_body: {q: 1, ratio: 0.5, on: true, name: "1", nothing: null, list: [1, two]}
    uri: http://api.test/v1/messages
  response:
    headers: {content-type: [application/json], content-encoding: [gzip]}
    parsed_body: {answer: 2, text: "yes"}
    status: {code: 200, message: OK}
version: 1
"""


def loaded(value: object) -> Cassette:
    return load_vcrpy(json.dumps(value), name="a.json")


def exchange(request: dict[str, Any], response: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "request": {"method": "GET", "uri": "http://a.test/", "body": None, "headers": {}, **request},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": None, **response},
        **more,
    }


def test_parsed_bodies_are_the_json_that_they_were_made_of() -> None:
    (one,) = load_vcrpy(PARSED, name="a.yaml").interactions

    assert json.loads(body_to_bytes(one.request.body)) == {
        "q": 1,
        "ratio": 0.5,
        "on": True,
        "name": "1",
        "nothing": None,
        "list": [1, "two"],
    }
    assert isinstance(one.response.body, JsonBody)
    assert json.loads(body_to_bytes(one.response.body)) == {"answer": 2, "text": "yes"}
    assert "content-encoding" not in dict(one.response.headers)


def test_a_parsed_body_without_a_type_is_json() -> None:
    item = exchange({"parsed_body": [1]}, {"parsed_body": {"a": 2}})

    (one,) = loaded({"interactions": [item]}).interactions

    assert (body_to_bytes(one.request.body), body_to_bytes(one.response.body)) == (b"[1]", b'{"a": 2}')
    assert dict(one.response.headers)["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (exchange({"json_body": {}}, {}), "request: 'json_body'"),
        (exchange({}, {"json_body": {}}), "response: 'json_body'"),
        (exchange({}, {"zip": 1, "blob": 2}), "response: 'blob' and 'zip'"),
    ],
)
def test_a_key_that_nobody_knows_is_refused_by_name(item: dict[str, Any], place: str) -> None:
    with pytest.raises(CassetteFormatError) as caught:
        loaded({"interactions": [item]})

    assert str(caught.value) == (
        f"a.json: interactions[0]: {place}: VCR.py writes no such key, and what it says would be lost"
    )


def test_an_unknown_key_of_an_interaction_is_refused_too() -> None:
    with pytest.raises(CassetteFormatError, match=r"interactions\[0\]: 'frames'"):
        loaded({"interactions": [exchange({}, {}, frames=[])]})


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({}, b'{"a": 1, "b": "x y"}'),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&b=x+y"),
    ],
)
def test_what_aiohttp_was_given_to_send_is_what_it_sent(headers: dict[str, str], content: bytes) -> None:
    item = exchange({"method": "POST", "headers": headers, "body": {"a": 1, "b": "x y"}}, {})

    (one,) = loaded({"interactions": [item]}).interactions

    assert body_to_bytes(one.request.body) == content


def test_the_body_of_a_redirect_that_aiohttp_followed_is_empty() -> None:
    (one,) = loaded({"version": 1, "interactions": [exchange({}, {"body": {}})]}).interactions

    assert one.response.body is None


def test_an_answer_to_head_keeps_its_length() -> None:
    head = exchange({"method": "HEAD"}, {"headers": {"Content-Length": ["1234"]}})
    get = exchange({}, {"headers": {"Content-Length": ["2"]}, "body": {"string": "hi"}})

    first, second = loaded({"interactions": [head, get]}).interactions

    assert dict(first.response.headers) == {"content-length": "1234"}
    assert dict(second.response.headers) == {}


def test_headers_of_tornado_are_pairs() -> None:
    item = exchange({}, {"headers": [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]]})

    (one,) = loaded({"interactions": [item]}).interactions

    assert [value for name, value in one.response.headers if name == "set-cookie"] == ["a=1", "b=2"]


def test_what_claims_to_be_gzip_and_is_none_is_read_as_it_is() -> None:
    body = {"base64_string": "bm8gZ3ppcA=="}
    item = exchange({}, {"headers": {"Content-Encoding": ["gzip"]}, "body": body})

    (one,) = loaded({"interactions": [item]}).interactions

    assert body_to_bytes(one.response.body) == b"no gzip"


BETAMAX = {
    "http_interactions": [
        {
            "recorded_at": "2014-07-01T10:00:00",
            "request": {
                "body": {"encoding": "utf-8", "string": ""},
                "headers": {"Accept": ["*/*"]},
                "method": "GET",
                "uri": "https://api.test/users",
            },
            "response": {
                "body": {"encoding": "utf-8", "base64_string": "W10="},
                "headers": {"Content-Type": ["application/json"]},
                "status": {"code": 200, "message": "OK"},
                "url": "https://api.test/users",
            },
        }
    ],
    "recorded_with": "betamax/0.9.0",
}
RUBY = """---
http_interactions:
- request:
    method: get
    uri: https://api.test/users
    body:
      encoding: US-ASCII
      string: ''
    headers:
      Accept:
      - "*/*"
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      encoding: UTF-8
      string: '[]'
    http_version: '1.1'
    adapter_metadata: {}
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 6.1.0
"""
BEFORE_1_0 = """- request: !!python/object:vcr.request.Request
    body: null
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [Accept, '*/*']
      - !!python/tuple [User-Agent, old]
    host: api.test
    method: GET
    path: /users
    port: 443
    protocol: https
  response:
    body: {string: '[]'}
    headers: {content-type: [application/json]}
    status: {code: 200, message: OK}
"""
HAR = {
    "log": {
        "version": "1.2",
        "entries": [
            {
                "request": {
                    "method": "GET",
                    "url": "https://api.test/users",
                    "headers": [{"name": ":path", "value": "/users"}, {"name": "accept", "value": "*/*"}],
                },
                "response": {
                    "status": 200,
                    "statusText": "OK",
                    "headers": [
                        {"name": "content-type", "value": "application/json"},
                        {"name": "content-encoding", "value": "br"},
                    ],
                    "content": {"text": "W10=", "encoding": "base64", "mimeType": "application/json"},
                },
            }
        ],
    }
}


@pytest.mark.parametrize(
    "text",
    [json.dumps(BETAMAX), RUBY, BEFORE_1_0, json.dumps(HAR)],
    ids=["betamax", "ruby", "before 1.0", "har"],
)
def test_other_tools_and_old_releases_wrote_the_same_exchange(text: str) -> None:
    assert is_vcrpy(text)

    (one,) = load_vcrpy(text, name="a").interactions

    assert (one.request.method, one.request.url) == ("GET", "https://api.test/users")
    assert dict(one.request.headers)["accept"] == "*/*"
    assert (one.response.status, body_to_bytes(one.response.body)) == (200, b"[]")
    assert dict(one.response.headers)["content-type"] == "application/json"


def test_a_folder_holds_cassettes_in_json_too(tmp_path: Path) -> None:
    folder = tmp_path / "cassettes"
    (folder / "contracts").mkdir(parents=True)
    for name, content in {
        "a.yaml": "taketwo: 1\n",
        "b.yml": RUBY,
        "c.json": json.dumps({"version": 1, "interactions": []}),
        "d.json": json.dumps(BETAMAX),
        "e.har": json.dumps(HAR),
        "f.json": json.dumps({"users": [{"interactions": []}]}),
        "g.json": "[]",
        "contracts/shop.openapi.json": json.dumps({"interactions": []}),
    }.items():
        (folder / name).write_text(content)

    assert [path.name for path in find_cassettes(folder)] == ["a.yaml", "b.yml", "c.json", "d.json", "e.har"]
    cassette = read_cassette(folder / "d.json")
    assert cassette is not None
    assert len(cassette.interactions) == 1
