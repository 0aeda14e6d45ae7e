"""
Content against the JSON Schema of its definition, where that is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mesh_inmemory import javascript
from mesh_inmemory.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesh_inmemory.definitions import Definition
    from mesh_inmemory.javascript import Json
    from mesh_inmemory.rows import Row


class Validator:
    RowCheck: TypeAlias = "Callable[[Row], None]"

    def check(self, definition: Definition, content: Json) -> None:
        """
        Refuse *content* with the first mistake in it, by path.
        """
        # Slow to import, and most servers never validate.
        from jsonschema import Draft202012Validator, SchemaError, ValidationError  # noqa: PLC0415

        checker = Draft202012Validator(definition.schema)
        try:
            checker.check_schema(definition.schema)
            mistakes = sorted(
                checker.iter_errors(content), key=lambda error: [str(part) for part in error.path]
            )
        except (SchemaError, ValidationError) as error:
            raise _invalid(definition, f"its schema is not valid: {error.message}") from None
        if mistakes:
            path = ".".join(str(part) for part in mistakes[0].path) or "content"
            raise _invalid(definition, f"{path}: {mistakes[0].message}")

    def of_row(self, definition: Definition) -> RowCheck:
        return lambda row: self.check(definition, javascript.stored(row.content))


def _invalid(definition: Definition, details: str) -> BadRequestError:
    return BadRequestError(
        f"Content is not a valid {definition.block}", code="INVALID_CONTENT", details=details
    )
