"""
Answers to a GraphQL operation, read by its schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    SelectionSetNode,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from taketwo.cassette.model import JsonValue
from taketwo.usage.graphql.selections import Selected, Selections
from taketwo.usage.graphql.values import is_list, kind_word, read_enum, read_scalar
from taketwo.usage.notes import Notes

_Parent: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
_Object: TypeAlias = Mapping[str, JsonValue]
_Sets: TypeAlias = Sequence[SelectionSetNode]
_TYPENAME = "__typename"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReader:
    """
    Notes what the data of one answer touches, and where it is not what was asked for.

    Beside errors (*has_errors*) anything may be null or missing.
    """

    schema: GraphQLSchema
    selections: Selections
    notes: Notes
    has_errors: bool

    def object(self, value: _Object, type_: _Parent, sets: _Sets) -> None:
        concrete = self._concrete(value, type_, sets)
        for one in concrete:
            with self.notes.excused(when=len(concrete) > 1):
                self._fields(value, one, sets)

    def _concrete(self, value: _Object, type_: _Parent, sets: _Sets) -> list[GraphQLObjectType]:
        """
        The type that an object has, or all that it may have when it does not say.
        """
        if isinstance(type_, GraphQLObjectType):
            return [type_]
        possible = list(self.schema.get_possible_types(type_))
        selected = (selected for one in possible for selected in self.selections.of(sets, one).items())
        keys = {key for key, one in selected if one.name == _TYPENAME}
        type_name = next((value[key] for key in keys if isinstance(value.get(key), str)), None)
        named = [one for one in possible if one.name == type_name]
        if type_name is not None and not named:
            self.notes.mistake(type_.name, f"{type_name} is none of its types")
        return named or possible

    def _fields(self, value: _Object, type_: GraphQLObjectType, sets: _Sets) -> None:
        self.notes.touch(type_.name, kind_word(type_))
        selected = self.selections.of(sets, type_)
        for key, one in selected.items():
            self._field(value, key, one, type_)
        for key in sorted(value.keys() - selected.keys()):
            self.notes.enter(key)
            self.notes.mistake(f"{type_.name}.{key}", "the answer has it, and nobody asked for it")
            self.notes.leave()

    def _field(self, value: _Object, key: str, selected: Selected, type_: GraphQLObjectType) -> None:
        described = type_.fields.get(selected.name)
        if described is None:
            return
        coordinate = f"{type_.name}.{selected.name}"
        self.notes.enter(key)
        self.notes.touch(coordinate, str(described.type))
        if key in value:
            self._value(value[key], described.type, coordinate, selected.further)
        elif not selected.is_conditional and not self.has_errors:
            self.notes.mistake(coordinate, "it was asked for, and is missing from the answer")
        self.notes.leave()

    def _value(self, value: JsonValue, type_: GraphQLOutputType, at: str, sets: _Sets) -> None:
        self.notes.describe(at, DescribedField(reader=self, type=type_, sets=sets))
        if is_non_null_type(type_):
            if value is None and not self.has_errors:
                self.notes.mistake(at, f"it is null, and the contract says {type_}")
            type_ = type_.of_type
        if value is None:
            return
        if is_list_type(type_):
            self._list(value, type_, at, sets)
        elif is_composite_type(type_):
            if isinstance(value, Mapping):
                self.object(value, type_, sets)
            else:
                self.notes.mistake(at, f"it is no object, and the contract says {type_}")
        else:
            self._leaf(value, cast("GraphQLNamedType", type_), at)

    def _list(self, value: JsonValue, type_: GraphQLList[GraphQLOutputType], at: str, sets: _Sets) -> None:
        if is_list(value):
            for index, item in enumerate(value):
                self.notes.enter(index)
                self._value(item, type_.of_type, at, sets)
                self.notes.leave()
        else:
            self.notes.mistake(at, f"it is no list, and the contract says {type_}")

    def _leaf(self, value: JsonValue, type_: GraphQLNamedType, at: str) -> None:
        if isinstance(type_, GraphQLEnumType):
            self.notes.touch(type_.name, kind_word(type_))
            read_enum(value, type_, self.notes, at=at, what="it")
        elif isinstance(type_, GraphQLScalarType):
            read_scalar(value, type_, self.notes, at=at, what="it")


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedField:
    """
    The *type* of a value in the data of an answer, and what was asked of it.
    """

    reader: AnswerReader
    type: GraphQLOutputType
    sets: _Sets


@dataclass(frozen=True, slots=True)
class DescribedData:
    """
    The whole answer to one operation, which may be an error.
    """
