"""
A JSON Schema in the form in which two can be compared: one way to write what can be written in several.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeGuard

from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.references import reference_of, resolved, same

#: Keywords that are for people.
DOCUMENTATION: Final = frozenset(
    {"$comment", "description", "example", "examples", "externalDocs", "summary", "title"}
)

#: Keywords that list alternatives.
ALTERNATIVES: Final = ("anyOf", "oneOf")
_NULLS: Final[tuple[JsonObject, ...]] = ({"type": "null"}, {"enum": [None]}, {"const": None})
_COMPOSED: Final = frozenset({"$ref", "allOf", *ALTERNATIVES})
# The format that a number has where none is named.
_SIZES: Final = {"integer": "int64", "number": "double"}
_WITHIN: Final[dict[str, Callable[[float, float], bool]]] = {
    "exclusiveMaximum": operator.lt,
    "exclusiveMinimum": operator.gt,
    "maxLength": operator.le,
    "maximum": operator.le,
    "minLength": operator.ge,
    "minimum": operator.ge,
}
# What describes a value itself, beside alternatives.
_ITSELF: Final = frozenset({"items", "properties", "required"})
# What OpenAPI 3.0 writes as the format of a string, later versions write with keywords of JSON Schema.
_ENCODED: Final[dict[str, JsonObject]] = {
    "binary": {"contentMediaType": "application/octet-stream"},
    "byte": {"contentEncoding": "base64"},
}
_EVALUATED: Final = {"unevaluatedProperties": "additionalProperties"}
_EXCLUSIVE: Final = {"exclusiveMaximum": "maximum", "exclusiveMinimum": "minimum"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """
    A schema with its references followed, ``allOf`` merged and null kept apart from the other types.

    No types means any type. ``is_wrapped`` marks a schema without alternatives that was made the only one.
    """

    types: frozenset[str]
    nullable: bool
    keywords: JsonObject
    is_wrapped: bool = False

    def schemas(self, keyword: str) -> JsonObject:
        value = self.keywords.get(keyword)
        return value if isinstance(value, dict) else {}

    def listed(self, keyword: str) -> list[Json]:
        value = self.keywords.get(keyword)
        return value if isinstance(value, list) else []

    def names(self, keyword: str) -> set[str]:
        return {name for name in self.listed(keyword) if isinstance(name, str)}

    def choices_of_names(self, keyword: str) -> list[set[str]] | None:
        """
        The names that each alternative of *keyword* requires; None where one of them says anything else.
        """
        choices: list[set[str]] = []
        for part in self.listed(keyword):
            members = part.keys() - DOCUMENTATION if isinstance(part, dict) else set()
            names = part.get("required") if isinstance(part, dict) else None
            if members != {"required"} or not isinstance(names, list):
                return None
            choices.append({str(name) for name in names})
        return choices or None

    @property
    def has_alternatives(self) -> bool:
        return any(keyword in self.keywords for keyword in ALTERNATIVES)

    @property
    def is_closed(self) -> bool:
        return self.keywords.get("additionalProperties") is False


def shape_of(root: Json, node: Json, *, folded: bool = True) -> Shape:
    """
    The shape of *node*, whose references are looked up in *root*.

    *folded*, a single alternative takes the place of the alternatives, and alternatives that are nothing but
    types become a list of types.
    """
    keywords = _simplified(root, node, frozenset(), folded=folded)
    types = _types(root, keywords, frozenset())
    enum = keywords.get("enum")
    has_null = isinstance(enum, list) and None in enum
    if isinstance(enum, list):
        keywords["enum"] = [value for value in enum if value is not None]
    is_marked = keywords.pop("nullable", None) is True
    if _COMPOSED.isdisjoint(keywords) and "additionalProperties" not in keywords:
        # Without a composition, what is evaluated is what is described here.
        keywords = {_EVALUATED.get(key, key): value for key, value in keywords.items()}
    keywords = _without_usual(keywords, types - {"null"})
    nullable = "null" in types or is_marked or (has_null and not types)
    return Shape(types=types - {"null"}, nullable=nullable, keywords=keywords)


def _without_usual(keywords: JsonObject, types: frozenset[str]) -> JsonObject:
    """
    *keywords* without the format that a number has anyway, and without limits that every listed value keeps.
    """
    listed = [keywords["const"]] if "const" in keywords else keywords.get("enum")
    is_usual = any(types == {kind} and keywords.get("format") == size for kind, size in _SIZES.items())
    left_out = {"format"} if is_usual else set()
    if isinstance(listed, list):
        left_out |= {keyword for keyword in _WITHIN if keeps_limit(keyword, keywords.get(keyword), listed)}
    return {key: value for key, value in keywords.items() if key not in left_out} if left_out else keywords


def keeps_limit(keyword: str, limit: Json, listed: Sequence[Json] | None) -> bool:
    """
    Whether all values that are *listed* are within a *limit* of texts or of numbers.
    """
    if not listed or keyword not in _WITHIN or not _is_number(limit):
        return False
    measured = [
        len(one) if isinstance(one, str) and keyword.endswith("Length") else one
        for one in listed
        if one is not None
    ]
    return all(_is_number(one) and _WITHIN[keyword](one, limit) for one in measured)


def shapes_of(old_root: Json, old: Json, new_root: Json, new: Json) -> tuple[Shape, Shape]:
    """
    The shapes of two schemas, both with alternatives when one is nothing but alternatives.
    """
    before, after = shape_of(old_root, old), shape_of(new_root, new)
    for keyword in ALTERNATIVES:
        if _is_nothing_but(keyword, after) and not before.has_alternatives:
            before = _as_alternative(old_root, old, before, keyword)
        if _is_nothing_but(keyword, before) and not after.has_alternatives:
            after = _as_alternative(new_root, new, after, keyword)
    return before, after


def _is_nothing_but(keyword: str, shape: Shape) -> bool:
    """
    Whether the value is described by the alternatives alone; beside a description they only restrict it.
    """
    return (
        keyword in shape.keywords
        and _ITSELF.isdisjoint(shape.keywords)
        and shape.choices_of_names(keyword) is None
    )


def _as_alternative(root: Json, node: Json, shape: Shape, keyword: str) -> Shape:
    unfolded = shape_of(root, node, folded=False)
    if keyword in unfolded.keywords:
        return unfolded
    keywords: JsonObject = {key: value for key, value in shape.keywords.items() if key in DOCUMENTATION}
    return replace(shape, keywords={**keywords, keyword: [node]}, is_wrapped=True)


def _simplified(root: Json, node: Json, inside: frozenset[str], *, folded: bool = True) -> JsonObject:
    """
    A copy of *node* without ``allOf`` and without alternatives of which one is null, where that can be done.
    """
    reference = reference_of(node)
    if reference is not None:
        inside |= {reference}
        node = resolved(root, node)
    if not isinstance(node, dict):
        # Of the two schemas that are no objects, true accepts everything and false nothing.
        return {"type": "nothing"} if node is False else {}
    simple = _with_encoding(_with_null_as_type(_with_exclusive_limits(dict(node))))
    if _COMPOSED.isdisjoint(simple):
        return simple
    simple = _with_all(root, simple, inside)
    for keyword in ALTERNATIVES:
        simple = _folded(root, simple, keyword, inside, folded=folded)
    return simple


def _with_exclusive_limits(node: JsonObject) -> JsonObject:
    """
    OpenAPI 3.0 switches a limit to exclusive, later versions write the exclusive limit itself.
    """
    for exclusive, limit in _EXCLUSIVE.items():
        if node.get(exclusive) is False:
            del node[exclusive]
        elif node.get(exclusive) is True and limit in node:
            node[exclusive] = node.pop(limit)
    return node


def _with_null_as_type(node: JsonObject) -> JsonObject:
    """
    ``const: null`` and ``enum: [null]`` are ways to write ``type: null``.
    """
    for keyword, only_null in (("const", None), ("enum", [None])):
        if keyword in node and node[keyword] == only_null:
            node = {**node, "type": "null"}
            del node[keyword]
    return node


def _with_encoding(node: JsonObject) -> JsonObject:
    encoded = _ENCODED.get(str(node.get("format"))) if node.get("type") == "string" else None
    if encoded is None:
        return node
    return {**{key: value for key, value in node.items() if key != "format"}, **encoded}


def _with_all(root: Json, node: JsonObject, inside: frozenset[str]) -> JsonObject:
    """
    *node* merged with its ``allOf``; what cannot be merged, and what leads back here, stays in ``allOf``.
    """
    parts = node.get("allOf")
    if not isinstance(parts, list):
        return node
    merged: JsonObject = {key: value for key, value in node.items() if key != "allOf"}
    left: list[Json] = []
    for part in parts:
        if reference_of(part) in inside:
            left.append(part)
        else:
            merged, further = _merged(merged, _simplified(root, part, inside))
            left += further
    return {**merged, "allOf": left} if left else merged


def _merged(one: JsonObject, other: JsonObject) -> tuple[JsonObject, list[Json]]:
    """
    Both in one, and what of the *other* cannot be expressed beside the first.
    """
    merged, left = dict(one), list[Json]()
    for key, value in other.items():
        mine = merged.get(key)
        if key == "allOf" and isinstance(value, list):
            left += value
        elif key not in merged:
            merged[key] = value
        elif key not in DOCUMENTATION and not key.startswith("x-") and not same(mine, value):
            both = _BOTH[key](mine, value) if key in _BOTH else None
            if both is None:
                left.append({key: value})
            else:
                merged[key] = both
    return merged, left


def _all_properties(one: Json, other: Json) -> Json:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return None
    both: JsonObject = {
        name: {"allOf": [one[name], value]} if name in one and not same(one[name], value) else value
        for name, value in other.items()
    }
    return {**one, **both}


def _all_names(one: Json, other: Json) -> Json:
    if not isinstance(one, list) or not isinstance(other, list):
        return None
    return [*one, *(name for name in other if name not in one)]


def _common_types(one: Json, other: Json) -> Json:
    mine, theirs = ({value} if isinstance(value, str) else _texts(value) for value in (one, other))
    common: list[Json] = [
        "integer" if "integer" in {a, b} else a
        for a in sorted(mine)
        for b in sorted(theirs)
        if a == b or {a, b} == {"integer", "number"}
    ]
    return common or None


def _texts(value: Json) -> set[str]:
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()


def _common_values(one: Json, other: Json) -> Json:
    if not isinstance(one, list) or not isinstance(other, list):
        return None
    theirs = set(map(json_key, other))
    return [value for value in one if json_key(value) in theirs] or None


def _greater(one: Json, other: Json) -> Json:
    return max(one, other) if _is_number(one) and _is_number(other) else None


def _lesser(one: Json, other: Json) -> Json:
    return min(one, other) if _is_number(one) and _is_number(other) else None


def _is_number(value: Json) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _either(one: Json, other: Json) -> Json:
    return True if isinstance(one, bool) and isinstance(other, bool) else None


def _both_schemas(one: Json, other: Json) -> Json:
    if one is False or other is False:
        return False
    return {"allOf": [one, other]}


#: What two parts of ``allOf`` say together, by keyword; None where one keyword cannot say it.
_BOTH: Final[dict[str, Callable[[Json, Json], Json]]] = {
    "additionalProperties": _both_schemas,
    "deprecated": _either,
    "enum": _common_values,
    "items": _both_schemas,
    "nullable": _either,
    "properties": _all_properties,
    "readOnly": _either,
    "required": _all_names,
    "type": _common_types,
    "uniqueItems": _either,
    "writeOnly": _either,
    **dict.fromkeys(
        ("exclusiveMinimum", "minItems", "minLength", "minProperties", "minimum"),
        _greater,
    ),
    **dict.fromkeys(
        ("exclusiveMaximum", "maxItems", "maxLength", "maxProperties", "maximum"),
        _lesser,
    ),
}


def _folded(
    root: Json, node: JsonObject, keyword: str, inside: frozenset[str], *, folded: bool
) -> JsonObject:
    """
    ``anyOf: [X, null]`` is one way to say that X may be null, ``anyOf: [X]`` one to say X, alternatives that
    are nothing but types one to list types, and those that are nothing but values one to write ``enum``.
    """
    listed = node.get(keyword)
    if not isinstance(listed, list):
        return node
    left = [one for one in listed if resolved(root, one) not in _NULLS]
    null: JsonObject = {"nullable": True} if len(left) < len(listed) else {}
    rest: JsonObject = {key: value for key, value in node.items() if key != keyword}
    if folded and len(left) == 1 and reference_of(left[0]) not in inside:
        merged, further = _merged(rest, _simplified(root, left[0], inside))
        if not further:
            return {**merged, **null}
    if folded and "type" not in rest and (types := _only_types(root, left, keyword)):
        return {**rest, "type": types, **null}
    if folded and "enum" not in rest and (values := _only_values(root, left, keyword)):
        return {**rest, **values, **null}
    return {**rest, keyword: left, **null} if null else node


def _only_types(root: Json, listed: list[Json], keyword: str) -> list[Json]:
    """
    The types of alternatives that say nothing else; none where one does, or where two of ``oneOf`` overlap.
    """
    found: list[str] = []
    for one in listed:
        node = resolved(root, one)
        if not isinstance(node, dict) or not {"type"} >= node.keys() - DOCUMENTATION:
            return []
        named = node.get("type")
        found += [named] if isinstance(named, str) else sorted(_texts(named)) or ["any"]
    numbers = {"integer", "number"}
    if "any" in found or (keyword == "oneOf" and (len(found) > len({*found}) or numbers <= {*found})):
        return []
    return [*dict.fromkeys(found)]


def _only_values(root: Json, listed: list[Json], keyword: str) -> JsonObject:
    """
    The values of alternatives that say nothing else than values and their type, as one ``enum``.
    """
    values: list[Json] = []
    types: set[str] = set()
    for one in listed:
        node = resolved(root, one)
        if not isinstance(node, dict) or not {"const", "enum", "type"} >= node.keys() - DOCUMENTATION:
            return {}
        own = [node["const"]] if "const" in node else node.get("enum")
        if not isinstance(own, list):
            return {}
        values += own
        types |= {str(node.get("type", ""))}
    keys = {json_key(value) for value in values}
    if (keyword == "oneOf" and len(keys) < len(values)) or len(types) != 1:
        return {}
    (named,) = types
    return {"enum": values, **({"type": named} if named else {})}


def _types(root: Json, keywords: JsonObject, inside: frozenset[str]) -> frozenset[str]:
    """
    The types that are named, or those of all alternatives when each names its own.
    """
    named = keywords.get("type")
    if isinstance(named, str):
        return frozenset((named,))
    if isinstance(named, list):
        types = frozenset(map(str, named))
        return types - {"integer"} if "number" in types else types
    for keyword in ALTERNATIVES:
        if keyword in keywords:
            each = list(_types_of_each(root, keywords.get(keyword), inside))
            if each and all(each):
                return frozenset().union(*each)
    return frozenset()


def _types_of_each(root: Json, listed: Json, inside: frozenset[str]) -> Iterator[frozenset[str]]:
    for one in listed if isinstance(listed, list) else ():
        reference = reference_of(one)
        if reference is None:
            yield _types(root, _simplified(root, one, inside), inside)
        elif reference not in inside:
            within = inside | {reference}
            yield _types(root, _simplified(root, one, within), within)
