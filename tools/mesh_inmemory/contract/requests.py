"""
The changes to bodies of requests: what the API document says of them, and what is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesh_inmemory.contract.mistakes import first_mistake
from mesh_inmemory.errors import BadRequestError, StartupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesh_inmemory.contract.changes import Change
    from mesh_inmemory.javascript import Json

Schemas = dict[str, Any]


class RequestContract:
    """
    Bodies are known by the name of their schema in the API document.
    """

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changed: Schemas = {}
        for change in changes:
            described = self._changed.get(change.owner, {"type": "object"})
            self._changed[change.owner] = _with_property(described, change)

    def document(self, schemas: Schemas) -> Schemas:
        """
        *schemas* with the changes.
        """
        for name in self._changed:
            if name not in schemas:
                raise StartupError(f"requests: the API document has no schema {name}")
        return {name: self._described(name, schema) for name, schema in schemas.items()}

    def check(self, name: str | None, body: dict[str, Json]) -> None:
        """
        Refuse a *body* that is not as the changes describe the schema of that *name*.
        """
        changed = self._changed.get(name or "")
        if changed is not None and (mistake := first_mistake(changed, body)):
            raise BadRequestError("The body is not as described", code="INVALID_BODY", details=mistake)

    def _described(self, name: str, schema: Any) -> Any:  # noqa: ANN401 - JSON Schema
        changed = self._changed.get(name)
        if changed is None:
            return schema
        properties = {**schema.get("properties", {}), **changed["properties"]}
        required = dict.fromkeys([*schema.get("required", ()), *changed["required"]])
        return {**schema, "properties": properties, "required": [*required]}


def _with_property(schema: Any, change: Change) -> Any:  # noqa: ANN401 - see above
    properties = {**schema.get("properties", {}), change.member: change.details["schema"]}
    required = [name for name in schema.get("required", ()) if name != change.member]
    if change.details.get("required"):
        required.append(change.member)
    return {**schema, "properties": properties, "required": required}
