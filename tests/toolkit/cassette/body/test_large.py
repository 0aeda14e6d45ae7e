"""
A text that is longer than anybody reads is a file beside the cassette, and no secret is in it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence

import pytest

from taketwo.cassette import large_texts
from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.body.codec import body_from_bytes, body_to_bytes
from taketwo.cassette.body.limits import LARGEST_TEXT
from taketwo.cassette.match import same_body
from taketwo.cassette.model import (
    BinaryBody,
    Cassette,
    Exchange,
    JsonBody,
    JsonStyle,
    LiveRequest,
    LiveResponse,
    TextBody,
)
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.large import overlapping_parts, parts_of_text
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import SecretLeak

pytestmark = pytest.mark.slow

LINE = b"a line of a text that is long\n"
LONG = LINE * (LARGEST_TEXT // len(LINE) + 1)
SECRET = "s3cret-of-the-environment"
ADDRESS = "http://127.0.0.1:8123"


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


def kept(answers: Sequence[LiveResponse]) -> Cassette:
    """
    The cassette of requests that got these *answers*, of a service that another name stands for.
    """
    exchanges = [
        Exchange(
            request=LiveRequest(method="GET", url=f"{ADDRESS}/{number}"),
            response=answer,
            issued=2 * number,
            answered=2 * number + 1,
        )
        for number, answer in enumerate(answers)
    ]
    return make_cassette(
        exchanges,
        test="t",
        services={},
        redactor=Redactor({"SHOP_KEY": SECRET}),
        bases=BaseUrls({ADDRESS: "http://shop.test"}),
    )


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


def test_the_largest_of_many_texts_are_files_where_one_cassette_cannot_hold_them_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    They are unpacked, as they were on the wire, and without secrets; the others stay what can be reviewed.
    """
    monkeypatch.setattr(large_texts, "ROOM", 4000)
    monkeypatch.setattr(large_texts, "MEASURED_FROM", 1000)
    value = {"own": ADDRESS, "echo": SECRET, "password": "hunter-2-hunter", "rest": list(range(600))}
    large, small = json.dumps(value).encode(), b'{"small": true}'
    covered = large.replace(SECRET.encode(), b"*" * len(SECRET)).replace(b"hunter-2-hunter", b"*" * 15)
    kinds = (("content-type", "application/json"),)
    packed = (*kinds, ("content-encoding", "gzip"))
    answers = [
        LiveResponse(status=200, headers=packed, body=gzip.compress(large)),
        LiveResponse(status=200, headers=kinds, body=small),
        LiveResponse(status=200, headers=kinds, body=large, chunks=(100, len(large) - 100)),
    ]

    cassette = kept(answers)

    first, second, third = (one.response for one in cassette.interactions)
    assert (first.body, first.headers) == (BinaryBody(covered), kinds)
    assert second.body == JsonBody({"small": True}, JsonStyle.SPACED)
    assert (third.body, third.chunks) == (BinaryBody(covered), (100, len(large) - 100))
    assert len(dump_cassette(cassette)) < 4000
    assert list(attachments(cassette).values()) == [covered]


def test_no_text_is_a_file_while_the_cassette_can_hold_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_texts, "MEASURED_FROM", 10)

    cassette = kept([LiveResponse(status=200, body=b"a text of some length")])

    assert cassette.interactions[0].response.body == TextBody("a text of some length")


@pytest.mark.parametrize("text", ["a word " * 400_000, "ä" * 1_200_000, '{"name": "value"}' * 150_000])
def test_the_parts_of_it_are_whole_and_each_cut_lies_inside_of_an_overlapping_part(text: str) -> None:
    content = text.encode()

    parts = list(parts_of_text(content))
    overlapping = [part.decode("utf-8", "replace") for part in overlapping_parts(content)]

    assert "".join(parts) == text
    cut = parts[0][-100:] + parts[1][:100]
    assert any(cut in part for part in overlapping)


def test_a_secret_in_a_large_binary_body_is_still_found() -> None:
    """
    Also where one of the parts ends in which it is looked for.
    """
    part = 1 << 20
    noise = bytes(range(128, 256)) * (LARGEST_TEXT // 128 + 1)
    for place in (0, 5 * part - 10, len(noise) - 30):
        hidden = noise[:place] + SECRET.encode() + noise[place:]

        with pytest.raises(SecretLeak, match="SHOP_KEY"):
            recorded(LiveResponse(status=200, body=hidden))
