"""
What changed between two GraphQL schemas, each change with its coordinate.

graphql-core finds changes too, as sentences without a coordinate that its releases word differently. The
tests hold this module to them: whatever graphql-core finds is found here, with the same severity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias, TypeVar

from graphql import (
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    is_introspection_type,
    is_list_type,
    is_non_null_type,
    is_specified_directive,
    is_specified_scalar_type,
    print_ast,
    print_type,
    value_from_ast_untyped,
)

from taketwo.contract.canonical import json_key
from taketwo.contract.changes import Change, Kind
from taketwo.contract.dictdiff import DictDiff, renamed_to
from taketwo.contract.graphql.rules import RULES

_Input: TypeAlias = GraphQLArgument | GraphQLInputField
_Fields: TypeAlias = GraphQLObjectType | GraphQLInterfaceType
_Named = TypeVar("_Named", GraphQLNamedType, GraphQLObjectType, GraphQLInterfaceType, GraphQLDirective)


def schema_changes(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """
    Every change from *old* to *new*, in no particular order.
    """
    yield from _root_changes(old, new)
    yield from _type_changes(DictDiff.of(_types(old), _types(new)))
    yield from _directive_changes(DictDiff.of(_directives(old), _directives(new)))


def _change(change_id: str, coordinate: str, what: str) -> Change:
    severity, why = RULES[change_id]
    message = f"{what}: {why}"
    return Change(id=change_id, coordinate=coordinate, severity=severity, message=message, kind=Kind.GRAPHQL)


def _root_changes(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    for operation in ("query", "mutation", "subscription"):
        before, after = (getattr(schema, f"{operation}_type") for schema in (old, new))
        if str(before) != str(after):
            what = f"the {operation} type is {after or 'gone'} and was {before or 'not there'}"
            happened = "added" if before is None else "changed"
            yield _change(f"schema-{operation}-type-{happened}", f"schema.{operation}", what)
    if getattr(old, "description", None) != getattr(new, "description", None):
        yield _documentation("schema")


def _documentation(coordinate: str) -> Change:
    return _change("documentation-changed", coordinate, f"{coordinate} is described differently")


def _types(schema: GraphQLSchema) -> dict[str, GraphQLNamedType]:
    """
    The types a schema defines itself. A standard scalar comes and goes with its uses.
    """
    return {
        name: type_
        for name, type_ in schema.type_map.items()
        if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
    }


def _type_changes(types: DictDiff[GraphQLNamedType]) -> Iterator[Change]:
    renames = types.renames(_shape_of_type)
    for name in types.removed:
        yield _change("type-removed", name, f"type {name} was removed{renamed_to(renames.get(name))}")
    for name in types.added:
        yield _change("type-added", name, f"type {name} was added")
    for name, (old, new) in types.kept.items():
        yield from _kept_type_changes(old, new)
        if _redescribed(old, new):
            yield _documentation(name)


def _shape_of_type(type_: GraphQLNamedType) -> str:
    """
    The type as text, without its own name.
    """
    return print_type(type_).replace(type_.name, "…")


def _kept_type_changes(old: GraphQLNamedType, new: GraphQLNamedType) -> Iterator[Change]:
    match old, new:
        case GraphQLScalarType(), GraphQLScalarType():
            yield from _scalar_changes(old, new)
        case GraphQLEnumType(), GraphQLEnumType():
            yield from _enum_changes(old, new)
        case GraphQLUnionType(), GraphQLUnionType():
            yield from _union_changes(old, new)
        case GraphQLInputObjectType(), GraphQLInputObjectType():
            yield from _input_object_changes(old, new)
        case GraphQLObjectType(), GraphQLObjectType():
            yield from _object_changes(old, new)
        case GraphQLInterfaceType(), GraphQLInterfaceType():
            yield from _object_changes(old, new)
        case _:
            what = f"{old} is {_kind_of(new)} and was {_kind_of(old)}"
            yield _change("type-kind-changed", old.name, what)


def _kind_of(type_: GraphQLNamedType) -> str:
    word = type(type_).__name__.removeprefix("GraphQL").removesuffix("Type")
    return {"InputObject": "an input", "Object": "a type"}.get(word) or _with_article(word.lower())


def _with_article(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _scalar_changes(old: GraphQLScalarType, new: GraphQLScalarType) -> Iterator[Change]:
    if old.specified_by_url != new.specified_by_url:
        urls = [type_.specified_by_url or "nothing" for type_ in (new, old)]
        what = "it is specified by {} and was by {}".format(*urls)
        yield _change("scalar-specification-changed", old.name, what)


def _enum_changes(old: GraphQLEnumType, new: GraphQLEnumType) -> Iterator[Change]:
    values = DictDiff.of(old.values, new.values)
    renames = values.renames(lambda _: None)
    for name in values.removed:
        yield _change(
            "enum-value-removed", f"{old}.{name}", f"value {name} was removed{renamed_to(renames.get(name))}"
        )
    for name in values.added:
        yield _change("enum-value-added", f"{old}.{name}", f"value {name} was added")
    for name, (before, after) in values.kept.items():
        reasons = before.deprecation_reason, after.deprecation_reason
        yield from _deprecation_changes("enum-value", f"{old}.{name}", reasons)


def _union_changes(old: GraphQLUnionType, new: GraphQLUnionType) -> Iterator[Change]:
    members = DictDiff.of(_by_name(old.types), _by_name(new.types))
    for name in members.removed:
        yield _change("union-member-removed", old.name, f"{name} is no longer a member of {old}")
    for name in members.added:
        yield _change("union-member-added", old.name, f"{name} is a new member of {old}")


def _input_object_changes(old: GraphQLInputObjectType, new: GraphQLInputObjectType) -> Iterator[Change]:
    yield from _one_of_changes(old, new)
    yield from _input_changes("input-field", old.fields, new.fields, f"{old}.{{}}")


def _one_of_changes(old: GraphQLInputObjectType, new: GraphQLInputObjectType) -> Iterator[Change]:
    # graphql-core 3.2 knows no @oneOf.
    before, after = (getattr(type_, "is_one_of", False) for type_ in (old, new))
    if after and not before:
        yield _change("input-one-of-added", old.name, f"{old} takes exactly one of its fields")
    if before and not after:
        yield _change("input-one-of-removed", old.name, f"{old} takes any number of its fields")


def _object_changes(old: _Fields, new: _Fields) -> Iterator[Change]:
    yield from _interface_changes(old, new)
    fields = DictDiff.of(old.fields, new.fields)
    renames = fields.renames(_signature)
    for name in fields.removed:
        yield _change(
            "field-removed", f"{old}.{name}", f"field {name} was removed{renamed_to(renames.get(name))}"
        )
    for name in fields.added:
        yield _change("field-added", f"{old}.{name}", f"field {name} was added")
    for name, (before, after) in fields.kept.items():
        yield from _field_changes(f"{old}.{name}", before, after)


def _interface_changes(old: _Fields, new: _Fields) -> Iterator[Change]:
    interfaces = DictDiff.of(_by_name(old.interfaces), _by_name(new.interfaces))
    for name in interfaces.removed:
        yield _change("type-interface-removed", old.name, f"{old} no longer implements {name}")
    for name in interfaces.added:
        yield _change("type-interface-added", old.name, f"{old} now implements {name}")


def _signature(field: GraphQLField) -> tuple[str, tuple[tuple[str, str], ...]]:
    return str(field.type), tuple(sorted((name, str(argument.type)) for name, argument in field.args.items()))


def _field_changes(coordinate: str, old: GraphQLField, new: GraphQLField) -> Iterator[Change]:
    if str(old.type) != str(new.type):
        change_id = "field-type-narrowed" if _is_within(new.type, old.type) else "field-type-changed"
        yield _change(change_id, coordinate, f"the type is {new.type} and was {old.type}")
    yield from _deprecation_changes("field", coordinate, (old.deprecation_reason, new.deprecation_reason))
    yield from _input_changes("argument", old.args, new.args, coordinate + "({}:)")


def _input_changes(
    subject: str, old: Mapping[str, _Input], new: Mapping[str, _Input], coordinate: str
) -> Iterator[Change]:
    """
    Changes among the arguments of a field or a directive, or the fields of an input.

    *coordinate* holds ``{}`` where the name goes.
    """
    inputs, noun = DictDiff.of(old, new), subject.replace("-", " ")
    renames = inputs.renames(lambda value: str(value.type))
    for name in inputs.removed:
        yield _change(
            f"{subject}-removed",
            coordinate.format(name),
            f"{noun} {name} was removed{renamed_to(renames.get(name))}",
        )
    for name, value in inputs.added.items():
        change_id = f"required-{subject}-added" if _is_required(value) else f"{subject}-added"
        yield _change(change_id, coordinate.format(name), f"{noun} {name}: {value.type} was added")
    for name, (before, after) in inputs.kept.items():
        yield from _kept_input_changes(subject, coordinate.format(name), before, after)


def _is_required(value: _Input) -> bool:
    return is_non_null_type(value.type) and _default(value) is None


def _kept_input_changes(subject: str, coordinate: str, old: _Input, new: _Input) -> Iterator[Change]:
    if str(old.type) != str(new.type):
        change_id = f"{subject}-type-{'widened' if _is_within(old.type, new.type) else 'changed'}"
        yield _change(change_id, coordinate, f"the type is {new.type} and was {old.type}")
    for change in _default_changes(subject, coordinate, _default(old), _default(new)):
        yield replace(change, before=_default_value(old), after=_default_value(new))
    yield from _deprecation_changes(subject, coordinate, (old.deprecation_reason, new.deprecation_reason))


def _is_within(inner: GraphQLType, outer: GraphQLType) -> bool:
    """
    Every value of type *inner* is one of type *outer*.
    """
    if is_non_null_type(inner):
        return _is_within(inner.of_type, outer.of_type if is_non_null_type(outer) else outer)
    if is_list_type(inner) and is_list_type(outer):
        return _is_within(inner.of_type, outer.of_type)
    return str(inner) == str(outer)


def _default(value: _Input) -> str | None:
    """
    The default value as SDL; None where there is none.
    """
    node = value.ast_node
    return print_ast(node.default_value) if node and node.default_value else None


def _default_value(value: _Input) -> str:
    """
    The default value as canonical JSON; empty where there is none.
    """
    node = value.ast_node
    default = node.default_value if node else None
    return json_key(value_from_ast_untyped(default)) if default else ""


def _default_changes(subject: str, coordinate: str, old: str | None, new: str | None) -> Iterator[Change]:
    if old == new:
        return
    if old is None:
        yield _change(f"{subject}-default-added", coordinate, f"the default is {new}")
    elif new is None:
        yield _change(f"{subject}-default-removed", coordinate, f"the default {old} is gone")
    else:
        yield _change(f"{subject}-default-changed", coordinate, f"the default is {new} and was {old}")


def _deprecation_changes(
    subject: str, coordinate: str, reasons: tuple[str | None, str | None]
) -> Iterator[Change]:
    old, new = reasons
    if old == new:
        return
    if old is None:
        yield _change(f"{subject}-deprecation-added", coordinate, f"it is deprecated ({new})")
    elif new is None:
        yield _change(f"{subject}-deprecation-removed", coordinate, "it is no longer deprecated")
    else:
        yield _change(
            f"{subject}-deprecation-reason-changed",
            coordinate,
            f"it is deprecated for another reason ({new})",
        )


def _directives(schema: GraphQLSchema) -> dict[str, GraphQLDirective]:
    return _by_name(directive for directive in schema.directives if not is_specified_directive(directive))


def _directive_changes(directives: DictDiff[GraphQLDirective]) -> Iterator[Change]:
    for name in directives.removed:
        yield _change("directive-removed", f"@{name}", f"directive @{name} was removed")
    for name in directives.added:
        yield _change("directive-added", f"@{name}", f"directive @{name} was added")
    for name, (old, new) in directives.kept.items():
        yield from _kept_directive_changes(f"@{name}", old, new)


def _kept_directive_changes(
    coordinate: str, old: GraphQLDirective, new: GraphQLDirective
) -> Iterator[Change]:
    yield from _input_changes("directive-argument", old.args, new.args, coordinate + "({}:)")
    for location in set(old.locations) - set(new.locations):
        yield _change("directive-location-removed", coordinate, f"it is no longer for {location.name}")
    for location in set(new.locations) - set(old.locations):
        yield _change("directive-location-added", coordinate, f"it is now for {location.name} too")
    if old.is_repeatable != new.is_repeatable:
        change_id = f"directive-repeatable-{'added' if new.is_repeatable else 'removed'}"
        yield _change(
            change_id, coordinate, f"it can {'now' if new.is_repeatable else 'no longer'} be repeated"
        )
    # graphql-core 3.2 knows no deprecated directive.
    reasons = getattr(old, "deprecation_reason", None), getattr(new, "deprecation_reason", None)
    yield from _deprecation_changes("directive", coordinate, reasons)
    if _redescribed(old, new):
        yield _documentation(coordinate)


def _redescribed(old: object, new: object) -> bool:
    """
    A description differs, of the thing itself or of a part that both have.
    """
    if getattr(old, "description", None) != getattr(new, "description", None):
        return True
    pairs = (DictDiff.of(_parts(old, group), _parts(new, group)) for group in ("fields", "args", "values"))
    return any(_redescribed(*pair) for group in pairs for pair in group.kept.values())


def _parts(thing: object, group: str) -> Mapping[str, object]:
    parts: Mapping[str, object] = getattr(thing, group, {})
    return parts


def _by_name(things: Iterable[_Named]) -> dict[str, _Named]:
    return {thing.name: thing for thing in things}
