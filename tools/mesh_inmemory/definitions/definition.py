"""
A content definition, and what it makes of a row: its index entries and its parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mesh_inmemory.javascript import Json


@dataclass(frozen=True, slots=True)
class Definition:
    """
    *shared* definitions belong to the platform: their rows are seen by every tenant.
    """

    document: dict[str, Json]
    shared: bool

    @classmethod
    def read(cls, document: Json) -> Definition | None:
        """
        The tenant's definition that *document* is, or None where it is none.
        """
        model = document.get("dataModel") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(model, dict):
            return None
        named, described = isinstance(model.get("block"), str), isinstance(model.get("jsonSchema"), dict)
        return cls(document, shared=False) if named and described else None

    @property
    def block(self) -> str:
        return str(self._model["block"])

    @property
    def schema(self) -> dict[str, Json]:
        return cast("dict[str, Json]", self._model["jsonSchema"])

    @property
    def index_fields(self) -> tuple[str, ...]:
        listed = self._model.get("indexer")
        return tuple(name for name in listed if isinstance(name, str)) if isinstance(listed, list) else ()

    @property
    def dotted(self) -> frozenset[str]:
        return frozenset(name for name in self.index_fields if "." in name)

    def indexer_of(self, content: dict[str, Json]) -> dict[str, Json]:
        """
        The index entries of *content*; fields that it lacks have none.
        """
        indexer: dict[str, Json] = {}
        for name in self.index_fields:
            keys = name.split(".")
            found = _walk(content, keys)
            if found is not None:
                _put(indexer, keys, found[0])
        return indexer

    def parent_of(self, content: dict[str, Json]) -> Json:
        """
        The id of the row's parent, as it stands in *content* or in the definition; None where there is none.
        """
        parent = self._model.get("parent")
        if not isinstance(parent, dict):
            return None
        if parent.get("type") == "id":
            return parent.get("id")
        field = parent.get("field")
        return content.get(field) if parent.get("type") == "field" and isinstance(field, str) else None

    @property
    def _model(self) -> dict[str, Json]:
        return cast("dict[str, Json]", self.document["dataModel"])


def _walk(content: dict[str, Json], keys: list[str]) -> tuple[Json] | None:
    value: Json = content
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return (value,)


def _put(indexer: dict[str, Json], keys: list[str], value: Json) -> None:
    for key in keys[:-1]:
        inner = indexer.setdefault(key, {})
        # A field and a path below it cannot both be indexed; the field was first.
        if not isinstance(inner, dict):
            return
        indexer = inner
    indexer[keys[-1]] = value
