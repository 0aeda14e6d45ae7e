"""
The one place where a filter becomes SQL.

Every value is bound, and so are field names and paths: nothing of a request is ever part of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from mesh_inmemory import javascript
from mesh_inmemory.filters.tree import All, AnyOf, Column, Comparison, Not, Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesh_inmemory.filters.tree import Condition, Path
    from mesh_inmemory.javascript import Json

# The public name of a column, its SQL, and the type whose plain comparison an index can serve.
_COLUMNS: Final = {
    "id": ("id", "integer"),
    "block_id": ("block_id", "uuid"),
    "page_id": ("page_id", "uuid"),
    "parent_id": ("parent_id", "uuid"),
    "tenant_id": ("tenant_id", "uuid"),
    "type": ("type", "text"),
    "content": ("content", "jsonb"),
    "indexer": ("indexer", "jsonb"),
    "order": ('"order"', "integer"),
    "version": ("version", "text"),
    "createdAt": ("created_at", "time"),
    "updatedAt": ("updated_at", "time"),
}
_DIRECTIONS: Final = {"ASC": "ASC", "DESC": "DESC"}
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INTEGER: Final = 2**31


@dataclass(frozen=True, slots=True)
class Bindings:
    """
    The values of one statement, in the order of their numbers.
    """

    values: list[object] = field(default_factory=list)

    def bind(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def json(self, value: Json) -> str:
        return f"{self.bind(javascript.dumps(value))}::jsonb"

    def jsons(self, values: Sequence[Json]) -> str:
        return f"{self.bind([javascript.dumps(value) for value in values])}::jsonb[]"

    def texts(self, values: Sequence[Json]) -> str:
        return f"{self.bind(list(values))}::text[]"


def predicate(condition: Condition, bindings: Bindings) -> str:
    """
    *condition* as a boolean expression over the columns of a row.
    """
    match condition:
        case All(conditions):
            return _joined(" AND ", conditions, bindings, empty="TRUE")
        case AnyOf(conditions):
            return _joined(" OR ", conditions, bindings, empty="FALSE")
        case Not(inner):
            return f"NOT COALESCE({predicate(inner, bindings)}, FALSE)"
        case Comparison(Column(name), operator, value):
            return _on_column(name, operator, value, bindings)
        case Comparison(target, operator, value):
            return _on_path(cast("Path", target), operator, value, bindings)


def ordering(terms: Sequence[tuple[str, str]]) -> str:
    """
    An ORDER BY list from public column names and directions; rows that are equal stay in creation order.

    An unknown name is a KeyError.
    """
    listed = [f"{_COLUMNS[name][0]} {_DIRECTIONS[direction]}" for name, direction in terms]
    return ", ".join([*listed, "id ASC"])


def is_uuid(value: object) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _joined(word: str, conditions: Sequence[Condition], bindings: Bindings, *, empty: str) -> str:
    parts = [predicate(condition, bindings) for condition in conditions]
    return f"({word.join(parts)})" if parts else empty


def _on_column(name: str, operator: Operator, value: Json, bindings: Bindings) -> str:
    sql, kind = _COLUMNS[name]
    if kind in _TYPED and (plain := _plain(sql, kind, operator, value, bindings)) is not None:
        return plain
    if kind == "jsonb":
        return _OPERATORS[operator](sql, value, bindings)
    if kind == "uuid":
        value = _lowered(value)
    return _OPERATORS[operator](f"to_jsonb({sql})", value, bindings)


def _plain(sql: str, kind: str, operator: Operator, value: Json, bindings: Bindings) -> str | None:
    """
    The comparison in the column's own type, which an index can serve; None where there is no such thing.
    """
    fits = _TYPED[kind]
    if operator is Operator.EQ and value is None:
        return f"{sql} IS NULL"
    if operator is Operator.EQ:
        return f"{sql} = {bindings.bind(value)}::{kind}" if fits(value) else "FALSE"
    if operator is Operator.IN and isinstance(value, list) and None not in value:
        return f"{sql} = ANY({bindings.bind([item for item in value if fits(item)])}::{kind}[])"
    return None


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_INTEGER <= value < _INTEGER


_TYPED: Final[dict[str, Callable[[object], bool]]] = {
    "uuid": is_uuid,
    "text": lambda value: isinstance(value, str),
    "integer": _is_integer,
}


def _lowered(value: Json) -> Json:
    if isinstance(value, list):
        return [_lowered(item) for item in value]
    return value.lower() if isinstance(value, str) else value


def _on_path(path: Path, operator: Operator, value: Json, bindings: Bindings) -> str:
    if (found := _by_containment(path, operator, value, bindings)) is not None:
        return found
    return _OPERATORS[operator](f"({path.root} #> {bindings.texts(path.keys)})", value, bindings)


def _by_containment(path: Path, operator: Operator, value: Json, bindings: Bindings) -> str | None:
    """
    Containment from the root of the indexer, which its GIN index can serve.
    """
    if path.root != "indexer" or value is None:
        return None
    if operator is Operator.INCLUDES:
        return f"indexer @> {bindings.json(_nested(path.keys, value))}"
    if operator is Operator.HAS:
        return f"indexer @> {bindings.json(_nested(path.keys, [value]))}"
    return None


def _nested(keys: Sequence[str], value: Json) -> Json:
    for key in reversed(keys):
        value = {key: value}
    return value


def _equal(x: str, value: Json, bindings: Bindings) -> str:
    if value is None:
        return f"({x} IS NULL OR {x} = 'null'::jsonb)"
    return f"{x} = {bindings.json(value)}"


def _unequal(x: str, value: Json, bindings: Bindings) -> str:
    return f"{x} <> {bindings.json(value)}"


def _among(x: str, value: Json, bindings: Bindings) -> str:
    values = value if isinstance(value, list) else []
    found = f"{x} = ANY({bindings.jsons([item for item in values if item is not None])})"
    return f"({found} OR {_equal(x, None, bindings)})" if None in values else found


def _not_among(x: str, value: Json, bindings: Bindings) -> str:
    values = value if isinstance(value, list) else []
    return f"{x} <> ALL({bindings.jsons(values)})"


def _compared(sign: str) -> _Writer:
    # Values of another type are never smaller or larger, whatever order jsonb has for them.
    def write(x: str, value: Json, bindings: Bindings) -> str:
        bound = bindings.json(value)
        return f"(jsonb_typeof({x}) = jsonb_typeof({bound}) AND {x} {sign} {bound})"

    return write


def _between(x: str, value: Json, bindings: Bindings) -> str:
    low, high = value if isinstance(value, list) else (None, None)
    return f"({_compared('>=')(x, low, bindings)} AND {_compared('<=')(x, high, bindings)})"


def _like(x: str, value: Json, bindings: Bindings) -> str:
    return f"({x} #>> '{{}}') LIKE {bindings.bind(value)}::text"


def _matching(before: str, after: str) -> _Writer:
    def write(x: str, value: Json, bindings: Bindings) -> str:
        pattern = bindings.bind(f"{before}{_escaped(value)}{after}")
        return f"({x} #>> '{{}}') ILIKE {pattern}::text"

    return write


def _escaped(value: Json) -> str:
    text = value if isinstance(value, str) else javascript.dumps(value)
    return re.sub(r"([\\%_])", r"\\\1", text)


def _containing(x: str, value: Json, bindings: Bindings) -> str:
    if value is None or isinstance(value, dict | list):
        return _including(x, value, bindings)
    return _matching("%", "%")(x, value, bindings)


def _including(x: str, value: Json, bindings: Bindings) -> str:
    return _equal(x, None, bindings) if value is None else f"{x} @> {bindings.json(value)}"


def _contained(x: str, value: Json, bindings: Bindings) -> str:
    return f"{x} <@ {bindings.json(value)}"


def _having(x: str, value: Json, bindings: Bindings) -> str:
    return _having_every(x, [value], bindings)


def _having_every(x: str, value: Json, bindings: Bindings) -> str:
    return f"(jsonb_typeof({x}) = 'array' AND {x} @> {bindings.json(value)})"


def _having_some(x: str, value: Json, bindings: Bindings) -> str:
    wanted = bindings.jsons(value if isinstance(value, list) else [])
    found = f"EXISTS (SELECT 1 FROM unnest({wanted}) AS wanted WHERE {x} @> jsonb_build_array(wanted))"  # noqa: S608 - numbers of bindings only
    return f"(jsonb_typeof({x}) = 'array' AND {found})"


def _having_none(x: str, value: Json, bindings: Bindings) -> str:
    return f"NOT COALESCE({_having_some(x, value, bindings)}, FALSE)"


def _having_key(x: str, value: Json, bindings: Bindings) -> str:
    return f"{x} ? {bindings.bind(value)}::text"


def _having_any_key(x: str, value: Json, bindings: Bindings) -> str:
    return f"{x} ?| {bindings.texts(value if isinstance(value, list) else [])}"


def _having_all_keys(x: str, value: Json, bindings: Bindings) -> str:
    return f"{x} ?& {bindings.texts(value if isinstance(value, list) else [])}"


if TYPE_CHECKING:
    _Writer = Callable[[str, Json, Bindings], str]

_OPERATORS: Final[dict[Operator, _Writer]] = {
    Operator.EQ: _equal,
    Operator.NE: _unequal,
    Operator.IN: _among,
    Operator.NIN: _not_among,
    Operator.LT: _compared("<"),
    Operator.LTE: _compared("<="),
    Operator.GT: _compared(">"),
    Operator.GTE: _compared(">="),
    Operator.BETWEEN: _between,
    Operator.LIKE: _like,
    Operator.CONTAINS: _containing,
    Operator.STARTS_WITH: _matching("", "%"),
    Operator.ENDS_WITH: _matching("%", ""),
    Operator.INCLUDES: _including,
    Operator.CONTAINED_BY: _contained,
    Operator.HAS: _having,
    Operator.HAS_SOME: _having_some,
    Operator.HAS_EVERY: _having_every,
    Operator.HAS_NONE: _having_none,
    Operator.HAS_KEY: _having_key,
    Operator.HAS_ANY_KEYS: _having_any_key,
    Operator.HAS_ALL_KEYS: _having_all_keys,
}
