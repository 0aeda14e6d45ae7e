"""
A JSON Schema in the form in which two can be compared: one way to write what can be written in several.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.references import reference_of, resolved, same

#: Keywords that are for people.
DOCUMENTATION: Final = frozenset(
    {"$comment", "description", "example", "examples", "externalDocs", "summary", "title"}
)

#: Keywords that list alternatives.
ALTERNATIVES: Final = ("anyOf", "oneOf")
_NULLS: Final[tuple[JsonObject, ...]] = ({"type": "null"}, {"enum": [None]}, {"const": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """
    A schema with its references followed, ``allOf`` merged and null told apart from the other types.

    No types means any type.
    """

    types: frozenset[str]
    nullable: bool
    keywords: JsonObject

    def schemas(self, keyword: str) -> JsonObject:
        value = self.keywords.get(keyword)
        return value if isinstance(value, dict) else {}

    def listed(self, keyword: str) -> list[Json]:
        value = self.keywords.get(keyword)
        return value if isinstance(value, list) else []

    def names(self, keyword: str) -> set[str]:
        return {name for name in self.listed(keyword) if isinstance(name, str)}

    @property
    def has_alternatives(self) -> bool:
        return any(keyword in self.keywords for keyword in ALTERNATIVES)

    @property
    def is_closed(self) -> bool:
        return self.keywords.get("additionalProperties") is False


def shape_of(root: Json, node: Json, *, folded: bool = True) -> Shape:
    """
    The shape of *node*, whose references are looked up in *root*.

    *folded*, an alternative whose only company was null takes the place of the alternatives.
    """
    keywords = _simplified(root, node, frozenset(), folded=folded)
    types = _types(root, keywords, frozenset())
    enum = keywords.get("enum")
    has_null = isinstance(enum, list) and None in enum
    if isinstance(enum, list):
        keywords["enum"] = [value for value in enum if value is not None]
    nullable = "null" in types or keywords.pop("nullable", None) is True or (has_null and not types)
    return Shape(types=types - {"null"}, nullable=nullable, keywords=keywords)


def shapes_of(old_root: Json, old: Json, new_root: Json, new: Json) -> tuple[Shape, Shape]:
    """
    The shapes of two schemas, both with alternatives when one has some.
    """
    before, after = shape_of(old_root, old), shape_of(new_root, new)
    for keyword in ALTERNATIVES:
        if keyword in after.keywords and not before.has_alternatives:
            before = _as_alternative(old_root, old, before, keyword)
        if keyword in before.keywords and not after.has_alternatives:
            after = _as_alternative(new_root, new, after, keyword)
    return before, after


def _as_alternative(root: Json, node: Json, shape: Shape, keyword: str) -> Shape:
    unfolded = shape_of(root, node, folded=False)
    if keyword in unfolded.keywords:
        return unfolded
    keywords: JsonObject = {key: value for key, value in shape.keywords.items() if key in DOCUMENTATION}
    return replace(shape, keywords={**keywords, keyword: [node]})


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
    simple = _with_all(root, dict(node), inside)
    for keyword in ALTERNATIVES:
        simple = _without_null(root, simple, keyword, inside, folded=folded)
    return simple


def _with_all(root: Json, node: JsonObject, inside: frozenset[str]) -> JsonObject:
    """
    *node* merged with its ``allOf``; as it is when two parts disagree or one leads back here.
    """
    parts = node.get("allOf")
    if not isinstance(parts, list) or any(reference_of(part) in inside for part in parts):
        return node
    merged: JsonObject | None = {key: value for key, value in node.items() if key != "allOf"}
    for part in parts:
        merged = _merged(merged, _simplified(root, part, inside)) if merged is not None else None
    return node if merged is None else merged


def _merged(one: JsonObject, other: JsonObject) -> JsonObject | None:
    merged = dict(one)
    for key, value in other.items():
        mine = merged.get(key)
        if key not in merged or (key not in DOCUMENTATION and same(mine, value)):
            merged[key] = value
        elif key == "properties" and isinstance(mine, dict) and isinstance(value, dict):
            if any(name in mine and not same(mine[name], value[name]) for name in value):
                return None
            merged[key] = {**mine, **value}
        elif key == "required" and isinstance(mine, list) and isinstance(value, list):
            merged[key] = [*mine, *value]
        elif key not in DOCUMENTATION:
            return None
    return merged


def _without_null(
    root: Json, node: JsonObject, keyword: str, inside: frozenset[str], *, folded: bool
) -> JsonObject:
    """
    ``anyOf: [X, null]`` is one way to say that X may be null.
    """
    listed = node.get(keyword)
    left = [one for one in listed if resolved(root, one) not in _NULLS] if isinstance(listed, list) else []
    if not isinstance(listed, list) or len(left) == len(listed):
        return node
    rest: JsonObject = {key: value for key, value in node.items() if key != keyword}
    if folded and len(left) == 1 and reference_of(left[0]) not in inside:
        merged = _merged(rest, _simplified(root, left[0], inside))
        if merged is not None:
            return {**merged, "nullable": True}
    return {**rest, keyword: left, "nullable": True}


def _types(root: Json, keywords: JsonObject, inside: frozenset[str]) -> frozenset[str]:
    """
    The types that are named, or those of all alternatives when each names its own.
    """
    named = keywords.get("type")
    if isinstance(named, str | list):
        return frozenset([named] if isinstance(named, str) else map(str, named))
    for keyword in ALTERNATIVES:
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
