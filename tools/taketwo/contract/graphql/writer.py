"""
Writes a schema as canonical SDL: everything that has no order in alphabetical order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from graphql.language.block_string import is_printable_as_block_string, print_block_string

from taketwo.contract.graphql.model import (
    DEFAULT_REASON,
    OPERATIONS,
    Applied,
    Described,
    Directive,
    Input,
    Schema,
    Type,
)

_Part = TypeVar("_Part", bound=Described)
# What says no more than the directive alone.
_WRITTEN: Final = {"deprecated": {"reason": DEFAULT_REASON}}


def written(schema: Schema) -> str:
    """
    The SDL of *schema*: the schema itself, then directives, then types, each by name.
    """
    return "\n\n".join(_definitions(schema)) + "\n"


def _definitions(schema: Schema) -> Iterator[str]:
    operations = {name: named for name in OPERATIONS if (named := schema.operation(name))}
    is_usual = all(OPERATIONS[name] == named for name, named in operations.items()) and operations.keys() >= {
        name for name, named in OPERATIONS.items() if named in schema.types
    }
    if not is_usual or schema.description is not None or schema.applied:
        listed = [f"{name}: {named}" for name, named in sorted(operations.items())]
        yield _described(schema, f"schema{_directives(schema)}{_block(listed)}")
    for name, directive in sorted(schema.directives.items()):
        yield _directive(name, directive)
    for _, type_ in sorted(schema.types.items()):
        yield _type(type_)


def _directive(name: str, directive: Directive) -> str:
    repeatable = " repeatable" if directive.is_repeatable else ""
    locations = " | ".join(sorted({*directive.locations}))
    head = f"directive @{name}{_arguments(directive.arguments)}{_directives(directive)}"
    return _described(directive, f"{head}{repeatable} on {locations}")


def _type(type_: Type) -> str:
    head = f"{type_.kind} {type_.name}"
    if type_.interfaces:
        head += f" implements {' & '.join(sorted(type_.interfaces))}"
    head += _directives(type_)
    if type_.members:
        return _described(type_, f"{head} = {' | '.join(sorted(type_.members))}")
    members = [
        *_members(type_.values, lambda name, _: name),
        *_members(type_.inputs, _input),
        *_members(type_.fields, lambda name, one: f"{name}{_arguments(one.arguments)}: {one.type}"),
    ]
    return _described(type_, head + _block(members))


def _members(parts: Mapping[str, _Part], write: Callable[[str, _Part], str]) -> Iterator[str]:
    for name in sorted(parts):
        yield _described(parts[name], write(name, parts[name]) + _directives(parts[name]))


def _arguments(arguments: Mapping[str, Input]) -> str:
    if not arguments:
        return ""
    listed = list(_members(arguments, _input))
    if any("\n" in one for one in listed):
        return "(\n" + _indented("\n".join(listed)) + "\n)"
    return f"({', '.join(listed)})"


def _input(name: str, one: Input) -> str:
    return f"{name}: {one.type}" + (f" = {one.default}" if one.default is not None else "")


def _directives(part: Described) -> str:
    return "".join(f" {one}" for one in sorted(map(_applied, part.applied)))


def _applied(one: Applied) -> str:
    return f"@{one.name}" if one.arguments == _WRITTEN.get(one.name) else str(one)


def _described(part: Described, text: str) -> str:
    if part.description is None:
        return text
    if is_printable_as_block_string(part.description):
        return f"{print_block_string(part.description)}\n{text}"
    return f"{json.dumps(part.description, ensure_ascii=False)}\n{text}"


def _block(lines: list[str]) -> str:
    return " {\n" + _indented("\n".join(lines)) + "\n}" if lines else ""


def _indented(text: str) -> str:
    return "  " + text.replace("\n", "\n  ")
