"""
The GraphQL schema as a model that can be changed, with the way back to the names that resolvers know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from graphql import (
    EnumTypeDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    InputObjectTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
)

from mesh_inmemory.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphql import GraphQLSchema

    from mesh_inmemory.contract.changes import Change

Resolver: TypeAlias = "Callable[..., Any]"

_KINDS: Final = {
    ObjectTypeDefinitionNode: "type",
    InputObjectTypeDefinitionNode: "input",
    EnumTypeDefinitionNode: "enum",
    ScalarTypeDefinitionNode: "scalar",
}
_ARGUMENT: Final = re.compile(r"(\w+)\((\w+):\)")

# What nothing inside knows: an input under this name is dropped before a resolver sees it.
_UNKNOWN: Final = ""


@dataclass(slots=True)
class Member:
    """
    A field, input field, enum value or argument. *origin* is its name inside; empty for an added one.
    """

    type: str
    origin: str
    arguments: dict[str, Member] = field(default_factory=dict)
    value: object = None

    def sdl(self, name: str) -> str:
        arguments = ", ".join(argument.sdl(key) for key, argument in self.arguments.items())
        return f"{name}{f'({arguments})' if arguments else ''}{f': {self.type}' if self.type else ''}"


@dataclass(slots=True)
class Kind:
    word: str
    origin: str
    members: dict[str, Member] = field(default_factory=dict)

    def sdl(self, name: str) -> str:
        listed = "\n".join(f"  {member.sdl(key)}" for key, member in self.members.items())
        return f"{self.word} {name}" + (f" {{\n{listed}\n}}" if listed else "")


class GraphModel:
    def __init__(self, sdl: str) -> None:
        self._kinds = {node.name.value: _kind(node) for node in cast("Any", parse(sdl)).definitions}

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            try:
                self._apply(change)
            except KeyError as error:
                raise StartupError(f"graphql: there is no {error} to {change.verb} at {change.at}") from None

    def schema(self, resolvers: Mapping[tuple[str, str], Resolver]) -> GraphQLSchema:
        """
        The schema, whose resolvers see the names that they have always known.
        """
        try:
            schema = build_schema("\n\n".join(kind.sdl(name) for name, kind in self._kinds.items()))
        except Exception as error:
            raise StartupError(f"graphql: the changed schema is not valid: {error}") from error
        for name, kind in self._kinds.items():
            _wire(schema.type_map[name], kind, resolvers)
        return schema

    def _apply(self, change: Change) -> None:
        if not change.member:
            self._change_type(change)
            return
        found = _ARGUMENT.fullmatch(change.member)
        members = self._kinds[change.owner].members
        if found is None:
            _change_member(members, change.member, change)
        else:
            _change_member(members[found[1]].arguments, found[2], change)

    def _change_type(self, change: Change) -> None:
        kind = self._kinds.pop(change.at)
        if change.verb != "rename":
            return
        self._kinds[change.to] = kind
        pattern = re.compile(rf"\b{re.escape(change.at)}\b")
        for one in self._kinds.values():
            for member in one.members.values():
                for typed in (member, *member.arguments.values()):
                    typed.type = pattern.sub(change.to, typed.type)


def _kind(node: Any) -> Kind:  # noqa: ANN401 - one of four kinds of definition
    listed = getattr(node, "fields", None) or getattr(node, "values", None) or ()
    return Kind(_KINDS[type(node)], node.name.value, {one.name.value: _member(one) for one in listed})


def _member(node: Any) -> Member:  # noqa: ANN401 - a field, an input field, an enum value or an argument
    arguments = {one.name.value: _member(one) for one in getattr(node, "arguments", None) or ()}
    typed = getattr(node, "type", None)
    return Member(print_ast(typed) if typed is not None else "", node.name.value, arguments)


def _change_member(members: dict[str, Member], name: str, change: Change) -> None:
    if change.verb == "add":
        members[name] = Member(
            str(change.details.get("type", "")), _UNKNOWN, value=change.details.get("value")
        )
    elif change.verb == "retype":
        members[name].type = str(change.details["type"])
    elif change.verb == "remove":
        del members[name]
    else:
        _rename(members, name, change.to)


def _rename(members: dict[str, Member], name: str, to: str) -> None:
    if name not in members:
        raise KeyError(name)
    renamed = {to if key == name else key: member for key, member in members.items()}
    members.clear()
    members.update(renamed)


def _wire(type_: object, kind: Kind, resolvers: Mapping[tuple[str, str], Resolver]) -> None:
    if isinstance(type_, GraphQLObjectType):
        for name, member in kind.members.items():
            given = type_.fields[name]
            given.resolve = _resolver(member, resolvers.get((kind.origin, member.origin)))
            for key, argument in member.arguments.items():
                given.args[key].out_name = argument.origin or f"+{key}"
    elif isinstance(type_, GraphQLInputObjectType):
        for name, member in kind.members.items():
            type_.fields[name].out_name = member.origin or f"+{name}"
        type_.out_type = _known  # type: ignore[assignment,method-assign]
    elif isinstance(type_, GraphQLEnumType):
        for name, member in kind.members.items():
            type_.values[name].value = member.origin or name


def _resolver(member: Member, resolver: Resolver | None) -> Resolver:
    if member.origin == _UNKNOWN:
        return lambda *_, **__: member.value
    if resolver is None:
        return lambda row, *_, **__: getattr(row, member.origin)
    return lambda row, info, **given: resolver(row, info, **_known(given))


def _known(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if not name.startswith("+")}
