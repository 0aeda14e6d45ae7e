"""
GraphQL schemas as text: one SDL for each schema, whoever printed it.

Imported where a schema is at hand, and not before: graphql-core takes longer to load than all the rest.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from graphql import (
    EnumValueNode,
    GraphQLError,
    GraphQLSchema,
    IntrospectionQuery,
    ObjectValueNode,
    Visitor,
    build_client_schema,
    build_schema,
    get_introspection_query,
    lexicographic_sort_schema,
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
    text = print_schema(lexicographic_sort_schema(schema))
    return print_ast(visit(parse(text, no_location=True), _ObjectsAsText())) + "\n"


class _ObjectsAsText(Visitor):
    """
    ``{b: 1, a: 2}`` as a default value means what ``{a: 2, b: 1}`` means, and releases of graphql-core
    disagree on the spaces. An enum value is the one node that every release prints as it is.
    """

    @staticmethod
    def leave_object_value(node: ObjectValueNode, *_: object) -> EnumValueNode:
        fields = sorted(f"{field.name.value}: {print_ast(field.value)}" for field in node.fields)
        return EnumValueNode(value=f"{{{', '.join(fields)}}}")
