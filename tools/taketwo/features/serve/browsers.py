"""
What a browser asks for of its own accord: whether it may send a request to another origin, and for an icon.

It asks the first again when its memory of the answer runs out, after five seconds unless the service says
another number: a recording of that could not be replayed at another speed. Playwright answers it too, where
it intercepts requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from taketwo.cassette.model import LiveRequest, LiveResponse, Pairs
from taketwo.features.serve.connection import Answer
from taketwo.features.serve.upstream import Upstream

_NO_CONTENT, _NOT_FOUND, _REFUSED = 204, 404, 501
_ASKED_METHOD, _ASKED_HEADERS = "access-control-request-method", "access-control-request-headers"


def answering_browsers(answer: Answer) -> Answer:
    """
    The same as *answer*, without what is part of no recording; a page may read why its request was refused.
    """

    async def answered(request: LiveRequest, waits: bool) -> LiveResponse | Upstream | None:  # noqa: FBT001 - see Answer
        headers = {name.lower(): value for name, value in request.headers}
        if request.method == "OPTIONS" and _ASKED_METHOD in headers:
            return _plain(_NO_CONTENT, "No Content", _permission(headers))
        if _is_icon(request, headers):
            return _plain(_NOT_FOUND, "Not Found", ())
        found = await answer(request, waits)
        if isinstance(found, LiveResponse) and found.status == _REFUSED and "origin" in headers:
            return LiveResponse(
                status=found.status,
                reason=found.reason,
                headers=(*found.headers, *_permission(headers)),
                body=found.body,
            )
        return found

    return answered


def _permission(headers: Mapping[str, str]) -> Pairs:
    asked = [
        ("Access-Control-Allow-Origin", headers.get("origin", "*")),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", headers.get(_ASKED_METHOD, "")),
        ("Access-Control-Allow-Headers", headers.get(_ASKED_HEADERS, "")),
        ("Access-Control-Max-Age", "0"),
    ]
    return tuple((name, value) for name, value in asked if value)


def _is_icon(request: LiveRequest, headers: Mapping[str, str]) -> bool:
    return (
        request.method == "GET"
        and urlsplit(request.url).path == "/favicon.ico"
        and headers.get("sec-fetch-dest", "image") == "image"
    )


def _plain(status: int, reason: str, headers: Pairs) -> LiveResponse:
    return LiveResponse(status=status, reason=reason, headers=headers, body=b"")
