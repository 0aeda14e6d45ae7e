"""
What a message shows of two requests: the part, the field or the place that differs, whatever the body is.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.body.codec import body_from_bytes
from taketwo.cassette.model import Body, Pairs, StoredRequest
from taketwo.cassette.secrets.redact import Redactor
from taketwo.playback.request_differences import listed, request_differences

FORM = "application/x-www-form-urlencoded"
XML = "text/xml"
OCTETS = "application/octet-stream"
FORM_DATA = "multipart/form-data; boundary=b1b2b3"
LONG = "".join(f"<line n='{number}'/>" for number in range(60))


def request(content: bytes, media_type: str = "", url: str = "http://a.test/") -> StoredRequest:
    headers: Pairs = (("content-type", media_type),)
    body: Body = body_from_bytes(content, media_type=media_type)
    return StoredRequest(method="POST", url=url, headers=headers, body=body)


def upload(*parts: bytes) -> bytes:
    return b"".join(b"--b1b2b3\r\n" + part + b"\r\n" for part in parts) + b"--b1b2b3--\r\n"


def part(name: str, content: bytes, head: str = "") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"{head}\r\n\r\n'.encode() + content


def lines(*values: str) -> bytes:
    return "".join(f'{{"word": "{value}"}}\n' for value in values).encode()


def told(recorded: bytes, received: bytes, media_type: str) -> list[str]:
    return listed(request_differences(request(recorded, media_type), request(received, media_type)))


@pytest.mark.parametrize(
    ("recorded", "received", "media_type", "lines"),
    [
        (b"abc", b"abd", "text/plain", ['  - text: recorded "abc", received "abd"']),
        (
            f"{LONG}<number>4711</number>{LONG}".encode(),
            f"{LONG}<number>x</number>{LONG}".encode(),
            XML,
            [
                (
                    "  - text: recorded …\"7'/><line n='58'/><line n='59'/><number>4711</number>"
                    "<line n='0'/><line n='1'/><line n='2'/><line n=\"…, received "
                    "…\"7'/><line n='58'/><line n='59'/><number>x</number>"
                    "<line n='0'/><line n='1'/><line n='2'/><line n='3'\"… "
                    "(the first difference is at character 839)"
                )
            ],
        ),
        (
            lines("one", "two", "three"),
            lines("one", "two", "four"),
            "application/x-ndjson",
            ['  - events[2].json.word: recorded "three", received "four"'],
        ),
        (
            lines("one"),
            lines("one", "two"),
            "application/x-ndjson",
            ['  - events[1]: not recorded, received {"json": {"word": "two"}}'],
        ),
        (
            LONG.encode(),
            f"{LONG} and more".encode(),
            XML,
            [
                (
                    "  - text: recorded …\"ine n='57'/><line n='58'/><line n='59'/>\", received "
                    "…\"ine n='57'/><line n='58'/><line n='59'/> and more\" "
                    "(the first difference is at character 831)"
                )
            ],
        ),
        (
            bytes(range(256)) * 3,
            bytes(range(256)) * 2 + b"\x00\xff" + bytes(range(2, 256)),
            OCTETS,
            [
                (
                    "  - body: recorded … f9 fa fb fc fd fe ff 00 01 02 03 04 05 06 07 08 …, "
                    "received … f9 fa fb fc fd fe ff 00 ff 02 03 04 05 06 07 08 … "
                    "(the first difference is at byte 514; 768 bytes)"
                )
            ],
        ),
        (
            b"\x80",
            b"\x80\x81",
            OCTETS,
            ["  - body: recorded 80, received 80 81 (the first difference is at byte 2; 1 byte, 2 now)"],
        ),
        (
            b'{"text":"' + b"a" * 300 + b'b"}',
            b'{"text":"' + b"a" * 300 + b'c"}',
            "application/json",
            [
                (
                    f'  - json.text: recorded …"{"a" * 40}b", received …"{"a" * 40}c" '
                    "(the first difference is at character 301)"
                )
            ],
        ),
        (
            b"grant_type=code&scope=a+b&x=1",
            b"scope=a+c&grant_type=code&y=1",
            FORM,
            [
                '  - form.scope: recorded "a b", received "a c"',
                '  - form.x: recorded "1", not received',
                '  - form.y: not recorded, received "1"',
            ],
        ),
        (b"a=1&a=2", b"a=1&a=3", FORM, ['  - form.a[1]: recorded "2", received "3"']),
        (
            upload(part("k", b"v"), part("f", b"hello", '; filename="a.txt"')),
            upload(part("f", b"hullo", '; filename="b.txt"'), part("k", b"v")),
            FORM_DATA,
            [
                '  - parts.f.filename: recorded "a.txt", received "b.txt"',
                '  - parts.f.text: recorded "hello", received "hullo"',
            ],
        ),
        (
            upload(part("k", b'{"a": {"b": 1}}')),
            upload(part("k", b'{"a":{"b":2}}'), part("l", b"")),
            FORM_DATA,
            [
                "  - parts.k.json.a.b: recorded 1, received 2",
                '  - parts.l: not recorded, received {"text": ""}',
            ],
        ),
        (
            upload(part("f", b"\xff\x00" * 200), part("f", b"\xff\x00" * 200)),
            upload(part("f", b"\xff\x00" * 200), part("f", b"\xff\x00" * 100)),
            FORM_DATA,
            [
                (
                    "  - parts.f[1].body: recorded … ff 00 ff 00 ff 00 ff 00 ff 00 ff 00 ff 00 ff 00 …, "
                    "received … ff 00 ff 00 ff 00 ff 00 "
                    "(the first difference is at byte 201; 400 bytes, 200 now)"
                )
            ],
        ),
        (b'{"a":1}', b"{a:1}", "application/json", ['  - text: recorded "{\\"a\\":1}", received "{a:1}"']),
        (b"", b"abc", "text/plain", ['  - text: not recorded, received "abc"']),
    ],
)
def test_what_differs_is_shown(recorded: bytes, received: bytes, media_type: str, lines: list[str]) -> None:
    assert told(recorded, received, media_type) == lines


@pytest.mark.parametrize(
    ("recorded", "received", "media_type"),
    [
        (b'{"a":1,"b":2}', b'{ "b": 2, "a": 1 }', "application/json"),
        (b"a=1&b=x+y", b"b=x%20y&a=1", FORM),
        (upload(part("a", b"1"), part("b", b"2")), upload(part("b", b"2"), part("a", b"1")), FORM_DATA),
    ],
)
def test_what_a_match_looks_over_is_not_shown(recorded: bytes, received: bytes, media_type: str) -> None:
    assert told(recorded, received, media_type) == []


def test_a_long_address_is_shown_from_where_it_differs() -> None:
    urls = [f"http://a.test/{'x' * 200}{last}" for last in "ab"]

    lines = listed(request_differences(request(b"", url=urls[0]), request(b"", url=urls[1])))

    assert lines == [
        (
            f'  - url: recorded …"{"x" * 40}a", received …"{"x" * 40}b" '
            "(the first difference is at character 215)"
        )
    ]


def test_bytes_are_shown_without_the_secrets_in_them() -> None:
    redactor = Redactor({"KEY": "k3y-of-the-notebook"})
    recorded = request(b"\xff" * 60, OCTETS)
    received = request(b"\xff" * 50 + b"k3y-of-the-notebook", OCTETS)

    lines = listed(request_differences(recorded, received, blank=redactor.blanked))

    assert lines == [
        (
            "  - body: recorded … ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff …, received … "
            "ff ff ff ff ff ff ff ff 2a 2a 2a 2a 2a 2a 2a 2a … "
            "(the first difference is at byte 51; 60 bytes, 69 now)"
        )
    ]
