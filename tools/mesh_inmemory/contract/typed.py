"""
Values in the type that a schema names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mesh_inmemory import javascript

if TYPE_CHECKING:
    from mesh_inmemory.javascript import Json


def in_type(value: Json, schema: Json) -> Json:
    """
    *value* in the type of *schema*, where there is a way to it.
    """
    wanted = schema.get("type") if isinstance(schema, dict) else None
    # One of several types is no type to be put into.
    if not isinstance(wanted, str) or wanted == javascript.type_of(value) or value is None:
        return value
    if wanted == "string":
        return javascript.dumps(value)
    if wanted == "array":
        return [value]
    if wanted == "boolean":
        return bool(value)
    return _number(value) if wanted in {"integer", "number"} else value


def _number(value: Json) -> Json:
    try:
        return javascript.number(float(cast("str", value)))
    except (TypeError, ValueError):
        return value
