"""
What usual APIs answer, imitated with their usual fields: true secrets are replaced, and no value beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from taketwo.cassette.model import JsonBody, JsonValue, StoredResponse
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.secrets.stand_ins import dummy
from taketwo.cassette.visit import map_response
from taketwo.cassette.volatile.generate import Generator

SECRET = "q7Rk9ZtX4mWc2LpV8sNd"
KEY = "AKIAQ3EGRIQ3XWZ7TEST"
Json = dict[str, object]

ANSWERS: Mapping[str, tuple[Json, Mapping[str, str], set[str]]] = {
    "openai": (
        {
            "id": "chatcmpl-abc",
            "object": "chat.completion",
            "model": "gpt-4o-2024-08-06",
            "system_fingerprint": "fp_44709d6fcb",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "Hello", "refusal": None},
                    "logprobs": {
                        "content": [
                            {
                                "token": "Hello",
                                "logprob": -0.31,
                                "bytes": [72, 101],
                                "top_logprobs": [{"token": "a1b2c3d4e5", "logprob": -1.3, "bytes": None}],
                            },
                            {"token": " world", "logprob": -0.1, "bytes": [32], "top_logprobs": []},
                        ]
                    },
                    "finish_reason": "stop",
                }
            ],
            "usage": {
                "prompt_tokens": 9,
                "completion_tokens": 12,
                "total_tokens": 21,
                "completion_tokens_details": {"reasoning_tokens": 0, "accepted_prediction_tokens": 0},
            },
        },
        {
            "x-ratelimit-limit-tokens": "150000",
            "x-ratelimit-remaining-tokens": "149984",
            "x-ratelimit-reset-tokens": "6ms",
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": "X-Request-ID",
        },
        set(),
    ),
    "anthropic": (
        {
            "type": "message",
            "content": [{"type": "text", "text": "Your token is ready: use it as the key."}],
            "stop_reason": "max_tokens",
            "usage": {
                "input_tokens": 10,
                "output_tokens": 20,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "service_tier": "standard",
            },
        },
        {
            "anthropic-ratelimit-tokens-limit": "80000",
            "anthropic-ratelimit-tokens-remaining": "79000",
            "anthropic-ratelimit-input-tokens-reset": "2026-01-27T12:00:00Z",
        },
        set(),
    ),
    "github": (
        {
            "name": "hello",
            "full_name": "octocat/hello",
            "private": False,
            "permissions": {"admin": True, "push": True},
            "keys_url": "https://api.github.test/repos/octocat/hello/keys{/key_id}",
            "commit": {"verification": {"verified": True, "reason": "valid", "signature": None}},
            "license": {"key": "mit", "spdx_id": "MIT"},
            "token_expires_at": "2026-01-02T03:04:05Z",
            "token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "secret_scanning": {"status": "enabled"},
        },
        {"x-oauth-scopes": "repo, user", "x-accepted-oauth-scopes": "", "x-ratelimit-used": "1"},
        {"token"},
    ),
    "stripe": (
        {
            "object": "list",
            "has_more": True,
            "data": [
                {
                    "object": "payment_intent",
                    "amount": 2000,
                    "client_secret": f"pi_3MtwBw_secret_{SECRET}",
                    "payment_method_types": ["card"],
                    "card": {"brand": "visa", "last4": "4242", "cvc_check": "pass", "exp_year": 2027},
                    "livemode": False,
                    "status": "requires_action",
                    "source": {"code_verification": {"attempts_remaining": 5, "status": "pending"}},
                }
            ],
        },
        {"idempotency-key": "key-of-the-order-1", "stripe-version": "2024-06-20"},
        {"client_secret"},
    ),
    "aws": (
        {
            "Credentials": {
                "AccessKeyId": KEY,
                "SecretAccessKey": f"{SECRET}/{SECRET[::-1]}",
                "SessionToken": f"{SECRET}{SECRET}",
                "Expiration": "2026-01-02T03:04:05Z",
            },
            "AssumedRoleUser": {
                "Arn": "arn:aws:sts::123456789012:assumed-role/demo/session",
                "AssumedRoleId": "A",
            },
            "NextToken": None,
            "IsTruncated": False,
            "Contents": [{"Key": "photos/2026/01/cat-2.jpg", "Size": 10, "StorageClass": "STANDARD"}],
            "KeyCount": 1,
            "MaxKeys": 1000,
        },
        {"x-amz-version-id": "null", "x-amz-server-side-encryption": "AES256"},
        {"AccessKeyId", "SecretAccessKey", "SessionToken"},
    ),
    "slack": (
        {
            "ok": True,
            "access_token": "xoxb-123456789012-abcdefGHIJKL34",
            "token_type": "bot",
            "scope": "chat:write,commands",
            "bot_user_id": "U0KRQLJ9H",
            "response_metadata": {"next_cursor": "dXNlcjpVMDYxTkZUVDI=", "messages": ["missing_charset"]},
            "message": {"text": "Reset your password under settings", "blocks": [{"type": "section"}]},
            "authed_user": {"id": "U1234", "token_type": "user"},
        },
        {"x-oauth-scopes": "chat:write", "x-accepted-oauth-scopes": "chat:write", "retry-after": "1"},
        {"access_token"},
    ),
    "google": (
        {
            "nextPageToken": "CAUQAA_q7Rk9ZtX4mWc2LpV8sNd",
            "nextSyncToken": "CPDAlvWDx70CEPDAlvWDx70CGAU",
            "usageMetadata": {"promptTokenCount": 4, "totalTokenCount": 7},
            "items": [{"etag": "abc", "iCalUID": "a@google.test", "sequence": 0}],
        },
        {"vary": "Origin, X-Origin, Referer", "x-frame-options": "SAMEORIGIN"},
        set(),
    ),
}


@pytest.mark.parametrize("api", ANSWERS)
def test_an_answer_is_replayed_value_for_value_but_for_its_secrets(api: str) -> None:
    body, headers, secret = ANSWERS[api]

    played = played_for(api)

    assert isinstance(played.body, JsonBody)
    assert {name for name, old, new in differences(body, played.body.value) if old != new} == secret
    assert dict(played.headers) == headers


@pytest.mark.parametrize("api", ANSWERS)
def test_what_is_played_for_a_secret_has_its_type_length_and_signs(api: str) -> None:
    body, _, _ = ANSWERS[api]

    played = played_for(api)

    assert isinstance(played.body, JsonBody)
    for _, old, new in differences(body, played.body.value):
        assert type(old) is type(new)
        if isinstance(old, str) and isinstance(new, str):
            assert len(old) == len(new)
            assert signs_of(old) == signs_of(new)


def signs_of(text: str) -> list[str]:
    """
    But for those of base64, whose places are chance.
    """
    return [sign for sign in text if not sign.isalnum() and sign not in "+/-_"]


def played_for(api: str) -> StoredResponse:
    """
    The answer as it is stored without its secrets and played again, with no value for any of them.
    """
    body, headers, _ = ANSWERS[api]
    stored = StoredResponse(status=200, headers=tuple(headers.items()), body=JsonBody(as_json(body)))
    redactor = Redactor({})
    hidden = redactor.knowing(redactor.found_by_name([stored])).response(stored)
    generator = Generator(seed=1, time="2026-01-01T00:00:00Z", reveal=dummy)
    return map_response(hidden, generator.fill, values=generator.fill_value)


def as_json(body: Json) -> JsonValue:
    value: JsonValue = json.loads(json.dumps(body))
    return value


def differences(old: object, new: object, name: str = "") -> Iterator[tuple[str, object, object]]:
    """
    Each value with what came back for it, and the name of its member.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        assert list(old) == list(new)
        for key in old:
            yield from differences(old[key], new[key], key)
    elif isinstance(old, list) and isinstance(new, list):
        assert len(old) == len(new)
        for before, after in zip(old, new, strict=True):
            yield from differences(before, after, name)
    else:
        yield name, old, new
