"""
Parts of a document that stand ready to be referred to: ``$defs``, ``components``.

Changes of definitions in use are reported where they are used; here are those that nothing refers to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from taketwo.contract.canonical import Json
from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.dictdiff import DictDiff
from taketwo.contract.references import references_in, target
from taketwo.contract.roots import Roots
from taketwo.contract.schema.fallback import place_of, step, unknown_change, unknown_changes
from taketwo.contract.schema.rules import Direction

_SCHEMAS: Final = frozenset({"$defs", "components/schemas", "definitions"})
_SHARED: Final = frozenset({"$defs", "components", "definitions"})


def shared_definition_changes(
    roots: Roots, shelves: Iterable[str], *, coordinate: str, kind: Kind
) -> Iterator[Change]:
    """
    Parts that came, that went, and that changed without a use that could tell.

    *shelves* are paths from the root, ``components/schemas``.
    """
    used = _reached(roots.old) | _reached(roots.new)
    for shelf in shelves:
        parts = DictDiff.of(*(_unused(root, shelf, used) for root in (roots.old, roots.new)))
        renamed = _renamed(roots, parts) if shelf in _SCHEMAS else frozenset()
        for name in parts.removed.keys() - renamed:
            yield _moved("removed", name, place_of(coordinate, f"/{shelf}{step(name)}"), kind)
        for name in parts.added.keys() - renamed:
            yield _moved("added", name, place_of(coordinate, f"/{shelf}{step(name)}"), kind)
        for name, (old, new) in parts.kept.items():
            if not _is_same(roots, shelf, old, new):
                path = f"/{shelf}{step(name)}"
                found = list(unknown_changes(old, new, coordinate=coordinate, kind=kind, path=path))
                yield from found or (unknown_change(coordinate, kind, path=path),)


def _unused(root: Json, shelf: str, used: set[str]) -> dict[str, Json]:
    return {name: part for name, part in _parts(root, shelf).items() if f"#/{shelf}{step(name)}" not in used}


def _renamed(roots: Roots, parts: DictDiff[Json]) -> frozenset[str]:
    """
    The names of schemas that went and of those that came in their place, promising the same.
    """
    roots.learn(parts.removed.values(), parts.added.values(), Direction.BOTH)
    gone = {name: roots.old_promise(part, Direction.BOTH) for name, part in parts.removed.items()}
    come = {name: roots.new_promise(part, Direction.BOTH) for name, part in parts.added.items()}
    both = {*gone.values()} & {*come.values()}
    return frozenset(name for side in (gone, come) for name, promise in side.items() if promise in both)


def _is_same(roots: Roots, shelf: str, old: Json, new: Json) -> bool:
    if shelf in _SCHEMAS:
        return roots.same_promise(old, new, Direction.BOTH)
    return roots.same_part(old, new)


def _reached(root: Json) -> set[str]:
    """
    All that *root* refers to, directly or through what it refers to, with the shelves themselves left out.
    """
    ahead = {*references_in(_without_shared(root))}
    reached: set[str] = set()
    while ahead:
        reached |= ahead
        ahead = {name for reference in ahead for name in references_in(target(root, reference))} - reached
    return reached


def _without_shared(root: Json) -> Json:
    if not isinstance(root, dict):
        return root
    return {key: value for key, value in root.items() if key not in _SHARED}


def _parts(root: Json, shelf: str) -> dict[str, Json]:
    parts = target(root, f"#/{shelf}")
    return parts if isinstance(parts, dict) else {}


def _moved(what: str, name: str, coordinate: str, kind: Kind) -> Change:
    message = f"{name} was {what}: nothing refers to it"
    return Change(
        id=f"component-{what}", coordinate=coordinate, severity=Severity.SAFE, message=message, kind=kind
    )
