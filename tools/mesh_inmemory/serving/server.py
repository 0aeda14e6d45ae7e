"""
The process: HTTP with Mesh's refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from asgi_shell.protocol import Fault, Refusal, protocol
from asgi_shell.server import ProcessServer
from mesh_inmemory import javascript
from mesh_inmemory.errors import BadRequestError, RequestTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from mesh_inmemory.settings import Settings

_LONGEST_HEAD: Final = 10.0


def mesh_server(app: ASGIApp, settings: Settings, *, ready: Callable[[], None], parent: int) -> ProcessServer:
    """
    *ready* is called once, when the server listens.
    """
    return ProcessServer(
        app,
        http=protocol(_refusal, longest_head=min(settings.body_timeout, _LONGEST_HEAD)),
        ready=ready,
        parent=parent,
        ws="none",
    )


def _refusal(fault: Fault, reason: str) -> Refusal:
    error = (
        RequestTimeoutError(reason, code="REQUEST_TIMEOUT")
        if fault is Fault.TOO_SLOW
        else BadRequestError(reason, code="BAD_REQUEST")
    )
    return Refusal(
        status=error.status,
        content_type="application/json; charset=utf-8",
        body=javascript.dumps(error.envelope()).encode(),
    )
