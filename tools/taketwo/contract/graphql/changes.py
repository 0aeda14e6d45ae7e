"""
What changed between two GraphQL schemas, each change with its coordinate.

graphql-core finds changes too, as sentences without a coordinate that its releases word differently. The
tests hold this module to them: whatever graphql-core finds is found here, with the same severity.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import parse_value, value_from_ast_untyped

from taketwo.contract.canonical import json_key
from taketwo.contract.changes import Change, Kind
from taketwo.contract.dictdiff import DictDiff, renamed_to
from taketwo.contract.graphql.model import (
    DEFAULT_REASON,
    OPERATIONS,
    SPECIFIED_DIRECTIVES,
    Described,
    Directive,
    Field,
    Input,
    Schema,
    Type,
)
from taketwo.contract.graphql.rules import RULES
from taketwo.contract.graphql.sdl import described

_WORDS = {"input": "an input", "interface": "an interface", "enum": "an enum"}


def sdl_changes(old: str, new: str) -> Iterator[Change]:
    """
    Every change from one SDL to another, in no particular order.
    """
    return schema_changes(described(old), described(new))


def schema_changes(old: Schema, new: Schema) -> Iterator[Change]:
    """
    Every change from *old* to *new*, in no particular order.
    """
    yield from _root_changes(old, new)
    types = DictDiff.of(old.types, new.types)
    yield from _type_changes(
        types,
        only_sent=old.sent_types() - old.answered_types() - new.answered_types(),
        only_members=_only_members(old),
    )
    yield from _directive_changes(DictDiff.of(old.directives, new.directives))


def _change(change_id: str, coordinate: str, what: str) -> Change:
    severity, why = RULES[change_id]
    message = f"{what}: {why}"
    return Change(id=change_id, coordinate=coordinate, severity=severity, message=message, kind=Kind.GRAPHQL)


def _root_changes(old: Schema, new: Schema) -> Iterator[Change]:
    for operation in sorted(OPERATIONS):
        before, after = (schema.operation(operation) for schema in (old, new))
        if before != after:
            what = f"the {operation} type is {after or 'gone'} and was {before or 'not there'}"
            happened = "added" if before is None else "changed"
            yield _change(f"schema-{operation}-type-{happened}", f"schema.{operation}", what)
    if old.description != new.description:
        yield _documentation("schema")
    yield from _applied_changes("schema", "schema", old, new)


def _documentation(coordinate: str) -> Change:
    return _change("documentation-changed", coordinate, f"{coordinate} is described differently")


def _only_members(schema: Schema) -> dict[str, str]:
    """
    By each interface and union that has one type alone, that type: every answer has it already.
    """
    members = {name: [*type_.members] for name, type_ in schema.types.items() if type_.kind == "union"}
    for name, type_ in schema.types.items():
        for interface in type_.interfaces if type_.kind == "type" else ():
            members.setdefault(interface, []).append(name)
    return {name: types[0] for name, types in members.items() if len(types) == 1}


def _type_changes(
    types: DictDiff[Type], *, only_sent: set[str], only_members: Mapping[str, str]
) -> Iterator[Change]:
    renames = types.renames(_shape_of_type)
    for name in types.removed:
        yield _change("type-removed", name, f"type {name} was removed{renamed_to(renames.get(name))}")
    for name in types.added:
        yield _change("type-added", name, f"type {name} was added")
    for name, (old, new) in types.kept.items():
        if old is new or old == new:
            continue
        yield from _kept_type_changes(old, new, is_only_sent=name in only_sent, only_members=only_members)
        yield from _applied_changes("type", name, old, new)
        if _redescribed(old, new):
            yield _documentation(name)


def _shape_of_type(type_: Type) -> str:
    """
    The type as text, without its own name.
    """
    fields = {name: _signature(field) for name, field in sorted(type_.fields.items())}
    inputs = {name: one.type for name, one in sorted(type_.inputs.items())}
    names = sorted(type_.interfaces), sorted(type_.values), sorted(type_.members)
    return repr((type_.kind, fields, inputs, names)).replace(type_.name, "…")


def _kept_type_changes(
    old: Type, new: Type, *, is_only_sent: bool, only_members: Mapping[str, str]
) -> Iterator[Change]:
    if old.kind != new.kind:
        what = f"{old.name} is {_kind_of(new)} and was {_kind_of(old)}"
        yield _change("type-kind-changed", old.name, what)
    elif old.kind == "scalar":
        yield from _scalar_changes(old, new)
    elif old.kind == "enum":
        yield from _enum_changes(old, new, is_only_sent=is_only_sent)
    elif old.kind == "union":
        yield from _union_changes(old, new)
    elif old.kind == "input":
        yield from _input_object_changes(old, new)
    else:
        yield from _object_changes(old, new, only_members)


def _kind_of(type_: Type) -> str:
    return _WORDS.get(type_.kind, f"a {type_.kind}")


def _scalar_changes(old: Type, new: Type) -> Iterator[Change]:
    before, after = (type_.argument("specifiedBy", "url") for type_ in (old, new))
    if before != after:
        what = f"it is specified by {_unquoted(after)} and was by {_unquoted(before)}"
        yield _change("scalar-specification-changed", old.name, what)


def _unquoted(text: str | None) -> str:
    return "nothing" if text is None else str(json.loads(text))


def _enum_changes(old: Type, new: Type, *, is_only_sent: bool) -> Iterator[Change]:
    values = DictDiff.of(old.values, new.values)
    renames = values.renames(lambda _: None)
    for name in values.removed:
        what = f"value {name} was removed{renamed_to(renames.get(name))}"
        yield _change("enum-value-removed", f"{old.name}.{name}", what)
    for name in values.added:
        change_id = "input-enum-value-added" if is_only_sent else "enum-value-added"
        yield _change(change_id, f"{old.name}.{name}", f"value {name} was added")
    for name, (before, after) in values.kept.items():
        yield from _marked_changes("enum-value", f"{old.name}.{name}", before, after)


def _union_changes(old: Type, new: Type) -> Iterator[Change]:
    members = DictDiff.of(dict.fromkeys(old.members), dict.fromkeys(new.members))
    for name in members.removed:
        yield _change("union-member-removed", old.name, f"{name} is no longer a member of {old.name}")
    for name in members.added:
        yield _change("union-member-added", old.name, f"{name} is a new member of {old.name}")


def _input_object_changes(old: Type, new: Type) -> Iterator[Change]:
    if new.has("oneOf") and not old.has("oneOf"):
        yield _change("input-one-of-added", old.name, f"{old.name} takes exactly one of its fields")
    if old.has("oneOf") and not new.has("oneOf"):
        yield _change("input-one-of-removed", old.name, f"{old.name} takes any number of its fields")
    yield from _input_changes("input-field", old.inputs, new.inputs, f"{old.name}.{{}}")


def _object_changes(old: Type, new: Type, only_members: Mapping[str, str]) -> Iterator[Change]:
    yield from _interface_changes(old, new)
    fields = DictDiff.of(old.fields, new.fields)
    renames = fields.renames(_signature)
    for name in fields.removed:
        what = f"field {name} was removed{renamed_to(renames.get(name))}"
        yield _change("field-removed", f"{old.name}.{name}", what)
    for name in fields.added:
        yield _change("field-added", f"{old.name}.{name}", f"field {name} was added")
    for name, (before, after) in fields.kept.items():
        if before != after:
            yield from _field_changes(f"{old.name}.{name}", before, after, only_members)


def _interface_changes(old: Type, new: Type) -> Iterator[Change]:
    interfaces = DictDiff.of(dict.fromkeys(old.interfaces), dict.fromkeys(new.interfaces))
    for name in interfaces.removed:
        yield _change("type-interface-removed", old.name, f"{old.name} no longer implements {name}")
    for name in interfaces.added:
        yield _change("type-interface-added", old.name, f"{old.name} now implements {name}")


def _signature(field: Field) -> tuple[str, tuple[tuple[str, str], ...]]:
    return field.type, tuple(sorted((name, argument.type) for name, argument in field.arguments.items()))


def _field_changes(
    coordinate: str, old: Field, new: Field, only_members: Mapping[str, str]
) -> Iterator[Change]:
    if old.type != new.type:
        named = old.type.strip("[]!")
        is_within = _is_within(new.type, old.type.replace(named, only_members.get(named, named)))
        is_narrowed = is_within or _is_within(new.type, old.type)
        change_id = "field-type-narrowed" if is_narrowed else "field-type-changed"
        yield _change(change_id, coordinate, f"the type is {new.type} and was {old.type}")
    yield from _marked_changes("field", coordinate, old, new)
    yield from _input_changes("argument", old.arguments, new.arguments, coordinate + "({}:)")


def _input_changes(
    subject: str, old: Mapping[str, Input], new: Mapping[str, Input], coordinate: str
) -> Iterator[Change]:
    """
    Changes among the arguments of a field or a directive, or the fields of an input.

    *coordinate* holds ``{}`` where the name goes.
    """
    inputs, noun = DictDiff.of(old, new), subject.replace("-", " ")
    renames = inputs.renames(lambda value: value.type)
    for name in inputs.removed:
        what = f"{noun} {name} was removed{renamed_to(renames.get(name))}"
        yield _change(f"{subject}-removed", coordinate.format(name), what)
    for name, value in inputs.added.items():
        change_id = f"required-{subject}-added" if _is_required(value) else f"{subject}-added"
        yield _change(change_id, coordinate.format(name), f"{noun} {name}: {value.type} was added")
    for name, (before, after) in inputs.kept.items():
        if before != after:
            yield from _kept_input_changes(subject, coordinate.format(name), before, after)


def _is_required(value: Input) -> bool:
    return value.type.endswith("!") and value.default is None


def _kept_input_changes(subject: str, coordinate: str, old: Input, new: Input) -> Iterator[Change]:
    if old.type != new.type:
        change_id = f"{subject}-type-{'widened' if _is_within(old.type, new.type) else 'changed'}"
        yield _change(change_id, coordinate, f"the type is {new.type} and was {old.type}")
    for change in _default_changes(subject, coordinate, old, new):
        yield replace(change, before=_default_value(old), after=_default_value(new))
    yield from _marked_changes(subject, coordinate, old, new)


def _is_within(inner: str, outer: str) -> bool:
    """
    Every value of type *inner* is one of type *outer*.
    """
    if inner.endswith("!"):
        return _is_within(inner[:-1], outer.removesuffix("!"))
    if inner.startswith("[") and outer.startswith("[") and outer.endswith("]"):
        return _is_within(inner[1:-1], outer[1:-1])
    return inner == outer


def _default_value(value: Input) -> str:
    """
    The default value as canonical JSON; empty where there is none.
    """
    return "" if value.default is None else json_key(value_from_ast_untyped(parse_value(value.default)))


def _default_changes(subject: str, coordinate: str, old: Input, new: Input) -> Iterator[Change]:
    if old.default == new.default:
        return
    if old.default is None:
        yield _change(f"{subject}-default-added", coordinate, f"the default is {new.default}")
    elif new.default is None:
        # Without its default, what may not be null has to be given.
        required = "required-" if new.type.endswith("!") else ""
        yield _change(
            f"{required}{subject}-default-removed", coordinate, f"the default {old.default} is gone"
        )
    else:
        what = f"the default is {new.default} and was {old.default}"
        yield _change(f"{subject}-default-changed", coordinate, what)


def _marked_changes(subject: str, coordinate: str, old: Described, new: Described) -> Iterator[Change]:
    yield from _deprecation_changes(subject, coordinate, old.deprecation, new.deprecation)
    yield from _applied_changes(subject, coordinate, old, new)


def _deprecation_changes(subject: str, coordinate: str, old: str | None, new: str | None) -> Iterator[Change]:
    if old == new:
        return
    if old is None:
        reason = "" if new == DEFAULT_REASON else f" ({_unquoted(new)})"
        yield _change(f"{subject}-deprecation-added", coordinate, f"it is deprecated{reason}")
    elif new is None:
        yield _change(f"{subject}-deprecation-removed", coordinate, "it is no longer deprecated")
    else:
        what = f"it is deprecated for another reason ({_unquoted(new)})"
        yield _change(f"{subject}-deprecation-reason-changed", coordinate, what)


def _applied_changes(subject: str, coordinate: str, old: Described, new: Described) -> Iterator[Change]:
    """
    Directives that the specification does not know, on the same thing: one of each name is the same one.
    """
    applied = DictDiff.of(_applied(old), _applied(new))
    for before in applied.removed.values():
        yield _change(f"{subject}-directive-removed", coordinate, f"{' '.join(before)} was removed")
    for after in applied.added.values():
        yield _change(f"{subject}-directive-added", coordinate, f"{' '.join(after)} was added")
    for before, after in applied.kept.values():
        if before != after:
            what = f"{' '.join(after)} was {' '.join(before)}"
            yield _change(f"{subject}-directive-changed", coordinate, what)


def _applied(part: Described) -> dict[str, tuple[str, ...]]:
    by_name: dict[str, list[str]] = {}
    for one in part.applied:
        if one.name not in SPECIFIED_DIRECTIVES:
            by_name.setdefault(one.name, []).append(str(one))
    return {name: tuple(sorted(written)) for name, written in by_name.items()}


def _directive_changes(directives: DictDiff[Directive]) -> Iterator[Change]:
    for name in directives.removed:
        yield _change("directive-removed", f"@{name}", f"directive @{name} was removed")
    for name in directives.added:
        yield _change("directive-added", f"@{name}", f"directive @{name} was added")
    for name, (old, new) in directives.kept.items():
        yield from _kept_directive_changes(f"@{name}", old, new)


def _kept_directive_changes(coordinate: str, old: Directive, new: Directive) -> Iterator[Change]:
    yield from _input_changes("directive-argument", old.arguments, new.arguments, coordinate + "({}:)")
    for location in sorted({*old.locations} - {*new.locations}):
        yield _change("directive-location-removed", coordinate, f"it is no longer for {location}")
    for location in sorted({*new.locations} - {*old.locations}):
        yield _change("directive-location-added", coordinate, f"it is now for {location} too")
    if old.is_repeatable != new.is_repeatable:
        change_id = f"directive-repeatable-{'added' if new.is_repeatable else 'removed'}"
        what = f"it can {'now' if new.is_repeatable else 'no longer'} be repeated"
        yield _change(change_id, coordinate, what)
    yield from _deprecation_changes("directive", coordinate, old.deprecation, new.deprecation)
    if _redescribed(old, new):
        yield _documentation(coordinate)


def _redescribed(old: Described, new: Described) -> bool:
    """
    A description differs, of the thing itself or of a part that both have.
    """
    if old.description != new.description:
        return True
    groups = zip(_parts(old), _parts(new), strict=False)
    pairs = ((one, after[name]) for before, after in groups for name, one in before.items() if name in after)
    return any(_redescribed(*pair) for pair in pairs)


def _parts(part: Described) -> tuple[Mapping[str, Described], ...]:
    if isinstance(part, Type):
        return part.fields, part.inputs, part.values
    if isinstance(part, Field | Directive):
        return (part.arguments,)
    return ()
