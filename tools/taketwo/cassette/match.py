"""
Which recorded request is the one that a client sends now.

Two requests are equal when method, URL (the order of the query does not matter) and body are: JSON by
value, GraphQL by operation, forms by their fields, multipart by its parts, anything else by its bytes. What
headers have to do with it is in :mod:`taketwo.cassette.deciding_headers`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from taketwo.cassette.body.codec import body_to_bytes, is_form, is_multipart, parse_json, read_body
from taketwo.cassette.body.form import fields_of
from taketwo.cassette.body.limits import LARGEST_TEXT
from taketwo.cassette.deciding_headers import VaryOf, counted, variants_of
from taketwo.cassette.model import (
    Body,
    FormBody,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    StoredRequest,
    TextBody,
)
from taketwo.cassette.multipart.fingerprint import multipart_fingerprint
from taketwo.cassette.wire import Wire

# What every request of every test goes through: one encoder is kept, since to make one takes longer than it
# takes to encode a small body.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_NO_FIELD = frozenset('{["<')  # JSON or XML begins so, whatever its type says
_LONGEST_PRINT = 64 * 1024  # bytes; of a longer body its hash is enough
_MAY_BE_FLOAT = re.compile(r"[0-9](?:\.[0-9]|[eE])")


class Fingerprint(NamedTuple):
    """
    What of a request decides whether it matches; equal requests have equal ones.
    """

    method: str
    url: str
    query: Pairs
    body: tuple[str, ...]
    headers: Pairs = ()


def fingerprint(request: StoredRequest, listed: Collection[str] = ()) -> Fingerprint:
    """
    The fingerprint of a request; of its headers count the usual ones and *listed*, in lower case.
    """
    return Fingerprint(
        request.method,
        request.url,
        # Sorted by name alone: the values of one name have an order that may matter.
        _query_print(request.query),
        () if request.body is None else _body_print(request.body, _media_type(request.headers)),
        counted(request.headers, listed),
    )


def _query_print(query: Pairs) -> Pairs:
    if len(query) > 1:
        query = tuple(sorted(query, key=_name))
    return tuple(map(_parameter, query)) if any(name == "query" for name, _ in query) else query


def _parameter(pair: tuple[str, str]) -> tuple[str, str]:
    """
    GraphQL by GET has its operation in one parameter, and its variables, which are JSON, in another.
    """
    name, value = pair
    if name == "query" and "{" in value:
        return name, _normal_graphql(value) or value
    parsed, inside = parse_json(value.encode()) if name in {"variables", "extensions"} else (False, None)
    return (name, _canonical(inside)) if parsed else pair


def same_body(recorded: Body, received: Body) -> bool:
    """
    Whether two messages without headers say the same.
    """
    return _body_print(recorded, "json") == _body_print(received, "json")


class Group:
    """
    Requests that are equal, by their numbers in the cassette; each is taken once, in recorded order.

    Where headers tell them apart, ``names`` are those, and ``variants`` the requests with equal ones.
    """

    __slots__ = ("_position", "_taken", "names", "numbers", "variants")

    def __init__(self, taken: set[int] | None = None) -> None:
        self.numbers: list[int] = []
        self.names: tuple[str, ...] = ()
        self.variants: dict[Pairs, Group] = {}
        self._position = 0
        self._taken = taken
        """What was taken of a group and of its variants, which share it."""

    @property
    def position(self) -> int:
        """
        How many have been taken, at least: the one there is the next.
        """
        while self._taken and self._position < len(self.numbers):
            if self.numbers[self._position] not in self._taken:
                break
            self._position += 1
        return self._position

    @property
    def is_used_up(self) -> bool:
        return self.position == len(self.numbers)

    def add_variant(self, number: int, headers: Pairs) -> None:
        """
        Note the deciding headers of a request of the group.
        """
        if self._taken is None:
            self._taken = set()
        self.names = tuple(name for name, _ in headers)
        self.variants.setdefault(headers, Group(self._taken)).numbers.append(number)

    def variant(self, headers: Pairs) -> Group:
        """
        Those that were recorded with *headers*; all of them where none was.
        """
        return self.variants.get(headers, self)

    def next(self, *, repeats: bool = False) -> int | None:
        """
        The number of the next unplayed one, or None; with *repeats* the last one is never used up.
        """
        position = self.position
        if position < len(self.numbers):
            return self.numbers[position]
        return self.numbers[-1] if repeats else None

    def advance(self) -> None:
        position = self.position
        if position == len(self.numbers):
            return
        if self._taken is not None:
            self._taken.add(self.numbers[position])
        self._position = position + 1


class Index:
    """
    The recorded requests of a cassette in groups of equal ones, found by fingerprint.

    *wires* are the same requests as they go over the wire. What is found by them is the same group, so that
    equal requests that are written differently still get their answers in recorded order. Where *equals*
    tells which are equal, by the number of the first of them, no request is looked at before that has to be.
    *variants* are those of :func:`taketwo.cassette.deciding_headers.variants_of`; where they are not known,
    *vary* tells what it takes to find them. *listed* are headers that count beside the usual ones.
    """

    def __init__(
        self,
        requests: Sequence[StoredRequest],
        wires: Sequence[Wire] = (),
        equals: Sequence[int] = (),
        *,
        variants: Mapping[int, Pairs] | None = None,
        vary: VaryOf = lambda _: (),
        listed: Collection[str] = (),
    ) -> None:
        self._requests = requests
        self._listed = listed
        self._by_wire: dict[Wire, Group] = {}
        self._of: list[Group] = []
        of = self._of
        firsts = equals or self._first_of()
        for number, first in enumerate(firsts):
            group = Group() if first == number else of[first]
            group.numbers.append(number)
            of.append(group)
        if variants is None:
            variants = variants_of(firsts, requests, vary)
        for number, headers in variants.items():
            of[number].add_variant(number, headers)
        by_wire = self._by_wire
        differing: list[Wire] = []
        for wire, group in zip(wires, of, strict=False):
            # Two that are equal here and not by value differ in what the wire does not show: a secret.
            if by_wire.setdefault(wire, group) is not group:
                differing.append(wire)
        for wire in differing:
            by_wire.pop(wire, None)

    def _first_of(self) -> list[int]:
        firsts: dict[Fingerprint, int] = {}
        return [firsts.setdefault(one, number) for number, one in enumerate(self._prints)]

    @cached_property
    def _prints(self) -> list[Fingerprint]:
        return [fingerprint(request, self._listed) for request in self._requests]

    @cached_property
    def _groups(self) -> dict[Fingerprint, Group]:
        """
        Made when first a request comes that no wire leads to.
        """
        return dict(zip(self._prints, self._of, strict=True))

    def by_wire(self, wire: Wire) -> Group | None:
        return self._by_wire.get(wire)

    def by_value(self, wanted: Fingerprint, wire: Wire | None = None) -> Group | None:
        """
        The group of *wanted*; from now on *wire* leads there at once.
        """
        group = self._groups.get(wanted)
        # No multipart body comes twice with one boundary, and to keep one may take much memory.
        if group is not None and wire is not None and not is_multipart(wire.media_type):
            self._by_wire[wire] = group
        return group

    def group_of(self, number: int) -> Group:
        """
        The group of the recorded request of that number.
        """
        return self._of[number]

    def by_address(self, wanted: Fingerprint) -> Group | None:
        """
        The group that has the next unplayed request of *wanted*'s method and URL, whatever the bodies; when
        all are played, the last one.
        """
        address = (wanted.method, wanted.url, wanted.query)
        same = self._at(address)
        if not same:  # of an aiohttp session with a base URL, VCR.py writes the path alone
            same = self._at((wanted.method, urlsplit(wanted.url).path, wanted.query))
        waiting = [group for group in same if not group.is_used_up]
        if waiting:
            return min(waiting, key=lambda group: group.numbers[group.position])
        return max(same, key=lambda group: group.numbers[-1], default=None)

    def _at(self, address: tuple[str, str, Pairs]) -> list[Group]:
        return [group for one, group in self._groups.items() if (one.method, one.url, one.query) == address]

    def take(self, wanted: Fingerprint, *, repeats: bool = False) -> int | None:
        """
        The number of the next unplayed equal request, which is used up by it, or None.
        """
        group = self.by_value(wanted)
        if group is None:
            return None
        number = group.next(repeats=repeats)
        group.advance()
        return number

    def played(self, wanted: Fingerprint) -> int:
        """
        How many equal requests there are, when all of them have been played; else 0.
        """
        group = self._groups.get(wanted)
        return len(group.numbers) if group is not None and group.is_used_up else 0


def _name(pair: tuple[str, str]) -> str:
    return pair[0]


def _media_type(headers: Pairs) -> str:
    return next((value for name, value in headers if name == "content-type"), "")


def _body_print(body: Body, media_type: str) -> tuple[str, ...]:
    if isinstance(body, JsonBody):
        found = _json_print(body.value)
        return _bytes_print(body, media_type) if _is_large(body, found) else found
    if isinstance(body, FormBody):
        return _form_print(body.fields)
    if isinstance(body, MultipartBody):
        return multipart_fingerprint(body, media_type, _body_print)
    text = body.text if isinstance(body, TextBody) and len(body.text) <= LARGEST_TEXT else None
    structure = None if text is None else _text_print(text, media_type.lower())
    return _bytes_print(body, media_type) if structure is None else structure


def _is_large(body: JsonBody, found: Sequence[str]) -> bool:
    """
    Whether a cassette of today would hold *body*, which is *found* to say so much, as bytes.
    """
    return sum(map(len, found)) > LARGEST_TEXT // 4 and len(body_to_bytes(body)) > LARGEST_TEXT


def _text_print(text: str, media_type: str) -> tuple[str, ...] | None:
    """
    That of structure which is kept as text, since it would not give the bytes back.
    """
    if "json" in media_type:
        parsed, value = parse_json(text.encode("utf-8"))
        if parsed:
            with suppress(RecursionError):  # nested deeper than Python looks, it is compared by its bytes
                return _json_print(value)
    elif is_form(media_type) and text[:1] not in _NO_FIELD:
        return _form_print(fields_of(text))
    return None


def _form_print(fields: Pairs) -> tuple[str, ...]:
    return ("form", *chain.from_iterable(_query_print(fields)))


def _bytes_print(body: Body, media_type: str) -> tuple[str, ...]:
    content = body_to_bytes(body)
    if is_multipart(media_type):
        # A cassette of the first version of the format holds it as it was sent.
        read, _ = read_body(content, media_type)
        if isinstance(read, MultipartBody):
            return _body_print(read, media_type)
    if len(content) > _LONGEST_PRINT:
        return ("sha256", hashlib.sha256(content).hexdigest())
    return ("bytes", content.decode("latin-1")) if content else ()


def _json_print(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        return ("batch", *(part for item in value for part in _single_print(item)))
    return _single_print(value)


def _single_print(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, Mapping) and isinstance(value.get("query"), str):
        normal = _normal_graphql(str(value["query"]))
        if normal is not None:
            rest = {key: item for key, item in value.items() if key != "query" and item is not None}
            return ("graphql", normal, _canonical(rest))
    return ("json", _canonical(value))


@lru_cache(maxsize=512)
def _normal_graphql(document: str) -> str | None:
    """
    *document* as its syntax tree prints; None when it is no GraphQL, or graphql-core is not installed.
    """
    try:
        from graphql import GraphQLSyntaxError, parse, print_ast  # noqa: PLC0415 - few suites speak GraphQL
    except ModuleNotFoundError:  # then operations are compared as text
        return None
    try:
        return print_ast(parse(document, no_location=True))
    except (GraphQLSyntaxError, RecursionError):
        return None


def _canonical(value: JsonValue) -> str:
    text = _encode(value)
    return _encode(_by_value(value)) if _MAY_BE_FLOAT.search(text) else text


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
