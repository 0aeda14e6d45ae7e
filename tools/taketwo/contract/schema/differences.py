"""
What differs between two schemas, as far as the next reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeGuard

from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.changes import Change
from taketwo.contract.dictdiff import DictDiff
from taketwo.contract.references import Roots, reference_of, resolved, same
from taketwo.contract.schema.fallback import other_changes, unknown_change
from taketwo.contract.schema.location import Finding, Further, Redescribed, SchemaLocation, leads_further
from taketwo.contract.schema.shape import DOCUMENTATION, Shape, shapes_of

_LIMITS: Final = (
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "uniqueItems",
)
_STATED: Final = ("const", "default", "format", "pattern")
_FLAGS: Final = {
    "deprecated": ("deprecated", "no-longer-deprecated"),
    "readOnly": ("became-read-only", "no-longer-read-only"),
    "writeOnly": ("became-write-only", "no-longer-write-only"),
}
_COMPOSED: Final = ("allOf", "anyOf", "oneOf")
_KNOWN: Final = frozenset(
    {
        "additionalProperties",
        "enum",
        "items",
        "nullable",
        "properties",
        "required",
        "type",
        *_COMPOSED,
        *_FLAGS,
        *_LIMITS,
        *_STATED,
        *DOCUMENTATION,
    }
)

# Definitions are compared where they are used.
_SHELVES: Final = frozenset({"$defs", "definitions"})


def differences(roots: Roots, old: Json, new: Json, place: SchemaLocation) -> Iterator[Finding]:
    """
    Every difference between *old* and *new*, which may be references, up to the references within them.
    """
    found = list(_differences(roots, shapes_of(roots.old, old, roots.new, new), place))
    yield from found
    respelled = not same(_unshelved(roots.old, old), _unshelved(roots.new, new))
    if not found and (respelled or reference_of(old) != reference_of(new)):
        yield unknown_change(place.coordinate, place.kind)


def _child(roots: Roots, old: Json, new: Json, place: SchemaLocation) -> Iterator[Finding]:
    if roots.unchanged(old, new):
        return
    if leads_further(old) or leads_further(new):
        yield Further(old=old, new=new, place=place)
    else:
        yield from differences(roots, old, new, place)


def _differences(roots: Roots, shapes: tuple[Shape, Shape], place: SchemaLocation) -> Iterator[Finding]:
    old, new = shapes
    if not same(_documentation(old.keywords), _documentation(new.keywords)):
        yield Redescribed.REDESCRIBED
    retyped = list(_type_changes(old, new, place))
    yield from retyped
    yield from _null_changes(old, new, place)
    if any(change.id.endswith("-type-changed") for change in retyped):
        # What a string says about its length is no news of the object that took its place.
        return
    yield from _stated_changes(old, new, place)
    yield from _enum_changes(old, new, place)
    yield from _limit_changes(old, new, place)
    yield from _flag_changes(old, new, place)
    yield from _property_changes(roots, old, new, place)
    yield from _open_changes(roots, old, new, place)
    yield from _item_changes(roots, old, new, place)
    for keyword in _COMPOSED:
        yield from _composed_changes(roots, keyword, old, new, place, retyped=bool(retyped))
    sides, known = (old.keywords, new.keywords), _KNOWN | _SHELVES
    yield from other_changes(roots, sides, known, coordinate=place.coordinate, kind=place.kind)


def _property_changes(roots: Roots, old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Finding]:
    properties = DictDiff.of(old.schemas("properties"), new.schemas("properties"))
    hint = properties.rename_hint(_likeness)
    required = new.names("required") - old.names("required")
    for name in properties.removed:
        what = "removed-and-refused" if new.is_closed else "removed"
        yield place.property(name).change(what, f"property {name} was removed{hint}")
    for name in properties.added:
        what = "added-as-required" if name in required else "added"
        yield place.property(name).change(what, f"property {name} was added")
    yield from _required_changes(old, new, place, known={*properties.removed, *properties.added})
    for name, (before, after) in properties.kept.items():
        yield from _child(roots, before, after, place.property(name))


def _open_changes(roots: Roots, old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Finding]:
    before, after = (shape.keywords.get("additionalProperties", True) for shape in (old, new))
    if (before is False) == (after is False):
        yield from _changes_of_maybe(roots, before, after, place.below(".*"))
    elif after is False:
        yield place.change("additional-properties-forbidden", "no other properties are allowed any more")
    else:
        yield place.change("additional-properties-allowed", "other properties are allowed now")


def _item_changes(roots: Roots, old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Finding]:
    before, after = (shape.keywords.get("items", True) for shape in (old, new))
    yield from _changes_of_maybe(roots, before, after, place.below("[]"))


def _changes_of_maybe(roots: Roots, old: Json, new: Json, place: SchemaLocation) -> Iterator[Finding]:
    """
    The changes of a schema that may be left out, which says the same as an empty one.
    """
    before, after = ({} if schema is True else schema for schema in (old, new))
    yield from _child(roots, before, after, place)


def _composed_changes(
    roots: Roots, keyword: str, old: Shape, new: Shape, place: SchemaLocation, *, retyped: bool
) -> Iterator[Finding]:
    if (keyword in old.keywords) != (keyword in new.keywords):
        yield unknown_change(place.coordinate, place.kind, path=f"/{keyword}")
        return
    parts = DictDiff.of(_by_name(old.listed(keyword)), _by_name(new.listed(keyword)))
    for before, after in parts.kept.values():
        yield from _child(roots, before, after, place)
    if len(parts.removed) == len(parts.added) == 1:
        (before,), (after,) = parts.removed.values(), parts.added.values()
        yield from _child(roots, before, after, place)
        return
    if retyped:
        return
    for name in parts.removed:
        yield place.change(f"{_kebab(keyword)}-removed", f"{name} is no longer one of {keyword}")
    for name in parts.added:
        yield place.change(f"{_kebab(keyword)}-added", f"{name} is a new one of {keyword}")


def _unshelved(root: Json, node: Json) -> Json:
    node = resolved(root, node)
    return (
        {key: value for key, value in node.items() if key not in _SHELVES} if isinstance(node, dict) else node
    )


def _documentation(keywords: JsonObject) -> JsonObject:
    return {key: value for key, value in keywords.items() if key in DOCUMENTATION}


def _type_changes(old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Change]:
    if old.types == new.types:
        return
    sentence = f"the type is {_named(new.types)} and was {_named(old.types)}"
    if _accepts(new.types, old.types):
        yield place.change("type-widened", sentence)
    elif _accepts(old.types, new.types):
        yield place.change("type-narrowed", sentence)
    else:
        yield place.change("type-changed", sentence)


def _accepts(outer: frozenset[str], inner: frozenset[str]) -> bool:
    """
    Every value of the *inner* types is of one of the *outer*; no types are all types.
    """
    if not outer or not inner:
        return not outer
    return all(name in outer or (name == "integer" and "number" in outer) for name in inner)


def _named(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "any"


def _null_changes(old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Change]:
    if old.nullable == new.nullable or bool(old.types) != bool(new.types):
        return
    if new.nullable:
        yield place.change("became-nullable", "it may be null")
    else:
        yield place.change("became-not-nullable", "it may no longer be null")


def _stated_changes(old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Change]:
    for keyword in _STATED:
        had, has = keyword in old.keywords, keyword in new.keywords
        before, after = (json_key(shape.keywords.get(keyword)) for shape in (old, new))
        if had and has and before != after:
            yield place.change(f"{keyword}-changed", f"the {keyword} is {after} and was {before}")
        elif has and not had:
            yield place.change(f"{keyword}-added", f"the {keyword} is {after}")
        elif had and not has:
            yield place.change(f"{keyword}-removed", f"the {keyword} {before} is gone")


def _enum_changes(old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Change]:
    had, has = "enum" in old.keywords, "enum" in new.keywords
    values = DictDiff.of(
        *({json_key(value): value for value in shape.listed("enum")} for shape in (old, new))
    )
    if has and not had:
        yield place.change("enum-added", f"only these values are left: {', '.join(values.added)}")
    elif had and not has:
        yield place.change("enum-removed", f"there are other values than {', '.join(values.removed)}")
    else:
        hint = values.rename_hint(type)
        for name in values.removed:
            yield place.change("enum-value-removed", f"value {name} was removed{hint}")
        for name in values.added:
            yield place.change("enum-value-added", f"value {name} was added")


def _limit_changes(old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Change]:
    for keyword in _LIMITS:
        before, after = (_limit(shape, keyword) for shape in (old, new))
        if same(before, after):
            continue
        name = _kebab(keyword)
        if before is None:
            yield place.change(f"{name}-added", f"{keyword} is {json_key(after)}")
        elif after is None:
            yield place.change(f"{name}-removed", f"{keyword} {json_key(before)} is gone")
        else:
            sentence = f"{keyword} is {json_key(after)} and was {json_key(before)}"
            yield from _moved_limit(keyword, before, after, sentence, place)


def _limit(shape: Shape, keyword: str) -> Json:
    value = shape.keywords.get(keyword)
    return None if value is False else value


def _moved_limit(
    keyword: str, old: Json, new: Json, sentence: str, place: SchemaLocation
) -> Iterator[Change]:
    name = _kebab(keyword)
    if name == "multiple-of":
        yield place.change("multiple-of-changed", sentence)
    elif _is_number(old) and _is_number(new):
        yield place.change(f"{name}-{'increased' if new > old else 'decreased'}", sentence)
    else:
        yield unknown_change(place.coordinate, place.kind, path=f"/{keyword}")


def _is_number(value: Json) -> TypeGuard[float]:
    # True is an int in Python, and a limit in OpenAPI 3.0.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flag_changes(old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Change]:
    for keyword, (switched_on, switched_off) in _FLAGS.items():
        before, after = (shape.keywords.get(keyword) is True for shape in (old, new))
        if before != after:
            what = switched_on if after else switched_off
            yield place.change(what, f"it is {'now' if after else 'no longer'} {keyword}")


def _required_changes(old: Shape, new: Shape, place: SchemaLocation, *, known: set[str]) -> Iterator[Change]:
    before, after = old.names("required") - known, new.names("required") - known
    for name in after - before:
        yield place.property(name).change("became-required", f"property {name} is required")
    for name in before - after:
        yield place.property(name).change("became-optional", f"property {name} is no longer required")


def _likeness(schema: Json) -> str:
    """
    What a property must share with another to be taken for the same one under a new name.
    """
    if not isinstance(schema, dict):
        return json_key(schema)
    return json_key({key: value for key, value in schema.items() if key not in DOCUMENTATION})


def _by_name(parts: list[Json]) -> dict[str, Json]:
    return {_name(part): part for part in parts}


def _name(part: Json) -> str:
    """
    By what a part of a composition is known again: its reference, its title, or all of it.
    """
    reference = reference_of(part)
    if reference is not None:
        return reference.rpartition("/")[2]
    title = part.get("title") if isinstance(part, dict) else None
    return title if isinstance(title, str) else json_key(part)


def _kebab(keyword: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", keyword)
