"""
Parts of a document that stand ready to be referred to: ``$defs``, ``components``.

What refers to them tells their changes; here is told what nothing refers to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from taketwo.contract.canonical import Json
from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.dictdiff import DictDiff
from taketwo.contract.references import Roots, references_in, target
from taketwo.contract.schema.fallback import place_of, step, unknown_changes

_SHARED: Final = frozenset({"$defs", "components", "definitions"})


def shared_definition_changes(
    roots: Roots, shelves: Iterable[str], *, coordinate: str, kind: Kind
) -> Iterator[Change]:
    """
    Parts that came, that went, and that changed without a use that could tell.

    *shelves* are paths from the root, ``components/schemas``.
    """
    used = _reached(roots.old) & _reached(roots.new)
    for shelf in shelves:
        parts = DictDiff.of(_parts(roots.old, shelf), _parts(roots.new, shelf))
        for name in parts.removed:
            yield _moved("removed", name, place_of(coordinate, f"/{shelf}{step(name)}"), kind)
        for name in parts.added:
            yield _moved("added", name, place_of(coordinate, f"/{shelf}{step(name)}"), kind)
        for name, (old, new) in parts.kept.items():
            path = f"/{shelf}{step(name)}"
            if f"#{path}" not in used:
                yield from unknown_changes(old, new, coordinate=coordinate, kind=kind, path=path)


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
    message = f"{name} was {what}: what refers to it is told on its own"
    return Change(
        id=f"component-{what}", coordinate=coordinate, severity=Severity.SAFE, message=message, kind=kind
    )
