"""
Values by the types of a GraphQL schema, wherever they stand: in a document, a variable or an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard

from graphql import GraphQLArgument, GraphQLEnumType, GraphQLInputField, GraphQLScalarType

from taketwo.cassette.model import JsonValue
from taketwo.usage.notes import Notes
from taketwo.usage.schema_reading import has_placeholder

_Inputs: TypeAlias = Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField]
_SCALARS: Final[Mapping[str, tuple[type, ...]]] = {
    "Boolean": (bool,),
    "Float": (int, float),
    "ID": (str, int),
    "Int": (int,),
    "String": (str,),
}


def read_enum(value: JsonValue, type_: GraphQLEnumType, notes: Notes, *, at: str, what: str) -> None:
    """
    Note a value of *type_*; *what* are the words for it where it is none, at the coordinate *at*.
    """
    if isinstance(value, str) and value in type_.values:
        notes.touch(f"{type_.name}.{value}")
    else:
        notes.mistake(at, f"{what} is {value!r}, which is no value of {type_}")


def read_scalar(value: JsonValue, type_: GraphQLScalarType, notes: Notes, *, at: str, what: str) -> None:
    """
    Note a value that is none of *type_*.

    Scalars of the service's own may be anything; a placeholder stands for a text.
    """
    wanted = _SCALARS.get(type_.name)
    if wanted is None or (isinstance(value, str) and has_placeholder(value)):
        return
    if not isinstance(value, wanted) or (isinstance(value, bool) and type_.name != "Boolean"):
        notes.mistake(at, f"{what} is {value!r}, and the contract says {type_}")


def note_omitted(known: _Inputs, given: Iterable[str], coordinate: str, notes: Notes) -> None:
    """
    Note the inputs that might have been given; *coordinate* has ``{}`` for the name of each.
    """
    for name in known.keys() - set(given):
        notes.omit(coordinate.format(name))


def kind_word(type_: object) -> str:
    """
    What a contract says of a type by itself.
    """
    return type(type_).__name__


def is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
