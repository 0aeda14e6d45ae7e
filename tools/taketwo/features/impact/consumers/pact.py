"""
What a consumer needs, as a Pact v4 file that any verifier of Pact runs against the provider.

Each recorded exchange is an interaction. It may need what its test had sent before: its provider state names
the test and how many of its requests these are, and ``metadata.taketwo.tests`` holds the requests of each
test, each with the values that later ones take from its answer (``gives``, by JSONPath); these are written
``${name}`` in what follows. Whoever verifies the pact sends them when it is asked for that state.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Final

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.header_names import header
from taketwo.cassette.model import DRAWN, Cassette, Interaction, JsonBody, JsonValue, Pairs, StoredRequest
from taketwo.cassette.secrets.stand_ins import dummy
from taketwo.cassette.visit import map_request, map_response
from taketwo.cassette.volatile.generate import PLACEHOLDER, STAND_IN, Generator
from taketwo.compare.structure import is_list
from taketwo.contract.canonical import json_key
from taketwo.features.impact.consumers.bodies import plain
from taketwo.features.impact.consumers.model import Consumer, ConsumerTest
from taketwo.results import Steps, steps_text
from taketwo.usage.notes import Notes
from taketwo.usage.usage import UsageReader
from taketwo.version import VERSION

_BODY: Final[Steps] = ("response", "json")
_SECRET: Final = "secret"  # noqa: S105 - a kind of placeholder
# Whoever verifies sends credentials of its own, and is not refused.
_REFUSED: Final = frozenset({401, 403})


def pact_of(consumer: Consumer, reader: UsageReader) -> dict[str, Any]:
    """
    The pact of *consumer*; *reader* reads its recordings by the locks.
    """
    tests = [_TestInPact(test=test, url=consumer.service.url, reader=reader) for test in consumer.tests]
    interactions: dict[str, dict[str, Any]] = {}
    for test in tests:
        for one in test.interactions():
            content = {key: value for key, value in one.items() if key != "description"}
            interactions.setdefault(json_key(content), one)
    about = {"version": VERSION, "tests": {test.test.cassette.test: test.requests() for test in tests}}
    return {
        "consumer": {"name": consumer.name},
        "provider": {"name": consumer.service.name},
        "interactions": list(interactions.values()),
        "metadata": {"pactSpecification": {"version": "4.0"}, "taketwo": about},
    }


@dataclass(frozen=True, kw_only=True)
class _TestInPact:
    """
    The interactions of one test.
    """

    test: ConsumerTest
    url: str
    reader: UsageReader = field(repr=False)

    def interactions(self) -> Iterator[dict[str, Any]]:
        recorded = self.test.cassette.interactions
        for number, one in enumerate(recorded):
            if one.response.status not in _REFUSED:
                request, generators = self._request(number, one.request)
                path = PLACEHOLDER.sub(lambda found: f"{{{_name(found[0])}}}", self._path(one.request))
                place = f"request {number + 1} of {len(recorded)} in {self.test.cassette.test}"
                yield {
                    "type": "Synchronous/HTTP",
                    "description": f"{one.request.method} {path}, {place}",
                    "pending": False,
                    "providerStates": [self._state(number)],
                    "request": {**request, **({"generators": generators} if generators else {})},
                    "response": self._response(one),
                }

    def requests(self) -> list[dict[str, Any]]:
        """
        What the test sends, each with the values that its answer gives.
        """
        return [
            {**self._sent(number, one.request), "gives": dict(_given(one))}
            for number, one in enumerate(self.test.cassette.interactions)
        ]

    def _state(self, number: int) -> dict[str, Any]:
        if not number:
            return {"name": "nothing was sent yet", "params": {}}
        noun = "request" if number == 1 else "requests"
        test = self.test.cassette.test
        return {
            "name": f"after the first {number} {noun} of {test}",
            "params": {"test": test, "requests": number},
        }

    def _sent(self, number: int, request: StoredRequest) -> dict[str, Any]:
        """
        A request with ``${name}`` for what earlier answers give.
        """
        return self._message(map_request(_without_secrets(request), partial(self._named, number)))

    def _request(self, number: int, request: StoredRequest) -> tuple[dict[str, Any], dict[str, Any]]:
        """
        A request with values that could have been, and what has a verifier put the true ones there.
        """
        fill, fill_value = self._generator.fill, self._generator.fill_value
        filled = map_request(_without_secrets(request), fill, values=fill_value)
        named, generators = self._sent(number, request), dict[str, Any]()
        if "${" in named["path"]:
            generators["path"] = _from_state(named["path"])
        query = {name: _from_state(values[0]) for name, values in named["query"].items() if "${" in values[0]}
        content = named.get("body", {}).get("content")
        body = {f"${place}": _from_state(text) for place, text in _texts(content) if "${" in text}
        generators |= {**({"query": query} if query else {}), **({"body": body} if body else {})}
        return self._message(filled), generators

    def _message(self, request: StoredRequest) -> dict[str, Any]:
        query: dict[str, list[str]] = {}
        for name, value in request.query:
            query.setdefault(name, []).append(value)
        message: dict[str, Any] = {
            "method": request.method,
            "path": self._path(request),
            "query": query,
            "headers": _headers(request.headers),
        }
        return {**message, **_body(request)}

    def _path(self, request: StoredRequest) -> str:
        return request.url.removeprefix(self.url) or "/"

    def _response(self, one: Interaction) -> dict[str, Any]:
        response = map_response(one.response, self._generator.fill, values=self._generator.fill_value)
        answer: dict[str, Any] = {"status": response.status}
        media = header(response.headers, "content-type").partition(";")[0].strip()
        if media:
            answer["headers"] = {"content-type": [media]}
            rule = {"match": "regex", "regex": f"(?i){re.escape(media)}.*"}
            answer["matchingRules"] = {"header": {"content-type": _rule(rule)}}
        if isinstance(response.body, JsonBody):
            read = self._read(response.body.value, self._unread_places(one), _BODY)
            answer["body"] = {"content": plain(read), "contentType": media, "encoded": False}
            answer.setdefault("matchingRules", {})["body"] = {"$": _rule({"match": "type"})}
        return answer

    def _read(self, value: JsonValue, unread: frozenset[Steps], steps: Steps) -> JsonValue:
        if isinstance(value, Mapping):
            return {
                name: self._read(member, unread, (*steps, name))
                for name, member in value.items()
                if (*steps, name) not in unread
            }
        if is_list(value):
            return [self._read(item, unread, (*steps, index)) for index, item in enumerate(value)]
        return value

    def _unread_places(self, one: Interaction) -> frozenset[Steps]:
        return frozenset(
            steps
            for notes in self.reader.traced(one)
            for steps, coordinates in (notes.places or {}).items()
            if coordinates and coordinates.keys() <= self._unread(notes)
        )

    def _unread(self, notes: Notes) -> frozenset[str]:
        return self.test.unread.get(notes.kind, frozenset())

    def _named(self, number: int, text: str) -> str:
        if "<" not in text:
            return text
        return PLACEHOLDER.sub(lambda found: self._name_or_value(number, found), text)

    def _name_or_value(self, number: int, found: re.Match[str]) -> str:
        given_by = self._first_given.get(found[0])
        if given_by is not None and given_by < number:
            return f"${{{_name(found[0])}}}"
        return self._generator.fill(found[0])

    @cached_property
    def _first_given(self) -> dict[str, int]:
        """
        The number of the interaction of which the answer is the first to give each value.
        """
        first: dict[str, int] = {}
        for number, one in enumerate(self.test.cassette.interactions):
            for name, _ in _places(one):
                first.setdefault(name, number)
        return first

    @cached_property
    def _generator(self) -> Generator:
        cassette: Cassette = self.test.cassette
        return Generator(seed=cassette.seed, time=cassette.time, counters=cassette.counters, reveal=dummy)


def _without_secrets(request: StoredRequest) -> StoredRequest:
    """
    *request* without the headers that hold credentials: whoever verifies sends its own.
    """
    shown = tuple((name, value) for name, value in request.headers if STAND_IN not in value)
    return replace(request, headers=shown)


def _given(one: Interaction) -> Iterator[tuple[str, str]]:
    """
    The values that an answer gives, by name, each with its JSONPath.
    """
    seen: set[str] = set()
    for placeholder, place in _places(one):
        if placeholder not in seen:
            seen.add(placeholder)
            yield _name(placeholder), f"${place}"


def _places(one: Interaction) -> Iterator[tuple[str, str]]:
    """
    Each placeholder that is all there is of a text in the JSON of an answer, with the way to it.
    """
    if isinstance(one.response.body, JsonBody):
        for place, text in _texts(one.response.body.value):
            found = PLACEHOLDER.fullmatch(text)
            if found and not found[1] and found[2] != _SECRET and found[2] not in DRAWN:
                yield text, place


def _name(placeholder: str) -> str:
    return re.sub(r"\W+", "_", placeholder).strip("_")


def _texts(value: JsonValue, steps: Steps = ()) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield _path(steps), value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _texts(member, (*steps, name))
    elif is_list(value):
        for index, item in enumerate(value):
            yield from _texts(item, (*steps, index))


def _path(steps: Steps) -> str:
    text = steps_text(steps)
    return text if not text or text.startswith("[") else f".{text}"


def _from_state(expression: str) -> dict[str, str]:
    return {"type": "ProviderState", "expression": expression, "dataType": "STRING"}


def _rule(matcher: dict[str, str]) -> dict[str, Any]:
    return {"combine": "AND", "matchers": [matcher]}


def _headers(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.lower(), []).append(value)
    return found


def _body(request: StoredRequest) -> dict[str, Any]:
    media = header(request.headers, "content-type") or "application/octet-stream"
    if request.body is None:
        return {}
    if isinstance(request.body, JsonBody):
        return {"body": {"content": plain(request.body.value), "contentType": media, "encoded": False}}
    content = body_to_bytes(request.body)
    try:
        return {"body": {"content": content.decode(), "contentType": media, "encoded": False}}
    except UnicodeDecodeError:
        encoded = base64.b64encode(content).decode()
        return {"body": {"content": encoded, "contentType": media, "encoded": "base64"}}
