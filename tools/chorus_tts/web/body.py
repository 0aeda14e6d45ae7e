"""
Bodies of requests, with limits to their size and to the patience with them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect

from chorus_tts import fields
from chorus_tts.errors import (
    BadRequestError,
    PayloadTooLargeError,
    RequestTimeoutError,
    UnsupportedMediaTypeError,
)

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST: Final = 256 * 1024


async def read_body(request: Request, *, patience: float) -> dict[str, object]:
    _refuse_other_media(request)
    try:
        async with asyncio.timeout(patience):
            content = await _content(request)
    except TimeoutError:
        raise RequestTimeoutError("the body did not arrive in time", code="body_timeout") from None
    except ClientDisconnect:
        raise BadRequestError("the body ended before it was whole", code="bad_json") from None
    try:
        return fields.parsed_object(content.decode(), what="the body")
    except UnicodeDecodeError as error:
        raise BadRequestError(f"the body is no UTF-8: {error.reason}", code="bad_json") from None


def _refuse_other_media(request: Request) -> None:
    media, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    encoding = request.headers.get("content-encoding", "identity")
    if media.strip().lower() != "application/json" or charset not in {"", "utf-8"} or encoding != "identity":
        raise UnsupportedMediaTypeError(
            "the body must be application/json in plain UTF-8", code="unsupported_body"
        )


async def _content(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST:
            raise PayloadTooLargeError(f"the body has more than {LARGEST} bytes", code="payload_too_large")
    return bytes(content)
