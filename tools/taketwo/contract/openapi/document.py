"""
OpenAPI documents as they are compared: operations by coordinate, each with all that applies to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.references import resolved
from taketwo.contract.schema.rules import Direction

METHODS: Final = ("delete", "get", "head", "options", "patch", "post", "put", "query", "trace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    An operation with what its path and its document say for it.
    """

    own: JsonObject
    parameters: dict[str, JsonObject]
    body: JsonObject
    answers: dict[str, JsonObject]
    security: dict[str, Json]


def operations(root: Json, *, schemes: Mapping[str, str] = MappingProxyType({})) -> dict[str, Operation]:
    """
    The operations of a document by coordinate: ``GET /api/content/{type}``; *schemes* are other names for
    some of its security schemes.
    """
    return dict(_operations(as_object(root), schemes))


def aligned(
    old: dict[str, Operation], new: dict[str, Operation]
) -> tuple[dict[str, Operation], dict[str, Operation]]:
    """
    *new* under the names of *old*, where only the name of a path's parameter differs: no request shows it.
    """
    gone = {_bare(name): name for name in old if name not in new}
    renamed = {name: gone.pop(_bare(name), name) if name not in old else name for name in new}
    return old, {renamed[name]: _renamed(operation, name, renamed[name]) for name, operation in new.items()}


def _bare(name: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", name)


def _renamed(operation: Operation, name: str, old_name: str) -> Operation:
    steps = zip(re.findall(r"\{([^{}]*)\}", name), re.findall(r"\{([^{}]*)\}", old_name), strict=True)
    keys = {f"path.{mine}": f"path.{theirs}" for mine, theirs in steps}
    parameters = {keys.get(key, key): parameter for key, parameter in operation.parameters.items()}
    return replace(operation, parameters=parameters)


def _operations(root: JsonObject, schemes: Mapping[str, str]) -> Iterator[tuple[str, Operation]]:
    for path, item in as_object(root.get("paths")).items():
        shared = as_object(resolved(root, item))
        listed = {method: shared.get(method) for method in METHODS}
        for method, own in {**listed, **as_object(shared.get("additionalOperations"))}.items():
            if isinstance(own, dict):
                yield f"{method.upper()} {path}", _operation(root, shared, own, schemes)


def schemas_of(root: Json, operation: Operation, direction: Direction) -> Iterator[Json]:
    """
    The schemas of what an operation is sent, or of what it answers.
    """
    if direction is Direction.REQUEST:
        described = [*operation.parameters.values(), operation.body]
    else:
        answers = operation.answers.values()
        described = [
            *answers,
            *(header for answer in answers for header in headers_of(root, answer).values()),
        ]
    for one in described:
        content = as_object(one.get("content")).values()
        yield from (as_object(media).get("schema", True) for media in (one, *content))


def _operation(
    root: JsonObject, shared: JsonObject, own: JsonObject, schemes: Mapping[str, str]
) -> Operation:
    listed = [*as_list(shared.get("parameters")), *as_list(own.get("parameters"))]
    parameters = (_described(root, parameter) for parameter in listed)
    security = own.get("security", root.get("security"))
    ways: list[JsonObject] = [
        {schemes.get(name, name): scopes for name, scopes in as_object(way).items()}
        for way in as_list(security) or [{}]
    ]
    answers = as_object(own.get("responses")).items()
    return Operation(
        own=own,
        parameters={_parameter_key(parameter): parameter for parameter in parameters},
        body=_described(root, own.get("requestBody")),
        answers={
            status.upper() if status != "default" else status: _described(root, answer)
            for status, answer in answers
        },
        security={json_key(way): way for way in ways},
    )


def _described(root: Json, node: Json) -> JsonObject:
    """
    What *node* is or refers to, each of its media types as well.
    """
    found = as_object(resolved(root, node))
    content = as_object(found.get("content"))
    if not any("$ref" in as_object(media) for media in content.values()):
        return found
    return {**found, "content": {name: resolved(root, media) for name, media in content.items()}}


def _parameter_key(parameter: JsonObject) -> str:
    """
    ``query.limit``; the names of headers are the same in any case.
    """
    name = str(parameter.get("name"))
    return f"{place_in(parameter)}.{name.lower() if place_in(parameter) == 'header' else name}"


def place_in(parameter: JsonObject) -> str:
    return str(parameter.get("in"))


def headers_of(root: Json, response: JsonObject) -> dict[str, JsonObject]:
    headers = as_object(response.get("headers"))
    return {name.lower(): as_object(resolved(root, header)) for name, header in headers.items()}


def schemes_of(root: Json) -> dict[str, JsonObject]:
    schemes = as_object(as_object(as_object(root).get("components")).get("securitySchemes"))
    return {name: as_object(resolved(root, scheme)) for name, scheme in schemes.items()}


def as_object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def without(node: JsonObject, keys: Collection[str]) -> JsonObject:
    return {key: value for key, value in node.items() if key not in keys}
