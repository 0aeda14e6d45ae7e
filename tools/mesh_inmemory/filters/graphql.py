"""
The ``where`` of GraphQL: an input object, already checked against the schema, to a filter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from mesh_inmemory.filters.rest import INDEX_OPERATORS, index_path
from mesh_inmemory.filters.tree import (
    EVERYTHING,
    All,
    AnyOf,
    Column,
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


def read_filter(where: Where | None) -> Condition:
    return All(tuple(_entry(name, value) for name, value in (where or {}).items()))


def _entry(name: str, value: Json) -> Condition:
    if value is None or value == []:
        return EVERYTHING
    if name in ("AND", "OR"):
        entries = tuple(read_filter(entry) for entry in cast("list[Where]", value))
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
        choices = tuple(comparison(target, Operator.EQ, one) for one in cast("list[Json]", value or []))
        return AnyOf(choices) if operator == "OR" and choices else All(choices)
    if value is None and operator not in ("eq", "ne"):
        return EVERYTHING
    return comparison(target, _OPERATORS[operator], value)


def _indexer(operators: Where) -> Condition:
    path = str(operators["path"])
    return All(tuple(_index_comparison(path, *item) for item in operators.items() if item[0] != "path"))


def _index_comparison(path: str, operator: str, value: Json) -> Condition:
    if operator == "not":
        return Not(_indexer(cast("Where", value))) if value is not None else EVERYTHING
    if operator == "typed":
        return typed(index_path(path, operator), value) if value is not None else EVERYTHING
    if value is None and operator not in ("eq", "equals", "ne"):
        return EVERYTHING
    return comparison(index_path(path, operator), INDEX_OPERATORS[operator], value)
