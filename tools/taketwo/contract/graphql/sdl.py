"""
GraphQL schemas as text: one SDL for each schema, whatever printed it.

Imported where a schema is at hand, and not before: graphql-core takes longer to load than all the rest.
"""

from __future__ import annotations

import inspect
import warnings
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from graphql import (
    GraphQLError,
    GraphQLSchema,
    IntrospectionQuery,
    build_client_schema,
    build_schema,
    get_introspection_query,
    parse,
    print_schema,
)

from taketwo.contract.graphql.model import SPECIFIED_SCALARS, Schema
from taketwo.contract.graphql.reader import SdlSyntaxError, read_sdl
from taketwo.contract.graphql.writer import written
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

_KEPT: Final = 8
_read: OrderedDict[str, Schema] = OrderedDict()


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
        return canonical_sdl(print_schema(build_client_schema(cast("IntrospectionQuery", data))))
    except (GraphQLError, TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise ContractError(f"the introspection answer does not describe a schema: {error}") from error


def canonical_sdl(text: str) -> str:
    """
    The canonical SDL of the schema that *text* describes.

    Of parts that are there twice the first counts, and a warning names them.
    """
    schema = described(text)
    if schema.repeated:
        listed = ", ".join(dict.fromkeys(schema.repeated))
        warnings.warn(f"the GraphQL schema has some parts twice; the first counts: {listed}", stacklevel=2)
    canonical = written(schema)
    _keep(canonical, schema)
    return canonical


def described(text: str) -> Schema:
    """
    What *text* describes; shared, so not to be changed.
    """
    if text not in _read:
        try:
            schema = read_sdl(text)
        except (SdlSyntaxError, RecursionError) as error:
            raise ContractError(f"this is not a GraphQL schema: {_syntax_error(text) or error}") from error
        if not schema.types:
            raise ContractError("this is not a GraphQL schema: it defines no type")
        _keep(text, schema)
    _read.move_to_end(text)
    return _read[text]


def _keep(text: str, schema: Schema) -> None:
    _read[text] = schema
    while len(_read) > _KEPT:
        _read.popitem(last=False)


def _syntax_error(text: str) -> str:
    """
    The error as the reference implementation words it, with line and column.
    """
    try:
        parse(text)
    except (GraphQLError, RecursionError) as error:
        return str(error)
    return ""


@lru_cache(maxsize=16)
def schema_of(text: str) -> GraphQLSchema:
    """
    The schema that *text* describes, to read requests by; the same text is built once.

    An undeclared type is a scalar.
    """
    schema = described(text)
    undeclared = (schema.answered_types() | schema.sent_types()) - schema.types.keys() - SPECIFIED_SCALARS
    declared = "".join(f"scalar {name}\n" for name in sorted(undeclared))
    try:
        return build_schema(f"{text}\n{declared}", assume_valid_sdl=True)
    except (GraphQLError, TypeError, ValueError, KeyError, RecursionError) as error:
        raise ContractError(f"this is not a GraphQL schema: {error}") from error
