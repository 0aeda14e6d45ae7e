"""
WebSockets: each message asks for something.

* ``echo``: the message, with a generated id; ``words``: several messages, one after the other
* ``close``: a close frame with a code and a reason; ``break``: no close frame
* in binary: the bytes backwards
"""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any, Protocol, cast

from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.toolkit.clients.server import events
from tests.toolkit.clients.server.exchange import cell_of, new_id

_KNOWN = ("talk.v2", "talk.v1")


async def talk(socket: WebSocket) -> None:
    offered = socket.scope["subprotocols"]
    await socket.accept(next((name for name in _KNOWN if name in offered), None))
    greeting = {"event": "connected", "session": new_id(), "word": socket.query_params.get("word")}
    await socket.send_json(greeting)
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await _answer(socket, message)
    except WebSocketDisconnect:
        return


async def _answer(socket: WebSocket, message: MutableMapping[str, Any]) -> None:
    if (raw := message.get("bytes")) is not None:
        await socket.send_bytes(raw[::-1])
        return
    asked = json.loads(message["text"])
    match asked["do"]:
        case "echo":
            await socket.send_json({**asked, "id": new_id()})
        case "words":
            async for text in events.in_words(cell_of(socket), asked["word"]):
                await socket.send_json({"text": text})
        case "close":
            await socket.close(4001, f"enough of {asked['word']}")
        case "break":
            _transport(socket).abort()


class _Transport(Protocol):
    def abort(self) -> None: ...


def _transport(socket: WebSocket) -> _Transport:
    """
    The connection itself: ASGI has no word for breaking it off, but uvicorn gives the protocol's own method.
    """
    receive: Any = socket.scope["receive"]
    return cast("_Transport", receive.__self__.transport)


async def refused(socket: WebSocket) -> None:
    word = socket.query_params["word"]
    await socket.send_denial_response(JSONResponse({"error": f"no {word} here", "id": new_id()}, 403))


ROUTES = (WebSocketRoute("/talk", talk), WebSocketRoute("/refused", refused))
