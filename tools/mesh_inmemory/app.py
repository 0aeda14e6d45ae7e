"""
The ASGI application.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from mesh_inmemory import javascript
from mesh_inmemory.contract.answers import AnswerContract
from mesh_inmemory.errors import MeshError, MethodNotAllowedError, NotFoundError
from mesh_inmemory.graph.endpoints import graphql_endpoints
from mesh_inmemory.web import answers, content_endpoints, definition_endpoints, openapi, service_endpoints
from mesh_inmemory.web.endpoint import call
from mesh_inmemory.web.revision import revised
from mesh_inmemory.web.surface import Surface

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mesh_inmemory.mesh import Mesh
    from mesh_inmemory.web.endpoint import Endpoint

_REFUSED: Final = 400
_log: Final = logging.getLogger("mesh")


def create_app(mesh: Mesh) -> Starlette:
    served, contract = surface(mesh)

    async def refused(_: Request, error: Exception) -> Response:
        known = error if isinstance(error, MeshError) else MeshError("Internal error")
        return _revised(answers.refusal(known), "Error", contract)

    async def unrouted(request: Request, error: Exception) -> Response:
        return _revised(_unrouted(request, error), "Error", contract)

    app = Starlette(
        routes=[_route(mesh, endpoint, contract) for endpoint in served],
        middleware=[Middleware(Surface)],
        exception_handlers={MeshError: refused, HTTPException: unrouted, Exception: _failed},
    )
    app.router.redirect_slashes = False
    return app


def surface(mesh: Mesh) -> tuple[tuple[Endpoint, ...], AnswerContract]:
    """
    All that is served, the documents that describe it included, and what becomes of its answers.
    """
    changes = mesh.changes
    working = (
        *service_endpoints.HEALTH,
        *graphql_endpoints(mesh.schema),
        *content_endpoints.ENDPOINTS,
        *definition_endpoints.ENDPOINTS,
        *((service_endpoints.RESET,) if mesh.settings.test_mode else ()),
    )
    working = revised(working, changes.endpoints)
    schemas = openapi.schemas(mesh.registry.platform)
    contract = AnswerContract(changes.answers, schemas)
    served = (*working, *service_endpoints.documents(lambda: described))
    described = openapi.document(served, mesh.requests.document(contract.document()))
    return served, contract


def _route(mesh: Mesh, endpoint: Endpoint, contract: AnswerContract) -> Route:
    described = endpoint.answers.get(200, "")

    async def answer(request: Request) -> Response:
        response, name = await _answered(mesh, request, endpoint), described
        if response.status_code in endpoint.statuses:
            response.status_code = endpoint.statuses[response.status_code]
        if response.status_code >= _REFUSED:
            name = "Error"
        return _revised(response, name, contract) if endpoint.revisable else response

    route = Route(endpoint.path, answer, methods=[endpoint.method], name=endpoint.handler.__name__)
    if route.methods is not None and not endpoint.head:
        route.methods.discard("HEAD")
    return route


async def _answered(mesh: Mesh, request: Request, endpoint: Endpoint) -> Response:
    try:
        return await endpoint.handler(await call(mesh, request, endpoint))
    except MeshError as error:
        if error.status not in endpoint.statuses:
            raise
        return answers.refusal(error)


def _revised(response: Response, described: str, contract: AnswerContract) -> Response:
    if not contract or not isinstance(response, answers.JsonText):
        return response
    changed = contract.answer(described, javascript.stored(bytes(response.body).decode()))
    # The headers of the answer stay, but for the length.
    kept = {name: value for name, value in response.headers.items() if name != "content-length"}
    return answers.JsonText(javascript.dumps(changed), response.status_code, kept)


def _unrouted(request: Request, error: Exception) -> Response:
    told = f"{request.method} {request.scope['path']}"
    if isinstance(error, HTTPException) and error.status_code == MethodNotAllowedError.status:
        response = answers.refusal(
            MethodNotAllowedError(f"Method not allowed: {told}", code="METHOD_NOT_ALLOWED")
        )
        response.headers.update(error.headers or {})
        return response
    return answers.refusal(NotFoundError(f"Not found: {told}", code="NOT_FOUND"))


async def _failed(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return answers.refusal(MeshError("Internal error", code="INTERNAL_ERROR"))
