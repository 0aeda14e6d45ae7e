"""
Inputs that mean harm, or nothing: each is answered clearly, and the server speaks on.
"""

from __future__ import annotations

import json
import os
import random
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from websockets.exceptions import ConnectionClosedError

if TYPE_CHECKING:
    import httpx

    from tests.servers.chorus.conftest import Meet, Server

SPEECH = "/v1/text-to-speech/af_heart"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"{'text':'a'}", 400, "bad_json"),
        (b'{"text":"a"}x', 400, "bad_json"),
        (b'{"text":"\xff"}', 400, "bad_json"),
        (b'"text"', 400, "bad_json"),
        (b"null", 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b'{"text":"a","seed":' + b"9" * 5000 + b"}", 400, "bad_json"),
        (b'{"text":"a","seed":1e999}', 400, "bad_parameter"),
        (b'{"text":"a","seed":NaN}', 400, "bad_json"),
        (b'{"text":{"a":1}}', 400, "bad_parameter"),
        (b'{"text":"\\ud800"}', 422, "empty_text"),
        (b'{"text":"\\u0000\\u0007"}', 422, "empty_text"),
        (b'{"\\ud800":1}', 400, "unknown_parameter"),
        (b'{"text":"' + b"x" * 300_000 + b'"}', 413, "payload_too_large"),
    ],
    ids=range(16),
)
def test_bodies_that_cannot_be_read_are_refused(
    http: httpx.Client, body: bytes, status: int, code: str
) -> None:
    answer = http.post(SPEECH, content=body, headers=JSON)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_bodies_of_another_kind_are_refused(http: httpx.Client, headers: dict[str, str]) -> None:
    answer = http.post(SPEECH, content=b'{"text":"a"}', headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_body")


@pytest.mark.parametrize(
    "target",
    [
        "/v1/text-to-speech/" + quote("../../etc/passwd", safe=""),
        "/v1/text-to-speech/%00",
        "/v1/text-to-speech/%FF%FE",
        "/v1/text-to-speech/" + "a" * 5000,
        f"{SPEECH}?output_format=" + "9" * 5000,
        f"{SPEECH}?" + "&".join(f"p{n}=1" for n in range(500)),
        f"{SPEECH}?%00=%00",
    ],
    ids=range(7),
)
def test_paths_and_queries_without_sense_are_refused(http: httpx.Client, target: str) -> None:
    answer = http.post(target, json={"text": "Hello."})

    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["message"]


def raw(server: Server, *parts: bytes) -> bytes:
    """
    What the server answers to these bytes on a connection of their own.
    """
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


HEAD = b"POST /v1/text-to-speech/af_heart HTTP/1.1\r\nHost: x\r\nxi-api-key: test-key\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        HEAD + b"Content-Length: nonsense\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n{}\r\n",
    ],
    ids=range(6),
)
def test_what_is_not_http_is_refused_in_the_envelope(server: Server, request_bytes: bytes) -> None:
    head, _, body = raw(server, request_bytes).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 4")
    assert json.loads(body)["error"]["message"]


def test_a_body_that_never_ends_is_given_up(server: Server) -> None:
    answer = raw(
        server, HEAD + b"Content-Type: application/json\r\nConnection: close\r\nContent-Length: 99\r\n\r\n{"
    )

    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"body_timeout"' in answer


def test_a_message_beyond_all_measure_ends_the_conversation(server: Server, meet: Meet) -> None:
    talk = meet(server)

    talk.say("x" * 300_000)

    with pytest.raises(ConnectionClosedError) as closed:
        talk.event()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


ALPHABET = (
    "abc XYZ  \n\t0123456789.,;:!?'\"-–—…()[]{}<>*#_`~|\\/@&%$£€¥¢+=^°½²³™©"
    "éñüßøÅçžπΩµ№ﬁＡ１،。、！\u200b\ufeff\u0301\ud83d🙂👍🏽❤️🇩🇪→✓∞√≤∑\x00\x07"
)


TEXTS = int(os.environ.get("CHORUS_RANDOM_TEXTS", "50"))


def test_any_characters_are_said_or_refused(http: httpx.Client) -> None:
    """
    Texts at random; the seed makes them the same each time.
    """
    chance = random.Random(5)  # noqa: S311 - no secret
    texts = ["".join(chance.choices(ALPHABET, k=chance.randint(1, 40))) for _ in range(TEXTS)]

    statuses = {
        text: http.post(SPEECH, content=json.dumps({"text": text}), headers=JSON).status_code
        for text in texts
    }

    assert {text for text, status in statuses.items() if status not in {200, 422}} == set()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500,
        "9" * 500,
        "!" * 2000 + "a",
        "$" + "9" * 40,
        "1.2.3.4.5.6.7.8.9",
        "1/0 0/0 99/99/9999 25:61",
        "((((((((((" * 20 + "x",
        "[x](/ˈ/) [y](/" + "a" * 300 + "/)",
        "-" * 999 + "1",
        "@#$%^&*()_+ a",
        "$5.5.5 £.. €, 3,,3",
        "MMMMCMXCIX " * 5,
        "\u0301" * 500 + "a",
        "a\u0301\u0302\u0303" * 50,
    ],
    ids=range(14),
)
def test_texts_that_break_phonemizers_are_said(http: httpx.Client, text: str) -> None:
    assert http.post(SPEECH, json={"text": text}).status_code == 200
