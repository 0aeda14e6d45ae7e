"""
Which recorded request is the one that a client sends now.

Two requests are equal when method, URL (the order of the query does not matter) and body are: JSON by
value, GraphQL by operation, anything else by its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from taketwo.cassette.body import body_to_bytes, parse_json
from taketwo.cassette.model import Body, JsonBody, JsonValue, StoredRequest, TextBody


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """
    What of a request decides whether it matches; equal requests have equal ones.
    """

    method: str
    url: str
    query: tuple[tuple[str, str], ...]
    body: tuple[str, ...]


def fingerprint(request: StoredRequest) -> Fingerprint:
    return Fingerprint(
        request.method,
        request.url,
        # Sorted by name alone: the values of one name have an order that may matter.
        tuple(sorted(request.query, key=lambda pair: pair[0])),
        _body_print(request.body, dict(request.headers).get("content-type", "")),
    )


def same_body(recorded: Body, received: Body) -> bool:
    """
    Whether two messages without headers say the same.
    """
    return _body_print(recorded, "json") == _body_print(received, "json")


class Index:
    """
    The recorded requests of a cassette, found by fingerprint; each is taken once, in recorded order.
    """

    def __init__(self, requests: Sequence[StoredRequest]) -> None:
        self._waiting: dict[Fingerprint, list[int]] = {}
        for number, request in enumerate(requests):
            self._waiting.setdefault(fingerprint(request), []).append(number)
        self._next: dict[Fingerprint, int] = {}

    def take(self, wanted: Fingerprint, *, repeats: bool = False) -> int | None:
        """
        The number of the next unplayed equal request, or None; with *repeats* the last one is never used up.
        """
        numbers = self._waiting.get(wanted)
        if numbers is None:
            return None
        position = self._next.get(wanted, 0)
        if position == len(numbers):
            return numbers[-1] if repeats else None
        self._next[wanted] = position + 1
        return numbers[position]

    def played(self, wanted: Fingerprint) -> int:
        """
        How many equal requests there are, when all of them have been played; else 0.
        """
        numbers = self._waiting.get(wanted, [])
        return len(numbers) if self._next.get(wanted, 0) == len(numbers) else 0


def _body_print(body: Body, media_type: str) -> tuple[str, ...]:
    if isinstance(body, JsonBody):
        return _json_print(body.value)
    if isinstance(body, TextBody) and "json" in media_type.lower():
        parsed, value = parse_json(body.text.encode("utf-8"))
        if parsed:
            with suppress(RecursionError):  # nested deeper than Python looks, it is compared by its bytes
                return _json_print(value)
    content = body_to_bytes(body)
    return ("bytes", content.decode("latin-1")) if content else ()


def _json_print(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, Mapping) and isinstance(value.get("query"), str):
        normal = _normal_graphql(str(value["query"]))
        if normal is not None:
            rest = {key: item for key, item in value.items() if key != "query" and item is not None}
            return ("graphql", normal, _canonical(rest))
    return ("json", _canonical(value))


def _normal_graphql(document: str) -> str | None:
    """
    *document* as its syntax tree prints, or None when it is no GraphQL.
    """
    from graphql import GraphQLSyntaxError, parse, print_ast  # noqa: PLC0415 - few suites speak GraphQL

    try:
        return print_ast(parse(document, no_location=True))
    except (GraphQLSyntaxError, RecursionError):
        return None


def _canonical(value: JsonValue) -> str:
    return json.dumps(_by_value(value), sort_keys=True, separators=(",", ":"))


def _by_value(value: JsonValue) -> Any:  # noqa: ANN401 - what json.dumps takes
    """
    *value* with whole numbers as integers: to JSON, 1 and 1.0 are the same number.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _by_value(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_by_value(item) for item in value]
    return value
