"""
The key by which a service knows a request that it is sent a second time.
"""

from __future__ import annotations

from typing import Final

from taketwo.cassette.model import LiveRequest

_KEYS_OF_BODIES: Final = (
    b'"idempotency',
    b'"clienttoken"',
    b'"client_token"',
    b'"clientrequesttoken"',
    b'"requestid"',
)


def idempotency_key(request: LiveRequest) -> str:
    """
    The idempotency key of *request*, or the condition under which it is carried out; empty where it has none.
    """
    for name, value in request.headers:
        plain = name.lower().replace("_", "-")
        if "idempotency" in plain or plain in {"if-match", "if-unmodified-since"}:
            return f"{plain}: {value}"
    return _key_in_body(request.body)


def _key_in_body(body: bytes) -> str:
    """
    The whole body where it names a key, so that two are equal where their keys are.
    """
    small = body.lower()
    return body.decode("latin-1") if any(key in small for key in _KEYS_OF_BODIES) else ""
