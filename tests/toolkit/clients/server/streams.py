"""
Answers in pieces: whole, broken off, and standing still.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.toolkit.clients.server.exchange import LONG, cell_of, passes, timing

PIECES = 5


class BreakOff(Exception):  # noqa: N818 - what is done, not what went wrong
    """
    Ends a connection in the middle of an answer: the server closes it, having nothing more to send.
    """


def word_of(request: Request) -> str:
    """
    The word, also where it stands in the one part of an address that a user of S3 can fill.
    """
    return request.query_params.get("word") or request.query_params["response-cache-control"]


def piece(number: int, word: str, when: str) -> bytes:
    return f"{number} {word} {when}\n".encode()


async def pieces(request: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        for number in range(PIECES):
            yield piece(number, word, await timing(cell, number))

    cell, word = cell_of(request), word_of(request)
    return StreamingResponse(body(), media_type="text/plain")


async def broken(request: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield piece(0, word, "in time")
        await passes(cell, 1)
        raise BreakOff

    cell, word = cell_of(request), word_of(request)
    return StreamingResponse(body(), media_type="text/plain")


async def stalled(request: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield piece(0, word, "in time")
        await asyncio.sleep(LONG)

    word = word_of(request)
    return StreamingResponse(body(), media_type="text/plain")


async def silent(_: Request) -> Response:
    await asyncio.sleep(LONG)
    return Response()


_METHODS = ["GET", "POST"]
ROUTES = (
    Route("/pieces", pieces, methods=_METHODS),
    Route("/broken", broken, methods=_METHODS),
    Route("/stalled", stalled, methods=_METHODS),
    Route("/silent", silent, methods=_METHODS),
)
