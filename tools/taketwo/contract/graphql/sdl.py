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
    ValueNode,
    build_client_schema,
    build_schema,
    get_introspection_query,
    parse,
    print_ast,
    print_schema,
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
    return print_ast(_sorted(parse(print_schema(schema), no_location=True))) + "\n"


def _sorted(node: Node) -> Node:
    """
    *node* with all that has no order in alphabetical order.
    """
    parts = {key: getattr(node, key, None) for key in node.keys if key != "loc"}
    for key in _UNORDERED & parts.keys():
        parts[key] = tuple(sorted(map(_sorted, parts[key] or ()), key=_rank))
    if default := parts.get("default_value"):
        parts["default_value"] = _value(default)
    return type(node)(**parts)


def _value(node: ValueNode) -> ValueNode:
    """
    ``{b: 1, a: 2}`` means what ``{a: 2, b: 1}`` means, and releases of graphql-core disagree on its spaces;
    an enum value they all print as it is.
    """
    if isinstance(node, ListValueNode):
        return ListValueNode(values=tuple(map(_value, node.values)))
    if isinstance(node, ObjectValueNode):
        fields = sorted(f"{field.name.value}: {print_ast(_value(field.value))}" for field in node.fields)
        return EnumValueNode(value=f"{{{', '.join(fields)}}}")
    return node


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
