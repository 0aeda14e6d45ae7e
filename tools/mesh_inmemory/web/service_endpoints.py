"""
/health, /graphql/health, /docs and /test/reset-db
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, Response

from mesh_inmemory import javascript
from mesh_inmemory.errors import UnauthorizedError
from mesh_inmemory.web import answers
from mesh_inmemory.web.endpoint import Call, Endpoint
from mesh_inmemory.web.page import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesh_inmemory.javascript import Json


async def health(call: Call) -> Response:
    await call.rows.check()
    return answers.JsonText('{"status":"ok"}')


async def graphql_health(call: Call) -> Response:
    await call.rows.check()
    return Response()


async def reset(call: Call) -> Response:
    if not call.caller.everything:
        raise UnauthorizedError("Only a service may reset the database", code="UNAUTHORIZED")
    await call.rows.clear()
    return answers.data({"reset": True})


HEALTH: Final = (
    Endpoint(
        method="GET",
        path="/health",
        handler=health,
        summary="Whether the server and its database are usable",
        answers={200: "Health"},
        secured=False,
    ),
    Endpoint(
        method="GET",
        path="/graphql/health",
        handler=graphql_health,
        summary="Whether GraphQL is served; the answer is empty",
        answers={200: ""},
    ),
)

RESET: Final = Endpoint(
    method="POST",
    path="/test/reset-db",
    handler=reset,
    summary="Remove every row and start the ids again; in test mode only",
    answers={200: "ResetAnswer"},
)


def documents(describe: Callable[[], dict[str, Json]]) -> tuple[Endpoint, ...]:
    """
    The endpoints that serve the API document and the page made from it.

    The document describes them too, and is therefore made when it is first asked for.
    """

    @cache
    def text() -> str:
        return javascript.dumps(describe())

    @cache
    def page() -> str:
        return render(describe())

    async def as_json(_: Call) -> Response:
        return answers.JsonText(text())

    async def as_page(_: Call) -> Response:
        return HTMLResponse(page())

    return (
        Endpoint(
            method="GET",
            path="/docs/docs.json",
            handler=as_json,
            summary="This document",
            answers={200: "Document"},
            secured=False,
        ),
        Endpoint(
            method="GET",
            path="/docs",
            handler=as_page,
            summary="This document as a page",
            answers={200: ""},
            secured=False,
            media_type="text/html",
        ),
    )
