"""
``typed``: comparisons that hold only for a value of the named type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mesh_inmemory import javascript
from mesh_inmemory.filters.tree import All, FilterError, Operator, comparison

if TYPE_CHECKING:
    from mesh_inmemory.filters.tree import Condition, Target
    from mesh_inmemory.javascript import Json

_EQUALITY: Final = {"eq": Operator.EQ, "ne": Operator.NE, "in": Operator.IN}
_ORDER: Final = {"lt": Operator.LT, "lte": Operator.LTE, "gt": Operator.GT, "gte": Operator.GTE}
_TEXT: Final = {
    "like": Operator.LIKE,
    "contains": Operator.CONTAINS,
    "startsWith": Operator.STARTS_WITH,
    "endsWith": Operator.ENDS_WITH,
}
_TYPES: Final = {
    "string": _EQUALITY | _ORDER | _TEXT,
    "number": _EQUALITY | _ORDER,
    "boolean": {"eq": Operator.EQ, "ne": Operator.NE},
}
_NEEDED: Final = "typed needs an object of string, number, boolean or isNull"


def typed(target: Target, value: Json) -> Condition:
    """
    The filter of ``{"string": {...}, "number": {...}, "boolean": {...}, "isNull": false}``; all that is given
    must hold.
    """
    if not isinstance(value, dict) or not value:
        raise FilterError(_NEEDED)
    return All(tuple(_of_type(target, *item) for item in value.items()))


def _of_type(target: Target, name: str, operators: Json) -> Condition:
    if name == "isNull" and isinstance(operators, bool):
        return comparison(target, Operator.EQ if operators else Operator.NE, None)
    if name not in _TYPES or not isinstance(operators, dict):
        raise FilterError(_NEEDED)
    allowed = _TYPES[name]
    for operator, value in operators.items():
        values = value if isinstance(value, list) else [value]
        if operator not in allowed or any(javascript.type_of(one) != name for one in values):
            raise FilterError(f"typed.{name}.{operator} is not a comparison of a {name}")
    return All(tuple(comparison(target, allowed[operator], value) for operator, value in operators.items()))
