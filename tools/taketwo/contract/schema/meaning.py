"""
Which schemas of two documents promise the same, however each is written, named and referred to.

Each schema gets a number, made of what it says of a value itself and of the numbers of the schemas within:
two have the same number exactly when the same values fit both. Schemas that lead into themselves are
numbered by refinement: all begin alike, and are parted as long as a difference shows.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.references import reference_of, resolved, target
from taketwo.contract.schema.rules import Direction
from taketwo.contract.schema.shape import ALTERNATIVES, DOCUMENTATION, Shape, shape_of

#: Keywords that hold one schema.
SINGLE: Final = frozenset(
    {
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "schema",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_NAMED: Final = frozenset({"dependentSchemas", "patternProperties", "properties"})
_SETS: Final = frozenset({"allOf", *ALTERNATIVES})
_LISTS: Final = frozenset({"prefixItems"})
#: Definitions are compared where they are used; what they are called by is no promise.
SHELVES: Final = frozenset({"$anchor", "$defs", "$dynamicAnchor", "definitions"})
_OPEN: Final = frozenset({"additionalProperties", "items", "unevaluatedItems", "unevaluatedProperties"})
_NAMES: Final = frozenset({"callbacks", "content", "encoding", "examples", "headers", "links", "variables"})

#: What a keyword says when it is left out.
USUAL: Final[JsonObject] = {
    "allowEmptyValue": False,
    "deprecated": False,
    "minItems": 0,
    "minLength": 0,
    "minProperties": 0,
    "readOnly": False,
    "uniqueItems": False,
    "writeOnly": False,
}
#: What only goes the other way is marked with this.
ONE_WAY: Final = {Direction.REQUEST: "readOnly", Direction.ANSWER: "writeOnly"}
_DEEPEST: Final = 8
_OLD, _NEW = 0, 1
_SCHEMA, _OTHER = 0, 2
_SIDES: Final = 3
_TYPES: Final = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    dict: "object",
    list: "array",
}


class _Statement(NamedTuple):
    """
    What a node says itself, for machines and for people, and the nodes within: in order, and in sets.
    """

    promise: Hashable
    words: Hashable
    ordered: tuple[int, ...]
    sets: tuple[tuple[int, ...], ...]


class Numbers(NamedTuple):
    """
    Equal promises have one number; where the words for people are equal too, so are those of the words.
    """

    promise: int
    words: int


class Meanings:
    """
    The numbers of the schemas of an *old* and a *new* document, whose values go in one *direction*.

    What is compared should be learned first, all of it: schemas that lead into themselves are only known
    again among those that are learned together.
    """

    def __init__(self, old: Json, new: Json, direction: Direction) -> None:
        self._roots = old, new
        self._left_out = ONE_WAY.get(direction)
        self._numbers: dict[int, Numbers] = {}
        self._given: dict[Hashable, int] = {}
        # A key is an identity, so what it identifies has to stay.
        self._kept: list[Json] = []

    def learn(self, old: Iterable[Json], new: Iterable[Json]) -> None:
        """
        Numbers the schemas of both documents.
        """
        starts = [
            (self._key(node, side | _SCHEMA), node) for side, nodes in enumerate((old, new)) for node in nodes
        ]
        self._number(starts)

    def of_schemas(self, old: Json, new: Json) -> tuple[Numbers, Numbers]:
        return self._of(old, new, _SCHEMA)

    def of_others(self, old: Json, new: Json) -> tuple[Numbers, Numbers]:
        """
        The numbers of parts that are no schemas, and may hold some.
        """
        return self._of(old, new, _OTHER)

    def _of(self, old: Json, new: Json, kind: int) -> tuple[Numbers, Numbers]:
        keys = self._key(old, _OLD | kind), self._key(new, _NEW | kind)
        if not self._numbers.keys() >= {*keys}:
            self._number(zip(keys, (old, new), strict=True))
        return self._numbers[keys[0]], self._numbers[keys[1]]

    def _key(self, node: Json, marks: int) -> int:
        return id(node) << 2 | marks

    def _number(self, starts: Iterable[tuple[int, Json]]) -> None:
        statements: dict[int, _Statement] = {}
        ahead = list(starts)
        while ahead:
            key, node = ahead.pop()
            if key not in self._numbers and key not in statements:
                self._kept.append(node)
                statements[key] = self._statement(key & _SIDES, node, ahead)
        for key in _inner_first(statements, self._numbers):
            promise, words = _combined(statements[key], self._numbers)
            number = self._given.setdefault(promise, len(self._given))
            self._numbers[key] = Numbers(number, self._given.setdefault((number, words), len(self._given)))
        self._refine({key: one for key, one in statements.items() if key not in self._numbers})

    def _refine(self, circular: dict[int, _Statement]) -> None:
        numbers, parted = dict.fromkeys(circular, Numbers(-1, -1)), 0
        while len({*numbers.values()}) > parted:
            parted = len({*numbers.values()})
            numbers = _parted(circular, ChainMap(numbers, self._numbers))
        # These are below nought, and last as long as this refinement; what stays is counted on.
        lasting = {one: len(self._given) + 2 * index for index, one in enumerate({*numbers.values()})}
        promised: dict[int, int] = {}
        for one, number in lasting.items():
            promised.setdefault(one.promise, number)
        self._given |= {
            ("circular", number): number
            for number in range(len(self._given), len(self._given) + 2 * len(lasting))
        }
        self._numbers |= {
            key: Numbers(promised[one.promise], lasting[one] + 1) for key, one in numbers.items()
        }

    def _statement(self, marks: int, node: Json, ahead: list[tuple[int, Json]]) -> _Statement:
        side = marks & 1
        reader = _Reader(root=self._roots[side], left_out=self._left_out)
        if marks & _OTHER:
            reader.read_other(node)
        else:
            reader.read_schema(node)

        def keys(found: Iterable[tuple[int, Json]]) -> tuple[int, ...]:
            listed = [(self._key(within, kind | side), within) for kind, within in found]
            ahead.extend(listed)
            return tuple(key for key, _ in listed)

        return _Statement(
            promise=tuple(reader.promise),
            words=tuple(reader.words),
            ordered=keys(reader.ordered),
            sets=tuple(keys(each) for each in reader.sets),
        )


def _combined(statement: _Statement, numbers: Mapping[int, Numbers]) -> tuple[Hashable, Hashable]:
    """
    What a node says together with the numbers of what is within, for machines and for people.
    """
    ordered = [numbers[key] for key in statement.ordered]
    sets = [sorted({numbers[key] for key in keys}) for keys in statement.sets]
    promise = (
        statement.promise,
        *(one.promise for one in ordered),
        *(tuple(dict.fromkeys(n.promise for n in s)) for s in sets),
    )
    words = (statement.words, *(one.words for one in ordered), *(tuple(n.words for n in s) for s in sets))
    return promise, words


def _parted(circular: Mapping[int, _Statement], numbers: Mapping[int, Numbers]) -> dict[int, Numbers]:
    given: dict[Hashable, int] = {}
    parted: dict[int, Numbers] = {}
    for key, statement in circular.items():
        promise, words = _combined(statement, numbers)
        number = given.setdefault(promise, -len(given) - 2)
        parted[key] = Numbers(number, given.setdefault((number, words), -len(given) - 2))
    return parted


def _inner_first(statements: dict[int, _Statement], known: dict[int, Numbers]) -> Iterator[int]:
    """
    Each key after those within it, without the keys that lead into themselves.
    """
    outer: dict[int, list[int]] = {}
    waiting: dict[int, int] = {}
    for key, one in statements.items():
        within = {inner for group in (one.ordered, *one.sets) for inner in group if inner not in known}
        waiting[key] = len(within)
        for inner in within:
            outer.setdefault(inner, []).append(key)
    ready = [key for key, count in waiting.items() if not count]
    while ready:
        key = ready.pop()
        yield key
        for around in outer.get(key, ()):
            waiting[around] -= 1
            if not waiting[around]:
                ready.append(around)


@dataclass(slots=True)
class _Reader:
    """
    Takes one node apart.
    """

    root: Json
    left_out: str | None
    promise: list[Hashable]
    words: list[Hashable]
    ordered: list[tuple[int, Json]]
    sets: list[list[tuple[int, Json]]]

    def __init__(self, *, root: Json, left_out: str | None) -> None:
        self.root, self.left_out = root, left_out
        self.promise, self.words, self.ordered, self.sets = [], [], [], []

    def read_schema(self, node: Json) -> None:
        if not isinstance(node, dict | bool):
            self.promise.append(("no schema", json_key(node)))
            return
        shape = shape_of(self.root, node)
        self._types(shape)
        properties = self._properties(shape)
        required = shape.names("required") & (properties.keys() | _unknown_names(shape))
        self._named("properties", properties)
        if required:
            self.promise.append(("required", *sorted(required)))
        for keyword in sorted(
            shape.keywords.keys() - {"const", "enum", "properties", "required", "type"} - SHELVES
        ):
            self._keyword(keyword, shape.keywords[keyword], shape)

    def read_other(self, node: Json, *, names: bool = False) -> None:
        node = resolved(self.root, node)
        if isinstance(node, list):
            self.promise.append("list")
            self.ordered += [(_OTHER, item) for item in node]
        elif not isinstance(node, dict):
            self.promise.append(json_key(node))
        else:
            for key in sorted(node):
                self._member(key, node[key], names=names)

    def _member(self, key: str, value: Json, *, names: bool) -> None:
        if names or key not in DOCUMENTATION:
            if not names and key.startswith("x-"):
                return
            self.promise.append(key)
            if not names and key in _NAMES and isinstance(value, dict):
                self.promise.append(tuple(sorted(value)))
                self.ordered += [(_OTHER, value[name]) for name in sorted(value)]
            else:
                self.ordered.append((_SCHEMA if key in SINGLE and not names else _OTHER, value))
        else:
            self.words.append((key, hash(json_key(value))))

    def _types(self, shape: Shape) -> None:
        values = enumerated(shape)
        if values is not None:
            self.promise.append(("enum", *sorted({*map(json_key, values)})))
        self.promise.append(("types", *sorted(types_of(shape)), shape.nullable))

    def _properties(self, shape: Shape) -> JsonObject:
        properties = shape.schemas("properties")
        if self.left_out is None:
            return properties
        return {
            name: schema
            for name, schema in properties.items()
            if not is_marked(self.root, schema, self.left_out)
        }

    def _named(self, keyword: str, schemas: JsonObject) -> None:
        if schemas:
            names = sorted(schemas)
            self.promise.append((keyword, *names))
            self.ordered += [(_SCHEMA, schemas[name]) for name in names]

    def _keyword(self, keyword: str, value: Json, shape: Shape) -> None:
        if keyword in DOCUMENTATION:
            self.words.append((keyword, hash(json_key(value))))
        elif keyword.startswith("x-") or (keyword in USUAL and USUAL[keyword] == value):
            return
        elif keyword in _NAMED and isinstance(value, dict):
            self._named(keyword, value)
        elif keyword in SINGLE:
            if not (keyword in _OPEN and (value is True or value == {})):
                self.promise.append(keyword)
                self.ordered.append((_SCHEMA, value))
        elif keyword in _SETS and isinstance(value, list):
            self.promise.append(keyword)
            self.sets.append([(_SCHEMA, part) for part in value])
        elif keyword in _LISTS and isinstance(value, list):
            self.promise.append((keyword, len(value)))
            self.ordered += [(_SCHEMA, part) for part in value]
        elif keyword == "discriminator" and isinstance(value, dict):
            self._discriminator(shape)
        else:
            self.promise.append((keyword, json_key(value)))

    def _discriminator(self, shape: Shape) -> None:
        by_name = discriminated(self.root, shape)
        self.promise.append(("discriminator", json_key(shape.schemas("discriminator").get("propertyName"))))
        self._named("mapping", by_name)


def types_of(shape: Shape) -> frozenset[str]:
    """
    The types of a shape, or those that its enumerated values have when it names none.
    """
    values = enumerated(shape)
    if not values:
        return shape.types
    found = frozenset(_TYPES.get(type(value), "null") for value in values)
    return found if not shape.types or found <= shape.types | ({"integer"} & found) else shape.types


def enumerated(shape: Shape) -> list[Json] | None:
    """
    The only values that a shape allows: ``const`` is an ``enum`` of one.
    """
    if "const" in shape.keywords:
        return [shape.keywords["const"]]
    return shape.listed("enum") if isinstance(shape.keywords.get("enum"), list) else None


def is_marked(root: Json, schema: Json, flag: str) -> bool:
    """
    Whether a schema says *flag*, ``readOnly`` or ``writeOnly``, itself or through what it refers to.
    """
    if not isinstance(schema, dict):
        return False
    if reference_of(schema) is None and schema.keys().isdisjoint({"allOf", *ALTERNATIVES}):
        return schema.get(flag) is True
    return shape_of(root, schema).keywords.get(flag) is True


def discriminated(root: Json, shape: Shape) -> JsonObject:
    """
    The schema that each value of a discriminator leads to; without a mapping, the names of the schemas are
    the values, unless these say themselves which value they have.
    """
    described = shape.schemas("discriminator")
    mapping = described.get("mapping")
    found: JsonObject = {}
    for value, reference in (mapping if isinstance(mapping, dict) else {}).items():
        pointer = reference if str(reference).startswith("#") else f"#/components/schemas/{reference}"
        node = target(root, str(pointer))
        found[value] = {"$ref": pointer} if node is not None else {"not": {"$ref": str(reference)}}
    named = {str(one.get("$ref")) for one in found.values() if isinstance(one, dict)}
    for keyword in ALTERNATIVES:
        for part in shape.listed(keyword):
            reference = reference_of(part)
            if (
                reference is not None
                and reference not in named
                and not _says_its_value(root, part, described)
            ):
                found[reference.rpartition("/")[2]] = part
    return found


def _says_its_value(root: Json, part: Json, described: JsonObject, depth: int = 0) -> bool:
    """
    Whether the discriminating property of a schema, or of each of its own alternatives, lists its values.
    """
    shape = shape_of(root, part)
    schema = shape.schemas("properties").get(str(described.get("propertyName")))
    if schema is not None:
        return enumerated(shape_of(root, schema)) is not None
    parts = [one for keyword in ALTERNATIVES for one in shape.listed(keyword)]
    return (
        bool(parts)
        and depth < _DEEPEST
        and all(_says_its_value(root, one, described, depth + 1) for one in parts)
    )


def _unknown_names(shape: Shape) -> set[str]:
    """
    What is required and not described.
    """
    return shape.names("required") - shape.schemas("properties").keys()
