"""
Every text and number inside a message, with its path: to look at, or to replace.

The path of a value begins with its side: ``request.json.items.0.id``, ``response.headers.location``. That of
a value in a part of a multipart body has the part's name in it: ``request.parts.file.json.id``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from taketwo.cassette.model import (
    Body,
    FormBody,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    Part,
    StoredRequest,
    StoredResponse,
    TextBody,
)

Path: TypeAlias = tuple[str | int, ...]
Scalar: TypeAlias = str | int | float | bool | None
Visit: TypeAlias = Callable[[Path, Scalar], Scalar]
Message = TypeVar("Message", StoredRequest, StoredResponse)

NAME: Path = ()
"""The path of what is itself a name: a key of JSON, the name of a parameter."""


def map_scalars(message: Message, visit: Visit) -> Message:
    """
    *message* with ``visit(path, value)`` in the place of each value, in the order of the file.
    """
    if isinstance(message, StoredRequest):
        return replace(
            message,
            url=_text(visit, ("request", "url"), message.url),
            query=_pairs(message.query, visit, ("request", "query"), names=True),
            headers=_pairs(message.headers, visit, ("request", "headers")),
            body=map_body_scalars(message.body, visit, ("request",)),
        )
    return replace(
        message,
        reason=_text(visit, ("response", "reason"), message.reason),
        headers=_pairs(message.headers, visit, ("response", "headers")),
        body=map_body_scalars(message.body, visit, ("response",)),
        ended=_text(visit, ("response", "ended"), message.ended),
    )


def scalars_of(message: StoredRequest | StoredResponse) -> list[tuple[Path, Scalar]]:
    """
    Each value of *message* with its path, in the order of the file.
    """
    found: list[tuple[Path, Scalar]] = []
    if isinstance(message, StoredRequest):
        found.append((("request", "url"), message.url))
        for name, value in message.query:
            found += ((NAME, name), (("request", "query", name), value))
        _add_headers_and_body(message, "request", found)
    else:
        found.append((("response", "reason"), message.reason))
        _add_headers_and_body(message, "response", found)
        found.append((("response", "ended"), message.ended))
    return found


def _add_headers_and_body(
    message: StoredRequest | StoredResponse, side: str, found: list[tuple[Path, Scalar]]
) -> None:
    found += [((side, "headers", name), value) for name, value in message.headers]
    if isinstance(message.body, JsonBody):
        _add_json(message.body.value, (side, "json"), found)
    elif isinstance(message.body, TextBody):
        found.append(((side, "text"), message.body.text))
    elif isinstance(message.body, FormBody | MultipartBody):
        found += body_scalars(message.body, (side,))


def _add_json(value: JsonValue, path: Path, found: list[tuple[Path, Scalar]]) -> None:
    if value is None or isinstance(value, (str, int, float)):
        found.append((path, value))
    elif isinstance(value, (dict, Mapping)):
        for key, item in value.items():
            found.append((NAME, key))
            # The commonest come without a call.
            if isinstance(item, (str, int)):
                found.append(((*path, key), item))
            else:
                _add_json(item, (*path, key), found)
    else:
        for index, item in enumerate(value):
            _add_json(item, (*path, index), found)


def map_body_scalars(body: Body, visit: Visit, side: Path) -> Body:
    """
    A body, of a request, a response or a frame; *side* is how the paths in it begin.
    """
    match body:
        case JsonBody(value, style):
            return JsonBody(_json(value, visit, (*side, "json")), style)
        case TextBody(text):
            return TextBody(_text(visit, (*side, "text"), text))
        case FormBody(fields, spelling):
            return FormBody(_pairs(fields, visit, (*side, "form"), names=True), spelling)
        case MultipartBody():
            return replace(body, parts=tuple(_parts(body.parts, visit, (*side, "parts"))))
        case _:
            return body


def _parts(parts: Sequence[Part], visit: Visit, path: Path) -> Iterator[Part]:
    from taketwo.cassette.multipart import places_of  # noqa: PLC0415 - few bodies are

    for part, place in zip(parts, places_of(parts), strict=True):
        at = (*path, place)
        fields = _pairs(part.fields, visit, at)
        headers = _pairs(part.headers, visit, (*at, "headers"))
        yield replace(part, fields=fields, headers=headers, body=map_body_scalars(part.body, visit, at))


def body_scalars(body: Body, side: Path) -> list[tuple[Path, Scalar]]:
    return _collected(lambda visit: map_body_scalars(body, visit, side))


def is_in_json(path: Path) -> bool:
    """
    Whether a value there has a type of its own, so that a number is not a text.
    """
    return path[1:2] == ("json",) or (path[1:2] == ("parts",) and is_in_json(path[2:]))


def _collected(walk: Callable[[Visit], object]) -> list[tuple[Path, Scalar]]:
    found: list[tuple[Path, Scalar]] = []

    def note(path: Path, value: Scalar) -> Scalar:
        found.append((path, value))
        return value

    walk(note)
    return found


def _json(value: JsonValue, visit: Visit, path: Path) -> JsonValue:
    # The plain kinds are told apart at once, and what is only like them takes long.
    if value is None or isinstance(value, (str, int, float)):
        return visit(path, value)
    if isinstance(value, (dict, Mapping)):
        return dict(_members(value, visit, path))
    return [_json(item, visit, (*path, index)) for index, item in enumerate(value)]


def _members(value: Mapping[str, JsonValue], visit: Visit, path: Path) -> Iterator[tuple[str, JsonValue]]:
    for key, item in value.items():
        yield _text(visit, NAME, key), _json(item, visit, (*path, key))


def _pairs(pairs: Pairs, visit: Visit, path: Path, *, names: bool = False) -> Pairs:
    return tuple(
        (_text(visit, NAME, name) if names else name, _text(visit, (*path, name), value))
        for name, value in pairs
    )


def _text(visit: Visit, path: Path, text: str) -> str:
    return str(visit(path, text))
