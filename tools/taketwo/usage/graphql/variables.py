"""
The variables of a GraphQL request, read by its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    OperationDefinitionNode,
    VariableDefinitionNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
    type_from_ast,
    value_from_ast_untyped,
)

from taketwo.cassette.model import JsonValue
from taketwo.usage.graphql.values import is_list, kind_word, note_omitted, read_enum, read_scalar
from taketwo.usage.notes import Notes


def read_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, JsonValue], notes: Notes
) -> None:
    """
    Note what the values of variables touch and get wrong, those that *operation* defaults to included.
    """
    for definition in operation.variable_definitions or ():
        type_ = type_from_ast(schema, definition.type)
        if type_ is not None:
            _variable(definition, type_, given, notes)


def _variable(
    definition: VariableDefinitionNode, type_: GraphQLType, given: Mapping[str, JsonValue], notes: Notes
) -> None:
    name = definition.variable.name.value
    if name in given:
        _input(given[name], type_, notes, f"${name}")
    elif definition.default_value is not None:
        default = cast("JsonValue", value_from_ast_untyped(definition.default_value))
        _input(default, type_, notes, f"${name}")
    elif is_non_null_type(type_):
        notes.mistake(_named(type_), f"variable ${name} is required, and missing")


def _input(value: JsonValue, type_: GraphQLType, notes: Notes, where: str) -> None:
    if is_non_null_type(type_):
        if value is None:
            notes.mistake(_named(type_), f"{where} is null, and the contract says {type_}")
        type_ = type_.of_type
    if value is None:
        return
    if is_list_type(type_):
        for item in value if is_list(value) else [value]:
            _input(item, type_.of_type, notes, where)
    elif isinstance(type_, GraphQLInputObjectType):
        _object(value, type_, notes, where)
    elif isinstance(type_, GraphQLEnumType):
        read_enum(value, type_, notes, at=f"{type_.name}.{value}", what=where)
    elif isinstance(type_, GraphQLScalarType):
        notes.touch(type_.name, kind_word(type_))
        read_scalar(value, type_, notes, at=type_.name, what=where)


def _object(value: JsonValue, type_: GraphQLInputObjectType, notes: Notes, where: str) -> None:
    notes.touch(type_.name, kind_word(type_))
    if not isinstance(value, Mapping):
        notes.mistake(type_.name, f"{where} is no object")
        return
    for name, member in value.items():
        known = type_.fields.get(name)
        if known is None:
            notes.mistake(f"{type_.name}.{name}", f"{where} has it, and the contract knows no such field")
            continue
        notes.touch(f"{type_.name}.{name}", str(known.type))
        _input(member, known.type, notes, f"{where}.{name}")
    for name, known in type_.fields.items():
        if name not in value and is_non_null_type(known.type) and not _has_default(known):
            notes.mistake(f"{type_.name}.{name}", f"{where} needs it, and it is missing")
    note_omitted(type_.fields, value, f"{type_.name}.{{}}", notes)


def _has_default(known: GraphQLInputField) -> bool:
    return known.ast_node is not None and known.ast_node.default_value is not None


def _named(type_: GraphQLType) -> str:
    return get_named_type(cast("GraphQLNamedType", type_)).name
