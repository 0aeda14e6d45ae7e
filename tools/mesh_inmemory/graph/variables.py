"""
Variables checked before execution, with the messages that clients of graphql-js know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    NonNullTypeNode,
    is_required_input_field,
    print_ast,
    type_from_ast,
)
from graphql.pyutils import did_you_mean, suggestion_list

from mesh_inmemory.graph.messages import double_quoted
from mesh_inmemory.javascript import inspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphql import GraphQLSchema, OperationDefinitionNode, VariableDefinitionNode

    from mesh_inmemory.javascript import Json

MAX_ERRORS: Final = 50
_LARGEST: Final = 2**31

Mistake = tuple[tuple[str | int, ...], "Json", str]


def check_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, Json]
) -> list[GraphQLError]:
    """
    Everything that is wrong with the variables *given* to the operation.
    """
    errors: list[GraphQLError] = []
    for node in operation.variable_definitions or ():
        for message in _of_variable(schema, node, given):
            if len(errors) == MAX_ERRORS:
                errors.append(
                    GraphQLError(
                        "Too many errors processing variables, error limit reached. Execution aborted."
                    )
                )
                return errors
            errors.append(GraphQLError(message, node))
    return errors


def _of_variable(
    schema: GraphQLSchema, node: VariableDefinitionNode, given: Mapping[str, Json]
) -> Iterator[str]:
    name = node.variable.name.value
    required = isinstance(node.type, NonNullTypeNode)
    if name not in given:
        if required and node.default_value is None:
            yield f'Variable "${name}" of required type "{print_ast(node.type)}" was not provided.'
        return
    value = given[name]
    if value is None:
        if required:
            yield f'Variable "${name}" of non-null type "{print_ast(node.type)}" must not be null.'
        return
    for path, wrong, message in _mistakes(value, type_from_ast(schema, node.type), ()):
        where = f' at "{name}{_printed(path)}"' if path else ""
        yield f'Variable "${name}" got invalid value {inspect(wrong)}{where}; {message}'


def _mistakes(value: Json, type_: object, path: tuple[str | int, ...]) -> Iterator[Mistake]:
    if isinstance(type_, GraphQLNonNull):
        if value is None:
            yield path, value, f'Expected non-nullable type "{type_}" not to be null.'
            return
        type_ = type_.of_type
    if value is None:
        return
    if isinstance(type_, GraphQLList):
        items = value if isinstance(value, list) else None
        if items is None:
            yield from _mistakes(value, type_.of_type, path)
        for index, item in enumerate(items or ()):
            yield from _mistakes(item, type_.of_type, (*path, index))
    elif isinstance(type_, GraphQLInputObjectType):
        yield from _of_object(value, type_, path)
    else:
        message = (
            _of_enum(value, type_) if isinstance(type_, GraphQLEnumType) else _of_scalar(value, str(type_))
        )
        if message:
            yield path, value, message


def _of_object(value: Json, type_: GraphQLInputObjectType, path: tuple[str | int, ...]) -> Iterator[Mistake]:
    if not isinstance(value, dict):
        yield path, value, f'Expected type "{type_.name}" to be an object.'
        return
    for name, field in type_.fields.items():
        if name in value:
            yield from _mistakes(value[name], field.type, (*path, name))
        elif is_required_input_field(field):
            yield path, value, f'Field "{name}" of required type "{field.type}" was not provided.'
    for name in value:
        if name not in type_.fields:
            guess = _guess(name, type_.fields)
            yield path, value, f'Field "{name}" is not defined by type "{type_.name}".{guess}'


def _of_enum(value: Json, type_: GraphQLEnumType) -> str | None:
    if isinstance(value, str) and value in type_.values:
        return None
    guess = _guess(value if isinstance(value, str) else inspect(value), type_.values, "the enum value")
    if isinstance(value, str):
        return f'Value "{value}" does not exist in "{type_.name}" enum.{guess}'
    return f'Enum "{type_.name}" cannot represent non-string value: {inspect(value)}.{guess}'


def _of_scalar(value: Json, name: str) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = isinstance(value, int) and number
    if name == "Int" and whole and not -_LARGEST <= cast("int", value) < _LARGEST:
        return f"Int cannot represent non 32-bit signed integer value: {inspect(value)}"
    fits, told = {
        "String": (isinstance(value, str), "String cannot represent a non string value"),
        "Boolean": (isinstance(value, bool), "Boolean cannot represent a non boolean value"),
        "Float": (number, "Float cannot represent non numeric value"),
        "ID": (isinstance(value, str) or whole, "ID cannot represent value"),
        "Int": (whole, "Int cannot represent non-integer value"),
    }.get(name, (True, ""))
    return None if fits else f"{told}: {inspect(value)}"


def _guess(name: str, known: Iterable[str], kind: str | None = None) -> str:
    return double_quoted(did_you_mean(suggestion_list(name, list(known)), kind))


def _printed(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
