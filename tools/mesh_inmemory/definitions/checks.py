"""
What a definition must be before it is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesh_inmemory.definitions.definition import Definition
from mesh_inmemory.errors import BadRequestError

if TYPE_CHECKING:
    from mesh_inmemory.javascript import Json


def checked(document: Json) -> Definition:
    """
    The definition in *document*, or BadRequestError with the first thing that is wrong with it.
    """
    if not document and not isinstance(document, dict | list):
        raise BadRequestError("Missing definition payload", code="MISSING_DEFINITION")
    if not isinstance(document, dict | list):
        raise BadRequestError("Definition must be an object", code="INVALID_DEFINITION_TYPE")
    given = document if isinstance(document, dict) else {}
    for name in ("name", "dataModel"):
        if not given.get(name) and not isinstance(given.get(name), dict | list):
            raise BadRequestError(f"Missing required field: {name}", code="MISSING_REQUIRED_FIELD")
    _check_model(given["dataModel"])
    return Definition({name: value for name, value in given.items() if name != "_id"}, shared=False)


def _check_model(model: Json) -> None:
    if not isinstance(model, dict | list):
        raise BadRequestError("dataModel must be an object", code="INVALID_DATA_MODEL")
    block = model.get("block") if isinstance(model, dict) else None
    if not isinstance(block, str) or not block:
        raise BadRequestError("dataModel.block must be a string", code="INVALID_BLOCK")
    schema = model.get("jsonSchema") if isinstance(model, dict) else None
    if not isinstance(schema, dict | list):
        raise BadRequestError("dataModel.jsonSchema must be an object", code="INVALID_JSON_SCHEMA")
    _check_schema(schema if isinstance(schema, dict) else {})


def _check_schema(schema: dict[str, Json]) -> None:
    if schema.get("type") != "object":
        raise BadRequestError('jsonSchema.type must be "object"', code="INVALID_SCHEMA_TYPE")
    if not isinstance(schema.get("properties"), dict | list):
        raise BadRequestError("jsonSchema.properties must be an object", code="INVALID_SCHEMA_PROPERTIES")
