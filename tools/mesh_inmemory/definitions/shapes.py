"""
A short hand for JSON Schemas: the words that the platform's definitions are written in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesh_inmemory.javascript import Json

Schema = dict[str, "Json"]

TEXT: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "number"}
FLAG: Final[Schema] = {"type": "boolean"}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
EMAIL: Final[Schema] = {"type": "string", "format": "email"}
UUID: Final[Schema] = {"type": "string", "format": "uuid"}
ANYTHING: Final[Schema] = {"type": "object"}
OPEN: Final[Schema] = {"type": "object", "additionalProperties": True}
OPEN_RECORD: Final[Schema] = {"type": "object", "properties": {}, "additionalProperties": True}
EMPTY: Final[Schema] = {"type": "object", "properties": {}, "additionalProperties": False}


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def many(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def closed(properties: Mapping[str, Schema], *, required: str = "") -> Schema:
    """
    An object that has these properties and no others. *required* lists names, separated by spaces.
    """
    return {**loose(properties, required=required), "additionalProperties": False}


def loose(properties: Mapping[str, Schema], *, required: str = "") -> Schema:
    shape: Schema = {"type": "object", "properties": dict(properties)}
    if required:
        shape["required"] = list(required.split())
    return shape


def keyed(item: Schema) -> Schema:
    return {"type": "object", "additionalProperties": item}


def with_(shape: Schema, **keywords: Json) -> Schema:
    return {**shape, **keywords}


def texts(names: str) -> dict[str, Schema]:
    return dict.fromkeys(names.split(), TEXT)


def numbers(names: str) -> dict[str, Schema]:
    return dict.fromkeys(names.split(), NUMBER)


def flags(names: str) -> dict[str, Schema]:
    return dict.fromkeys(names.split(), FLAG)
