"""
A GraphQL request as HTTP carries it.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from mesh_inmemory import javascript
from mesh_inmemory.errors import UnsupportedMediaTypeError

if TYPE_CHECKING:
    from mesh_inmemory.javascript import Json
    from mesh_inmemory.web.query import Query

_PARAMETERS: Final = ("query", "variables", "operationName", "extensions")
_JSON: Final = ("application/json", "application/graphql+json")


class RequestError(ValueError):
    """
    The request cannot be understood. *original* is what JavaScript would have said, where it says something.
    """

    def __init__(self, message: str, *, status: int = 400, original: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.original = original


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRequest:
    query: str
    variables: Mapping[str, Json] = field(default_factory=dict)
    operation_name: Json = None
    read_only: bool = False


def from_query(query: Query) -> GraphRequest:
    parameters: dict[str, Json] = {
        name: query.first(name) for name in _PARAMETERS if query.first(name) is not None
    }
    return _checked(_with_json(parameters), read_only=True)


def from_body(body: bytes, media_type: str, content_type: str) -> GraphRequest:
    """
    The request in *body*. *content_type* is the whole header, of which multipart bodies need the boundary.
    """
    if media_type in _JSON:
        return _checked(_object(_parsed(_text(body))))
    if media_type == "application/graphql":
        return _checked({"query": _text(body)})
    if media_type == "application/x-www-form-urlencoded":
        fields = parse_qs(_text(body), keep_blank_values=True, max_num_fields=100)
        return _checked(_with_json({name: values[0] for name, values in fields.items()}))
    if media_type == "multipart/form-data":
        return _checked(_object(_parsed(_operations(body, content_type))))
    raise UnsupportedMediaTypeError("GraphQL is sent as application/json", code="UNSUPPORTED_BODY")


def _checked(given: dict[str, Json], *, read_only: bool = False) -> GraphRequest:
    for name in given:
        if name not in _PARAMETERS:
            raise RequestError(f'Unexpected parameter "{name}" in the request body.')
    query, variables = given.get("query"), given.get("variables")
    if query is None:
        raise RequestError("Must provide query string.", status=200)
    if not isinstance(query, str):
        raise RequestError(f'Expected "query" param to be a string, but given {javascript.type_of(query)}.')
    for name in ("variables", "extensions"):
        if not isinstance(given.get(name), dict | None):
            kind = javascript.type_of(given[name])
            raise RequestError(f'Expected "{name}" param to be empty or an object, but given {kind}.')
    return GraphRequest(
        query=query,
        variables=variables if isinstance(variables, dict) else {},
        operation_name=given.get("operationName"),
        read_only=read_only,
    )


def _with_json(fields: dict[str, Json]) -> dict[str, Json]:
    """
    *fields* with those parsed that are JSON in a text.
    """
    parsed = {name: _parsed(str(fields[name])) for name in ("variables", "extensions") if fields.get(name)}
    return {**fields, **parsed}


def _object(value: Json) -> dict[str, Json]:
    if isinstance(value, list):
        raise RequestError("Batching is not supported.")
    if not isinstance(value, dict):
        raise RequestError(f"POST body is expected to be object but received {javascript.dumps(value)[:100]}")
    return value


def _parsed(text: str) -> Json:
    try:
        return javascript.loads(text)
    except javascript.JsonError as error:
        original = f'{error}, "{text[:200]}" is not valid JSON'
        raise RequestError("POST body sent invalid JSON.", original=original) from None


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RequestError("POST body is not valid UTF-8.") from None


def _operations(body: bytes, content_type: str) -> str:
    """
    The ``operations`` of a multipart request; files are not supported, so there is nothing to map into them.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    parts = message.iter_parts() if message.is_multipart() else ()
    for part in parts:
        if part.get_param("name", header="content-disposition") == "operations":
            payload = part.get_payload(decode=True)
            return _text(payload if isinstance(payload, bytes) else b"")
    raise RequestError("Multipart body has no operations.")
