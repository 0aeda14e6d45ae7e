"""
Anthropic's API as far as the cells use it: messages, whole and as events, and their batches' results.
"""

from __future__ import annotations

import time
from collections import Counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.toolkit.clients.server import events
from tests.toolkit.clients.server.exchange import cell_of, new_id

_visits: Counter[str] = Counter()
_USAGE = {"input_tokens": 3, "output_tokens": 3}


def _headers() -> dict[str, str]:
    return {
        "request-id": new_id("req_"),
        "anthropic-ratelimit-requests-remaining": str(time.time_ns() % 997),
    }


async def messages(request: Request) -> Response:
    asked = await request.json()
    word = asked["messages"][-1]["content"]
    _visits[cell_of(request)] += 1
    if asked["model"] == "busy" and _visits[cell_of(request)] == 1:
        return JSONResponse(_error("overloaded_error"), 529, {**_headers(), "retry-after-ms": "1"})
    if asked["model"] == "unknown":
        return JSONResponse(_error("not_found_error"), 404, _headers())
    message = {
        "id": new_id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": asked["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _USAGE,
    }
    if not asked.get("stream"):
        content = [{"type": "text", "text": f"You said {word}."}]
        return JSONResponse({**message, "content": content, "stop_reason": "end_turn"}, headers=_headers())
    spoken = events.told(
        events.in_words(cell_of(request), word, asked["model"]),
        first=[
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "ping"},
        ],
        each=lambda text: {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": text},
        },
        last=[
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": _USAGE,
            },
            {"type": "message_stop"},
        ],
    )
    return events.answer(spoken, named=True, headers=_headers())


def _error(kind: str) -> dict[str, object]:
    return {
        "type": "error",
        "error": {"type": kind, "message": f"The request failed: {kind}"},
        "request_id": new_id("req_"),
    }


async def models(_: Request) -> Response:
    listed = [
        {"id": name, "type": "model", "display_name": name, "created_at": "2026-02-04T00:00:00Z"}
        for name in ("claude-small", "claude-large")
    ]
    ends = {"first_id": "claude-small", "last_id": "claude-large", "has_more": False}
    return JSONResponse({"data": listed, **ends}, headers=_headers())


_AT = "/anthropic/v1"
ROUTES = (Route(f"{_AT}/messages", messages, methods=["POST"]), Route(f"{_AT}/models", models))
