"""
The ``where`` of GraphQL: an input object, already checked against the schema, to a filter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from mesh_inmemory.filters.rest import INDEX_OPERATORS, index_path
from mesh_inmemory.filters.sql import is_uuid
from mesh_inmemory.filters.tree import (
    EVERYTHING,
    All,
    AnyOf,
    Column,
    FilterError,
    Not,
    Operator,
    Path,
    comparison,
)
from mesh_inmemory.filters.typed import typed

if TYPE_CHECKING:
    from mesh_inmemory.filters.tree import Condition, Target
    from mesh_inmemory.javascript import Json

Where = dict[str, "Json"]

_OPERATORS: Final = {operator.value: operator for operator in Operator}
_IDS: Final = ("block_id", "page_id", "parent_id")
_ANY_PARENT: Final = ("parent_id", {"eq": "any"})


def read_filter(where: Where | None) -> Condition:
    """
    The filter that *where* asks for. A parent of "any" asks for the rows of every parent.
    """
    asked = {name: value for name, value in (where or {}).items() if (name, value) != _ANY_PARENT}
    return _all_of(asked)


def _all_of(where: Where) -> Condition:
    return All(tuple(_entry(name, value) for name, value in where.items()))


def _entry(name: str, value: Json) -> Condition:
    if value is None or value == []:
        return EVERYTHING
    if name in ("AND", "OR"):
        entries = tuple(_all_of(entry) for entry in cast("list[Where]", value))
        return All(entries) if name == "AND" else AnyOf(entries)
    operators = cast("Where", value)
    if name == "indexer":
        return _indexer(operators)
    if name == "contentJsonb":
        path = Path("content", tuple(str(operators["path"]).split(".")))
        return _comparisons(path, {key: operand for key, operand in operators.items() if key != "path"})
    return _comparisons(Column(name), operators)


def _comparisons(target: Target, operators: Where) -> Condition:
    return All(tuple(_comparison(target, *item) for item in operators.items()))


def _comparison(target: Target, operator: str, value: Json) -> Condition:
    if operator in ("AND", "OR"):
        choices = tuple(_comparison(target, "eq", one) for one in cast("list[Json]", value or []))
        return AnyOf(choices) if operator == "OR" and choices else All(choices)
    if value is None and operator not in ("eq", "ne"):
        return EVERYTHING
    if isinstance(target, Column) and target.name in _IDS and operator in ("eq", "in"):
        _check_ids(target.name, value)
    return comparison(target, _OPERATORS[operator], value)


def _check_ids(name: str, value: Json) -> None:
    for one in value if isinstance(value, list) else [value]:
        if one is not None and not is_uuid(one):
            raise FilterError(f"{name} must be a UUID")


def _indexer(operators: Where) -> Condition:
    path = str(operators["path"])
    return All(tuple(_index_comparison(path, *item) for item in operators.items() if item[0] != "path"))


def _index_comparison(path: str, operator: str, value: Json) -> Condition:
    if operator == "not":
        return Not(_indexer(cast("Where", value))) if value is not None else EVERYTHING
    if operator == "typed":
        return _typed(index_path(path, operator), value)
    if value is None and operator not in ("eq", "equals", "ne"):
        return EVERYTHING
    return comparison(index_path(path, operator), INDEX_OPERATORS[operator], value)


def _typed(path: Path, value: Json) -> Condition:
    given = _without_nulls(value)
    return typed(path, given) if given else EVERYTHING


def _without_nulls(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
