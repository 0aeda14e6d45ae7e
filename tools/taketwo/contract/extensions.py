"""
Vendor extensions, members that begin with ``x-``: compared only where the project asks for it.

They say nothing about what goes over the wire, unless a team has agreed that they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

from taketwo.contract.canonical import DATA, NAMES, Json, json_key
from taketwo.contract.changes import Change, Kind, Severity, in_order
from taketwo.contract.dictdiff import DictDiff
from taketwo.contract.document import Contract
from taketwo.contract.openapi.document import METHODS
from taketwo.contract.schema.fallback import place_of, step

#: The id of each change of an extension.
CHANGED: Final = "extension-changed"


def extension_changes(
    old: Iterable[Contract], new: Iterable[Contract], names: Sequence[str]
) -> tuple[Change, ...]:
    """
    What extensions of these *names*, with ``*`` for anything, say differently in two contracts of a kind.

    They are dangerous, since what they do is not known.
    """
    before, after = ({one.kind: one for one in side} for side in (old, new))
    return in_order(
        change
        for kind in (before.keys() & after.keys()) - {Kind.GRAPHQL}
        for change in _changes(before[kind], after[kind], names)
    )


def _changes(old: Contract, new: Contract, names: Sequence[str]) -> Iterator[Change]:
    kind = old.kind
    places = DictDiff.of(*(dict(_extensions(side.document(), kind, names)) for side in (old, new)))
    for place, value in places.removed.items():
        yield _change(place, kind, f"{json_key(value)} is gone", before=value)
    for place, value in places.added.items():
        yield _change(place, kind, f"{json_key(value)} was added", after=value)
    for place, (before, after) in places.kept.items():
        if json_key(before) != json_key(after):
            what = f"it is {json_key(after)} and was {json_key(before)}"
            yield _change(place, kind, what, before=before, after=after)


def _change(place: str, kind: Kind, what: str, *, before: Json = None, after: Json = None) -> Change:
    name = place.rpartition("/")[2]
    return Change(
        id=CHANGED,
        coordinate=place,
        severity=Severity.DANGEROUS,
        message=f"extension {name}: {what}: what that does to requests and answers is not known",
        kind=kind,
        before="" if before is None else json_key(before),
        after="" if after is None else json_key(after),
    )


def _extensions(document: Json, kind: Kind, names: Sequence[str]) -> Iterator[tuple[str, Json]]:
    """
    Each extension, by its place: the operation or the definition that it is in, and the path from there.
    """
    for path, value in _found(document, (), names):
        owner, rest = _owner(path, kind)
        yield place_of(owner, "".join(map(step, rest))), value


def _found(
    node: Json, path: tuple[str, ...], names: Sequence[str], *, are_names: bool = False
) -> Iterator[tuple[tuple[str, ...], Json]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _found(item, (*path, _name_of(item, index)), names)
    elif isinstance(node, dict):
        for key, value in node.items():
            if not are_names and key.startswith("x-"):
                if any(fnmatchcase(key, pattern) for pattern in names):
                    yield (*path, key), value
            elif are_names or key not in DATA:
                is_map = not are_names and key in NAMES and isinstance(value, dict)
                yield from _found(value, (*path, key), names, are_names=is_map)


def _name_of(item: Json, index: int) -> str:
    """
    A parameter by its name, everything else by its position.
    """
    if isinstance(item, dict) and isinstance(name := item.get("name"), str):
        return f"{item['in']}.{name}" if "in" in item else name
    return str(index)


def _owner(path: tuple[str, ...], kind: Kind) -> tuple[str, tuple[str, ...]]:
    if kind is Kind.OPENAPI:
        match path:
            case ("paths", address, method, *rest) if method in METHODS:
                return f"{method.upper()} {address}", tuple(rest)
            case _:
                return "#", path
    return path[0], path[1:]
