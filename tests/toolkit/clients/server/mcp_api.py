"""
MCP over streamable HTTP: a session, a tool whose answer comes as events, and a stream of the server's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.toolkit.clients.server import events
from tests.toolkit.clients.server.exchange import LONG, WORDS, cell_of, new_id

_SESSION = "mcp-session-id"
_TOOL = {
    "name": "say",
    "description": "Says a word, a few times",
    "inputSchema": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
}


async def asked(request: Request) -> Response:
    message = await request.json()
    if "id" not in message:
        return Response(status_code=202)
    match message["method"]:
        case "initialize":
            told = {
                "protocolVersion": message["params"]["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "matrix", "version": "1"},
            }
            return _result(message, told, headers={_SESSION: new_id()})
        case "ping":
            return _result(message, {})
        case "tools/list":
            return _result(message, {"tools": [_TOOL]})
        case "tools/call":
            return StreamingResponse(_called(cell_of(request), message), media_type="text/event-stream")
        case method:
            error = {"code": -32601, "message": f"Method not found: {method}"}
            return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "error": error})


def _result(message: dict[str, Any], result: object, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": result}, headers=headers)


async def _called(cell: str, message: dict[str, Any]) -> AsyncIterator[str]:
    """
    The word as often as it is said, each as the progress of the call where one wants to hear of it; then all.
    """
    params, heard = message["params"], []
    word, token = params["arguments"]["word"], params.get("_meta", {}).get("progressToken")
    if token is not None:
        async for text in events.in_words(cell, word):
            heard.append(text)
            progress = {"progressToken": token, "progress": len(heard), "total": WORDS, "message": text}
            yield _event({"jsonrpc": "2.0", "method": "notifications/progress", "params": progress})
    said = "".join(heard) or f"You said {word}."
    result = {"content": [{"type": "text", "text": said}], "isError": False}
    yield _event({"jsonrpc": "2.0", "id": message["id"], "result": result})


def _event(message: object) -> str:
    return f"event: message\ndata: {json.dumps(message)}\n\n"


async def listen(_: Request) -> Response:
    async def silence() -> AsyncIterator[str]:
        yield ": nothing to say yet\n\n"
        await asyncio.sleep(LONG)

    return StreamingResponse(silence(), media_type="text/event-stream")


async def leave(_: Request) -> Response:
    return Response(status_code=200)


ROUTES = (
    Route("/mcp", asked, methods=["POST"]),
    Route("/mcp", listen, methods=["GET"]),
    Route("/mcp", leave, methods=["DELETE"]),
)
