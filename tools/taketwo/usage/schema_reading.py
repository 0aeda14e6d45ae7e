"""
A recorded value read by the JSON Schema that describes it: which coordinates it touches, what is wrong in it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeGuard

from taketwo.cassette.model import JsonValue
from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.schema.meaning import ONE_WAY, is_marked
from taketwo.contract.schema.rules import Direction
from taketwo.contract.schema.shape import ALTERNATIVES, DOCUMENTATION, Shape, shape_of
from taketwo.usage.notes import Fault, Notes

# What a cassette holds in the place of a volatile or secret value.
_PLACEHOLDER: Final = re.compile(r"<(?:uuid|time|etag|id|any|sent|secret):[^<>\s]+>")
_NESTED: Final = frozenset(
    {
        "$defs",
        "additionalProperties",
        "allOf",
        "anyOf",
        "definitions",
        "items",
        "oneOf",
        "properties",
        "required",
        "type",
    }
)
_FORMATS: Final = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
}
_NUMERIC: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "minimum": operator.lt,
    "maximum": operator.gt,
    "exclusiveMinimum": operator.le,
    "exclusiveMaximum": operator.ge,
    "multipleOf": lambda value, factor: factor > 0 and isinstance(factor, int) and value % factor != 0,
}
_TYPES: Final = {bool: "boolean", int: "integer", str: "string", type(None): "null"}
_DEEPEST: Final = 100
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """
    A schema made ready; the node is kept, so that its identity stays its own.
    """

    node: Json
    shape: Shape
    says: str
    enum: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaReader:
    """
    Reads values by the schemas of one document, and remembers each schema.
    """

    root: Json
    _known: dict[int, _Known] = field(default_factory=dict, init=False, repr=False)

    def read(
        self, value: JsonValue, schema: Json, at: str, notes: Notes, direction: Direction, *, depth: int = 0
    ) -> None:
        """
        Note in *notes* what *value*, which stands at the coordinate *at*, touches and gets wrong.
        """
        known = self._prepared(schema)
        notes.touch(at, known.says)
        if notes.described is not None:
            notes.describe(at, DescribedValue(reader=self, shape=known.shape, direction=direction))
        if depth > _DEEPEST or (isinstance(value, str) and _is_secret(value)):
            return
        wrong = _wrong_type(value, known.shape) or _wrong_value(value, known)
        if wrong:
            notes.mistake(at, wrong)
            return
        step = _Step(reader=self, notes=notes, direction=direction, depth=depth + 1)
        if isinstance(value, Mapping):
            step.object(value, known.shape, at)
        elif _is_list(value):
            step.list(value, known.shape, at)
        step.composed(value, known.shape, at)

    def shape(self, schema: Json) -> Shape:
        """
        What a schema of this document says.
        """
        return self._prepared(schema).shape

    def properties(self, schema: Json) -> JsonObject:
        """
        The properties that a schema names.
        """
        return self._prepared(schema).shape.schemas("properties")

    def _prepared(self, schema: Json) -> _Known:
        known = self._known.get(id(schema))
        if known is None:
            shape = shape_of(self.root, schema)
            enum = shape.listed("enum") if "enum" in shape.keywords else None
            known = _Known(
                node=schema,
                shape=shape,
                says=_own_keywords(shape),
                enum=None if enum is None else frozenset(map(json_key, enum)),
            )
            self._known[id(schema)] = known
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedValue:
    """
    What JSON Schema says of a value, by the *reader* of its document.
    """

    reader: SchemaReader
    shape: Shape
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """
    One level further down.
    """

    reader: SchemaReader
    notes: Notes
    direction: Direction
    depth: int

    def object(self, value: Mapping[str, JsonValue], shape: Shape, at: str) -> None:
        properties, others = shape.schemas("properties"), shape.keywords.get("additionalProperties", True)
        patterns = shape.schemas("patternProperties")
        for name, member in value.items():
            fitting = [schema for pattern, schema in patterns.items() if _matches(pattern, name)]
            self.notes.enter(name)
            for schema in fitting:
                self._read(member, schema, f"{at}.*")
            if name in properties:
                self._read(member, properties[name], f"{at}.{name}")
            elif fitting:
                pass
            elif others is False:
                self.notes.mistake(f"{at}.{name}", "there is no such property")
            elif isinstance(others, dict) and others:
                self._read(member, others, f"{at}.*")
            self.notes.leave()
        required = shape.names("required")
        for name, schema in properties.items():
            if name not in value:
                self.notes.omit(f"{at}.{name}")
                if name in required and not self._is_of_the_other_direction(schema):
                    self.notes.mistake(f"{at}.{name}", "it is required, and missing", Fault.MISSING)

    def list(self, value: Sequence[JsonValue], shape: Shape, at: str) -> None:
        first, rest = shape.listed("prefixItems"), shape.keywords.get("items", {})
        for index, item in enumerate(value):
            schema = first[index] if index < len(first) else rest
            if isinstance(schema, dict):
                self.notes.enter(index)
                self._read(item, schema, f"{at}[]")
                self.notes.leave()

    def composed(self, value: JsonValue, shape: Shape, at: str) -> None:
        for part in shape.listed("allOf"):
            self._read(value, part, at)
        for keyword in ALTERNATIVES:
            if parts := shape.listed(keyword):
                self._one_of(value, parts, keyword, at)

    def _one_of(self, value: JsonValue, parts: Sequence[Json], keyword: str, at: str) -> None:
        attempts = [self._attempt(value, part, at) for part in parts]
        right = [attempt for attempt in attempts if not attempt.mistakes]
        for attempt in right or attempts:
            self.notes.join(attempt, with_mistakes=False)
        if not right and value is not None:
            nearest = min(attempts, key=lambda attempt: len(attempt.mistakes)).mistakes[0]
            self.notes.mistake(at, f"it is none of {keyword}; nearest: {nearest}")

    def _attempt(self, value: JsonValue, part: Json, at: str) -> Notes:
        attempt = self.notes.fork()
        self.reader.read(value, part, at, attempt, self.direction, depth=self.depth)
        return attempt

    def _read(self, value: JsonValue, schema: Json, at: str) -> None:
        self.reader.read(value, schema, at, self.notes, self.direction, depth=self.depth)

    def _is_of_the_other_direction(self, schema: Json) -> bool:
        keyword = ONE_WAY.get(self.direction)
        return keyword is not None and is_marked(self.reader.root, schema, keyword)


def _own_keywords(shape: Shape) -> str:
    """
    What a schema says of a value itself, apart from what is inside, and from what is for people.
    """
    left_out = _NESTED | DOCUMENTATION
    own: JsonObject = {
        key: value
        for key, value in shape.keywords.items()
        if key not in left_out and not key.startswith("x-")
    }
    return json_key([own, shape.is_closed, [*sorted(shape.types)], shape.nullable])


def _wrong_type(value: JsonValue, shape: Shape) -> str:
    if not shape.types or (value is None and shape.nullable):
        return ""
    found = _type_of(value)
    if found in shape.types or (found == "integer" and "number" in shape.types):
        return ""
    return f"it is {found}, and the contract says {' or '.join(sorted(shape.types))}"


def _type_of(value: JsonValue) -> str:
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    if isinstance(value, Mapping):
        return "object"
    return _TYPES.get(type(value), "array")


def _wrong_value(value: JsonValue, known: _Known) -> str:
    if value is None or (isinstance(value, str) and has_placeholder(value)):
        return ""
    keywords = known.shape.keywords
    if known.enum is not None and json_key(_plain(value)) not in known.enum:
        return f"{_short(value)} is none of {', '.join(sorted(known.enum))}"
    if "const" in keywords and json_key(_plain(value)) != json_key(keywords["const"]):
        return f"it is {_short(value)}, and the contract says {json_key(keywords['const'])}"
    if isinstance(value, str):
        return _wrong_text(value, keywords)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _wrong_number(value, keywords)
    return _wrong_size(value, keywords)


def _wrong_text(value: str, keywords: JsonObject) -> str:
    form, pattern = keywords.get("format"), keywords.get("pattern")
    if isinstance(form, str) and form in _FORMATS and not _FORMATS[form].fullmatch(value):
        return f"{_short(value)} has not the format {form}"
    if isinstance(pattern, str) and not _matches(pattern, value):
        return f"{_short(value)} does not match {pattern}"
    return _outside(len(value), keywords, "minLength", "maxLength", "characters")


def _wrong_size(value: JsonValue, keywords: JsonObject) -> str:
    if isinstance(value, Mapping):
        return _outside(len(value), keywords, "minProperties", "maxProperties", "properties")
    if not _is_list(value):
        return ""
    if keywords.get("uniqueItems") is True and len({json_key(_plain(item)) for item in value}) < len(value):
        return "its items are not all different"
    return _outside(len(value), keywords, "minItems", "maxItems", "items")


def _outside(size: int, keywords: JsonObject, least: str, most: str, what: str) -> str:
    low, high = keywords.get(least), keywords.get(most)
    if isinstance(low, int) and size < low:
        return f"it has {size} {what}, and {least} is {low}"
    if isinstance(high, int) and size > high:
        return f"it has {size} {what}, and {most} is {high}"
    return ""


def _wrong_number(value: float, keywords: JsonObject) -> str:
    for keyword, is_outside in _NUMERIC.items():
        limit = keywords.get(keyword)
        # In OpenAPI 3.0 the exclusive limits are switches, from 3.1 on they are limits.
        exclusive = keywords.get(f"exclusive{keyword.capitalize()}") is True
        if _is_number(limit) and (is_outside(value, limit) or (exclusive and value == limit)):
            return f"it is {value}, and {keyword} is {limit}"
    return ""


def _is_number(value: Json) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _plain(value: JsonValue) -> Json:
    """
    *value* as ``json`` takes it.
    """
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(item) for item in value] if _is_list(value) else value  # type: ignore[return-value]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(pattern: str, value: str) -> bool:
    """
    A pattern in another dialect than Python's cannot be judged, and is taken for matched.
    """
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


def has_placeholder(text: str) -> bool:
    return "<" in text and _PLACEHOLDER.search(text) is not None


def _is_secret(text: str) -> bool:
    return text.startswith("<secret:")


def _short(value: JsonValue) -> str:
    text = json_key(_plain(value))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
