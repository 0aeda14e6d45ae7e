"""
What holds for every request: normalised paths, OPTIONS, and the header that lets browsers in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from mesh_inmemory.web.paths import normalised

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ORIGIN: Final = {"access-control-allow-origin": "*"}
_METHODS: Final = {"access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE"}


class Surface:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await _preflight(scope)(scope, receive, send)
            return

        async def open_to_browsers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_ORIGIN)
            await send(message)

        await self._app({**scope, "path": normalised(scope["raw_path"])}, receive, open_to_browsers)


def _preflight(scope: Scope) -> Response:
    asked = Headers(scope=scope).get("access-control-request-headers")
    allowed = {"access-control-allow-headers": asked} if asked else {}
    return Response(status_code=204, headers={**_ORIGIN, **_METHODS, **allowed})
