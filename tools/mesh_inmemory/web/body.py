"""
A request's body: read with a limit and a deadline, then as JSON.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect

from mesh_inmemory import javascript
from mesh_inmemory.errors import (
    BadRequestError,
    PayloadTooLargeError,
    RequestTimeoutError,
    UnsupportedMediaTypeError,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from mesh_inmemory.javascript import Json
    from mesh_inmemory.settings import Settings

# A client hears of its mistake only after it has sent everything; beyond this it is cut off instead.
_PATIENCE: Final = 4


async def read_bytes(request: Request, settings: Settings) -> bytes:
    try:
        async with asyncio.timeout(settings.body_timeout):
            return await _limited(request, settings.max_body)
    except TimeoutError:
        raise RequestTimeoutError("The body did not arrive in time", code="BODY_TIMEOUT") from None
    except ClientDisconnect:
        raise BadRequestError("The body is incomplete", code="BAD_BODY") from None


async def read_object(request: Request, settings: Settings) -> dict[str, Json]:
    """
    The JSON object in the body. A body of another media type counts as none, and so does an array.
    """
    media, charset = media_type(request)
    if media != "application/json":
        return {}
    if (
        charset not in ("", "utf-8", "utf8")
        or request.headers.get("content-encoding", "identity") != "identity"
    ):
        raise UnsupportedMediaTypeError("Only plain UTF-8 bodies are supported", code="UNSUPPORTED_BODY")
    body = await read_bytes(request, settings)
    if not body.strip():
        return {}
    value = parse(body)
    if not isinstance(value, dict | list):
        raise BadRequestError("The body must be a JSON object", code="BAD_JSON")
    return value if isinstance(value, dict) else {}


def parse(body: bytes) -> Json:
    try:
        return javascript.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadRequestError("The body is not valid UTF-8", code="BAD_JSON") from None
    except javascript.JsonError as error:
        raise BadRequestError("The body is not valid JSON", code="BAD_JSON", details=str(error)) from None


def media_type(request: Request) -> tuple[str, str]:
    """
    The media type and the charset of the body, both in lower case.
    """
    media, *parameters = request.headers.get("content-type", "").lower().split(";")
    named = dict(parameter.strip().partition("=")[::2] for parameter in parameters)
    return media.strip(), named.get("charset", "").strip('"')


async def _limited(request: Request, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > _PATIENCE * limit:
            break
    if size > limit:
        raise PayloadTooLargeError(f"The body is larger than {limit} bytes", code="PAYLOAD_TOO_LARGE")
    return b"".join(chunks)
