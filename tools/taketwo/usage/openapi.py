"""
Recorded HTTP read by an OpenAPI document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from taketwo.cassette.model import Interaction, JsonValue
from taketwo.cassette.model import Pairs as Headers
from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.openapi.document import (
    Operation,
    as_list,
    as_object,
    headers_of,
    operations,
    place_in,
    schemes_of,
    without,
)
from taketwo.contract.references import resolved
from taketwo.contract.schema.rules import Direction
from taketwo.contract.schema.shape import DOCUMENTATION
from taketwo.usage.messages import NOTHING, fields_in, json_of, media_type
from taketwo.usage.notes import Fault, Notes
from taketwo.usage.schema_reading import SchemaReader

_SUCCESS: Final = 400
_EXPLODED: Final[JsonObject] = {"explode": True}  # each item of a list is a field of its own
_NO_SUCH: Final = frozenset({404, 405, 501})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """
    An operation of the document, and the paths that are its own.
    """

    name: str
    method: str
    path: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    operation: Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedOperation:
    """
    The *answers* that an operation may give, by their statuses as the document writes them.
    """

    root: Json
    schemas: SchemaReader
    answers: Mapping[str, JsonObject]


class OpenApiReader:
    """
    Reads interactions by one document; *address* is where recordings know the service.
    """

    def __init__(self, document: JsonObject, *, address: str) -> None:
        self._root: Json = document
        self._schemas = SchemaReader(root=document)
        self._routes = sorted(_routes(document), key=lambda route: route.path.count("{"))
        self._bases = _bases(document, address)
        self._schemes = schemes_of(document)
        self._found: dict[tuple[str, str], tuple[_Route, tuple[str, ...]] | str | None] = {}

    def read(self, interaction: Interaction, notes: Notes) -> None:
        """
        Note what *interaction* touches and gets wrong.
        """
        request, status = interaction.request, interaction.response.status
        found = self._route(request.method.upper(), request.url)
        if isinstance(found, str):
            if status not in _NO_SUCH:
                notes.mistake(found, "the contract has no such operation", Fault.UNDESCRIBED)
        elif found is not None:
            route, values = found
            reading = _Reading(root=self._root, schemas=self._schemas, route=route, notes=notes)
            notes.touch(route.name)
            self._security(route, notes)
            with notes.excused(when=status >= _SUCCESS):
                reading.request(interaction, values)
            reading.answer(interaction)

    def _route(self, method: str, url: str) -> tuple[_Route, tuple[str, ...]] | str | None:
        key = method, url
        if key not in self._found:
            self._found[key] = self._look_up(method, url)
        return self._found[key]

    def _look_up(self, method: str, url: str) -> tuple[_Route, tuple[str, ...]] | str | None:
        for path in self._paths(url):
            for route in self._routes:
                if route.method == method and (match := route.pattern.fullmatch(path)):
                    return route, tuple(map(unquote, match.groups()))
        # A HEAD that is not described is answered as the GET is.
        return next((f"{method} {path}" for path in self._paths(url)), None)

    def _paths(self, url: str) -> Iterator[str]:
        for base in self._bases:
            if match := base.match(url):
                rest = url[match.end() :]
                if not rest or rest.startswith("/"):
                    yield rest or "/"

    def _security(self, route: _Route, notes: Notes) -> None:
        for way in route.operation.security.values():
            for name in as_object(way):
                if name in self._schemes:
                    notes.touch(
                        f"#/components/securitySchemes/{name}",
                        json_key(without(self._schemes[name], DOCUMENTATION)),
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """
    One interaction with one operation.
    """

    root: Json
    schemas: SchemaReader
    route: _Route
    notes: Notes

    def request(self, interaction: Interaction, values: Sequence[str]) -> None:
        request = interaction.request
        given = {f"path.{name}": [value] for name, value in zip(self.route.names, values, strict=True)}
        for name, value in request.query:
            given.setdefault(f"query.{name}", []).append(value)
        for name, value in request.headers:
            given.setdefault(f"header.{name.lower()}", []).append(value)
            if name.lower() == "cookie":
                given |= {f"cookie.{one.partition('=')[0].strip()}": [] for one in value.split(";")}
        self._parameters(given)
        self._body(interaction)

    def answer(self, interaction: Interaction) -> None:
        response, described = interaction.response, self.route.operation.answers
        self.notes.describe(
            self.route.name, DescribedOperation(root=self.root, schemas=self.schemas, answers=described)
        )
        key = _status_key(described, response.status)
        if key is None:
            if response.status < _SUCCESS and described:
                at = f"{self.route.name} {response.status}"
                known = f"the contract knows no such status; it knows {_listed(described)}"
                self.notes.enter("response", "status")
                self.notes.mistake(at, known, Fault.UNDESCRIBED)
                self.notes.leave(2)
            return
        at = f"{self.route.name} {key}"
        self.notes.enter("response", "status")
        self.notes.touch(at)
        self.notes.leave(2)
        answer = described[key]
        self._headers(answer, response.headers, at)
        value = json_of(response.body)
        if value is not NOTHING or response.body is not None:
            self._content(as_object(answer.get("content")), response.headers, value, at, Direction.ANSWER)

    def _parameters(self, given: Mapping[str, Sequence[str]]) -> None:
        known = self.route.operation.parameters
        for key, parameter in known.items():
            at = f"{self.route.name} {key}"
            if key in given:
                self._parameter(parameter, given[key], at)
            else:
                self.notes.omit(at)
                if parameter.get("required") is True and place_in(parameter) == "query":
                    self._missing(parameter, given, at)
        for key in given.keys() - known.keys():
            if key.startswith("query.") and not any(_holds(one, key, known) for one in known):
                self.notes.mistake(
                    f"{self.route.name} {key}", "the contract knows no such parameter", Fault.UNDESCRIBED
                )

    def _missing(self, parameter: JsonObject, given: Mapping[str, Sequence[str]], at: str) -> None:
        schema = self.schemas.properties(parameter.get("schema", {}))
        if not any(f"query.{name}" in given for name in schema):
            self.notes.mistake(at, "it is required, and missing", Fault.MISSING)

    def _parameter(self, parameter: JsonObject, texts: Sequence[str], at: str) -> None:
        content = as_object(parameter.get("content"))
        schema: Json = parameter.get("schema", {})
        values: Sequence[JsonValue] = texts
        if content:
            schema = as_object(next(iter(content.values()))).get("schema", {})
            values = [_parsed(text) for text in texts]
        for value in _as_described(values, schema, self.root, parameter):
            self.schemas.read(value, schema, at, self.notes, Direction.REQUEST)

    def _body(self, interaction: Interaction) -> None:
        described = self.route.operation.body
        at, request = f"{self.route.name} body", interaction.request
        if not described:
            return
        if request.body is None:
            self.notes.omit(at)
            if described.get("required") is True:
                self.notes.mistake(at, "a body is required, and there is none", Fault.MISSING)
            return
        content = as_object(described.get("content"))
        value = json_of(request.body)
        fields = fields_in(request.body, request.headers) if value is NOTHING else {}
        if fields:
            media = as_object(_media(content, media_type(request.headers)))
            value = dict(self._fields(fields, media.get("schema", {})))
        self._content(content, request.headers, value, self.route.name, Direction.REQUEST)

    def _fields(
        self, fields: Mapping[str, Sequence[JsonValue]], schema: Json
    ) -> Iterator[tuple[str, JsonValue]]:
        """
        The fields of a form in the types that their schemas name.
        """
        properties = self.schemas.properties(schema)
        for name, values in fields.items():
            described = list(_as_described(values, properties.get(name, {}), self.root, _EXPLODED))
            yield name, described[0] if len(described) == 1 else described

    def _content(
        self, content: JsonObject, headers: Headers, value: JsonValue, at: str, direction: Direction
    ) -> None:
        at = f"{at} body"
        if not content:
            return
        media = media_type(headers)
        described = _media(content, media)
        if described is None:
            self.notes.touch(at)
            if media:
                self.notes.mistake(
                    at, f"the contract knows no {media}; it knows {_listed(content)}", Fault.UNDESCRIBED
                )
        elif value is NOTHING:
            self.notes.touch(at)
        else:
            self.notes.enter("response" if direction is Direction.ANSWER else "request", "json")
            self.schemas.read(value, as_object(described).get("schema", {}), at, self.notes, direction)
            self.notes.leave(2)

    def _headers(self, answer: JsonObject, headers: Headers, at: str) -> None:
        sent = {name.lower(): (name, value) for name, value in headers}
        for name, header in headers_of(self.root, answer).items():
            place = f"{at} header.{name}"
            if name in sent:
                written, value = sent[name]
                self.notes.enter("response", "headers", written)
                self._parameter({**header, "in": "header"}, [value], place)
                self.notes.leave(3)
            else:
                self.notes.omit(place)


def _routes(document: JsonObject) -> Iterator[_Route]:
    for name, operation in operations(document).items():
        method, _, path = name.partition(" ")
        names = tuple(re.findall(r"\{([^{}]*)\}", path))
        pattern = re.sub(r"\\\{.*?\\\}", "([^/]+)", re.escape(path))
        yield _Route(
            name=name,
            method=method,
            path=path,
            pattern=re.compile(pattern),
            names=names,
            operation=operation,
        )


def _bases(document: JsonObject, address: str) -> list[re.Pattern[str]]:
    """
    What goes before a path: the service's address, and the path of one of its servers, the longest first.
    """
    servers = [str(as_object(server).get("url", "/")) for server in as_list(document.get("servers"))]
    prefixes = {_path_of(server).rstrip("/") for server in servers or ["/"]}
    escaped = (re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(prefix)) for prefix in prefixes)
    return [re.compile(re.escape(address) + one) for one in sorted(escaped, key=len, reverse=True)]


def _path_of(server: str) -> str:
    try:
        return urlsplit(server).path
    except ValueError:
        return ""


def _status_key(described: Mapping[str, JsonObject], status: int) -> str | None:
    ranged = {key.upper(): key for key in described}
    keys = (str(status), f"{str(status)[0]}XX", "DEFAULT")
    return next((ranged[key] for key in keys if key in ranged), None)


def _media(content: JsonObject, media: str) -> Json:
    named = {name.partition(";")[0].strip().lower(): described for name, described in content.items()}
    family = f"{media.partition('/')[0]}/*"
    suffixed = "application/json" if media.endswith("+json") else ""
    if not media and len(named) == 1:
        return next(iter(named.values()))
    return next((named[name] for name in (media, family, "*/*", suffixed) if name in named), None)


def _holds(name: str, key: str, known: Mapping[str, JsonObject]) -> bool:
    """
    An object in a query is written as ``filter[name]=…``, or as its properties (``explode``).
    """
    parameter = known[name]
    if place_in(parameter) != "query":
        return False
    schema = as_object(parameter.get("schema"))
    return key.startswith(f"{name}[") or schema.get("type") == "object" or "$ref" in schema


def _as_described(
    values: Sequence[JsonValue], schema: Json, root: Json, parameter: JsonObject
) -> Iterator[JsonValue]:
    """
    Text in the type that its schema names, where it can be read as one.
    """
    node = as_object(resolved(root, schema))
    types = node.get("type")
    named = [types] if isinstance(types, str) else as_list(types)
    if "array" in named:
        whole: list[JsonValue] = list(values)
        if len(values) == 1 and isinstance(values[0], str) and not _explodes(parameter):
            whole = list(values[0].split(","))
        items = as_object(node.get("items"))
        yield [one for item in whole for one in _as_described([item], items, root, {})]
    elif "object" in named:
        yield from (value for value in values if not isinstance(value, str))
    else:
        for value in values:
            yield _converted(value, named)


def _explodes(parameter: JsonObject) -> bool:
    usual = place_in(parameter) in {"query", "cookie"} and parameter.get("style", "form") == "form"
    return parameter.get("explode", usual) is True


def _converted(value: JsonValue, named: Sequence[Json]) -> JsonValue:
    if not isinstance(value, str) or "string" in named or not named:
        return value
    parsed = _parsed(value)
    return value if isinstance(parsed, dict | list) else parsed


def _parsed(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def _listed(things: Mapping[str, object]) -> str:
    return ", ".join(sorted(things)) or "none"
