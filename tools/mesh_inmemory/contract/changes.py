"""
Changes to a contract, as their file lists them.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mesh_inmemory.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mesh_inmemory.javascript import Json

_VERBS: Final = {
    "graphql": ("add", "remove", "rename", "retype"),
    "definitions": ("add", "relax", "remove", "rename", "require", "retype"),
    "answers": ("add", "remove", "rename", "retype"),
    "requests": ("add", "retype"),
    "endpoints": ("answer", "describe", "remove", "require", "secure"),
}
_NEEDED: Final = {
    ("graphql", "add"): (),
    ("graphql", "retype"): ("type",),
    ("definitions", "retype"): ("schema",),
    ("answers", "retype"): ("schema",),
    ("requests", "add"): ("schema",),
    ("requests", "retype"): ("schema",),
    ("endpoints", "answer"): ("status", "to"),
    ("endpoints", "describe"): ("parameter", "schema"),
    ("endpoints", "require"): ("parameter",),
    ("endpoints", "secure"): ("header",),
}


@dataclass(frozen=True, slots=True)
class Change:
    verb: str
    at: str
    details: Mapping[str, Json] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        return self.at.partition(".")[0]

    @property
    def member(self) -> str:
        """
        What of the owner is meant; empty where it is the owner itself.
        """
        return self.at.partition(".")[2]

    @property
    def to(self) -> str:
        return str(self.details.get("to", ""))


@dataclass(frozen=True, slots=True)
class Changes:
    graphql: tuple[Change, ...] = ()
    definitions: tuple[Change, ...] = ()
    answers: tuple[Change, ...] = ()
    requests: tuple[Change, ...] = ()
    endpoints: tuple[Change, ...] = ()


def read_changes(path: Path | None) -> Changes:
    """
    The changes in the file, or a StartupError that lists everything that is wrong with it.
    """
    if path is None:
        return Changes()
    try:
        text = path.read_text(encoding="utf-8")
        listed = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise StartupError(f"cannot read the contract {path}: {error}") from error
    if mistakes := list(_mistakes(listed)):
        raise StartupError(f"the contract {path} is not usable: {'; '.join(mistakes)}")
    return Changes(**{name: tuple(_change(name, entry) for entry in listed.get(name, ())) for name in _VERBS})


def _mistakes(listed: object) -> Iterator[str]:
    if not isinstance(listed, dict):
        yield "it is not an object of lists"
        return
    for name in listed:
        if name not in _VERBS:
            yield f"{name} is none of {', '.join(_VERBS)}"
    for name in _VERBS:
        for number, entry in enumerate(listed.get(name, ()), start=1):
            yield from (f"{name} {number}: {mistake}" for mistake in _entry_mistakes(name, entry))


def _entry_mistakes(name: str, entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "not an object"
        return
    verbs = [verb for verb in _VERBS[name] if isinstance(entry.get(verb), str)]
    if len(verbs) != 1:
        yield f"needs one of {', '.join(_VERBS[name])}"
        return
    needed = ("to",) if verbs[0] == "rename" else _NEEDED.get((name, verbs[0]), ())
    yield from (f"{verbs[0]} needs {key}" for key in needed if not entry.get(key))


def _change(name: str, entry: dict[str, Json]) -> Change:
    verb = next(verb for verb in _VERBS[name] if verb in entry)
    return Change(verb, str(entry[verb]), {key: value for key, value in entry.items() if key != verb})
