"""
Cassettes of VCR.py: read as they are, in every form that its versions wrote, and written for it again.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from vcr.request import Request
from vcr.serialize import deserialize, serialize
from vcr.serializers import jsonserializer, yamlserializer

from taketwo.cassette.content import whole
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import BinaryBody, Body, JsonBody, TextBody
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.store.read import is_vcrpy, read_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.vcrpy.read import load_vcrpy
from taketwo.cassette.vcrpy.write import vcrpy_text
from taketwo.errors import CassetteFormatError
from tests.toolkit.cassette.exchanges import NO_BASES, answer, get, post, replay_of, take_of

HEAD = """\
interactions:
- request:
    body: null
    headers: {Accept: ['*/*']}
    method: GET
    uri: http://a.test/x?b=1&a=%C3%A4
"""


def theirs(response: str, request: str = HEAD) -> str:
    return f"{request}  response:\n{response}version: 1\n"


def recorded(
    *pairs: tuple[Request, Mapping[str, Any]],
    serializer: Any = yamlserializer,  # noqa: ANN401 - untyped
) -> str:
    """
    What VCR.py itself would write.
    """
    requests, responses = [pair[0] for pair in pairs], [json_free(pair[1]) for pair in pairs]
    return str(serialize({"requests": requests, "responses": responses}, serializer))


def json_free(response: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, dict) else value for name, value in response.items()}


def told(body: bytes, headers: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    return {"status": {"code": 200, "message": "OK"}, "headers": headers or {}, "body": {"string": body}}


@pytest.mark.parametrize(
    ("response", "body"),
    [
        ("    body: {string: hi}\n", TextBody("hi")),
        ("    body: {string: ''}\n", None),
        ("    body: {string: null}\n", None),
        ("    body: {string: 17}\n", TextBody("17")),
        ("    body: ''\n", None),
        ("    body: null\n", None),
        ("    body: hi\n", TextBody("hi")),
        ("    body: {base64_string: /wA=}\n", BinaryBody(b"\xff\x00")),
        ("    body: {string: !!binary /wA=}\n", BinaryBody(b"\xff\x00")),
        ("    body: {string: !!binary aGk=}\n", TextBody("hi")),
        ("    body: {string: !!python/unicode 'hi'}\n", TextBody("hi")),
        ("    body: {encoding: UTF-8, string: hi}\n", TextBody("hi")),
        ("    body: {string: '<uuid:1> as it is'}\n", TextBody("<\\uuid:1> as it is")),
    ],
)
def test_a_body_is_read_in_each_of_its_forms(response: str, body: Body) -> None:
    cassette = load_vcrpy(
        theirs(f"{response}    headers: {{}}\n    status: {{code: 200, message: OK}}\n"), name="a.yaml"
    )

    assert cassette.interactions[0].response.body == body
    assert cassette.interactions[0].response.reason == "OK"


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("a=1&b=2", b"a=1&b=2"),
        ("!!binary /wA=", b"\xff\x00"),
        ("[a, !!binary /wA=]", b"a\xff\x00"),
        ("!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary /wA=, 0, null]}", b"\xff\x00"),
        ("!!python/object/apply:builtins.iter {args: [[a, b]]}", b"ab"),
    ],
)
def test_a_request_may_have_sent_anything(form: str, content: bytes) -> None:
    text = theirs("    body: {string: a}\n    headers: {}\n    status: {code: 200, message: OK}\n")

    cassette = load_vcrpy(text.replace("body: null", f"body: {form}"), name="a.yaml")

    assert replay_of(cassette).live_request(0).body == content


def test_what_old_versions_wrote_for_httpx_is_read() -> None:
    cassette = load_vcrpy(
        theirs(
            "    content: '{\"a\": 1}'\n    headers:\n      Content-Type: application/json\n"
            "      Set-Cookie: [a=1, b=2]\n    http_version: HTTP/1.1\n    status_code: 201\n"
        ),
        name="a.yaml",
    )

    played = replay_of(cassette).response(0)

    assert (played.status, played.body) == (201, b'{"a": 1}')
    assert played.headers == (
        ("content-type", "application/json"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("content-length", "8"),
    )


@pytest.mark.parametrize("headers", ["{A: b}", "{A: [b]}", "[[A, b]]", "{A: !!binary Yg==}"])
def test_headers_are_read_in_each_of_their_forms(headers: str) -> None:
    text = theirs(f"    body: ''\n    headers: {headers}\n    status: {{code: 204, message: null}}\n")

    response = load_vcrpy(text, name="a.yaml").interactions[0].response

    assert (response.status, response.headers) == (204, (("a", "b"),))


def test_a_compressed_body_is_unpacked_and_one_that_was_already_loses_the_header() -> None:
    headers = {"Content-Encoding": ["gzip"], "Content-Type": ["application/json"], "Content-Length": ["9"]}
    request = Request("GET", "http://a.test/", None, {})
    packed, unpacked = gzip.compress(b'{"a":1}'), b'{"a":1}'

    cassette = load_vcrpy(
        recorded((request, told(packed, headers)), (request, told(unpacked, headers))), name="a.yaml"
    )

    assert [item.response.body for item in cassette.interactions] == [JsonBody({"a": 1})] * 2
    first, second = (replay_of(cassette).response(number) for number in (0, 1))
    assert (dict(first.headers)["content-encoding"], gzip.decompress(whole(first.body))) == ("gzip", unpacked)
    assert second.headers == (("content-type", "application/json"), ("content-length", "7"))


def test_the_headers_of_an_answer_are_all_kept() -> None:
    """
    Ours leave out what means nothing; a suite that has lived with VCR.py may rely on any.
    """
    headers = {"Date": ["Thu, 01 Jan 2026 00:00:00 GMT"], "Server": ["nginx"]}

    cassette = load_vcrpy(
        recorded((Request("GET", "http://a.test/", None, {}), told(b"", headers))), name="a.yaml"
    )

    assert [name for name, _ in cassette.interactions[0].response.headers] == ["date", "server"]


@pytest.mark.parametrize("serializer", [yamlserializer, jsonserializer])
def test_what_it_wrote_is_found_and_played(tmp_path: Path, serializer: Any) -> None:  # noqa: ANN401 - untyped
    path = tmp_path / "a.yaml"
    first = Request("GET", "http://a.test/x?b=1&a=%C3%A4", None, {"Accept": "*/*"})
    second = Request("POST", "http://a.test/", b'{"b":1,"a":2}', {"Content-Type": "application/json"})
    pairs = [(first, told("ä🎉\r\n".encode())), (second, told(b"2"))]
    path.write_text(recorded(*pairs, serializer=serializer))

    cassette = read_cassette(path)

    assert cassette is not None
    replay = replay_of(cassette)
    wanted = [
        replay.incoming(get("http://a.test/x?a=%C3%A4&b=1"), NO_BASES),
        replay.incoming(post("http://a.test/", b'{"a": 2, "b": 1}'), NO_BASES),
    ]
    assert list(map(fingerprint, replay.requests())) == list(map(fingerprint, wanted))
    assert [replay.response(number).body for number in (0, 1)] == ["ä🎉\r\n".encode(), b"2"]


def test_a_secret_that_it_recorded_is_matched_all_the_same() -> None:
    """
    What comes in is redacted before it is compared.
    """
    url = "http://a.test/?access_token=abcd1234&x=s3cret-of-mine"
    cassette = load_vcrpy(recorded((Request("GET", url, None, {}), told(b"1"))), name="a.yaml")

    replay = replay_of(cassette, redactor=Redactor({"MINE": "s3cret-of-mine"}))

    # Without a head of ours it is loaded with its test empty, as it was read.
    assert fingerprint(replay.requests()[0]) == fingerprint(replay.incoming(get(url), NO_BASES))
    assert "abcd1234" not in str(replay.requests())


def test_aliases_are_resolved() -> None:
    text = theirs(
        "    body: {string: a}\n    headers: &h {A: &v [b]}\n    status: &s {code: 200, message: OK}\n"
        "- request: {body: null, headers: *h, method: GET, uri: http://a.test/}\n"
        "  response: {body: {string: b}, headers: {A: *v}, status: *s}\n"
    )

    cassette = load_vcrpy(text, name="a.yaml")

    assert [item.response.headers for item in cassette.interactions] == [(("a", "b"),)] * 2


BOMB = (
    "x: &a0 ["
    + "z" * 100
    + "]\n"
    + "".join(f"x{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("interactions: 1\n", ": 'interactions' is not a list, so it is no cassette of ours, nor of VCR.py"),
        ("interactions: [1]\n", ": interactions[0]: expected a mapping"),
        ("interactions: [{}]\n", ": interactions[0]: 'request' is missing"),
        ('{"interactions": [{"request": 1}]}', ": interactions[0]: request: expected a mapping"),
        (HEAD, ": interactions[0]: 'response' is missing"),
        (theirs("    body: ''\n"), ": interactions[0]: response: 'status' is missing"),
        (
            theirs("    body: ''\n    status: {code: x}\n"),
            ": interactions[0]: response: status: 'code' is not a status",
        ),
        (
            r'{"interactions": [{"request": {"method": "\ud800"}, "response": {}}]}',
            ": interactions[0]: request: 'method' is not a string",
        ),
        (
            theirs("    body: {what: 1}\n    status: {code: 200}\n"),
            ": interactions[0]: response: the body has none of the forms that VCR.py gives it",
        ),
        (
            theirs("    body: !!python/object/apply:os.system [ls]\n"),
            ", line 8: the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed",
        ),
        (theirs("    body: *a\n"), ", line 8: the alias a refers to nothing that ended before it"),
        ("interactions: &a [*a]\n", ", line 1: the alias a refers to nothing that ended before it"),
        ("interactions:\n" + BOMB, ", line 8: the aliases stand for more than 64 MiB"),
        ("interactions: " + "[" * 300, ", line 1: nested deeper than 200 levels"),
        ("interactions: [\n", ", line 2: did not find expected node content"),
    ],
)
def test_a_damaged_one_is_refused_with_place_and_reason(text: str, problem: str) -> None:
    with pytest.raises(CassetteFormatError) as caught:
        load_vcrpy(text, name="a.yaml")

    assert str(caught.value) == f"a.yaml{problem}"


def test_ours_are_told_from_theirs() -> None:
    ours = take_of((get("http://a.test/"), answer(b"{}")))

    assert [is_vcrpy(text) for text in (dump_cassette(ours), vcrpy_text(ours), HEAD, "{}", "test: a\n")] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_what_is_written_for_it_is_read_by_it_and_by_us() -> None:
    cassette = take_of(
        (
            post("http://a.test/?q=%C3%A4+b", b'{"a": 1}'),
            answer(
                '{"id":"0b8f2b55-7f3c-4c8e-9d0a-1f2e3d4c5b6a","t":"ä🎉\\r\\n: - \\u0085"}'.encode(),
                (("content-type", "application/json"), ("set-cookie", "a=b"), ("set-cookie", "c=d")),
                status=201,
            ),
        ),
        (get("http://a.test/"), answer(b"\xff\x00" * 300, (("content-type", "image/png"),))),
        (get("http://a.test/"), answer(b"", status=204)),
    )
    replay = replay_of(cassette)

    text = vcrpy_text(cassette)
    requests, responses = deserialize(text, yamlserializer)

    assert text == vcrpy_text(load_vcrpy(text, name="a.yaml"))
    for number, (request, response) in enumerate(zip(requests, responses, strict=True)):
        sent, played = replay.live_request(number), replay.response(number)
        assert (request.method, request.uri, request.body or b"") == (sent.method, sent.url, sent.body)
        assert (response["status"]["code"], response["body"]["string"]) == (played.status, played.body)
        pairs = [(name, value) for name, values in response["headers"].items() for value in values]
        assert sorted(pairs) == sorted(played.headers)


def test_every_form_of_text_survives_what_it_writes() -> None:
    texts = ["\x85\u2028\ufeff", " a", "a \n\n", "---\n...", "null", "1e5", "a: b # c", "\t\x00\x7f"]
    request = Request("GET", "http://a.test/", None, {})

    cassette = load_vcrpy(recorded(*[(request, told(text.encode())) for text in texts]), name="a.yaml")

    replay = replay_of(cassette)
    assert [whole(replay.response(number).body).decode() for number in range(len(texts))] == texts
    again = load_vcrpy(vcrpy_text(cassette), name="a.yaml")
    assert json.dumps(vcrpy_text(again)) == json.dumps(vcrpy_text(cassette))


def test_what_would_fill_the_memory_when_unpacked_is_refused() -> None:
    member = gzip.compress(bytes(1024 * 1024))
    headers = {"Content-Encoding": ["gzip"]}
    text = recorded((Request("GET", "http://a.test/", None, {}), told(member * 70, headers)))

    with pytest.raises(CassetteFormatError) as caught:
        load_vcrpy(text, name="a.yaml")

    assert str(caught.value) == (
        "a.yaml: interactions[0]: response: its body is of more than 64 MiB when unpacked"
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_mutilated_one_is_refused_or_holds_something(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    headers = {"Content-Encoding": ["gzip"], "A": ["b", "c"]}
    request = Request("POST", "http://a.test/?a=b", b'{"a":1}', {"Content-Type": "application/json"})
    whole = recorded((request, told(gzip.compress(b"text"), headers)), (request, told(b"\xff")))
    signs = ["", "\n", ":", "*", "&a ", "!", "[", "{", "-", "\x00"]
    for _ in range(300):
        changed = list(whole)
        for _ in range(dice.randint(1, 4)):
            changed[dice.randrange(len(changed))] = dice.choice(signs)

        with suppress(CassetteFormatError):
            vcrpy_text(load_vcrpy("".join(changed), name="a.yaml"))
