"""
What differs between two schemas, as far as the next reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeGuard

from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.changes import Change
from taketwo.contract.dictdiff import DictDiff, renamed_to
from taketwo.contract.references import reference_of, same
from taketwo.contract.roots import Roots
from taketwo.contract.schema.alternatives import alternative_changes, paired
from taketwo.contract.schema.fallback import other_changes, step, unknown_change
from taketwo.contract.schema.location import Finding, Further, Redescribed, SchemaLocation, leads_further
from taketwo.contract.schema.meaning import (
    ONE_WAY,
    SHELVES,
    USUAL,
    discriminated,
    enumerated,
    is_marked,
    types_of,
)
from taketwo.contract.schema.rules import Direction
from taketwo.contract.schema.shape import DOCUMENTATION, Shape, keeps_limit, shapes_of

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
        "patternProperties",
        "prefixItems",
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


def differences(roots: Roots, old: Json, new: Json, place: SchemaLocation) -> Iterator[Finding]:
    """
    Every difference between *old* and *new*, which may be references, up to the references within them.
    """
    if roots.same_promise(old, new, place.direction):
        if not roots.same(old, new, place.direction):
            yield Redescribed.REDESCRIBED
        return
    found = list(_differences(roots, shapes_of(roots.old, old, roots.new, new), place))
    yield from found
    if all(isinstance(finding, Redescribed) for finding in found):
        yield unknown_change(place.coordinate, place.kind)


def _child(roots: Roots, old: Json, new: Json, place: SchemaLocation) -> Iterator[Finding]:
    if not roots.same_promise(old, new, place.direction) and (leads_further(old) or leads_further(new)):
        yield Further(old=old, new=new, place=place)
    else:
        yield from differences(roots, old, new, place)


def _differences(roots: Roots, shapes: tuple[Shape, Shape], place: SchemaLocation) -> Iterator[Finding]:
    old, new = (_enumerated_alike(one, other) for one, other in (shapes, shapes[::-1]))
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
    yield from _other_changes(roots, old, new, place)


def _enumerated_alike(shape: Shape, other: Shape) -> Shape:
    """
    *shape* with ``enum`` where it says ``const`` and the *other* does not.
    """
    if "const" not in shape.keywords or "const" in other.keywords or "enum" not in other.keywords:
        return shape
    keywords: JsonObject = {key: value for key, value in shape.keywords.items() if key != "const"}
    return replace(shape, keywords={**keywords, "enum": enumerated(shape)})


def _other_changes(roots: Roots, old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Finding]:
    known = _KNOWN | SHELVES
    if _same_discriminator(roots, old, new, place.direction):
        known |= {"discriminator"}
    yield from other_changes(
        roots,
        (old.keywords, new.keywords),
        known,
        coordinate=place.coordinate,
        kind=place.kind,
        direction=place.direction,
    )


def _same_discriminator(roots: Roots, old: Shape, new: Shape, direction: Direction) -> bool:
    """
    The same property tells which schema a value has, and leads to the same ones where both know its value.
    """
    if "discriminator" not in old.keywords or "discriminator" not in new.keywords:
        return False
    names = (shape.schemas("discriminator").get("propertyName") for shape in (old, new))
    before, after = discriminated(roots.old, old), discriminated(roots.new, new)
    return (
        same(*names)
        and all(
            roots.same_promise(before[value], after[value], direction)
            or reference_of(before[value]) == reference_of(after[value])
            for value in before.keys() & after.keys()
        )
        and (before.keys() == after.keys() or _parts_differ(old, new))
    )


def _parts_differ(old: Shape, new: Shape) -> bool:
    """
    Other alternatives have other values, which they show themselves.
    """
    return any(len(old.listed(keyword)) != len(new.listed(keyword)) for keyword in ("anyOf", "oneOf"))


def _property_changes(roots: Roots, old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Finding]:
    properties = _properties(roots, old, new, place.direction)
    renames = properties.renames(
        lambda schema: roots.old_promise(schema, place.direction),
        lambda schema: roots.new_promise(schema, place.direction),
    )
    required = new.names("required") - old.names("required")
    for name in properties.removed:
        what = "removed-and-refused" if new.is_closed else "removed"
        yield place.property(name).change(what, f"property {name} was removed{renamed_to(renames.get(name))}")
    for name in properties.added:
        what = "added-as-required" if name in required else "added"
        yield place.property(name).change(what, f"property {name} was added")
    yield from _required_changes(roots, old, new, place, known={*properties.removed, *properties.added})
    for name, (before, after) in properties.kept.items():
        yield from _child(roots, before, after, place.property(name))


def _properties(roots: Roots, old: Shape, new: Shape, direction: Direction) -> DictDiff[Json]:
    """
    The properties of both, without those that never go in this *direction*.
    """
    before, after = old.schemas("properties"), new.schemas("properties")
    flag = ONE_WAY.get(direction)
    if flag is None:
        return DictDiff.of(before, after)
    left_out = {
        name
        for name in {**before, **after}
        if all(
            name not in properties or is_marked(root, properties[name], flag)
            for root, properties in ((roots.old, before), (roots.new, after))
        )
    }
    kept = (
        {name: schema for name, schema in side.items() if name not in left_out} for side in (before, after)
    )
    return DictDiff.of(*kept)


def _open_changes(roots: Roots, old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Finding]:
    before, after = (shape.keywords.get("additionalProperties", True) for shape in (old, new))
    named = DictDiff.of(*(shape.schemas("patternProperties") for shape in (old, new)))
    for one, other in named.kept.values():
        yield from _child(roots, one, other, place.below(".*"))
    for pattern in (*named.removed, *named.added):
        yield unknown_change(place.coordinate, place.kind, path=f"/patternProperties{step(pattern)}")
    if (before is False) == (after is False):
        yield from _changes_of_maybe(roots, before, after, place.below(".*"))
    elif after is False:
        yield place.change("additional-properties-forbidden", "no other properties are allowed any more")
    else:
        yield place.change("additional-properties-allowed", "other properties are allowed now")


def _item_changes(roots: Roots, old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Finding]:
    before, after = (shape.keywords.get("items", True) for shape in (old, new))
    yield from _changes_of_maybe(roots, before, after, place.below("[]"))
    first, second = (shape.listed("prefixItems") for shape in (old, new))
    for position in range(max(len(first), len(second))):
        one = first[position] if position < len(first) else before
        other = second[position] if position < len(second) else after
        yield from _changes_of_maybe(roots, one, other, place.below("[]"))


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
        choices = (old if keyword in old.keywords else new).choices_of_names(keyword)
        if choices is not None:
            yield from _choice_changes(keyword, old, new, place, choices)
            return
        yield unknown_change(place.coordinate, place.kind, path=f"/{keyword}")
        return
    if keyword not in old.keywords:
        return
    parts = paired(roots, old.listed(keyword), new.listed(keyword), place.direction)
    for before, after in parts.kept.values():
        yield from _child(roots, before, after, place)
    if len(parts.removed) == len(parts.added) == 1:
        (before,), (after,) = parts.removed.values(), parts.added.values()
        yield from _child(roots, before, after, place)
    elif not retyped:
        yield from alternative_changes(roots, keyword, (old, new), parts, place)


def _choice_changes(
    keyword: str, old: Shape, new: Shape, place: SchemaLocation, choices: list[set[str]]
) -> Iterator[Change]:
    """
    One of several properties must be there from now on, or need not be any more. Nothing, where what is
    required of an object on the other side, or what it can have, makes that sure.
    """
    is_new = keyword in new.keywords
    other = old if is_new else new
    required, known = other.names("required"), other.schemas("properties").keys()
    sure = [names for names in choices if names <= required]
    if sure and (keyword == "anyOf" or all(names - known for names in choices if names not in sure)):
        return
    listed = ", or ".join(sorted(" and ".join(sorted(names)) for names in choices))
    if is_new:
        yield place.change("one-of-names-required", f"it must have {listed}")
    else:
        yield place.change("one-of-names-no-longer-required", f"it need not have {listed} any more")


def _documentation(keywords: JsonObject) -> JsonObject:
    return {key: value for key, value in keywords.items() if key in DOCUMENTATION}


def _type_changes(old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Change]:
    before, after = (types_of(shape) if _enumerate(old, new) else shape.types for shape in (old, new))
    if before == after:
        return
    sentence = f"the type is {_named(after)} and was {_named(before)}"
    if _accepts(after, before):
        yield place.change("type-widened", sentence)
    elif _accepts(before, after):
        yield place.change("type-narrowed", sentence)
    else:
        yield place.change("type-changed", sentence)


def _enumerate(old: Shape, new: Shape) -> bool:
    """
    Both list their values, and one leaves it to them to say of which type they are.
    """
    return None not in (enumerated(old), enumerated(new)) and bool(old.types) != bool(new.types)


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
            what = f"the {keyword} is {after} and was {before}"
            yield place.change(f"{keyword}-changed", what, before=before, after=after)
        elif has and not had:
            yield place.change(f"{keyword}-added", f"the {keyword} is {after}", after=after)
        elif had and not has:
            yield place.change(f"{keyword}-removed", f"the {keyword} {before} is gone", before=before)


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
        renames = values.renames(type)
        for name in values.removed:
            what = f"value {name} was removed{renamed_to(renames.get(name))}"
            yield place.change("enum-value-removed", what, before=name)
        for name in values.added:
            yield place.change("enum-value-added", f"value {name} was added", after=name)


def _limit_changes(old: Shape, new: Shape, place: SchemaLocation) -> Iterator[Change]:
    for keyword in _LIMITS:
        before, after = (_limit(shape, keyword) for shape in (old, new))
        if same(before, after):
            continue
        name = _kebab(keyword)
        if before is None and keeps_limit(keyword, after, enumerated(old)):
            # No value that was listed is outside.
            continue
        if after is None and keeps_limit(keyword, before, enumerated(new)):
            continue
        if before is None:
            yield place.change(f"{name}-added", f"{keyword} is {json_key(after)}")
        elif after is None:
            yield place.change(f"{name}-removed", f"{keyword} {json_key(before)} is gone")
        else:
            sentence = f"{keyword} is {json_key(after)} and was {json_key(before)}"
            yield from _moved_limit(keyword, before, after, sentence, place)


def _limit(shape: Shape, keyword: str) -> Json:
    value = shape.keywords.get(keyword)
    return None if keyword in USUAL and same(value, USUAL[keyword]) else value


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


def _required_changes(
    roots: Roots, old: Shape, new: Shape, place: SchemaLocation, *, known: set[str]
) -> Iterator[Change]:
    before = _required(roots.old, old, place.direction) - known
    after = _required(roots.new, new, place.direction) - known
    for name in after - before:
        yield place.property(name).change("became-required", f"property {name} is required")
    for name in before - after:
        yield place.property(name).change("became-optional", f"property {name} is no longer required")


def _required(root: Json, shape: Shape, direction: Direction) -> set[str]:
    """
    What must be there in this *direction*: a request need not hold what is only for answers.
    """
    flag, properties = ONE_WAY.get(direction), shape.schemas("properties")
    return {
        name
        for name in shape.names("required")
        if flag is None or not is_marked(root, properties.get(name, {}), flag)
    }


def _kebab(keyword: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", keyword)
