"""
Changes that no rule knows: never ignored, and distinguished from changes of descriptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.dictdiff import DictDiff
from taketwo.contract.references import same
from taketwo.contract.roots import Roots
from taketwo.contract.schema.meaning import USUAL
from taketwo.contract.schema.rules import Direction
from taketwo.contract.schema.shape import DOCUMENTATION

# Below these an x- begins a name, not an extension.
_NAMES: Final = ("/headers", "/mapping", "/paths", "/properties", "/schemas", "/variables")


def unknown_change(coordinate: str, kind: Kind, *, path: str = "") -> Change:
    """
    Something at *path* below *coordinate* changed, with unknown consequences.
    """
    message = f"{path or 'it'} changed: what that does to requests and answers is not known"
    return Change(
        id="contract-changed",
        coordinate=place_of(coordinate, path),
        severity=Severity.DANGEROUS,
        message=message,
        kind=kind,
    )


def place_of(coordinate: str, path: str) -> str:
    """
    The coordinate of what has none of its own: the nearest one, ``#``, and the *path* from there.
    """
    if not path:
        return coordinate
    return coordinate + path if "#" in coordinate else f"{coordinate}#{path}"


def step(name: str) -> str:
    """
    One step of such a path, as JSON Pointer writes it.
    """
    return "/" + name.replace("~", "~0").replace("/", "~1")


def documentation_change(coordinate: str, kind: Kind) -> Change:
    described = "the document" if coordinate == "#" else coordinate
    message = f"{described} is described differently: no request and no answer shows it"
    return Change(
        id="documentation-changed", coordinate=coordinate, severity=Severity.SAFE, message=message, kind=kind
    )


def unknown_changes(old: Json, new: Json, *, coordinate: str, kind: Kind, path: str = "") -> Iterator[Change]:
    """
    One change for each place at which the two differ, as deep as it is known.
    """
    if same(old, new):
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield unknown_change(coordinate, kind, path=path)
        return
    members = DictDiff.of(old, new)
    for name in (*members.removed, *members.added, *members.kept):
        if name.startswith("x-") and not path.endswith(_NAMES):
            # Extensions say nothing about what goes over the wire.
            continue
        below = path + step(name)
        if name in members.kept:
            before, after = members.kept[name]
            yield from _member_changes(name, before, after, coordinate=coordinate, kind=kind, path=below)
        elif name in DOCUMENTATION:
            yield documentation_change(coordinate, kind)
        else:
            yield unknown_change(coordinate, kind, path=below)


def other_changes(
    roots: Roots,
    sides: tuple[JsonObject, JsonObject],
    known: Iterable[str],
    *,
    coordinate: str,
    kind: Kind,
    direction: Direction | None = None,
) -> Iterator[Change]:
    """
    What changed in two objects beside the *known* keys, in what they refer to as well.

    The objects are schemas when there is a *direction*, and something else when there is none.
    """
    left_out = frozenset(known)
    old, new = (
        {key: value for key, value in side.items() if _is_other(key, value, left_out)} for side in sides
    )
    for key in dict.fromkeys((*old, *new)):
        before, after = ({key: side[key]} if key in side else {} for side in (old, new))
        is_same = (
            roots.same_promise(before, after, direction) if direction else roots.same_part(before, after)
        )
        if not is_same:
            found = list(unknown_changes(before, after, coordinate=coordinate, kind=kind))
            yield from found or (unknown_change(coordinate, kind, path=step(key)),)


def _is_other(key: str, value: Json, known: frozenset[str]) -> bool:
    return key not in known and not key.startswith("x-") and not (key in USUAL and same(value, USUAL[key]))


def _member_changes(
    name: str, old: Json, new: Json, *, coordinate: str, kind: Kind, path: str
) -> Iterator[Change]:
    if name not in DOCUMENTATION:
        yield from unknown_changes(old, new, coordinate=coordinate, kind=kind, path=path)
    elif not same(old, new):
        yield documentation_change(coordinate, kind)
