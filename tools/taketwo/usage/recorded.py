"""
What contracts need of recorded messages: their JSON, their media type.
"""

from __future__ import annotations

from typing import Final

from taketwo.cassette import Body, JsonBody, JsonValue, Pairs, TextBody
from taketwo.cassette.body import parse_json

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


def media_type(headers: Pairs) -> str:
    named = (value for name, value in headers if name.lower() == "content-type")
    return next(named, "").partition(";")[0].strip().lower()
