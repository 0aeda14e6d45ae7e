"""
GraphQL schemas as text: one SDL for each schema, whoever printed it.

Imported where a schema is at hand, and not before: graphql-core takes longer to load than all the rest.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from graphql import (
    DirectiveDefinitionNode,
    EnumValueNode,
    GraphQLError,
    GraphQLSchema,
    IntrospectionQuery,
    ListValueNode,
    NameNode,
    Node,
    ObjectValueNode,
    OperationTypeDefinitionNode,
    SchemaDefinitionNode,
    Visitor,
    build_client_schema,
    build_schema,
    get_introspection_query,
    parse,
    print_ast,
    print_schema,
    visit,
)

from taketwo.errors import ContractError

if TYPE_CHECKING:
    from taketwo.contract.canonical import Json

# What servers have learned since the first specification, the youngest given up first: a server that
# does not know an option refuses the whole query.
_OPTIONS: Final = (
    (
        "one_of",
        "input_value_deprecation",
        "specified_by_url",
        "directive_is_repeatable",
        "schema_description",
    ),
    ("input_value_deprecation", "specified_by_url", "directive_is_repeatable", "schema_description"),
    ("specified_by_url", "directive_is_repeatable"),
    (),
)

_UNORDERED: Final = frozenset(
    {"arguments", "definitions", "fields", "interfaces", "locations", "operation_types", "types", "values"}
)


def introspection_queries() -> tuple[str, ...]:
    """
    The questions to ask, richest first; a server that refuses one may answer the next.
    """
    known = inspect.signature(get_introspection_query).parameters
    asked = [{option: True for option in options if option in known} for options in _OPTIONS]
    return tuple(dict.fromkeys(get_introspection_query(**options) for options in asked))


def introspected_sdl(data: Json) -> str:
    """
    The canonical SDL of an introspection answer's ``data``.
    """
    try:
        return _canonical(build_client_schema(cast("IntrospectionQuery", data)))
    except (GraphQLError, TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise ContractError(f"the introspection answer does not describe a schema: {error}") from error


def canonical_sdl(text: str) -> str:
    """
    The canonical SDL of the schema that *text* describes.
    """
    return _canonical(schema_of(text))


@lru_cache(maxsize=16)
def schema_of(text: str) -> GraphQLSchema:
    """
    The schema that *text* describes; the same text is built once.
    """
    try:
        return build_schema(text)
    except (GraphQLError, TypeError, ValueError, KeyError, RecursionError) as error:
        raise ContractError(f"this is not a GraphQL schema: {error}") from error


def _canonical(schema: GraphQLSchema) -> str:
    # graphql-core can sort a schema too, but 3.2 loses the deprecation of input fields on the way.
    return print_ast(visit(parse(print_schema(schema), no_location=True), _Sorted())) + "\n"


class _Sorted(Visitor):
    """
    Puts what has no order into alphabetical order.
    """

    @staticmethod
    def leave(node: Node, *_: object) -> Node:
        if isinstance(node, ObjectValueNode):
            return _object_as_text(node)
        parts = {key: getattr(node, key, None) for key in node.keys if key != "loc"}
        for key in _UNORDERED & parts.keys() if not isinstance(node, ListValueNode) else ():
            parts[key] = tuple(sorted(parts[key] or (), key=_rank))
        return type(node)(**parts)


def _object_as_text(node: ObjectValueNode) -> EnumValueNode:
    """
    Releases of graphql-core disagree on the spaces in ``{a: 1}``; an enum value they all print as it is.
    """
    fields = sorted(f"{field.name.value}: {print_ast(field.value)}" for field in node.fields)
    return EnumValueNode(value=f"{{{', '.join(fields)}}}")


def _rank(node: Node) -> tuple[int, str]:
    """
    The schema itself, then directives, then types, each by name.
    """
    kind = (
        0 if isinstance(node, SchemaDefinitionNode) else 1 if isinstance(node, DirectiveDefinitionNode) else 2
    )
    if isinstance(node, OperationTypeDefinitionNode):
        return kind, node.operation.value
    name = node if isinstance(node, NameNode) else getattr(node, "name", None)
    return kind, name.value if isinstance(name, NameNode) else ""
