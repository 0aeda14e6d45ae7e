"""
A GraphQL service: queries, mutations, uploads and batches over HTTP, subscriptions over WebSockets.

Subscriptions are spoken in both protocols that clients know: graphql-transport-ws, and graphql-ws before it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
from typing import Any

from graphql import build_schema, graphql_sync, parse, subscribe
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.toolkit.clients.server import events
from tests.toolkit.clients.server.exchange import cell_of, new_id
from tests.toolkit.clients.server.plain import content_of

SCHEMA = build_schema("""
type Query { fruit(name: String!): Fruit!  fruits: [Fruit!]! }
type Mutation { add(name: String!): Fruit! }
type Subscription { said(word: String!): String! }
type Fruit { id: ID!  name: String! }
""")
_PROTOCOLS = ("graphql-transport-ws", "graphql-ws")


class Root:
    """
    What the schema resolves its fields on.
    """

    def fruit(self, _info: object, name: str) -> dict[str, str]:
        return {"id": new_id(), "name": name}

    add = fruit

    def fruits(self, _info: object) -> list[dict[str, str]]:
        return [{"id": new_id(), "name": name} for name in ("apple", "pear")]


async def over_http(request: Request) -> Response:
    media_type, body = request.headers["content-type"], await request.body()
    if media_type.startswith("multipart/"):
        return JSONResponse({"data": {"parts": content_of(media_type, body)}})
    asked = json.loads(body)
    answers = [_answer(one) for one in (asked if isinstance(asked, list) else [asked])]
    return JSONResponse(answers if isinstance(asked, list) else answers[0])


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    answer = graphql_sync(
        SCHEMA,
        asked["query"],
        Root(),
        variable_values=asked.get("variables"),
        operation_name=asked.get("operationName"),
    )
    return dict(answer.formatted)


async def over_websocket(socket: WebSocket) -> None:
    chosen = next((name for name in _PROTOCOLS if name in socket.scope["subprotocols"]), None)
    await socket.accept(chosen)
    item = "data" if chosen == "graphql-ws" else "next"
    try:
        async for message in socket.iter_json():
            match message["type"]:
                case "connection_init":
                    await socket.send_json({"type": "connection_ack"})
                case "start" | "subscribe":
                    await _subscription(socket, message, item)
                case "connection_terminate":
                    break
    except WebSocketDisconnect:
        return
    await socket.close()


async def _subscription(socket: WebSocket, message: dict[str, Any], item: str) -> None:
    asked = message["payload"]
    root = {"said": lambda _info, word: _said(cell_of(socket), word)}
    stream = subscribe(SCHEMA, parse(asked["query"]), root, variable_values=asked.get("variables"))
    if isinstance(stream, Awaitable):
        stream = await stream
    assert isinstance(stream, AsyncIterator)
    async for result in stream:
        await socket.send_json({"type": item, "id": message["id"], "payload": result.formatted})
    await socket.send_json({"type": "complete", "id": message["id"]})


async def _said(cell: str, word: str) -> AsyncIterator[dict[str, str]]:
    async for text in events.in_words(cell, word):
        yield {"said": text}


ROUTES = (
    Route("/graphql", over_http, methods=["POST"]),
    WebSocketRoute("/graphql", over_websocket),
)
