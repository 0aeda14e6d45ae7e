"""
Bodies: whatever form is the most readable one, the same bytes come out of it.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.body.codec import body_from_bytes, body_to_bytes, is_json
from taketwo.cassette.model import BinaryBody, Body, JsonBody, JsonStyle, TextBody

JSON = "application/json"


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b'{"a":1,"b":["x",null,true]}', JsonBody({"a": 1, "b": ["x", None, True]}, JsonStyle.COMPACT)),
        (b'{"a": 1, "b": ["x", null]}', JsonBody({"a": 1, "b": ["x", None]}, JsonStyle.SPACED)),
        (b'{"a":"\\u00e4"}', JsonBody({"a": "ä"}, JsonStyle.COMPACT_ASCII)),
        (b'{"a": "\\u00e4"}', JsonBody({"a": "ä"}, JsonStyle.SPACED_ASCII)),
        ('{"a":"ä🎉"}'.encode(), JsonBody({"a": "ä🎉"}, JsonStyle.COMPACT)),
        (b'{\n  "a": [\n    1\n  ]\n}', JsonBody({"a": [1]}, JsonStyle.INDENTED)),
        (b'{\n  "a": "\\u00e4"\n}', JsonBody({"a": "ä"}, JsonStyle.INDENTED_ASCII)),
        (b"null", JsonBody(None)),
        (b'""', JsonBody("")),
        (b"{}", JsonBody({})),
        (b"12345678901234567890123", JsonBody(12345678901234567890123)),
        (b"0.1", JsonBody(0.1)),
    ],
)
def test_json_in_a_known_style_is_kept_as_structure(content: bytes, body: Body) -> None:
    kept = body_from_bytes(content, media_type=JSON)

    assert (kept, body_to_bytes(kept)) == (body, content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1,"a":2}',
        b"0.10000000000000001",
        b"[1.10]",
        b"1E5",
        b"-0",
        b"1e400",
        b'{"a":"\\ud800"}',
        b'{"\\ud800":1}',
        b"NaN",
        b'{"a":Infinity}',
        b"{broken",
        b"{'a': 1}",
        b'\xef\xbb\xbf{"a":1}',
        b"[" * 101 + b"]" * 101,
        b"[" * 100_000 + b"]" * 100_000,
        b"9" * 5000,
    ],
)
def test_json_whose_bytes_no_structure_gives_back_is_kept_as_text(content: bytes) -> None:
    kept = body_from_bytes(content, media_type=JSON)

    assert (kept, body_to_bytes(kept)) == (TextBody(content.decode()), content)


def test_json_is_kept_as_structure_as_deep_as_a_file_can_hold() -> None:
    content = b"[" * 100 + b"]" * 100

    kept = body_from_bytes(content, media_type=JSON)

    assert isinstance(kept, JsonBody)
    assert body_to_bytes(kept) == content


@pytest.mark.parametrize(
    ("content", "media_type", "body"),
    [
        (b"", JSON, None),
        (b"", "", None),
        (b'{"a":1}', "text/plain", TextBody('{"a":1}')),
        (b'{"a":1}', "", TextBody('{"a":1}')),
        ("ä\r\n\x00".encode(), "text/html", TextBody("ä\r\n\x00")),
        (b"\xff\xfe", "text/plain", BinaryBody(b"\xff\xfe")),
        (b"\xed\xa0\x80", JSON, BinaryBody(b"\xed\xa0\x80")),
        ('"ä"'.encode("latin-1"), JSON, BinaryBody(b'"\xe4"')),
    ],
)
def test_other_bodies_are_text_when_they_can_be(content: bytes, media_type: str, body: Body) -> None:
    kept = body_from_bytes(content, media_type=media_type)

    assert (kept, body_to_bytes(kept)) == (body, content)


def test_an_encoded_body_is_not_looked_into() -> None:
    assert body_from_bytes(b"text", media_type=JSON, encoded=True) == BinaryBody(b"text")


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/json", True),
        ("application/problem+json", True),
        ("application/graphql-response+json;charset=utf-8", True),
        ("application/jsonp", False),
        ("application/x-ndjson", False),
        ("text/plain; json", False),
        ("", False),
    ],
)
def test_json_is_told_by_the_media_type(media_type: str, *, expected: bool) -> None:
    assert is_json(media_type) is expected
