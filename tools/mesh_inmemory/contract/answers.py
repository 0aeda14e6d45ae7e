"""
The changes to answers: one walk for the API document and for what is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mesh_inmemory.contract.typed import in_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesh_inmemory.contract.changes import Change
    from mesh_inmemory.javascript import Json

_REF = "#/components/schemas/"
Schemas = dict[str, Any]


class AnswerContract:
    """
    *schemas* are those of the API document before any change; answers are led by them.
    """

    def __init__(self, changes: Sequence[Change], schemas: Schemas) -> None:
        self._changes: dict[str, list[Change]] = {}
        for change in changes:
            self._changes.setdefault(change.owner, []).append(change)
        self._schemas = schemas

    def __bool__(self) -> bool:
        return bool(self._changes)

    def document(self) -> Schemas:
        """
        The schemas with the changes.
        """
        return {name: self._described(name, schema) for name, schema in self._schemas.items()}

    def answer(self, name: str, value: Json) -> Json:
        """
        *value*, an answer that the schema of that name describes, with the changes.
        """
        return self._walk(value, {"$ref": _REF + name})

    def _walk(self, value: Json, schema: Any) -> Json:  # noqa: ANN401 - JSON Schema
        if isinstance(value, list):
            return [self._walk(item, schema.get("items", {})) for item in value]
        name = schema.get("$ref", "").removeprefix(_REF)
        described = self._schemas.get(name, schema) if name else schema
        if not isinstance(value, dict) or not isinstance(described, dict):
            return value
        properties, others = described.get("properties", {}), described.get("additionalProperties", {})
        walked = {
            key: self._walk(item, properties.get(key, others if isinstance(others, dict) else {}))
            for key, item in value.items()
        }
        for change in self._changes.get(name, ()):
            walked = _changed(walked, change, _answered(walked, change))
        return walked

    def _described(self, name: str, schema: Any) -> Any:  # noqa: ANN401 - see above
        for change in self._changes.get(name, ()):
            added = change.details.get("schema", {"const": change.details.get("value")})
            required = dict.fromkeys(schema.get("required", ()))
            schema = {
                **schema,
                "properties": _changed(schema.get("properties", {}), change, added),
                "required": [*_changed(cast("Any", required), change, None)],
            }
        return schema


def _answered(members: dict[str, Json], change: Change) -> Json:
    """
    What an added property, or one of another type, is answered with.
    """
    if change.verb == "add" or "value" in change.details:
        return change.details.get("value")
    return in_type(members.get(change.member), change.details.get("schema"))


def _changed(members: dict[str, Json], change: Change, added: Json) -> dict[str, Json]:
    if change.verb == "add" or (change.verb == "retype" and change.member in members):
        return {**members, change.member: added}
    kept = {key: value for key, value in members.items() if change.verb == "rename" or key != change.member}
    return {change.to if key == change.member else key: value for key, value in kept.items()}
