"""
/api/definition and /api/definitions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mesh_inmemory.definitions.checks import checked
from mesh_inmemory.errors import BadRequestError, NotFoundError
from mesh_inmemory.web import answers
from mesh_inmemory.web.endpoint import Call, Endpoint

if TYPE_CHECKING:
    from starlette.responses import Response


async def get_definition(call: Call) -> Response:
    registry = call.mesh.registry
    type_name = call.param("type")
    tenant = None if type_name in registry.platform else _tenant_or_none(call)
    unseen = tenant is None and not call.caller.everything and type_name not in registry.platform
    found = None if unseen else await registry.stored(call.rows, type_name, tenant)
    if found is None:
        raise NotFoundError("Definition not found", code="NOT_FOUND")
    definition, page_id = found
    return answers.data({**definition.document, "_id": page_id})


async def register_definition(call: Call) -> Response:
    definition = checked((await call.body()).get("definition"))
    registry = call.mesh.registry
    tenant = None
    if definition.block not in registry.platform:
        tenant = call.caller.tenant_id()
        if tenant is None:
            raise BadRequestError("Invalid tenant ID: any", code="BAD_TENANT")
    stored, page_id = await registry.register(call.rows, definition, tenant)
    return answers.data({**stored.document, "_id": page_id})


async def list_definitions(call: Call) -> Response:
    found = await call.mesh.registry.all(call.rows, call.caller.tenant_id())
    return answers.data({name: definition.document for name, definition in found.items()})


def _tenant_or_none(call: Call) -> str | None:
    try:
        return call.caller.tenant_id()
    except BadRequestError:
        # Whatever cannot be a tenant has no definitions.
        raise NotFoundError("Definition not found", code="NOT_FOUND") from None


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/api/definition/{type}",
        handler=get_definition,
        summary="Read the definition of a type",
        parameters=("type", "tenant"),
        answers={200: "DefinitionAnswer"},
        refusals=(404,),
    ),
    Endpoint(
        method="POST",
        path="/api/definition",
        handler=register_definition,
        summary="Register a definition; one that is registered already stays as it is",
        parameters=("tenant",),
        body="DefinitionPayload",
        answers={200: "DefinitionAnswer"},
        refusals=(400, 413, 415),
    ),
    Endpoint(
        method="GET",
        path="/api/definitions",
        handler=list_definitions,
        summary="List the definitions in force: those of the platform, and the tenant's own",
        parameters=("tenant",),
        answers={200: "DefinitionsAnswer"},
        refusals=(400,),
    ),
)
