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

from mesh_inmemory.errors import MeshError, MethodNotAllowedError, NotFoundError
from mesh_inmemory.graph.endpoints import graphql_endpoints
from mesh_inmemory.web import answers, content_endpoints, definition_endpoints, openapi, service_endpoints
from mesh_inmemory.web.endpoint import call
from mesh_inmemory.web.surface import Surface

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mesh_inmemory.mesh import Mesh
    from mesh_inmemory.web.endpoint import Endpoint

_log: Final = logging.getLogger("mesh")


def create_app(mesh: Mesh) -> Starlette:
    app = Starlette(
        routes=[_route(mesh, endpoint) for endpoint in endpoints(mesh)],
        middleware=[Middleware(Surface)],
        exception_handlers={MeshError: _refused, HTTPException: _unrouted, Exception: _failed},
    )
    app.router.redirect_slashes = False
    return app


def endpoints(mesh: Mesh) -> tuple[Endpoint, ...]:
    served = (
        *service_endpoints.HEALTH,
        *graphql_endpoints(mesh.schema),
        *content_endpoints.ENDPOINTS,
        *definition_endpoints.ENDPOINTS,
        *((service_endpoints.RESET,) if mesh.settings.test_mode else ()),
    )
    described = openapi.document((*served, *service_endpoints.documents({})), mesh.registry.platform)
    return (*served, *service_endpoints.documents(described))


def _route(mesh: Mesh, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        return await endpoint.handler(await call(mesh, request, secured=endpoint.secured))

    return Route(endpoint.path, answer, methods=[endpoint.method], name=endpoint.handler.__name__)


async def _refused(_: Request, error: Exception) -> Response:
    return answers.refusal(error if isinstance(error, MeshError) else MeshError("Internal error"))


async def _unrouted(request: Request, error: Exception) -> Response:
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
