"""
Secrets are found in files that are there already, whoever wrote them.
"""

from __future__ import annotations

import base64
import gzip
from urllib.parse import quote

import pytest

from taketwo.cassette.secrets.scan import Finding, Scanner

KEY = 'k3y "of" the/notebook'
ENCODED = {
    "plain": KEY,
    "url": quote(KEY, safe=""),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "hex": KEY.encode().hex(),
    "basic": base64.b64encode(f"user:{KEY}".encode()).decode(),
}

VCRPY = """\
interactions:
- request:
    body: '{"password": "hunter2-and-more", "name": "Ada"}'
    headers:
      Authorization:
      - Bearer abc.def
      Content-Type:
      - application/json
      User-Agent:
      - python
    method: POST
    uri: https://ada:pass@api.test/notes?api_key=12345&page=2
  response:
    body:
      string: '{"data": [{"access_token": "tok"}]}'
    headers:
      content-type:
      - application/json
      set-cookie:
      - session=s3ss10n; Path=/
    status:
      code: 200
      message: OK
version: 1
"""

OURS = """\
taketwo: 1
test: tests/test_notes.py::test_made
services: {}
seed: 0
time: "2026-01-01T00:00:00Z"
holds:
  interactions: 1
interactions:
- request:
    method: GET
    url: http://notebook.test/notes
    query:
      token: t0k3n-12345
    headers:
      x-api-key: <secret:x-api-key>
  response:
    status: 200
    headers:
      set-cookie:
      - a=<secret:a>
      - session=real-one
    json:
      notes:
      - text: one
        secret: real
"""


def scanner(**secrets: str) -> Scanner:
    return Scanner(list(secrets.items()))


def found(text: str | bytes, name: str = "one.yaml", **secrets: str) -> list[str]:
    content = text.encode() if isinstance(text, str) else text
    findings = scanner(**secrets).scan(content, name=name).findings
    return [f"{finding.line}: {finding.secret} in {finding.place}".rstrip() for finding in findings]


def test_places_of_vcrpys_cassettes_are_known() -> None:
    assert found(VCRPY) == [
        "3: password in interaction 1, request body, json.password",
        "6: Authorization in interaction 1, request headers.Authorization[0]",
        "12: password in interaction 1, request uri",
        "12: api_key in interaction 1, request uri, query.api_key",
        "15: access_token in interaction 1, response body.string, json.data[0].access_token",
        "20: session in interaction 1, response headers.set-cookie[0]",
    ]


def test_places_of_our_cassettes_are_known() -> None:
    assert found(OURS) == [
        "13: token in interaction 1, request query.token",
        "21: session in interaction 1, response headers.set-cookie[1]",
        "25: secret in interaction 1, response json.notes[0].secret",
    ]


def test_names_of_ones_own_are_places_too() -> None:
    scanned = Scanner([], ["user-agent"]).scan(VCRPY.encode(), name="one.yaml")

    assert Finding(10, "interaction 1, request headers.User-Agent[0]", "User-Agent") in scanned.findings


@pytest.mark.parametrize(
    "value",
    [
        "<secret:authorization>",
        "Bearer <secret:authorization>",
        "Bearer REDACTED",
        "DUMMY",
        "fake-api-key",
        "***",
        "xxxxxx",
        "[FILTERED]",
        "${API_KEY}",
        "",
    ],
)
def test_what_says_that_it_stands_in_is_no_secret(value: str) -> None:
    text = f"interactions:\n- request:\n    headers:\n      authorization: '{value}'\n"

    assert found(text) == []


@pytest.mark.parametrize("value", ["test-secret", "sk_live_1", "Bearer fake2", "maskedman"])
def test_what_only_looks_like_a_stand_in_is_a_secret(value: str) -> None:
    text = f"interactions:\n- request:\n    headers:\n      authorization: '{value}'\n"

    assert found(text) == ["4: authorization in interaction 1, request headers.authorization"]


