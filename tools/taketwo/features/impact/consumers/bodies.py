"""
The bodies of recorded messages as JSON: what a contract speaks of, without how the bytes were written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    FormBody,
    JsonBody,
    JsonValue,
    MultipartBody,
    Part,
    TextBody,
)
from taketwo.cassette.multipart.body import name_of
from taketwo.compare.structure import is_list

_BOUNDARY: Final = "taketwo"


def body_to_json(body: Body) -> dict[str, Any]:
    """
    One key that says which kind of body it is, and its content; nothing where there is none.
    """
    match body:
        case None:
            return {}
        case JsonBody(value):
            return {"json": plain(value)}
        case FormBody(fields):
            return {"form": [list(pair) for pair in fields]}
        case MultipartBody():
            named = [(name_of(part), part) for part in body.parts]
            return {"parts": [{"name": name, **body_to_json(part.body)} for name, part in named if name]}
        case BinaryBody():
            return {"binary": True}
        case _:
            return {"text": body_to_bytes(body).decode("utf-8", "replace")}


def body_from_json(message: Mapping[str, Any]) -> Body:
    """
    The body of a *message* in which :func:`body_to_json` put it; bytes are not kept.
    """
    if "json" in message:
        return JsonBody(message["json"])
    if "form" in message:
        return FormBody(tuple((name, value) for name, value in message["form"]))
    if "parts" in message:
        parts = tuple(
            Part(fields=(("name", part["name"]),), body=body_from_json(part)) for part in message["parts"]
        )
        return MultipartBody(parts=parts, boundary=_BOUNDARY)
    if "text" in message:
        return TextBody(message["text"])
    return BinaryBody(b"") if "binary" in message else None


def plain(value: JsonValue) -> Any:  # noqa: ANN401 - it is what json.dumps takes
    """
    *value* in lists and dictionaries.
    """
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    return [plain(item) for item in value] if is_list(value) else value
