"""
The whole way: from the wire to a cassette, to its text, and back to the wire.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.content import whole
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    BinaryBody,
    JsonBody,
    JsonStyle,
    LiveRequest,
    LiveResponse,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.volatile.generate import seed_of
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

MESH = BaseUrls({"http://127.0.0.1:54321": "http://mesh.test"})


def test_a_take_tells_what_was_said() -> None:
    cassette = take_of(
        (
            LiveRequest(
                method="post",
                url="http://a.test/x%20y/?b=2&a=1&a=%C3%A4+b&c#part",
                headers=(
                    ("Host", "a.test"),
                    ("User-Agent", "python-httpx/0.28"),
                    ("Accept-Encoding", "gzip"),
                    ("Connection", "keep-alive"),
                    ("Content-Length", "7"),
                    ("traceparent", "00-1-1-00"),
                    ("X-Tenant", "t"),
                    ("Content-Type", "application/json"),
                ),
                body=b'{"a": 1}',
            ),
            LiveResponse(
                status=200,
                reason="OK",
                headers=(
                    ("Date", "Fri, 01 May 2026 00:00:00 GMT"),
                    ("Server", "uvicorn"),
                    ("Content-Length", "2"),
                    ("Transfer-Encoding", "chunked"),
                    ("X-Runtime", "0.1"),
                    ("X-B", "1"),
                    ("X-A", "2"),
                    ("X-B", "0"),
                ),
                body=b"hi",
            ),
        )
    )

    assert cassette.interactions[0].request == StoredRequest(
        method="POST",
        url="http://a.test/x%20y/",
        query=(("b", "2"), ("a", "1"), ("a", "ä b"), ("c", "")),
        headers=(("content-type", "application/json"), ("x-tenant", "t")),
        body=JsonBody({"a": 1}, JsonStyle.SPACED),
    )
    assert cassette.interactions[0].response == StoredResponse(
        status=200, headers=(("x-a", "2"), ("x-b", "1"), ("x-b", "0")), body=TextBody("hi")
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (413, "Request Entity Too Large"),
        (413, "Content Too Large"),
        (414, "URI Too Long"),
        (416, "Range Not Satisfiable"),
        (422, "Unprocessable Entity"),
        (422, "Unprocessable Content"),
    ],
)
def test_a_reason_that_python_renamed_is_usual_under_both_names(status: int, reason: str) -> None:
    """
    A recording is the same on every Python, and whichever the service runs on.
    """
    cassette = take_of((get("http://a.test/"), answer(status=status, reason=reason)))

    assert cassette.interactions[0].response.reason == ""


@pytest.mark.parametrize(
    ("status", "reason", "stored"),
    [
        (200, "OK", ""),
        (404, "Not Found", ""),
        (200, "Fine", "Fine"),
        (299, "Odd", "Odd"),
        (200, "", ""),
        (413, "Payload Too Large", "Payload Too Large"),
    ],
)
def test_a_reason_is_kept_when_it_is_not_the_usual_one(status: int, reason: str, stored: str) -> None:
    cassette = take_of((get("http://a.test/"), answer(status=status, reason=reason)))

    assert cassette.interactions[0].response.reason == stored


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, b'{"a":[1,2.5,null,"\xc3\xa4"],"b":{}}'),
        (JSON, b'{"a": 1, "b": 2}'),
        (JSON, b'{"a" : 1, "a": 0.10000000000000001}'),
        (JSON, b"123456789012345678901234567890"),
        (JSON, b"{broken"),
        (JSON, b'"\\ud800"'),
        (JSON, b"NaN"),
        (JSON, b"[" * 150 + b"]" * 150),
        (JSON, as_json({"k" * 3000: {"deep": ["x\ny\n", "  z\n", "\t"]}})),
        (TEXT, "line\r\nline\n\n\x00\x85\u2028 ä🎉 ".encode()),
        (TEXT, b"   leading\n\n\n"),
        (TEXT, b"null"),
        (TEXT, b"\xff\x00\xfe"),
        ((("content-type", "image/png"),), bytes(range(256)) * 20),
        ((), b""),
        ((*JSON, ("content-encoding", "br")), b"not really compressed"),
        ((*JSON, ("content-encoding", "gzip")), b"not really compressed"),
    ],
)
def test_a_client_gets_the_very_bytes_that_were_recorded(headers: Pairs, body: bytes) -> None:
    replay = replay_of(take_of((post("http://a.test/", body, headers), answer(body, headers))))

    response = replay.response(0)

    expected = (*sorted(headers), ("content-length", str(len(body))))
    assert response == LiveResponse(status=200, headers=expected, body=body)
    assert replay.live_request(0).body == body


@pytest.mark.parametrize(
    ("coding", "compress"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP ", gzip.compress),
        ("deflate", zlib.compress),
    ],
)
def test_a_compressed_body_is_kept_readable_and_played_compressed(
    coding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = compress(b'{"a":1}')
    exchange = get("http://a.test/"), answer(body, (*JSON, ("Content-Encoding", coding)))

    cassette = take_of(exchange)

    packed = ("content-encoding", coding)
    assert cassette.interactions[0].response == StoredResponse(
        status=200, headers=(packed, *JSON), body=JsonBody({"a": 1})
    )
    played = replay_of(cassette).response(0)
    assert played.headers == (packed, *JSON, ("content-length", str(len(played.body))))
    assert zlib.decompress(whole(played.body), 47) == b'{"a":1}'


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip"])
def test_a_body_that_cannot_be_unpacked_stays_as_it_was(coding: str) -> None:
    exchange = get("http://a.test/"), answer(b"\x1f\x8bcut", (*JSON, ("content-encoding", coding)))

    cassette = take_of(exchange)

    assert cassette.interactions[0].response.body == BinaryBody(b"\x1f\x8bcut")
    assert dict(replay_of(cassette).response(0).headers)["content-encoding"] == coding


@pytest.mark.parametrize(
    ("status", "body", "length"),
    [(200, b"", "0"), (200, b"ab", "2"), (404, b"", "0"), (204, b"", None), (304, b"", None)],
)
def test_a_replayed_answer_has_the_length_of_its_body(status: int, body: bytes, length: str | None) -> None:
    replay = replay_of(take_of((get("http://a.test/"), answer(body, TEXT, status=status))))

    assert dict(replay.response(0).headers).get("content-length") == length


def test_the_address_of_the_day_becomes_a_stable_name_everywhere() -> None:
    exchange = (
        LiveRequest(
            method="POST",
            url="http://127.0.0.1:54321/api?next=http%3A%2F%2F127.0.0.1%3A54321%2Fnext",
            headers=(*JSON, ("referer", "http://127.0.0.1:54321/")),
            body=as_json({"at": "127.0.0.1:54321", "ws": "ws://127.0.0.1:54321/ws"}),
        ),
        answer(b"see http://127.0.0.1:54321.", (*TEXT, ("location", "http://127.0.0.1:54321/made"))),
    )

    cassette = take_of(exchange, bases=MESH)

    interaction = cassette.interactions[0]
    assert (interaction.request.url, interaction.request.query) == (
        "http://mesh.test/api",
        (("next", "http://mesh.test/next"),),
    )
    assert dict(interaction.request.headers)["referer"] == "http://mesh.test/"
    assert interaction.request.body == JsonBody({"at": "mesh.test", "ws": "ws://mesh.test/ws"})
    assert dict(interaction.response.headers)["location"] == "http://mesh.test/made"
    assert interaction.response.body == TextBody("see http://mesh.test.")


@pytest.mark.parametrize(
    ("live", "text", "expected"),
    [
        (
            "http://localhost:80",
            "http://localhost:8080/ and localhost:800",
            "http://localhost:8080/ and localhost:800",
        ),
        ("http://localhost:80", "my.localhost:80, (localhost:80)", "my.localhost:80, (mesh.test)"),
        (
            "http://mesh",
            "a mesh of http://mesh, http://mesh.org",
            "a mesh of http://mesh.test, http://mesh.org",
        ),
        (
            "http://mesh",
            "http://mesh:81/ https://mesh/a mesh-2",
            "http://mesh:81/ https://mesh.test/a mesh-2",
        ),
        ("http://mesh.test", "http://mesh.test/", "http://mesh.test/"),
    ],
)
def test_only_the_address_itself_is_renamed(live: str, text: str, expected: str) -> None:
    assert BaseUrls({live: "http://mesh.test"}).stable(text) == expected


def test_a_request_to_the_address_of_today_matches_what_was_recorded_at_another() -> None:
    cassette = take_of((get("http://127.0.0.1:54321/a"), answer()), bases=MESH)

    replay = replay_of(cassette)
    incoming = replay.incoming(
        get("http://127.0.0.1:11111/a"), BaseUrls({"http://127.0.0.1:11111": "http://mesh.test"})
    )

    assert fingerprint(incoming) == fingerprint(replay.requests()[0])
    assert replay.live_request(0).url == "http://mesh.test/a"


def test_a_replayed_request_is_as_a_client_would_send_it() -> None:
    request = get("http://a.test/x%20y?q=a+b%26&n=1")

    live = replay_of(take_of((request, answer()))).live_request(0)

    assert live == LiveRequest(method="GET", url="http://a.test/x%20y?q=a+b%26&n=1")


def test_a_seed_is_the_same_everywhere_and_another_for_another_test() -> None:
    assert [seed_of("a::test_a"), seed_of("a::test_b")] == [1900779085, 941268038]


@pytest.mark.parametrize(
    ("date", "expires", "stored"),
    [
        ("Sun, 29 Nov 2026 04:00:00 GMT", "Sun, 13 Dec 2026 04:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ("Mon, 30 Nov 2026 05:00:00 GMT", "Mon, 14-Dec-2026 05:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ("Sun, 29 Nov 2026 04:00:00 GMT", "Sun, 29 Nov 2026 03:00:00 GMT", "Thu, 01 Jan 1970 00:00:01 GMT"),
        ("Sun, 29 Nov 2026 04:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("", "Sun, 13 Dec 2026 04:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ("Sun, 29 Nov 2026 04:00:00 GMT", "soon", "soon"),
    ],
)
def test_a_cookie_has_expired_or_lasts(date: str, expires: str, stored: str) -> None:
    """
    In a replay the moment itself would have passed, and the next recording would have another one.
    """
    headers = (("Date", date), ("Set-Cookie", f"a=1; Path=/; expires={expires}; HttpOnly"))

    take = take_of((get("https://s.test/"), answer(headers=headers)))

    assert take.interactions[0].response.headers == (
        ("set-cookie", f"a=1; Path=/; expires={stored}; HttpOnly"),
    )


def test_what_a_challenge_is_drawn_with_is_volatile() -> None:
    headers = (("WWW-Authenticate", 'Digest realm="a", nonce="f5bb0412c8d4", qop="auth", opaque="AbC+/=="'),)

    take = take_of((get("https://s.test/"), answer(headers=headers, status=401)))

    assert take.interactions[0].response.headers == (
        ("www-authenticate", 'Digest realm="a", nonce="<id:1>", qop="auth", opaque="<id:2>"'),
    )


def test_an_empty_take_is_an_empty_cassette() -> None:
    cassette = take_of()

    assert (cassette.interactions, replay_of(cassette).requests()) == ((), [])


def test_no_base_leaves_every_address() -> None:
    assert NO_BASES.stable("http://127.0.0.1:54321") == "http://127.0.0.1:54321"