@pytest.mark.parametrize("encoding", ENCODED)
def test_values_are_found_in_every_encoding(encoding: str) -> None:
    text = f"interactions:\n- response:\n    text: |\n      one\n      see {ENCODED[encoding]}\n"

    assert found(text, KEY=KEY) == ["5: KEY in interaction 1, response text"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_values_are_found_in_binary_bodies(pack: type[bytes]) -> None:
    content = base64.b64encode(pack(b"\x00\xff here: " + KEY.encode())).decode()
    vcrpy = f"interactions:\n- response:\n    body:\n      string: !!binary |\n        {content}\n"
    ours = f"interactions:\n- response:\n    base64: |\n      {content}\n"

    assert found(vcrpy, KEY=KEY) == ["4: KEY in interaction 1, response body.string"]
    assert [line.partition(" ")[2] for line in found(ours, KEY=KEY)] == [
        "KEY in interaction 1, response base64"
    ]


def test_a_value_is_found_where_yaml_folds_it() -> None:
    text = 'interactions:\n- response:\n    text: "so: k3y\n      \\"of\\" the/note\\\n      book"\n'

    assert found(text, KEY=KEY) == ["3: KEY in interaction 1, response text"]


def test_a_secret_that_is_known_by_value_and_by_place_is_told_once() -> None:
    text = "interactions:\n- request:\n    headers:\n      authorization: k3y-of-mine\n"

    assert found(text, KEY="k3y-of-mine") == ["4: KEY in interaction 1, request headers.authorization"]


def test_comments_and_other_files_are_looked_through_line_by_line() -> None:
    assert found("a: 1\n# k3y-of-mine\n", KEY="k3y-of-mine") == ["2: KEY in"]
    assert found("one\nk3y-of-mine\n", "notes.md", KEY="k3y-of-mine") == ["2: KEY in"]
    assert found(b"\xff\x00\nk3y-of-mine", "one.wav", KEY="k3y-of-mine") == ["2: KEY in"]


def test_a_json_cassette_has_places_and_lines() -> None:
    text = """{
  "interactions": [
    {"request": {"uri": "/",
      "headers": {"Cookie": ["sid=a-session"]}}}
  ]
}"""

    assert found(text, "one.json") == ["4: sid in interaction 1, request headers.Cookie[0]"]


def test_the_place_tells_no_value_either() -> None:
    text = "interactions:\n- response:\n    json:\n      k3y-of-mine:\n        a: k3y-of-mine\n"

    assert found(text, KEY="k3y-of-mine") == [
        "4: KEY in interaction 1, response json",
        "5: KEY in interaction 1, response json.<secret:KEY>.a",
    ]


@pytest.mark.parametrize(
    ("name", "text", "damage"),
    [
        ("one.yaml", "a: k3y-of-mine\na: [\n", "one.yaml, line 3: "),
        ("one.json", '{"a": "k3y-of-mine",\n5}', "one.json, line 2: "),
        ("one.json", '["k3y-of-mine", ' + "[" * 100_000, "one.json: nested too deep"),
        (
            "one.yaml",
            "k3y-of-mine: " + "[" * 300 + "]" * 300,
            "one.yaml, line 1: nested deeper than 200 levels",
        ),
        ("one.yaml", "taketwo: 99\nk3y-of-mine: 1\n", "one.yaml: it has format version 99"),
        ("one.yaml", "taketwo: 1\nk3y-of-mine: 1\n", "one.yaml: '<secret:KEY>' is not a known key"),
    ],
)
def test_a_damaged_file_is_told_and_looked_through(name: str, text: str, damage: str) -> None:
    scanned = scanner(KEY="k3y-of-mine").scan(text.encode(), name=name)

    assert scanned.damage.startswith(damage)
    assert [finding.secret for finding in scanned.findings] == ["KEY"]
    assert "k3y-of-mine" not in scanned.damage


def test_a_damaged_file_that_is_not_utf_8_is_told_and_looked_through() -> None:
    scanned = scanner(KEY="k3y-of-mine").scan(b"a: \xff\nb: k3y-of-mine\n", name="one.yaml")

    assert scanned.damage == "one.yaml: byte 3 is not UTF-8"
    assert scanned.findings == (Finding(2, "", "KEY"),)


def test_aliases_cost_nothing() -> None:
    """
    A file of a few lines can mean billions of values.
    """
    bomb = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
    messages = "interactions:\n- request:\n    headers: {b: *a29}\n    json: *a29\n"
    text = f"a0: &a0 [k3y-of-mine]\n{bomb}\n{messages}"

    assert found(text, KEY="k3y-of-mine") == ["1: KEY in a0[0]"]


def test_what_is_said_over_websockets_is_looked_through_by_name_too() -> None:
    text = """\
taketwo: 1
test: a
services: {}
seed: 1
time: "2026-01-01T00:00:00Z"
holds:
  interactions: 0
  conversations: 1
interactions: []
conversations:
- request:
    url: ws://talk.test/
    query:
      api_key: as-it-was-1
  response:
    status: 101
  frames:
  - at: 1
    send:
      json:
        password: as-it-was-2
  - at: 2
    receive:
      json:
        access_token: as-it-was-3
"""

    assert [line.split(" in ")[0] for line in found(text)] == [
        "14: api_key",
        "21: password",
        "25: access_token",
    ]
