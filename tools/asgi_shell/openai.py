"""
What servers of OpenAI's API have in common: the form of their refusals, their key, and how they are run.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from asgi_shell.address import bind, url_of
from asgi_shell.command import announce, port_number
from asgi_shell.parent import notice_parents_death
from asgi_shell.protocol import Fault, Refusal, protocol
from asgi_shell.server import ProcessServer

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp


def is_allowed(request: Request, key: str) -> bool:
    return request.headers.get("authorization") == f"Bearer {key}"


def refused(status: int, message: str, code: str) -> Response:
    return JSONResponse(_error(message, code), status_code=status)


def wrong_key() -> Response:
    return refused(401, "Incorrect API key provided.", "invalid_api_key")


def add_address(parser: argparse.ArgumentParser, environment: Mapping[str, str], *, port: str) -> None:
    """
    The options ``--host`` and ``--port`` of a server.
    """
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument(
        "--port",
        type=port_number,
        default=environment.get("SERVER_PORT", port),
        metavar="N",
        help="where to listen; 0 picks a free port (SERVER_PORT, %(default)s)",
    )


def serve(app: ASGIApp, *, host: str, port: int, name: str) -> None:
    """
    Serve *app* until a signal comes or the parent process ends, and print where it listens.

    :raises ListenError: when the address cannot be listened on.
    """
    parent = os.getppid()
    notice_parents_death()
    listening = bind(host, port)
    server = ProcessServer(
        app,
        http=protocol(_refusal),
        ready=lambda: announce(f"{name} listens on {url_of(listening)}"),
        parent=parent,
    )
    asyncio.run(server.serve(sockets=[listening]))


def _refusal(fault: Fault, reason: str) -> Refusal:
    status, code = (408, "request_timeout") if fault is Fault.TOO_SLOW else (400, "bad_request")
    body = json.dumps(_error(reason, code)).encode()
    return Refusal(status=status, content_type="application/json", body=body)


def _error(message: str, code: str) -> dict[str, dict[str, str | None]]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
