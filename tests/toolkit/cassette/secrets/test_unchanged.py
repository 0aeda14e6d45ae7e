"""
Values under the names of secrets that are none: through a recording and its replay, not one byte changes.
"""

# ruff: noqa: E501 - an answer in each line

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import pytest

from taketwo.cassette.content import whole
from taketwo.cassette.match import fingerprint
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import (
    FORM,
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

RANDOM = base64.b64encode(hashlib.sha512(b"thoughts").digest() * 4).decode()
EVENTS = (("content-type", "text/event-stream"),)
LINES = (("content-type", "application/x-ndjson"),)

VALUES: Mapping[str, dict[str, object]] = {
    "thoughts": {"type": "thinking", "thinking": "Let me see.", "signature": RANDOM},
    "thoughts, streamed": {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": RANDOM}},
    "thoughts of Bedrock": {"reasoningContent": {"reasoningText": {"text": "So", "signature": RANDOM}}},
    "thoughts of Gemini": {"parts": [{"text": "So", "thoughtSignature": RANDOM}]},
    "tokens of a model": {"content": [{"token": "Xk9mQ2vR7tL4pW8s", "logprob": -0.1, "top_logprobs": []}]},
    "special tokens": {"tokenizer": "cl100k_base", "eos_token": "<|im_end|>", "pad_token": "[PAD]", "eos_token2": {"content": "<|im_end|>"}},
    "numbers and flags": {"token": 5, "max_tokens": 4096, "password_required": True, "pin_count": 3, "secret": None},
    "keys": {"key": "title", "primary_key": "id", "Key": "photos/2026/IMG_20260101.JPG"},
    "a schema": {"properties": {"api_key": {"$ref": "#/components/schemas/ApiKey"}, "password": {"type": "string", "description": "At least 8 characters"}}},
    "labels": {"password": "Passwort", "resetPassword": "パスワードをリセット", "password_confirm": "Passwort bestätigen", "otp": "Einmalcode"},
    "errors": {"password": ["is too short (minimum is 8 characters)", "can't be blank"], "token": "has expired", "secret": "is required, see the docs"},
    "blanks": {"api_key": "YOUR_API_KEY", "secret": "${SECRET}", "password": "{{ password }}", "access_token": "<access-token>"},
    "sums": {"hash": hashlib.sha256(b"a").hexdigest(), "digest": f"sha256:{hashlib.sha256(b'b').hexdigest()}", "integrity": f"sha512-{RANDOM[:88]}"},
    "data": {"url": f"data:image/png;base64,{RANDOM}", "b64_json": RANDOM, "encrypted_content": RANDOM},
    "codes": {"code": "rate_limit", "zip_code": "10115", "pin": "left", "pin2": "GPIO17", "promo_code": "SUMMER2026"},
}  # fmt: skip
Write = Callable[[dict[str, object]], bytes]
FORMS: Mapping[str, tuple[Write, tuple[tuple[str, str], ...]]] = {
    "JSON": (as_json, JSON),
    "JSON as text": (lambda value: json.dumps(value, indent=3).encode(), JSON),
    "JSON in JSON": (lambda value: as_json({"arguments": json.dumps(value)}), JSON),
    "events": (lambda value: f"event: a\ndata: {json.dumps(value)}\n\n".encode(), EVENTS),
    "lines": (lambda value: as_json(value) + b"\n" + as_json({"a": 1}) + b"\n", LINES),
    "form": (
        lambda value: urlencode(
            {name: item for name, item in value.items() if isinstance(item, str)}
        ).encode(),
        FORM,
    ),
    "YAML": (
        lambda value: "".join(
            f"{name}: {item}\n" for name, item in value.items() if isinstance(item, str)
        ).encode(),
        TEXT,
    ),
}


# What a model thinks is in JSON alone.
CASES = [
    (name, form)
    for name in VALUES
    for form in FORMS
    if form not in {"form", "YAML"} or not name.startswith("thoughts")
]


@pytest.mark.parametrize(("name", "form"), CASES)
def test_what_is_no_secret_comes_back_byte_for_byte(name: str, form: str) -> None:
    write, headers = FORMS[form]
    body = write(VALUES[name])

    cassette = take_of((post("http://a.test/", body, headers), answer(body, headers)))

    assert "<secret" not in dump_cassette(cassette)
    assert replay_of(cassette).response(0).body == body


@pytest.mark.parametrize("form", ["JSON", "JSON as text", "JSON in JSON", "events", "lines"])
def test_a_signature_that_is_none_of_thoughts_is_hidden(form: str) -> None:
    write, headers = FORMS[form]

    cassette = take_of(
        (get("http://a.test/"), answer(write({"type": "webhook", "signature": RANDOM}), headers))
    )

    assert RANDOM not in dump_cassette(cassette)


def test_a_name_that_is_there_twice_hides_both() -> None:
    body = b'{"password": "aB3dE5gH7jK9", "password": "zY9xW8vU7tS6"}'

    text = dump_cassette(take_of((get("http://a.test/"), answer(body))))

    assert "aB3dE5gH7jK9" not in text
    assert "zY9xW8vU7tS6" not in text


@pytest.mark.parametrize("form", ["JSON", "JSON in JSON", "form", "YAML"])
def test_a_harmless_value_matches_beside_a_secret_of_the_same_name(form: str) -> None:
    """
    A replay takes whatever is under the name for the secret, but not what the cassette has as it is.
    """
    write, headers = FORMS[form]
    requests = [
        post(f"http://a.test/{number}", write({"token": value}), headers)
        for number, value in enumerate(("aB3dE5gH7jK9mN1pQ3sT", "Hello"))
    ]

    replay = replay_of(take_of(*((request, answer()) for request in requests)))

    for number, request in enumerate(requests):
        assert fingerprint(replay.incoming(request, NO_BASES)) == fingerprint(replay.requests()[number])


@pytest.mark.parametrize("signs", ["?", ".", "$", "(", "*", "+|", "'"])
def test_a_secret_with_any_sign_has_a_stand_in_as_long_inside_json_in_json(signs: str) -> None:
    secret = f"aB3dE5gH7jK9{signs}mN1pQ3"
    body = as_json({"arguments": json.dumps({"access_token": secret})})

    played = json.loads(whole(replay_of(take_of((get("http://a.test/"), answer(body)))).response(0).body))

    token = json.loads(played["arguments"])["access_token"]
    assert token != secret
    assert [sign for sign in token if not sign.isalnum()] == list(signs)
    assert len(token) == len(secret)


@pytest.mark.parametrize("word", ["Hunter", "Geheim", "Наташа", "Fluffy Bunny", "abc", "changeme"])
@pytest.mark.parametrize("name", ["password", "newPassword", "passphrase"])
def test_a_word_that_names_no_field_may_be_a_password(name: str, word: str) -> None:
    cassette = take_of((post("http://a.test/", as_json({name: word}), JSON), answer()))

    assert word not in dump_cassette(cassette)
