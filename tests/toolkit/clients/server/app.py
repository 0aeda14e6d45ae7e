"""
What the cells of the matrix talk to: plain HTTP, streams, WebSockets, and imitations of the APIs of vendors.

Every path begins with the name of the cell that asks: ``/httpx-get/echo``. The log has one line for each
answer that was begun, so that the matrix can tell whether a recording holds all of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.applications import Starlette

from tests.toolkit.clients.server import (
    anthropic_api,
    aws_api,
    gemini_api,
    graphql_api,
    mcp_api,
    openai_api,
    plain,
    sockets,
    streams,
)
from tests.toolkit.clients.server.exchange import log

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# A handshake that is refused is answered by HTTP, or by closing what was never accepted.
_BEGINNINGS = {"http.response.start", "websocket.accept", "websocket.close", "websocket.http.response.start"}

_ROUTES = (
    *plain.ROUTES,
    *streams.ROUTES,
    *sockets.ROUTES,
    *openai_api.ROUTES,
    *anthropic_api.ROUTES,
    *gemini_api.ROUTES,
    *graphql_api.ROUTES,
    *mcp_api.ROUTES,
    *aws_api.ROUTES,
)


class Cells:
    """
    Takes the name of the cell off the path, and logs the answers.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cell, _, path = scope["path"].removeprefix("/").partition("/")
        raw = scope["raw_path"].removeprefix(b"/").partition(b"/")[2]
        started_session: list[str] = []

        async def logged(message: Message) -> None:
            if message["type"] in _BEGINNINGS and not started_session:
                started_session.append(message["type"])
                log(cell, scope["type"], f"{scope.get('method', 'GET')} /{path}")
            await send(message)

        await self._app(
            {**scope, "path": f"/{path}", "raw_path": b"/" + raw, "cell": cell, "receive": receive},
            receive,
            logged,
        )


app: App = Cells(Starlette(routes=_ROUTES))
