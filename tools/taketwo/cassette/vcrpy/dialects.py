"""
Forms near to VCR.py's: HAR files, lists of before version 1.0, bodies written as the values they hold.
"""

from __future__ import annotations

from typing import TypeAlias

import yaml

Value: TypeAlias = "dict[str, Value] | list[Value] | str | bytes | None"
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_PSEUDO = ":"
"""What the names begin with by which HTTP/2 sends method, path and status."""


class Unquoted(str):
    """
    A scalar that was written without quotes: a number or a word of YAML, where such a thing is meant.
    """

    __slots__ = ()


def plain_json(value: Value) -> Json:
    """
    The JSON value that *value* was written for.
    """
    match value:
        case dict():
            return {key: plain_json(item) for key, item in value.items()}
        case list():
            return [plain_json(item) for item in value]
        case Unquoted():
            found = yaml.safe_load(value)
            return found if isinstance(found, str | int | float) else str(value)
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return value


def with_interactions(document: Value) -> Value:
    """
    *document* as VCR.py writes it now: of a HAR file too, and of the list that it wrote before version 1.0.
    """
    match document:
        case [{"request": _, "response": _}, *_]:
            return {"interactions": document}
        case {"log": {"entries": list(entries)}}:
            return {"interactions": [_har_interaction(entry) for entry in entries]}
        case _:
            return document


def _har_interaction(entry: Value) -> Value:
    if not isinstance(entry, dict):
        return entry
    request, response = _table(entry.get("request")), _table(entry.get("response"))
    content = _table(response.get("content"))
    is_coded = content.get("encoding") == "base64"
    text = content.get("text")
    return {
        "request": {
            "method": request.get("method"),
            "uri": request.get("url"),
            "headers": _har_headers(request, without=set()),
            "body": _table(request.get("postData")).get("text"),
        },
        "response": {
            "status": {"code": response.get("status"), "message": response.get("statusText")},
            # What HAR holds is unpacked.
            "headers": _har_headers(response, without={"content-encoding"}),
            "body": {"base64_string" if is_coded else "string": text} if text is not None else None,
        },
    }


def _har_headers(message: dict[str, Value], *, without: set[str]) -> Value:
    pairs: list[Value] = []
    headers = message.get("headers")
    for header in headers if isinstance(headers, list) else []:
        table = _table(header)
        name = table.get("name")
        if isinstance(name, str) and not name.startswith(_PSEUDO) and name.lower() not in without:
            pairs.append([name, table.get("value")])
    return pairs


def _table(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}
