"""
A filter as a tree: what is compared, how, and with what.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from mesh_inmemory.javascript import Json

BETWEEN: Final = 2


class FilterError(ValueError):
    """
    The filter asks for something that cannot be compared.
    """


class Operator(enum.Enum):
    """
    A row that has no value at the place asked for is matched by ``eq`` null and by ``hasNone`` only.
    """

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NIN = "nin"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BETWEEN = "between"
    LIKE = "like"
    CONTAINS = "contains"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    INCLUDES = "includes"  # JSON containment; what ``indexer`` means by ``equals``
    CONTAINED_BY = "containedBy"
    HAS = "has"
    HAS_SOME = "hasSome"
    HAS_EVERY = "hasEvery"
    HAS_NONE = "hasNone"
    HAS_KEY = "hasKey"
    HAS_ANY_KEYS = "hasAnyKeys"
    HAS_ALL_KEYS = "hasAllKeys"


@dataclass(frozen=True, slots=True)
class Column:
    name: str


@dataclass(frozen=True, slots=True)
class Path:
    root: Literal["content", "indexer"]
    keys: tuple[str, ...]


Target: TypeAlias = Column | Path


@dataclass(frozen=True, slots=True)
class Comparison:
    target: Target
    operator: Operator
    value: Json


@dataclass(frozen=True, slots=True)
class All:
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


Condition: TypeAlias = "Comparison | All | AnyOf | Not"

EVERYTHING: Final = All()
NOTHING: Final = AnyOf()

_LISTS: Final = {
    Operator.IN,
    Operator.NIN,
    Operator.BETWEEN,
    Operator.HAS_SOME,
    Operator.HAS_EVERY,
    Operator.HAS_NONE,
    Operator.HAS_ANY_KEYS,
    Operator.HAS_ALL_KEYS,
}
_TEXTS: Final = {Operator.LIKE, Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.HAS_KEY}
_KEYS: Final = {Operator.HAS_ANY_KEYS, Operator.HAS_ALL_KEYS}


def comparison(target: Target, operator: Operator, value: Json) -> Comparison:
    """
    One comparison, refused when *value* is nothing that *operator* could compare with.
    """
    if operator in _LISTS and not isinstance(value, list):
        raise FilterError(f"{operator.value} needs an array")
    if operator is Operator.BETWEEN and isinstance(value, list) and len(value) != BETWEEN:
        raise FilterError("between needs two values")
    if operator in _TEXTS and not isinstance(value, str):
        raise FilterError(f"{operator.value} needs a string")
    if operator in _KEYS and isinstance(value, list) and not all(isinstance(key, str) for key in value):
        raise FilterError(f"{operator.value} needs an array of strings")
    return Comparison(target, operator, value)
