"""
Other answers that a GraphQL schema permits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLUnionType,
    SelectionSetNode,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from taketwo.cassette.model import JsonValue
from taketwo.features.survive.candidates import (
    Absent,
    Candidate,
    ChangeKind,
    Edit,
    future_member,
    list_sizes,
    longer_strings,
    to_value,
)
from taketwo.features.survive.schema_answers import size_in_words
from taketwo.results import Steps
from taketwo.usage.graphql.answers import DescribedField
from taketwo.usage.schema_reading import has_placeholder

_DATA: Final = "data"
_ERRORS: Final = "errors"
_TYPENAME: Final = "__typename"
_LARGEST, _SMALLEST = 2**31 - 1, -(2**31)
_MOST_MEMBERS: Final = 12
_MOST_TYPES: Final = 4
_DEEPEST: Final = 8
_NUMBERS: Final[Mapping[str, Sequence[float]]] = {
    "Int": (0, -1, _LARGEST, _SMALLEST),
    "Float": (0, -1, 0.5, 1e15),
}
_EXAMPLES: Final[Mapping[str, JsonValue]] = {
    "Boolean": True,
    "Float": 0.5,
    "ID": "1",
    "Int": 1,
    "String": "text",
}


def of_field(says: DescribedField, value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    """
    What else the value at the end of *steps* may be; *at* is its coordinate.
    """
    type_ = get_nullable_type(says.type)
    if value is None:
        example = _example(says, says.type, says.sets)
        if example is not Absent.ABSENT:
            yield to_value(ChangeKind.VALUE, steps, at, example)
        return
    if not is_non_null_type(says.type):
        yield to_value(ChangeKind.NULL, steps, at, None)
    if is_list_type(type_):
        yield from _of_list(says, value, steps, at)
    elif isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        yield from _of_type(says, type_, value, steps, at)
    elif isinstance(type_, GraphQLEnumType):
        yield from _of_enum(type_, value, steps, at)
    elif isinstance(type_, GraphQLScalarType):
        yield from _of_scalar(type_, value, steps, at)


def _of_list(says: DescribedField, value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return
    if not value:
        inner = cast("GraphQLList[GraphQLOutputType]", get_nullable_type(says.type))
        example = _example(says, inner.of_type, says.sets)
        if example is not Absent.ABSENT:
            yield to_value(ChangeKind.ONE, steps, at, [example], may="have one item")
        return
    for kind, items, smaller in list_sizes(value):
        yield to_value(kind, steps, at, items, may=size_in_words(items), smaller=smaller)


def _of_type(
    says: DescribedField,
    type_: GraphQLInterfaceType | GraphQLUnionType,
    value: JsonValue,
    steps: Steps,
    at: str,
) -> Iterator[Candidate]:
    """
    The other types that it may have, where the client asks for their name.
    """
    for one in says.reader.schema.get_possible_types(type_)[:_MOST_TYPES]:
        example = _example_object(says, one, says.sets, 0)
        names = [
            key for key, field in says.reader.selections.of(says.sets, one).items() if field.name == _TYPENAME
        ]
        if isinstance(example, Absent) or not (names and isinstance(value, Mapping)):
            continue
        if value.get(names[0]) != one.name:
            yield to_value(ChangeKind.MEMBER, steps, at, example, may=f"be a {one.name}")


def _of_enum(type_: GraphQLEnumType, value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    others = [name for name in type_.values if name != value]
    yield from (to_value(ChangeKind.MEMBER, steps, at, one) for one in others[:_MOST_MEMBERS])
    new = future_member(list(type_.values))
    may = f"be a member that its enum does not have yet, {new!r}"
    yield to_value(ChangeKind.FUTURE, steps, at, new, may=may)


def _of_scalar(type_: GraphQLScalarType, value: JsonValue, steps: Steps, at: str) -> Iterator[Candidate]:
    """
    What scalars of the service's own may be, nobody knows.
    """
    if type_.name == "Boolean" and isinstance(value, bool):
        yield to_value(ChangeKind.MEMBER, steps, at, not value)
    elif type_.name in _NUMBERS:
        for number in _NUMBERS[type_.name]:
            if number != value:
                yield to_value(ChangeKind.BOUND, steps, at, number)
    elif type_.name == "String" and isinstance(value, str) and not has_placeholder(value):
        if value:
            yield to_value(ChangeKind.EMPTY, steps, at, "", may="be empty")
        longer = list(longer_strings(value, None))
        may = f"have {len(longer[0])} characters"
        yield to_value(ChangeKind.LONG, steps, at, longer[0], may=may, smaller=tuple(reversed(longer[1:])))


def beside_errors(fields: Mapping[Steps, DescribedField], steps: Steps, at: str, answer: Steps) -> Candidate:
    """
    The value at the end of *steps* could not be had: null, or null where the next value around it may be,
    with an error that says so. *answer* leads to the answer that it is in, *fields* are all described values.
    """
    null = steps
    while null in fields and is_non_null_type(fields[null].type):
        null = _outside(null, fields, answer)
    path = steps[len(answer) + 1 :]
    error: JsonValue = {"message": "it could not be had", "path": list(path)}
    where = "" if null == steps else f", so that {_named(null[len(answer) :])} is null"
    return Candidate(
        kind=ChangeKind.PARTIAL,
        steps=null,
        coordinate=at,
        may=f"be an error{where}",
        edits=(Edit(steps=null, value=None), Edit(steps=(*answer, _ERRORS), value=[error])),
    )


def _outside(steps: Steps, fields: Mapping[Steps, DescribedField], answer: Steps) -> Steps:
    """
    The next described value around *steps*; the data of the answer, where there is none.
    """
    for length in range(len(steps) - 1, len(answer) + 1, -1):
        if steps[:length] in fields:
            return steps[:length]
    return (*answer, _DATA)


def _named(steps: Steps) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def errors_without_data(answer: Steps, at: str) -> Candidate:
    error: JsonValue = {"message": "it did not work"}
    return Candidate(
        kind=ChangeKind.ERRORS,
        steps=answer,
        coordinate=at,
        may="answer errors without data",
        edits=(
            Edit(steps=(*answer, _DATA), value=None),
            Edit(steps=(*answer, _ERRORS), value=[error]),
        ),
    )


# ------------------------------------------------------------------- examples


def _example(
    says: DescribedField, type_: GraphQLOutputType, sets: Sequence[SelectionSetNode], depth: int = 0
) -> JsonValue | Absent:
    named = get_nullable_type(type_)
    if depth > _DEEPEST:
        return Absent.ABSENT if is_non_null_type(type_) else None
    if is_list_type(named):
        return []
    if isinstance(named, GraphQLEnumType):
        return str(next(iter(named.values)))
    if isinstance(named, GraphQLObjectType):
        return _example_object(says, named, sets, depth)
    if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
        return _example_object(says, says.reader.schema.get_possible_types(named)[0], sets, depth)
    # What scalars of the service's own may be, nobody knows.
    unknown = Absent.ABSENT if is_non_null_type(type_) else None
    return _EXAMPLES.get(cast("GraphQLScalarType", named).name, unknown)


def _example_object(
    says: DescribedField, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], depth: int
) -> JsonValue | Absent:
    made: dict[str, JsonValue] = {}
    for key, selected in says.reader.selections.of(sets, type_).items():
        if selected.name == _TYPENAME:
            made[key] = type_.name
        elif selected.name in type_.fields and not selected.is_conditional:
            found = _example(says, type_.fields[selected.name].type, selected.further, depth + 1)
            if isinstance(found, Absent):
                return Absent.ABSENT
            made[key] = found
    return made
