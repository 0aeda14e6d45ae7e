"""
What contracts need of recorded messages: their JSON, their fields, their media type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from taketwo.cassette.body.codec import body_to_bytes, is_form, parse_json
from taketwo.cassette.body.form import fields_of
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    FormBody,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    TextBody,
)
from taketwo.cassette.multipart.body import name_of

#: There is no JSON in a body; null is JSON.
NOTHING: Final[JsonValue] = ("nothing",)


def json_of(body: Body) -> JsonValue:
    """
    The JSON of *body*, also of one that is kept as text since no structure would give its bytes back.
    """
    match body:
        case JsonBody(value):
            return value
        case TextBody(text) if text.lstrip()[:1] in {"{", "[", '"'}:
            parsed, value = parse_json(text.encode("utf-8", "surrogatepass"))
            return value if parsed else NOTHING
        case _:
            return NOTHING


def fields_in(body: Body, headers: Pairs) -> Mapping[str, Sequence[JsonValue]]:
    """
    The fields of a form, urlencoded or multipart, each with its values; a file is a text that says so.
    """
    pairs: Sequence[tuple[str, JsonValue]] = ()
    match body:
        case FormBody(fields):
            pairs = fields
        case TextBody(text) if is_form(media_type(headers)):
            pairs = fields_of(text)
        case MultipartBody():
            pairs = [(name, _value(part.body)) for part in body.parts if (name := name_of(part)) is not None]
    found: dict[str, list[JsonValue]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _value(body: Body) -> JsonValue:
    match body:
        case JsonBody(value):
            return value
        case BinaryBody():
            return "(binary)"
        case _:
            return body_to_bytes(body).decode("utf-8", "replace")


def media_type(headers: Pairs) -> str:
    named = (value for name, value in headers if name.lower() == "content-type")
    return next(named, "").partition(";")[0].strip().lower()
