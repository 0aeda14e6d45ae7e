"""
Presigned URLs and forms: signature, credential and date are another one each time, the rest is compared.
"""

# ruff: noqa: E501 - URLs as they are

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.volatile.detect import Detector
from taketwo.playback.player import Player, play
from tests.toolkit.cassette.exchanges import NO_BASES, NO_SECRETS, answer, as_json, get, replay_of, take_of

NOW = 1_790_000_000
KEY = "AKIAIOSFODNN7EXAMPLE"
Make = Callable[[int], str]
"""A URL that is signed so many seconds after the first."""


def basic(seconds: int) -> str:
    return f"20260921T1413{seconds:02}Z"


def a_signature(size: int = 32) -> str:
    return quote(base64.b64encode(secrets.token_bytes(size)).decode(), safe="")


def s3(seconds: int, key: str = "k") -> str:
    return (
        f"https://b.s3.amazonaws.com/{key}?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={KEY}%2F20260921%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date={basic(seconds)}"
        f"&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token={a_signature(60)}"
        f"&X-Amz-Signature={secrets.token_hex(32)}"
    )


SIGNED: Mapping[str, Make] = {
    "S3": s3,
    "S3 of before": lambda seconds: (
        f"https://b.s3.amazonaws.com/k?AWSAccessKeyId={KEY}&Signature={a_signature(20)}&Expires={NOW + seconds}"
    ),
    "GCS": lambda seconds: (
        "https://storage.googleapis.com/b/o?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=me%40p.iam."
        f"gserviceaccount.com%2F20260921%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date={basic(seconds)}"
        f"&X-Goog-Expires=900&X-Goog-SignedHeaders=host&X-Goog-Signature={secrets.token_hex(256)}"
    ),
    "GCS of before": lambda seconds: (
        "https://storage.googleapis.com/b/o?GoogleAccessId=me%40p.iam.gserviceaccount.com"
        f"&Expires={NOW + seconds}&Signature={a_signature(256)}"
    ),
    "Azure": lambda seconds: (
        f"https://a.blob.core.windows.net/c/b?st=2026-09-21T14%3A00%3A{seconds:02}Z"
        f"&se=2026-09-21T15%3A00%3A{seconds:02}Z&sp=r&sv=2024-05-04&sr=b&sig={a_signature()}"
    ),
    "CloudFront": lambda seconds: (
        f"https://d1.cloudfront.net/x?Expires={NOW + seconds}&Signature={a_signature()}&Key-Pair-Id=K2JCJMDEHXQW5F"
    ),
}


def recorded(*urls: str, issued: Any = None) -> Cassette:  # noqa: ANN401 - JSON
    given = [(get("http://a.test/uploads"), answer(as_json(issued)))] if issued is not None else []
    return take_of(*given, *((get(url), answer(b'{"a":1}')) for url in urls), finder=Detector(now=float(NOW)))


def player_of(cassette: Cassette) -> Player:
    loaded = load_cassette(dump_cassette(cassette), name="a.yaml", attached=None)
    return play(loaded, name="a.yaml", test=cassette.test, redactor=NO_SECRETS, reveal={}, bases=NO_BASES)


def parameters(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


@pytest.mark.parametrize("kind", SIGNED)
def test_a_url_that_the_client_signs_is_the_same_in_each_recording(kind: str) -> None:
    first, second = (dump_cassette(recorded(SIGNED[kind](seconds))) for seconds in (1, 5))

    assert first == second
    assert KEY not in first


@pytest.mark.parametrize("kind", SIGNED)
def test_a_url_that_is_signed_again_is_answered_in_the_replay(kind: str) -> None:
    player = player_of(recorded(SIGNED[kind](1)))

    assert player.take(get(SIGNED[kind](40))) == 0


@pytest.mark.parametrize("kind", SIGNED)
def test_a_url_that_a_service_signed_comes_back_and_matches(kind: str) -> None:
    signed = [SIGNED[kind](seconds) for seconds in (1, 5)]
    first, second = (recorded(url, issued={"upload_url": url, "expires_in": 60}) for url in signed)
    player = player_of(first)

    assert dump_cassette(first) == dump_cassette(second)
    assert player.take(get("http://a.test/uploads")) == 0
    given = json.loads(whole(player.replay.response(0).body))["upload_url"]
    assert parameters(given).keys() == parameters(signed[0]).keys()
    assert player.take(get(given)) == 1


@pytest.mark.parametrize("kind", SIGNED)
def test_nothing_of_a_signature_is_in_the_cassette(kind: str) -> None:
    url = SIGNED[kind](1)
    text = dump_cassette(recorded(url, issued={"html": f'<a href="{url.replace("&", "&amp;")}">x</a>'}))

    hidden = [
        value
        for name, [value] in parameters(url).items()
        if name.lower().endswith(("signature", "sig", "credential", "token", "accesskeyid", "accessid"))
    ]
    assert hidden
    assert [value for value in hidden if value in text or quote(value, safe="") in text] == []


def test_another_key_is_another_request() -> None:
    player = player_of(recorded(s3(1, "one")))

    assert player.take(get(s3(1, "two"))) is None
    assert player.take(get(s3(1, "one").replace("3600", "60"))) is None


def test_the_form_of_a_presigned_upload_is_the_same_in_each_recording() -> None:
    texts = []
    for seconds in (1, 5):
        fields = {
            "key": "k",
            "policy": base64.b64encode(secrets.token_bytes(90)).decode(),
            "x-amz-credential": f"{KEY}/20260921/us-east-1/s3/aws4_request",
            "x-amz-date": basic(seconds),
            "x-amz-signature": secrets.token_hex(32),
        }
        texts.append(dump_cassette(recorded(issued={"url": "https://b.s3.amazonaws.com/", "fields": fields})))

    assert texts[0] == texts[1]
    assert "us-east-1/s3/aws4_request" in texts[0]


def test_what_only_has_such_a_name_is_left() -> None:
    url = "https://a.test/?sig=ab&se=2026-09-21&Expires=soon"

    text = dump_cassette(recorded(url, issued={"sig": "short", "sv": 3, "text": url}))

    assert "secret" not in text
    assert "any:" not in text


def test_a_signature_that_the_project_keeps_stays() -> None:
    redactor = Redactor({}, keep=["X-Amz-Signature"])
    url = s3(1)

    cassette = take_of((get(url), answer()), redactor=redactor)

    assert dict(cassette.interactions[0].request.query)["X-Amz-Signature"] in url
    assert replay_of(cassette, redactor=redactor).requests()
