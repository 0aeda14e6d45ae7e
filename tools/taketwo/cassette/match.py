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
from functools import lru_cache
from itertools import chain
from typing import Any

from taketwo.cassette.body.codec import body_to_bytes, is_form, parse_json, read_body
from taketwo.cassette.body.form import fields_of
from taketwo.cassette.body.limits import LARGEST_TEXT
from taketwo.cassette.deciding_headers import counted
from taketwo.cassette.index import Fingerprint
from taketwo.cassette.model import (
    Body,
    FormBody,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    StoredRequest,
    TextBody,
    is_multipart,
)
from taketwo.cassette.multipart.fingerprint import multipart_fingerprint

# What every request of every test goes through: one encoder is kept, since to make one takes longer than it
# takes to encode a small body.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_NO_FIELD = frozenset('{["<')  # JSON or XML begins so, whatever its type says
_LONGEST_PRINT = 64 * 1024  # bytes; of a longer body its hash is enough
_MAY_BE_FLOAT = re.compile(r"[0-9](?:\.[0-9]|[eE])")


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
