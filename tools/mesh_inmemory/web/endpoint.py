"""
One endpoint: how it is reached, who may reach it, what it does, and how the API document describes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from mesh_inmemory.access import authenticate
from mesh_inmemory.content import ContentService
from mesh_inmemory.contract.mistakes import first_mistake
from mesh_inmemory.contract.typed import in_type
from mesh_inmemory.errors import BadRequestError, UnauthorizedError
from mesh_inmemory.web import body
from mesh_inmemory.web.paths import decoded
from mesh_inmemory.web.query import Query

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mesh_inmemory.access import Caller
    from mesh_inmemory.javascript import Json
    from mesh_inmemory.mesh import Mesh
    from mesh_inmemory.rows import Rows

_IN_MEMORY: Final = "x-use-in-memory"


@dataclass(frozen=True, slots=True)
class Call:
    """
    One request on its way through an endpoint.
    """

    mesh: Mesh
    request: Request
    endpoint: Endpoint
    query: Query
    caller: Caller
    rows: Rows

    @property
    def content(self) -> ContentService:
        mesh = self.mesh
        return ContentService(self.rows, mesh.registry, self.caller, mesh.contract, mesh.validator)

    def param(self, name: str) -> str:
        return decoded(self.request.path_params[name])

    async def body(self) -> dict[str, Json]:
        read = await body.read_object(self.request, self.mesh.settings)
        self.mesh.requests.check(self.endpoint.body, read)
        return read


Handler: TypeAlias = Callable[[Call], Awaitable["Response"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """
    *parameters* name entries of the API document's parameters, *body* and *answers* entries of its schemas.
    A GET endpoint answers HEAD as well, unless *head* is off.

    What another contract may add: parameters that are *required* or *described* by a schema, a *header*
    without which nobody is let in, and *statuses* that stand in the place of others.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    answers: Mapping[int, str]
    parameters: tuple[str, ...] = ()
    body: str | None = None
    secured: bool = True
    head: bool = True
    media_type: str = "application/json"
    refusals: tuple[int, ...] = ()
    required: tuple[str, ...] = ()
    described: Mapping[str, Json] = field(default_factory=dict)
    header: str = ""
    statuses: Mapping[int, int] = field(default_factory=dict)

    @property
    def revisable(self) -> bool:
        """
        Whether changes to answers hold here; GraphQL and the API document have changes of their own.
        """
        return self.path.startswith(("/api", "/health", "/test"))


async def call(mesh: Mesh, request: Request, endpoint: Endpoint) -> Call:
    """
    Let the caller in, or refuse, and find the database to work on.
    """
    query = Query.read(request.scope["query_string"])
    secrets = mesh.settings.secrets
    caller = authenticate(request.headers, query.all("tenant"), secrets, secured=endpoint.secured)
    _refuse_otherwise(endpoint, request, query)
    in_memory = request.headers.get(_IN_MEMORY, "").lower()
    if in_memory not in ("", "true", "false"):
        raise BadRequestError(f"{_IN_MEMORY} must be true or false", code="BAD_HEADER")
    rows = await mesh.databases.rows(in_memory=in_memory == "true")
    return Call(mesh, request, endpoint, query, caller, rows)


def _refuse_otherwise(endpoint: Endpoint, request: Request, query: Query) -> None:
    if endpoint.header and not request.headers.get(endpoint.header):
        raise UnauthorizedError(f"The header {endpoint.header} is required", code="UNAUTHORIZED")
    for name in endpoint.required:
        if not query.first(name):
            raise BadRequestError(f"The parameter {name} is required", code="MISSING_PARAMETER")
    for name, schema in endpoint.described.items():
        for text in query.all(name):
            if mistake := first_mistake(schema, in_type(text, schema)):
                raise BadRequestError(f"{name} is not as described", code="BAD_PARAMETER", details=mistake)
