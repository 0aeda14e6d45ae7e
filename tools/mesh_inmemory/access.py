"""
Who asks: secrets, bearer tokens, and what the caller may see.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mesh_inmemory import javascript
from mesh_inmemory.errors import BadRequestError, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mesh_inmemory.javascript import Json
    from mesh_inmemory.settings import Secrets

UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Token:
    subject: str
    tenant: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """
    A caller with *everything* sees the rows of all tenants as long as it names none.

    *tenant* is what the request names, as it stands there; only types that belong to tenants look at it.
    """

    tenant: str | None
    everything: bool

    def tenant_id(self) -> str | None:
        """
        The tenant, or None where the request names none; anything that cannot be a tenant is refused.
        """
        if self.tenant in (None, "", "any"):
            return None
        if not UUID.fullmatch(self.tenant or ""):
            raise BadRequestError(f"Invalid tenant ID: {self.tenant}", code="BAD_TENANT")
        return str(self.tenant).lower()


def authenticate(
    headers: Mapping[str, str],
    tenants: Sequence[str],
    secrets: Secrets,
    *,
    secured: bool = True,
    clock: Callable[[], float] = time.time,
) -> Caller:
    """
    The caller that the headers prove, or UnauthorizedError where the door is *secured*.

    *tenants* are the values of ``?tenant=``.
    """
    service = _is_service(headers, secrets)
    token = _bearer(headers.get("authorization", ""), secrets.signing_key, clock())
    if secured and not service and token is None:
        raise UnauthorizedError("Unauthorized: missing or invalid secret", code="UNAUTHORIZED")
    if token is not None:
        return Caller(token.tenant, everything=service)
    # A repeated parameter names no tenant that could exist.
    return Caller(",".join(tenants) or None, everything=service)


def read_token(text: str, key: str, now: float) -> Token | None:
    """
    What an HS256 token says, or None when it is not one, not ours, or over.
    """
    try:
        head, payload, signature = text.split(".")
        algorithm = _decoded(head).get("alg")
        claims = _decoded(payload)
        expected = hmac.digest(key.encode(), f"{head}.{payload}".encode(), "sha256")
        genuine = hmac.compare_digest(expected, _base64(signature))
    except (ValueError, AttributeError, binascii.Error):
        return None
    if not genuine or algorithm != "HS256":
        return None
    return _claimed(claims, now)


def _claimed(claims: dict[str, Json], now: float) -> Token | None:
    subject, tenant, expiry = claims.get("sub"), claims.get("tenant"), claims.get("exp")
    if not isinstance(subject, str) or not subject or not isinstance(tenant, str | None):
        return None
    if expiry is not None and (not isinstance(expiry, int | float) or expiry <= now):
        return None
    return Token(subject, tenant or None)


def _is_service(headers: Mapping[str, str], secrets: Secrets) -> bool:
    pairs = (("x-mesh-secret", secrets.mesh), ("x-bot-control-secret", secrets.bot_control))
    given = [_same(headers[name], secret) for name, secret in pairs if secret and name in headers]
    return any(given) or not secrets.configured


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


def _bearer(header: str, key: str | None, now: float) -> Token | None:
    scheme, _, text = header.partition(" ")
    return read_token(text.strip(), key, now) if scheme == "Bearer" and key else None


def _decoded(part: str) -> dict[str, Json]:
    value = javascript.loads(_base64(part).decode())
    if not isinstance(value, dict):
        raise ValueError(part)  # noqa: TRY004 - one of many ways not to be a token
    return value


def _base64(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
