"""
The process: HTTP with Chorus's refusals, and conversations over WebSockets.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final

from asgi_shell.protocol import Fault, Refusal, protocol
from asgi_shell.server import ProcessServer
from chorus_tts.errors import BadRequestError, RequestTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from chorus_tts.settings import Settings

LARGEST_MESSAGE: Final = 256 * 1024
_LONGEST_HEAD: Final = 10.0
# Whoever plays what it hears reads no faster than it plays, and finds a ping behind minutes of sound.
_PING: Final = 30
_PONG: Final = 600


def chorus_server(
    app: ASGIApp, settings: Settings, *, ready: Callable[[], None], parent: int
) -> ProcessServer:
    """
    *ready* is called once, when the server listens.
    """
    server = ProcessServer(
        app,
        http=protocol(_refusal, longest_head=min(settings.body_timeout, _LONGEST_HEAD)),
        ready=ready,
        parent=parent,
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_interval=_PING,
        ws_ping_timeout=_PONG,
        # Speech hardly becomes smaller, and the frames of a conversation are what was sent.
        ws_per_message_deflate=False,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_worth_logging)
    return server


def _refusal(fault: Fault, reason: str) -> Refusal:
    error = (
        RequestTimeoutError(reason, code="request_timeout")
        if fault is Fault.TOO_SLOW
        else BadRequestError(reason, code="bad_request")
    )
    return Refusal(
        status=error.status, content_type="application/json", body=json.dumps(error.envelope()).encode()
    )


def _is_worth_logging(record: logging.LogRecord) -> bool:
    """
    Not the address of each conversation: a key may stand in its query. Nor that a refused one never began.
    """
    message = str(record.msg)
    return '"WebSocket %s"' not in message and "without completing handshake" not in message
