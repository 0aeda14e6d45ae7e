"""
The ``where`` of the REST API: JSON text to a filter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mesh_inmemory import javascript
from mesh_inmemory.errors import BadRequestError
from mesh_inmemory.filters.tree import (
    All,
    AnyOf,
    Column,
    FilterError,
    Operator,
    Path,
    comparison,
)
from mesh_inmemory.filters.typed import typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesh_inmemory.filters.tree import Condition, Target
    from mesh_inmemory.javascript import Json

MAX_CONDITIONS: Final = 1000

_COLUMNS: Final = {"id", "block_id", "page_id", "parent_id", "type", "content", "order", "version"}
_OPERATORS: Final = {
    operator.value: operator for operator in Operator if operator is not Operator.INCLUDES
} | {"equals": Operator.EQ}
INDEX_OPERATORS: Final = {
    "eq": Operator.INCLUDES,
    "equals": Operator.INCLUDES,
    "ne": Operator.NE,
    "contains": Operator.CONTAINS,
    "containedBy": Operator.CONTAINED_BY,
    "hasKey": Operator.HAS_KEY,
    "hasAnyKeys": Operator.HAS_ANY_KEYS,
    "hasAllKeys": Operator.HAS_ALL_KEYS,
    "has": Operator.HAS,
    "hasSome": Operator.HAS_SOME,
    "hasEvery": Operator.HAS_EVERY,
    "hasNone": Operator.HAS_NONE,
}
_ANY_PARENT: Final = (("parent_id", "any"), ("parent_id", {"eq": "any"}))
_LITERAL: Final = {"eq", "equals", "ne", "contains", "containedBy"}


def read_where(text: str, *, declared: frozenset[str] = frozenset(), page_id: str | None = None) -> Condition:
    """
    The filter that *text* asks for.

    *declared* are the dotted index paths of the type's definition. *page_id* holds unless *text* names one.
    """
    where = _parsed(text)
    if page_id is not None:
        where.setdefault("page_id", page_id)
    # A parent of "any" asks for the rows of every parent.
    asked = {name: value for name, value in where.items() if (name, value) not in _ANY_PARENT}
    return _Reader(declared).read(asked)


def _parsed(text: str) -> dict[str, Json]:
    if not text:
        return {}
    try:
        where = javascript.loads(text)
    except javascript.JsonError as error:
        raise BadRequestError("Invalid where JSON", code="BAD_WHERE", details=str(error)) from None
    if not isinstance(where, dict):
        raise _bad("where must be a JSON object")
    return where


class _Reader:
    def __init__(self, declared: frozenset[str]) -> None:
        self._declared = declared
        self._count = 0

    def read(self, where: dict[str, Json]) -> Condition:
        self._count += len(where)
        if self._count > MAX_CONDITIONS:
            raise _bad(f"where has more than {MAX_CONDITIONS} conditions")
        try:
            return All(tuple(self._entry(name, value) for name, value in where.items()))
        except FilterError as error:
            raise _bad(str(error)) from None

    def _entry(self, name: str, value: Json) -> Condition:
        if name in ("and", "AND"):
            return All(tuple(self._entries(name, value)))
        if name in ("or", "OR"):
            return AnyOf(tuple(self._entries(name, value)))
        if name == "indexer":
            return self._indexer(value)
        return self._field(name, value)

    def _entries(self, name: str, value: Json) -> Iterable[Condition]:
        if not isinstance(value, list) or not value:
            raise _bad(f"{name} must be non-empty array")
        for entry in value:
            if not isinstance(entry, dict):
                raise _bad(f"{name} entries must be objects")
            yield self.read(entry)

    def _field(self, name: str, value: Json) -> Condition:
        target: Target = Column(name) if name in _COLUMNS else Path("content", tuple(name.split(".")))
        try:
            return self._operators(target, value if isinstance(value, dict) else {"eq": value})
        except FilterError:
            raise _bad(f"Invalid operators for field {name}") from None

    def _operators(self, target: Target, operators: Json) -> Condition:
        """
        What is wrong with an operator or its operand is a FilterError.
        """
        if not isinstance(operators, dict) or not operators:
            raise FilterError("operators stand in an object")
        return All(tuple(self._operator(target, *item) for item in operators.items()))

    def _operator(self, target: Target, operator: str, value: Json) -> Condition:
        if operator == "typed":
            return typed(target, value)
        if operator in ("and", "or"):
            choices = tuple(self._choices(target, operator, value))
            return All(choices) if operator == "and" else AnyOf(choices)
        if operator not in _OPERATORS:
            raise FilterError(f"{operator} is no operator")
        return comparison(target, _OPERATORS[operator], value)

    def _choices(self, target: Target, operator: str, value: Json) -> Iterable[Condition]:
        if not isinstance(value, list) or not value:
            raise FilterError(f"{operator} needs an array that is not empty")
        self._count += len(value)
        for choice in value:
            yield self._operators(target, choice)

    def _indexer(self, value: Json) -> Condition:
        if not isinstance(value, dict):
            raise _bad("indexer must be object")
        path = value.get("path")
        if not isinstance(path, str) or not path:
            raise _bad("indexer.path required")
        operators = {name: operand for name, operand in value.items() if name != "path"}
        if not operators:
            raise _bad("indexer requires an operator")
        return All(tuple(self._index_operator(path, *item) for item in operators.items()))

    def _index_operator(self, path: str, operator: str, value: Json) -> Condition:
        target = index_path(path, operator, declared=self._declared)
        if operator == "typed":
            return typed(target, value)
        if operator not in INDEX_OPERATORS:
            raise _bad(f"indexer.{operator} not supported")
        return comparison(target, INDEX_OPERATORS[operator], value)


def index_path(path: str, operator: str, *, declared: frozenset[str] = frozenset()) -> Path:
    """
    Where *path* leads. A dotted path that the definition does not declare is one literal key to ``equals``
    and the like, and a walk into the value to ``has`` and the like.
    """
    walks = path in declared or operator not in _LITERAL
    return Path("indexer", tuple(path.split(".")) if walks else (path,))


def _bad(message: str) -> BadRequestError:
    return BadRequestError(message, code="BAD_WHERE")
