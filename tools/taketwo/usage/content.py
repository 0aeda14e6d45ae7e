"""
Recorded HTTP read by content definitions.

How a definition relates to the rest of a contract is the service's business, so this goes by names: an
interaction is about the definition that its path names, or a text in its GraphQL or in its query. The
configuration can say which paths name one. Content is the object in a body that has the definition's
properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import unquote

from taketwo.cassette.body.codec import parse_json
from taketwo.cassette.model import Interaction, JsonValue
from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.content_changes import model_of, schema_of
from taketwo.contract.schema.rules import Direction
from taketwo.results import Steps
from taketwo.usage.graphql.requests import calls_in
from taketwo.usage.messages import json_of
from taketwo.usage.notes import Fault, Notes
from taketwo.usage.schema_reading import SchemaReader

_REFUSED: Final = 400
_LITERAL: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_PARTIAL: Final = frozenset({"PATCH"})
_NAME: Final = "definition"
_DEEPEST: Final = 20

_Content: TypeAlias = tuple[Steps, Mapping[str, JsonValue]]
"""An object in a body, and the way to it."""


class DefinitionReader:
    """
    Reads interactions by definitions; *paths* are how paths begin that name one, such as
    ``/content/{definition}``; without any, every step of a path may be a name.
    """

    def __init__(self, definitions: JsonObject, *, address: str, paths: Sequence[str] = ()) -> None:
        self._address = address.rstrip("/")
        self._definitions = definitions
        self._names = {alias: name for name, one in definitions.items() for alias in _aliases(name, one)}
        self._schemas = {name: schema_of(definition) for name, definition in definitions.items()}
        self._readers = {name: SchemaReader(root=schema) for name, schema in self._schemas.items()}
        self._patterns = [re.compile(_pattern(path)) for path in paths]

    def read(self, interaction: Interaction, notes: Notes) -> None:
        """
        Note what *interaction* touches and gets wrong.
        """
        texts = set(_texts(interaction))
        names = {*self._in_path(interaction), *(self._names[one] for one in texts if one in self._names)}
        for name in sorted(names):
            notes.touch(name, _identity(self._definitions[name]))
            properties = self._readers[name].properties(self._schemas[name])
            for filtered in texts & properties.keys():
                notes.touch(f"{name}.{filtered}", json_key(properties[filtered]))
            # Of several definitions in one interaction, it is unknown which one a body belongs to.
            with notes.excused(when=len(names) > 1 or interaction.response.status >= _REFUSED):
                self._contents(name, properties, interaction, notes)

    def _contents(self, name: str, properties: JsonObject, interaction: Interaction, notes: Notes) -> None:
        reader, schema = self._readers[name], self._schemas[name]
        for side, body, partial in (
            ("request", interaction.request.body, interaction.request.method in _PARTIAL),
            ("response", interaction.response.body, False),
        ):
            for steps, content in _with_most(json_of(body), properties):
                found = notes.fork()
                found.enter(side, "json", *steps)
                reader.read(content, schema, name, found, Direction.BOTH)
                if partial:
                    found.mistakes = [one for one in found.mistakes if one.fault is not Fault.MISSING]
                notes.join(found)

    def _in_path(self, interaction: Interaction) -> Iterator[str]:
        url = interaction.request.url
        path = url.removeprefix(self._address) if url.startswith(self._address) else url
        if self._patterns:
            steps = [match[_NAME] for one in self._patterns if (match := one.fullmatch(path))]
        else:
            steps = path.split("/")
        for step in map(unquote, steps):
            if step in self._names:
                yield self._names[step]


def _aliases(name: str, definition: Json) -> Iterator[str]:
    yield name
    block = model_of(definition).get("block")
    if isinstance(block, str):
        yield block


def _pattern(path: str) -> str:
    steps = re.split(r"\{([^{}]*)\}", path)
    pattern = "".join(
        (f"(?P<{_NAME}>[^/]+)" if step == _NAME else "[^/]+") if number % 2 else re.escape(step)
        for number, step in enumerate(steps)
    )
    return f"{pattern}(?:/.*)?"


def _texts(interaction: Interaction) -> Iterator[str]:
    """
    The texts in what is asked for: in JSON within a query, in GraphQL and its variables.
    """
    for name, value in interaction.request.query:
        if value[:1] in {"{", "["}:
            parsed, document = parse_json(value.encode("utf-8", "surrogatepass"))
            yield from _texts_in(document) if parsed else ()
        else:
            yield from (name, value)
    for call, _, _ in calls_in(interaction):
        yield from _LITERAL.findall(call.query)
        yield from _texts_in(call.variables)


def _texts_in(value: JsonValue, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth > _DEEPEST:
        return
    elif isinstance(value, Mapping):
        yield from value
        for member in value.values():
            yield from _texts_in(member, depth + 1)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts_in(item, depth + 1)


def _with_most(value: JsonValue, properties: JsonObject) -> list[_Content]:
    """
    The objects in *value* with the most of *properties*; of an object and one within it, the outer.
    """
    return _best(value, properties, ())[1]


def _best(value: JsonValue, properties: JsonObject, steps: Steps) -> tuple[int, list[_Content]]:
    if len(steps) > _DEEPEST or isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        return 0, []
    members: Iterable[tuple[str | int, JsonValue]] = (
        value.items() if isinstance(value, Mapping) else enumerate(value)
    )
    below = [_best(member, properties, (*steps, step)) for step, member in members]
    most = max((count for count, _ in below), default=0)
    if isinstance(value, Mapping):
        known = len(value.keys() & properties.keys())
        if known and known >= most:
            return known, [(steps, value)]
        return most, [one for count, found in below if count == most and count for one in found]
    return most, [one for count, found in below if count for one in found]


def _identity(definition: Json) -> str:
    model = model_of(definition)
    return json_key([model.get("parent"), model.get("block")])
