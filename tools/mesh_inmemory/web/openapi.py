"""
The OpenAPI document, made from the endpoints that are served and the definitions in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mesh_inmemory.web.phrases import phrase_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesh_inmemory.definitions import Definition
    from mesh_inmemory.javascript import Json
    from mesh_inmemory.web.endpoint import Endpoint

_SECRETS: Final[list[dict[str, Json]]] = [{"meshSecret": []}, {"botControlSecret": []}, {"bearer": []}]
_TEXT: Final[dict[str, Json]] = {"type": "string"}
_COUNT: Final[dict[str, Json]] = {"type": "integer", "minimum": 0}


def document(endpoints: Sequence[Endpoint], described: dict[str, Json]) -> dict[str, Json]:
    """
    The document of the endpoints, whose answers and bodies are *described* by schemas.
    """
    paths: dict[str, Json] = {}
    for endpoint in sorted(endpoints, key=lambda one: (one.path, one.method)):
        methods = paths.setdefault(endpoint.path, {})
        if isinstance(methods, dict):
            methods[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mesh",
            "version": "1.0.0",
            "description": "Content, its definitions, and GraphQL over the same rows.",
        },
        "paths": paths,
        "components": {
            "schemas": described,
            "parameters": _parameters(),
            "securitySchemes": {
                "meshSecret": {"type": "apiKey", "in": "header", "name": "x-mesh-secret"},
                "botControlSecret": {"type": "apiKey", "in": "header", "name": "x-bot-control-secret"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                **{
                    endpoint.header: {"type": "apiKey", "in": "header", "name": endpoint.header}
                    for endpoint in endpoints
                    if endpoint.header
                },
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Json]:
    operation: dict[str, Json] = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.summary,
        "responses": _responses(endpoint),
    }
    # The database is chosen where the caller is let in, which is at every secured endpoint.
    names = (*endpoint.parameters, *(["inMemory"] if endpoint.secured else []))
    if names:
        operation["parameters"] = [_used(name, endpoint) for name in names]
    if endpoint.body:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(endpoint.body)}},
        }
    if endpoint.secured:
        further: dict[str, Json] = {endpoint.header: []} if endpoint.header else {}
        operation["security"] = [{**way, **further} for way in _SECRETS]
    return operation


def _used(name: str, endpoint: Endpoint) -> Json:
    required = name in endpoint.required
    if name in endpoint.described:
        described = _parameter(name, "query", "Described", required=required)
        return {**described, "schema": endpoint.described[name]}
    if required:
        return _parameter(name, "query", "Required", required=True)
    return {"$ref": f"#/components/parameters/{name}"}


def _responses(endpoint: Endpoint) -> dict[str, Json]:
    refusals = {*endpoint.refusals, *({401} if endpoint.secured else ())}
    named = {**endpoint.answers, **dict.fromkeys(sorted(refusals), "Error")}
    others = {endpoint.statuses.get(code, code): name for code, name in named.items()}
    return {str(code): _response(code, name, endpoint.media_type) for code, name in others.items()}


def _response(code: int, name: str, media_type: str) -> dict[str, Json]:
    response: dict[str, Json] = {"description": phrase_of(code)}
    if name:
        response["content"] = {media_type: {"schema": _ref(name)}}
    return response


def _ref(name: str) -> dict[str, Json]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: dict[str, Json], *, required: Sequence[str] | None = None) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
    }


def _answer(data: Json, **more: Json) -> dict[str, Json]:
    return _object({"success": {"const": True}, "data": data, **more})


def schemas(platform: Mapping[str, Definition]) -> dict[str, Json]:
    types = {definition.block: definition.schema for definition in platform.values()}
    error = _object({"message": _TEXT, "code": _TEXT, "details": _TEXT}, required=["message"])
    payload: Json = {"type": "object", "description": "What the definition of the type describes"}
    return {
        **{name: dict(schema) for name, schema in sorted(types.items())},
        "Content": _object({"_id": {"type": "string", "format": "uuid"}}),
        "ContentAnswer": _answer(_ref("Content")),
        "ContentPage": _answer(
            {"type": "array", "items": _ref("Content")}, total=_COUNT, hasMore={"type": "boolean"}
        ),
        "ContentPayload": _object({"content": payload}),
        "Definition": _object({"name": _TEXT, "dataModel": _ref("DataModel")}),
        "DataModel": _object(
            {
                "block": _TEXT,
                "indexer": {"type": "array", "items": _TEXT},
                "parent": {"type": "object"},
                "jsonSchema": {"type": "object"},
            },
            required=["block", "jsonSchema"],
        ),
        "DefinitionAnswer": _answer(_ref("Definition")),
        "DefinitionPayload": _object({"definition": _ref("Definition")}),
        "DefinitionsAnswer": _answer({"type": "object", "additionalProperties": _ref("Definition")}),
        "DeletedAnswer": _answer(_object({"deleted": {"const": True}})),
        "Document": {"type": "object"},
        "Error": _object({"success": {"const": False}, "error": error}),
        "GraphQLAnswer": _object(
            {"data": {}, "errors": {"type": "array", "items": {"type": "object"}}}, required=[]
        ),
        "GraphQLRequest": _object(
            {
                "query": _TEXT,
                "variables": {"type": ["object", "null"]},
                "operationName": {"type": ["string", "null"]},
                "extensions": {"type": ["object", "null"]},
            },
            required=["query"],
        ),
        "Health": _object({"status": {"const": "ok"}}),
        "ResetAnswer": _answer(_object({"reset": {"const": True}})),
    }


def _parameters() -> dict[str, Json]:
    return {
        "type": _parameter("type", "path", "The name of the type, or the _id of its definition"),
        "id": _parameter("id", "path", "The _id of the content"),
        "tenant": _parameter("tenant", "query", "The tenant's id, or any"),
        "where": _parameter("where", "query", "A filter, as a JSON object"),
        "page_id": _parameter("page_id", "query", "Short for a where of page_id"),
        "limit": _parameter("limit", "query", "How many rows to return; 0 for all", default=25),
        "offset": _parameter("offset", "query", "How many rows to skip", default=0),
        "query": _parameter("query", "query", "The GraphQL document"),
        "variables": _parameter("variables", "query", "Its variables, as a JSON object"),
        "inMemory": _parameter("x-use-in-memory", "header", "true works on the database in memory"),
        "operationName": _parameter("operationName", "query", "Which of its operations to execute"),
    }


def _parameter(
    name: str, place: str, description: str, *, default: int | None = None, required: bool = False
) -> dict[str, Json]:
    schema: dict[str, Json] = (
        _TEXT if default is None else {"type": "integer", "minimum": 0, "default": default}
    )
    return {
        "name": name,
        "in": place,
        "required": required or place == "path",
        "description": description,
        "schema": schema,
    }
