"""
A replay writes a secret as it was written when it was recorded, and nothing else about a body is lost.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

import pytest

from taketwo.cassette.body.limits import MAX_BYTES
from taketwo.cassette.content import whole
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import JsonBody, LiveRequest
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import SecretLeak
from tests.toolkit.cassette.exchanges import (
    JSON,
    NO_BASES,
    TEXT,
    answer,
    as_json,
    get,
    post,
    replay_of,
    take_of,
)

SECRET = "k3y+of/the=note book"
REDACTOR = Redactor({"KEY": SECRET})
OTHER = "an0ther+of/the=note book"
WRITERS: dict[str, Callable[[str], str]] = {
    "": str,
    ":base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    ":base64url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    ":hex": lambda secret: secret.encode().hex(),
    ":HEX": lambda secret: secret.encode().hex().upper(),
    ":url": lambda secret: quote(secret, safe=""),
    ":form": quote_plus,
    ":html": lambda secret: html.escape(secret).replace("+", "&#43;"),
}


@pytest.mark.parametrize("disguise", [name for name in WRITERS if name != ":html"])
def test_a_secret_is_written_as_it_was(disguise: str) -> None:
    """
    With the value that is in force when it is replayed.
    """
    write = WRITERS[disguise]

    cassette = take_of((get("http://a.test/"), answer(as_json({"said": write(SECRET)}))), redactor=REDACTOR)
    replay = replay_of(cassette, redactor=REDACTOR, reveal={"KEY": OTHER})

    assert f"said: <secret:KEY{disguise}>" in dump_cassette(cassette)
    assert json.loads(whole(replay.response(0).body)) == {"said": write(OTHER)}


@pytest.mark.parametrize("disguise", WRITERS)
def test_a_request_with_a_secret_is_found_in_whatever_encoding(disguise: str) -> None:
    request = post("http://a.test/", as_json({"said": WRITERS[disguise](SECRET)}))

    replay = replay_of(take_of((request, answer()), redactor=REDACTOR), redactor=REDACTOR)

    assert fingerprint(replay.incoming(request, NO_BASES)) == fingerprint(replay.requests()[0])


def test_keys_that_hold_the_same_secret_stay_apart() -> None:
    twice = {SECRET: 1, WRITERS[":hex"](SECRET): 2, WRITERS[":url"](SECRET): 4}
    runs = {base64.b64encode(f"{start}{SECRET}".encode()).decode(): start for start in ("a:", "b:")}

    cassette = take_of((get("http://a.test/"), answer(as_json([twice, runs]))), redactor=REDACTOR)

    body = cassette.interactions[0].response.body
    assert isinstance(body, JsonBody)
    assert body.value == [
        {"<secret:KEY>": 1, "<secret:KEY:hex>": 2, "<secret:KEY:url>": 4},
        {"<secret:KEY:base64>": "a:", "<secret:KEY:base64>'": "b:"},
    ]


def test_a_binary_place_is_named_once() -> None:
    with pytest.raises(SecretLeak) as caught:
        take_of(
            (get("http://a.test/"), answer(b"\x00\xff" + SECRET.encode(), (("content-type", "a/b"),))),
            redactor=REDACTOR,
        )

    assert str(caught.value).count("KEY in interaction 1, response body") == 1


def test_the_answer_to_a_head_keeps_its_length() -> None:
    request = LiveRequest(method="HEAD", url="http://a.test/")

    cassette = take_of((request, answer(b"", (*TEXT, ("Content-Length", "1234")))))

    assert replay_of(cassette).response(0).headers == (("content-length", "1234"), *TEXT)


def test_what_would_fill_the_memory_is_kept_packed() -> None:
    packed = gzip.compress(bytes(MAX_BYTES + 1), 1)

    cassette = take_of((get("http://a.test/"), answer(packed, (("content-encoding", "gzip"),))))

    response = replay_of(cassette).response(0)
    assert (response.body, dict(response.headers)["content-encoding"]) == (packed, "gzip")


def test_graphql_matches_by_operation_in_a_batch_and_in_a_query() -> None:
    recorded = {"query": "{ a(x: 1) { b } }", "variables": {"v": 1, "w": 2}}
    sent = {"query": "{\n  a(x: 1) {\n    b\n  }\n}", "variables": {"w": 2, "v": 1}}

    def prints(table: Mapping[str, object]) -> list[object]:
        url = f"http://a.test/?query={quote(str(table['query']))}&variables={quote(json.dumps(table['variables']))}"
        cassette = take_of(
            (post("http://a.test/", as_json([table, table]), JSON), answer()), (get(url), answer())
        )
        return [fingerprint(request) for request in replay_of(cassette).requests()]

    assert prints(recorded) == prints(sent)
    assert prints(recorded) != prints({**sent, "query": "{ a(x: 2) { b } }"})
