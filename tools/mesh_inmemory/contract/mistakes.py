"""
A value against a JSON Schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mesh_inmemory.javascript import Json


def first_mistake(schema: Any, value: Json) -> str:  # noqa: ANN401 - JSON Schema
    """
    The first thing that is wrong with *value*, with where it is; empty when nothing is.
    """
    # Slow to import, and most servers never validate.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    mistakes = sorted(checker.iter_errors(value), key=lambda error: [str(part) for part in error.path])
    if not mistakes:
        return ""
    place = ".".join(map(str, mistakes[0].path)) or "body"
    return f"{place}: {mistakes[0].message}"
