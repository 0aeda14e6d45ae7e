"""
Answers in JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

from chorus_tts.errors import ChorusError, MethodNotAllowedError, NotFoundError, NotReadyError

if TYPE_CHECKING:
    from starlette.requests import Request

_NOT_ALLOWED = 405


def text_of(value: object) -> str:
    # What a client sent may hold halves of surrogate pairs, and messages quote it.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace").decode()


def answer(value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(text_of(value), status, headers, "application/json")


def refusal(error: ChorusError) -> Response:
    headers = {"retry-after": "1"} if isinstance(error, NotReadyError) else None
    return answer(error.envelope(), status=error.status, headers=headers)


def nothing_at(path: str) -> NotFoundError:
    return NotFoundError(
        f"there is nothing at {path}; what there is stands in /openapi.json", code="not_found"
    )


async def on_refusal(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ChorusError)  # noqa: S101 - it is registered for nothing else
    return refusal(error)


async def on_unrouted(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - see above
    if error.status_code == _NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        message = f"{request.method} is not allowed on {request.url.path}; allowed: {allowed}"
        response = refusal(MethodNotAllowedError(message, code="method_not_allowed"))
        response.headers["allow"] = allowed
        return response
    return refusal(nothing_at(request.url.path))


async def on_failure(request: Request, error: Exception) -> Response:
    del request, error
    return refusal(ChorusError("something failed inside; the log tells what", code="internal_error"))
