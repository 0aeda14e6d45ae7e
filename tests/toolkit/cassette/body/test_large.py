"""
A text that is longer than anybody reads is a file beside the cassette, and no secret is in it.
"""

from __future__ import annotations

import gzip

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.codec import body_from_bytes, body_to_bytes
from taketwo.cassette.body.limits import LARGEST_TEXT
from taketwo.cassette.match import same_body
from taketwo.cassette.model import BinaryBody, Exchange, JsonBody, LiveRequest, LiveResponse, TextBody
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.large import overlapping_parts, parts_of_text
from taketwo.cassette.secrets.redact import Redactor

LINE = b"a line of a text that is long\n"
LONG = LINE * (LARGEST_TEXT // len(LINE) + 1)
SECRET = "s3cret-of-the-environment"


def recorded(response: LiveResponse, request: bytes = b"") -> tuple[bytes, bytes]:
    """
    The bodies of the request and the response in the cassette of one exchange.
    """
    exchange = Exchange(
        request=LiveRequest(method="POST", url="http://shop.test/", body=request),
        response=response,
        issued=1,
        answered=2,
    )
    cassette = make_cassette(
        [exchange], test="t", services={}, redactor=Redactor({"SHOP_KEY": SECRET}), bases=BaseUrls({})
    )
    stored = cassette.interactions[0]
    return body_to_bytes(stored.request.body), body_to_bytes(stored.response.body)


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "text/event-stream", ""])
def test_a_text_of_more_than_8_mib_is_kept_as_bytes(media_type: str) -> None:
    longest = body_from_bytes(LONG[:LARGEST_TEXT], media_type="text/plain")

    assert body_from_bytes(LONG, media_type=media_type) == BinaryBody(LONG)
    assert longest == TextBody(LONG[:LARGEST_TEXT].decode())


def test_secrets_in_it_are_covered_by_asterisks_by_name_and_by_value() -> None:
    value = f'{{"access_token": "tok-9f8e7d6c5b4a", "echo": "{SECRET}", "kept": "plain"}}\n'.encode()
    covered = f'{{"access_token": "{"*" * 16}", "echo": "{"*" * len(SECRET)}", "kept": "plain"}}\n'.encode()

    request, response = recorded(
        LiveResponse(status=200, headers=(("content-type", "application/json"),), body=LONG + value + LONG),
        request=value + LONG,
    )

    assert response == LONG + covered + LONG
    assert request == covered + LONG


def test_a_compressed_one_is_kept_unpacked() -> None:
    headers = (("content-type", "text/plain"), ("content-encoding", "gzip"))

    _, body = recorded(LiveResponse(status=200, headers=headers, body=gzip.compress(LONG)))

    assert body == LONG


def test_a_cassette_that_holds_one_as_structure_is_still_found() -> None:
    value = {"lines": [LINE.decode()] * (LARGEST_TEXT // len(LINE))}
    recorded_before = JsonBody(value)

    received = body_from_bytes(body_to_bytes(recorded_before), media_type="application/json")

    assert isinstance(received, BinaryBody)
    assert same_body(recorded_before, received)


@pytest.mark.parametrize("text", ["a word " * 400_000, "ä" * 1_200_000, '{"name": "value"}' * 150_000])
def test_the_parts_of_it_are_whole_and_each_cut_lies_inside_of_an_overlapping_part(text: str) -> None:
    content = text.encode()

    parts, overlapping = list(parts_of_text(content)), list(overlapping_parts(content))

    assert "".join(parts) == text
    cut = parts[0][-100:] + parts[1][:100]
    assert any(cut in part for part in overlapping)
