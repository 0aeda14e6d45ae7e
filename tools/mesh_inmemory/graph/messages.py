"""
graphql-core's messages in the words of graphql-js 16, which Mesh's clients know.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphql import GraphQLInputObjectType

if TYPE_CHECKING:
    from graphql import GraphQLSchema

_QUOTED: Final = re.compile(r"'([^']*)'")
_REWRITTEN: Final = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (
            r"Argument '@(\w+)\((\w+):\)' of type '([^']+)' is required, but it was not provided\.",
            r'Directive "@\1" argument "\2" of type "\3" is required, but it was not provided.',
        ),
        (
            r"Argument '\w+\.(\w+)\((\w+):\)' of type '([^']+)' is required, but it was not provided\.",
            r'Field "\1" argument "\2" of type "\3" is required, but it was not provided.',
        ),
        (
            r"Expected value of type '([^']+)' not to include unknown field '([^']+)'\.( Did .*\?) Found: .*",
            r"Field '\2' is not defined by type '\1'.\3",
        ),
        (
            r"Expected value of type '([^']+)' not to include unknown field '([^']+)', found: .*",
            r'Field "\2" is not defined by type "\1".',
        ),
        (
            r"Expected value of non-null type '([^']+)' not to be None\.",
            r'Expected value of type "\1", found null.',
        ),
        (
            r"Expected value of type '([^']+)' to be an object, found: (.*)",
            r'Expected value of type "\1", found \2',
        ),
    )
)
_MISSING: Final = re.compile(
    r"Expected value of type '(\w+)' to include required field '(\w+)', found: .*", re.DOTALL
)


def as_graphql_js(message: str, schema: GraphQLSchema) -> str:
    if found := _MISSING.fullmatch(message):
        return _missing(found[1], found[2], schema)
    for pattern, words in _REWRITTEN:
        if pattern.fullmatch(message):
            return double_quoted(pattern.sub(words, message)) if "'" in words else pattern.sub(words, message)
    return double_quoted(message)


def double_quoted(message: str) -> str:
    return _QUOTED.sub(r'"\1"', message)


def _missing(type_name: str, field_name: str, schema: GraphQLSchema) -> str:
    type_ = schema.type_map.get(type_name)
    wanted = type_.fields[field_name].type if isinstance(type_, GraphQLInputObjectType) else "unknown"
    return f'Field "{type_name}.{field_name}" of required type "{wanted}" was not provided.'
