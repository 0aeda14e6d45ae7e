"""
Secrets in encodings of one another: none is stored, and a replay gives a client what it can decode.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest

from taketwo.cassette.content import whole
from taketwo.cassette.match import fingerprint
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import NO_BASES, answer, as_json, get, post, replay_of, take_of

PASSWORD = "q7Rk9ZtX4mWc2LpV8sNd"

ISSUED = "q7Rk2vXz9LmT4wNb8sYc"
Read = Callable[[str], Any]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def un64(text: str) -> str:
    return base64.b64decode(text).decode()


def b64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def un64url(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


# How a document is packed into a text, and how a client reads that.
PACKED: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "base64": (b64, un64),
    "base64url": (b64url, un64url),
    "base64 of base64": (lambda text: b64(b64(text)), lambda text: un64(un64(text))),
    "escaped": (lambda text: quote(text, safe=""), unquote),
    "escaped base64": (lambda text: quote(b64(text), safe=""), lambda text: un64(unquote(text))),
    "base64 in lines": (lambda text: base64.encodebytes(text.encode()).decode(), un64),
    "JSON in base64": (lambda text: b64(json.dumps({"in": text})), lambda text: json.loads(un64(text))["in"]),
    "base64 in JSON": (lambda text: json.dumps({"in": b64(text)}), lambda text: un64(json.loads(text)["in"])),
    "JSON in JSON in base64": (
        lambda text: b64(json.dumps({"a": json.dumps({"b": text})})),
        lambda text: json.loads(json.loads(un64(text))["a"])["b"],
    ),
}


def document(token: str, password: str = "correct horse") -> str:
    return json.dumps({"user": "ada", "access_token": token, "note": "<a> 100% #1 ~", "password": password})


@pytest.mark.parametrize("way", PACKED)
def test_secrets_of_a_packed_document_are_hidden_by_name_and_its_rest_is_kept(way: str) -> None:
    pack, unpack = PACKED[way]
    redactor = Redactor({})

    cassette = take_of(
        (get("http://a.test/"), answer(as_json({"state": pack(document(ISSUED))}))), redactor=redactor
    )
    played = json.loads(
        unpack(json.loads(whole(replay_of(cassette, redactor=redactor).response(0).body))["state"])
    )

    assert ISSUED not in _every_reading(dump_cassette(cassette))
    assert "correct horse" not in _every_reading(dump_cassette(cassette))
    assert (played["user"], played["note"]) == ("ada", "<a> 100% #1 ~")
    assert len(played["access_token"]) == len(ISSUED)


@pytest.mark.parametrize("way", PACKED)
def test_what_was_issued_in_a_packed_document_matches_when_it_is_sent_back(way: str) -> None:
    pack, unpack = PACKED[way]
    redactor = Redactor({})
    cassette = take_of(
        (get("http://a.test/"), answer(as_json({"state": pack(document(ISSUED))}))),
        (post("http://a.test/", as_json({"from": ISSUED, "state": pack(document(ISSUED))})), answer()),
        redactor=redactor,
    )
    replay = replay_of(cassette, redactor=redactor)

    state = json.loads(whole(replay.response(0).body))["state"]
    token = json.loads(unpack(state))["access_token"]
    sent = replay.incoming(post("http://a.test/", as_json({"from": token, "state": state})), NO_BASES)

    assert fingerprint(sent) == fingerprint(replay.requests()[1])


def test_a_known_value_beside_others_in_packed_bytes_is_played_among_them() -> None:
    redactor = Redactor({"KEY": ISSUED, "OTHER": "s3cond-of-two"})
    packed = base64.b64encode(gzip.compress(f"a {ISSUED} b s3cond-of-two c".encode())).decode()

    cassette = take_of((get("http://a.test/"), answer(as_json({"said": packed}))), redactor=redactor)
    reveal = {"KEY": "new key", "OTHER": "new other"}
    body = json.loads(whole(replay_of(cassette, redactor=redactor, reveal=reveal).response(0).body))

    assert gzip.decompress(base64.b64decode(body["said"])) == b"a new key b new other c"


BEFORE = ("data\n", "Content-Transfer-Encoding: base64\r\n\r\n", "a\nb\nlonger words\n")


@pytest.mark.parametrize("before", BEFORE)
def test_a_word_in_the_line_before_hides_nothing(before: str) -> None:
    packed = base64.encodebytes(gzip.compress(f"a {ISSUED} b".encode() + bytes(range(256)))).decode()

    assert Redactor({"KEY": ISSUED}).hides(before + packed, b"")


HARMLESS = (
    b64(json.dumps({"id": 7, "page_token": "next", "key": "created_at"})),
    b64("<p>Nothing of interest</p>"),
    quote('{"theme": "dark"}'),
)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_packed_document_without_secrets_is_left_alone(text: str) -> None:
    cassette = take_of((get("http://a.test/"), answer(as_json({"cursor": text}))), redactor=Redactor({}))

    assert json.loads(whole(replay_of(cassette, redactor=Redactor({})).response(0).body)) == {"cursor": text}


def test_a_member_that_is_called_cookie_holds_cookies() -> None:
    said = {"set-cookie": "theme=dark; Path=/", "Cookie": f"theme=dark; sid={ISSUED}"}

    cassette = take_of((get("http://a.test/"), answer(as_json(said))), redactor=Redactor({}))
    played = json.loads(whole(replay_of(cassette, redactor=Redactor({})).response(0).body))

    assert played["set-cookie"] == said["set-cookie"]
    assert played["Cookie"].startswith("theme=dark; sid=")
    assert ISSUED not in dump_cassette(cassette)


def test_what_is_sent_in_a_header_is_echoed_under_the_same_name_in_another_case() -> None:
    """
    As httpbin.org does with the headers that it got.
    """
    sent = [get("http://a.test/", (("X-Api-Key", value),)) for value in (ISSUED, "m4de-Up-0therwise")]
    said = as_json({"headers": {"X-Api-Key": ISSUED}})
    replay = replay_of(take_of((sent[0], answer(said)), redactor=Redactor({})), redactor=Redactor({}))

    replay.incoming(sent[1], NO_BASES)
    replay.note_sent(0)

    assert json.loads(whole(replay.response(0).body)) == {"headers": {"X-Api-Key": "m4de-Up-0therwise"}}


def _every_reading(text: str) -> str:
    """
    *text*, and what each word of it says when it is unpacked.
    """
    found = [text, unquote(text)]
    for word in unquote(text).replace('"', " ").split():
        for read in (un64, un64url):
            try:
                found.append(read(word))
            except ValueError:
                continue
    return "\n".join(found)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (
            f"Server=tcp:db.test,1433;User ID=ada;Password={PASSWORD};Encrypt=True;",
            "Server=tcp:db.test,1433;User ID=ada;Password=<secret:Password:[0-9a-zA-Z]{20}>;Encrypt=True;",
        ),
        (
            f"AccountName=a;AccountKey={PASSWORD};EndpointSuffix=core.test",
            "AccountName=a;AccountKey=<secret:AccountKey:[0-9a-zA-Z]{20}>;EndpointSuffix=core.test",
        ),
        (
            f"Driver={{ODBC Driver 18}};Server=a;Uid=ada;Pwd={PASSWORD}",
            "Driver={ODBC Driver 18};Server=a;Uid=ada;Pwd=<secret:Pwd:[0-9a-zA-Z]{20}>",
        ),
        (
            f"jdbc:sqlserver://db.test:1433;databaseName=x;user=sa;password={PASSWORD}",
            "jdbc:sqlserver://db.test:1433;databaseName=x;user=sa;password=<secret:password:[0-9a-zA-Z]{20}>",
        ),
        (
            f"host=db user=ada password={PASSWORD} dbname=x",
            "host=db user=ada password=<secret:password:[0-9a-zA-Z]{20}> dbname=x",
        ),
        ("the password=Hello is wrong; try key=5", "the password=Hello is wrong; try key=5"),
        ("theme=dark; password=off; user=ada", "theme=dark; password=off; user=ada"),
    ],
)
def test_a_password_of_a_connection_ends_before_the_next_setting(text: str, stored: str) -> None:
    recorded = dump_cassette(take_of((get("http://a.test/"), answer(as_json({"note": text})))))

    assert f"note: {stored}\n" in recorded
