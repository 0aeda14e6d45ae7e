"""
All that a contract describes, as coordinates: what a recording can exercise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.changes import Kind
from taketwo.contract.content_changes import schema_of
from taketwo.contract.document import Contract
from taketwo.contract.openapi.document import Operation, as_object, operations
from taketwo.contract.references import resolved
from taketwo.contract.schema.shape import ALTERNATIVES, shape_of

if TYPE_CHECKING:
    from graphql import GraphQLSchema

#: What it is in a word, and its coordinate.
Described: TypeAlias = tuple[str, str]
_DEEPEST = 8


def coordinates_of(contract: Contract) -> Iterator[Described]:
    """
    Everything that *contract* describes and a recording can exercise.
    """
    if contract.kind is Kind.GRAPHQL:
        yield from _of_schema(contract.schema())
    elif contract.kind is Kind.OPENAPI:
        document = contract.document()
        for name, operation in operations(document).items():
            yield from dict.fromkeys(_of_operation(document, name, operation))
    else:
        for name, definition in contract.document().items():
            schema = schema_of(definition)
            yield "definition", name
            yield from dict.fromkeys(_of_properties(schema, schema, name, "property"))


def _of_schema(schema: GraphQLSchema) -> Iterator[Described]:
    from graphql import is_introspection_type  # noqa: PLC0415 - see taketwo.contract.graphql.sdl

    for name, type_ in sorted(schema.type_map.items()):
        if is_introspection_type(type_):
            continue
        is_input = type(type_).__name__ == "GraphQLInputObjectType"
        fields: Mapping[str, object] = getattr(type_, "fields", {})
        for field, described in fields.items():
            yield "input field" if is_input else "field", f"{name}.{field}"
            for argument in getattr(described, "args", {}):
                yield "argument", f"{name}.{field}({argument}:)"
        for value in getattr(type_, "values", {}):
            yield "enum value", f"{name}.{value}"


def _of_operation(root: JsonObject, name: str, operation: Operation) -> Iterator[Described]:
    yield "operation", name
    for key in operation.parameters:
        yield "parameter", f"{name} {key}"
    body = as_object(resolved(root, operation.own.get("requestBody")))
    yield from _of_content(root, body, f"{name} body", "body property")
    for status, answer in as_object(operation.own.get("responses")).items():
        yield "status", f"{name} {status}"
        described = as_object(resolved(root, answer))
        yield from _of_content(root, described, f"{name} {status} body", "answer property")


def _of_content(root: JsonObject, described: JsonObject, at: str, word: str) -> Iterator[Described]:
    for media in as_object(described.get("content")).values():
        yield from _of_properties(root, as_object(media).get("schema", {}), at, word)


def _of_properties(root: Json, schema: Json, at: str, word: str, depth: int = 0) -> Iterator[Described]:
    if depth > _DEEPEST:
        # A schema within itself has no end.
        return
    shape = shape_of(root, schema)
    for name, member in shape.schemas("properties").items():
        yield word, f"{at}.{name}"
        yield from _of_properties(root, member, f"{at}.{name}", word, depth + 1)
    items = shape.keywords.get("items")
    if isinstance(items, dict):
        yield from _of_properties(root, items, f"{at}[]", word, depth + 1)
    for keyword in (*ALTERNATIVES, "allOf"):
        for part in shape.listed(keyword):
            yield from _of_properties(root, part, at, word, depth + 1)
