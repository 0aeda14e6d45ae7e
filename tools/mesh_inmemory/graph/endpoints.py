"""
/graphql
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, Response

from mesh_inmemory import javascript
from mesh_inmemory.errors import NotAcceptableError
from mesh_inmemory.graph.context import GraphContext
from mesh_inmemory.graph.execution import GraphAnswer, answer, failure
from mesh_inmemory.graph.page import PAGE
from mesh_inmemory.graph.request import GraphRequest, RequestError, from_body, from_query
from mesh_inmemory.web import body
from mesh_inmemory.web.answers import JsonText
from mesh_inmemory.web.endpoint import Call, Endpoint

if TYPE_CHECKING:
    from graphql import GraphQLSchema

_STRICT: Final = "application/graphql-response+json"
_EVENTS: Final = "text/event-stream"
_JSON: Final = ("*/*", "application/*", "application/json", _STRICT, _EVENTS)


def graphql_endpoints(schema: GraphQLSchema) -> tuple[Endpoint, ...]:
    return _asked_by_get(schema), _asked_by_post(schema)


def _asked_by_get(schema: GraphQLSchema) -> Endpoint:
    async def graphql_get(call: Call) -> Response:
        if "text/html" in _accepted(call):
            return HTMLResponse(PAGE)
        try:
            return await _executed(schema, call, from_query(call.query))
        except RequestError as error:
            return _written(call, _misunderstood(error))

    return Endpoint(
        method="GET",
        path="/graphql",
        handler=graphql_get,
        summary="Execute a GraphQL query",
        parameters=("query", "variables", "operationName", "tenant"),
        answers={200: "GraphQLAnswer", 400: "GraphQLAnswer", 405: "GraphQLAnswer"},
        head=False,
    )


def _asked_by_post(schema: GraphQLSchema) -> Endpoint:
    async def graphql_post(call: Call) -> Response:
        _refuse_other_than_json(call)
        media, _ = body.media_type(call.request)
        content_type = call.request.headers.get("content-type", "")
        try:
            raw = await body.read_bytes(call.request, call.mesh.settings)
            return await _executed(schema, call, from_body(raw, media, content_type))
        except RequestError as error:
            return _written(call, _misunderstood(error))

    return Endpoint(
        method="POST",
        path="/graphql",
        handler=graphql_post,
        summary="Execute a GraphQL operation",
        parameters=("tenant",),
        body="GraphQLRequest",
        answers={200: "GraphQLAnswer", 400: "GraphQLAnswer"},
        refusals=(406, 413, 415),
    )


def _refuse_other_than_json(call: Call) -> None:
    accepted = _accepted(call)
    if not any(kind in accepted for kind in _JSON):
        raise NotAcceptableError(f"GraphQL answers in JSON, not in {accepted}", code="NOT_ACCEPTABLE")


async def _executed(schema: GraphQLSchema, call: Call, request: GraphRequest) -> Response:
    context = GraphContext(call.rows, call.mesh.registry, call.caller, call.mesh.contract)
    return _written(call, await answer(schema, request, context))


def _misunderstood(error: RequestError) -> GraphAnswer:
    if error.original is None:
        return failure(str(error), "BAD_REQUEST", status=error.status)
    original = {"name": "SyntaxError", "message": error.original}
    return failure(str(error), "BAD_REQUEST", status=error.status, originalError=original)


def _written(call: Call, given: GraphAnswer) -> Response:
    text, accepted = javascript.dumps(given.payload), _accepted(call)
    if _EVENTS in accepted:
        return Response(
            f":\n\nevent: next\ndata: {text}\n\nevent: complete\ndata:\n\n", headers={"content-type": _EVENTS}
        )
    headers = {"allow": "POST"} if given.status == 405 else {}  # noqa: PLR2004 - Method Not Allowed
    if _STRICT in accepted:
        status = 400 if given.refused and given.status == 200 else given.status  # noqa: PLR2004 - Success
        headers["content-type"] = f"{_STRICT}; charset=utf-8"
        return Response(text, status, headers)
    return JsonText(text, given.status, headers)


def _accepted(call: Call) -> str:
    return call.request.headers.get("accept") or "*/*"
