"""
The handshake of a WebSocket of aiohttp, and how what is made of it finds what records or replays it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from aiohttp import ClientRequest, ClientWebSocketResponse, hdrs

Init: TypeAlias = Callable[..., None]

ATTACH = "_taketwo_attach"
"""What a protocol holds that a WebSocket over it is to be given to."""


def is_opening(request: ClientRequest) -> bool:
    """
    Whether *request* asks for a WebSocket.
    """
    return request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"


def url_of(request: ClientRequest) -> str:
    """
    The address of a conversation, which may be opened by ``http:`` too.
    """
    return str(request.url.with_scheme("wss" if request.is_ssl() else "ws"))


def attaching(init: Init) -> Init:
    """
    The constructor of a WebSocket, which attaches it to what records or replays its connection.
    """

    @wraps(init)
    def attached(self: ClientWebSocketResponse, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - aiohttp's
        init(self, *arguments, **options)
        connection = self._response.connection
        protocol = None if connection is None else connection.protocol
        if protocol is not None and ATTACH in vars(protocol):
            vars(protocol).pop(ATTACH)(self)

    return attached
