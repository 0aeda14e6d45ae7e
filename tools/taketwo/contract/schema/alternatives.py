"""
The parts of ``allOf``, ``anyOf`` and ``oneOf``: which of two lists are the same, and what the others do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from taketwo.contract.canonical import Json, json_key
from taketwo.contract.dictdiff import DictDiff
from taketwo.contract.references import reference_of
from taketwo.contract.roots import Roots
from taketwo.contract.schema.location import Finding, Further, SchemaLocation
from taketwo.contract.schema.rules import Direction
from taketwo.contract.schema.shape import DOCUMENTATION, Shape, shape_of

_LONGEST: Final = 120  # characters


def paired(roots: Roots, old: Sequence[Json], new: Sequence[Json], direction: Direction) -> DictDiff[Json]:
    """
    The parts of both lists, by name; those that promise the same belong together whatever their names.
    """
    before, after = _by_name(old), _by_name(new)
    for name, part in [*before.items()]:
        twin = next((other for other in after if roots.same_promise(part, after[other], direction)), None)
        if twin is not None:
            del before[name], after[twin]
    return DictDiff.of(before, after)


def alternative_changes(
    roots: Roots, keyword: str, shapes: tuple[Shape, Shape], parts: DictDiff[Json], place: SchemaLocation
) -> Iterator[Finding]:
    """
    The changes of parts that only one of the two has.
    """
    old, new = shapes
    if new.is_wrapped and parts.added:
        yield from _united_changes(roots, new.listed(keyword)[0], parts, place)
        return
    if old.is_wrapped:
        yield from _split_changes(roots, old.listed(keyword)[0], parts, place)
    for name in () if old.is_wrapped else parts.removed:
        what = shortened(name)
        yield place.change(f"{_kebab(keyword)}-removed", f"{what} is no longer one of {keyword}")
    for name in parts.added:
        what = shortened(name)
        yield place.change(f"{_kebab(keyword)}-added", f"{what} is a new one of {keyword}")


def _split_changes(
    roots: Roots, old: Json, parts: DictDiff[Json], place: SchemaLocation
) -> Iterator[Finding]:
    """
    What was one schema became several: a reader counts on what all of them have, a request must fit one.
    """
    required = shape_of(roots.old, old).names("required")
    if place.direction is not Direction.REQUEST:
        kept = [shape_of(roots.new, part).names("required") for part in parts.added.values()]
        for name in sorted(name for name in required if not all(name in names for names in kept)):
            what = f"property {name} is not required by each of the alternatives"
            yield place.property(name).change("became-optional", what)
    if place.direction is not Direction.ANSWER and parts.removed:
        nearest = min(
            parts.added.values(), key=lambda part: len(shape_of(roots.new, part).names("required") - required)
        )
        if shape_of(roots.new, nearest).names("required") - required or not _fits(roots, old, nearest):
            yield Further(old=old, new=nearest, place=place)


def _united_changes(
    roots: Roots, new: Json, parts: DictDiff[Json], place: SchemaLocation
) -> Iterator[Finding]:
    """
    What were several schemas became one: each that was sent must fit it, and a reader must know one like it.
    """
    required = shape_of(roots.new, new).names("required")
    before = list(parts.removed.values())
    if place.direction is Direction.ANSWER:
        before = sorted(before, key=lambda part: len(shape_of(roots.old, part).names("required") - required))[
            :1
        ]
    for part in before:
        yield Further(old=part, new=new, place=place)


def _fits(roots: Roots, old: Json, new: Json) -> bool:
    """
    Both describe the properties that they share in the same way.
    """
    before, after = shape_of(roots.old, old), shape_of(roots.new, new)
    shared = before.schemas("properties").keys() & after.schemas("properties").keys()
    return before.types == after.types and all(
        roots.same_promise(
            before.schemas("properties")[name], after.schemas("properties")[name], Direction.BOTH
        )
        for name in shared
    )


def _by_name(parts: Sequence[Json]) -> dict[str, Json]:
    return {_name(part): part for part in parts}


def _name(part: Json) -> str:
    """
    By what a part of a composition is known again: its reference, its title, or all of it.
    """
    reference = reference_of(part)
    if reference is not None:
        return reference.rpartition("/")[2]
    title = part.get("title") if isinstance(part, dict) else None
    if isinstance(title, str) or not isinstance(part, dict):
        return title if isinstance(title, str) else json_key(part)
    return json_key({key: value for key, value in part.items() if key not in DOCUMENTATION})


def shortened(name: str) -> str:
    """
    *name* for a message; the whole of a schema without a name may fill a page.
    """
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"


def _kebab(keyword: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", keyword)
