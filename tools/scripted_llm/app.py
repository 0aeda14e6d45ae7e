"""
The HTTP surface: chat completions, the list of models, health.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from asgi_shell.openai import is_allowed, refused, wrong_key
from scripted_llm.completions import Completion
from scripted_llm.script import Json, Script


def create_app(script: Script, *, key: str) -> Starlette:
    """
    The server as an ASGI application; it answers whoever sends *key*.
    """

    async def complete(request: Request) -> Response:
        if not is_allowed(request, key):
            return wrong_key()
        asked = _asked(await request.body())
        if asked is None:
            return refused(400, "The body is no object with `messages`, a list of objects.", "invalid_body")
        messages = cast("list[Mapping[str, Json]]", asked["messages"])
        answer = script.answer(messages, functions=_functions(asked))
        completion = Completion(asked, answer, int(time.time()))
        if asked.get("stream") is True:
            return StreamingResponse(completion.events(), media_type="text/event-stream")
        return JSONResponse(completion.whole())

    async def models(request: Request) -> Response:
        if not is_allowed(request, key):
            return wrong_key()
        model = {"id": "scripted", "object": "model", "created": 0, "owned_by": "scripted_llm"}
        return JSONResponse({"object": "list", "data": [model]})

    async def health(request: Request) -> Response:
        del request
        return JSONResponse({"status": "ok", "model": "none: answers come from a script"})

    return Starlette(
        routes=[
            Route("/v1/chat/completions", complete, methods=["POST"]),
            Route("/v1/models", models),
            Route("/health", health),
        ]
    )


def _asked(body: bytes) -> dict[str, Json] | None:
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    messages = asked.get("messages") if isinstance(asked, dict) else None
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        return None
    return cast("dict[str, Json]", asked)


def _functions(asked: Mapping[str, Json]) -> frozenset[str]:
    """
    The names of the functions that the request offers.
    """
    tools = asked.get("tools")
    if not isinstance(tools, list):
        return frozenset()
    offered = [tool.get("function") for tool in tools if isinstance(tool, dict)]
    return frozenset(str(function.get("name")) for function in offered if isinstance(function, dict))
