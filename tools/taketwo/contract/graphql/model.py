"""
A GraphQL schema as its SDL describes it: types, fields, arguments, and the directives on each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: How each kind of type is introduced.
KINDS: Final = ("enum", "input", "interface", "scalar", "type", "union")
#: What the specification defines, and no schema has to.
SPECIFIED_DIRECTIVES: Final = frozenset({"deprecated", "include", "oneOf", "skip", "specifiedBy"})
SPECIFIED_SCALARS: Final = frozenset({"Boolean", "Float", "ID", "Int", "String"})
OPERATIONS: Final = {"mutation": "Mutation", "query": "Query", "subscription": "Subscription"}
DEFAULT_REASON: Final = '"No longer supported"'


@dataclass(slots=True)
class Applied:
    """
    A directive where it is used, ``@cost(w: 1)``; values are as SDL writes them.
    """

    name: str
    arguments: dict[str, str]

    def __str__(self) -> str:
        listed = ", ".join(f"{name}: {value}" for name, value in sorted(self.arguments.items()))
        return f"@{self.name}({listed})" if listed else f"@{self.name}"


@dataclass(slots=True)
class Described:
    """
    What every part of a schema may have: a description, and directives.
    """

    description: str | None = None
    applied: list[Applied] = field(default_factory=list)

    def argument(self, directive: str, name: str) -> str | None:
        """
        What the first use of *directive* gives for the argument *name*.
        """
        return next((one.arguments.get(name) for one in self.applied if one.name == directive), None)

    def has(self, directive: str) -> bool:
        return any(one.name == directive for one in self.applied)

    @property
    def deprecation(self) -> str | None:
        """
        The reason, as SDL writes it; None for what is not deprecated.
        """
        if not self.has("deprecated"):
            return None
        return self.argument("deprecated", "reason") or DEFAULT_REASON


@dataclass(slots=True)
class Input(Described):
    """
    An argument, or a field of an input.
    """

    type: str = ""
    default: str | None = None


@dataclass(slots=True)
class Field(Described):
    type: str = ""
    arguments: dict[str, Input] = field(default_factory=dict)


@dataclass(slots=True)
class Type(Described):
    """
    A named type; which of the members are in use depends on its kind.
    """

    kind: str = ""
    name: str = ""
    interfaces: list[str] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    values: dict[str, Described] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Directive(Described):
    arguments: dict[str, Input] = field(default_factory=dict)
    is_repeatable: bool = False
    locations: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Schema(Described):
    """
    ``operations`` holds the type of each kind of operation, ``repeated`` the coordinates that came twice.
    """

    operations: dict[str, str] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    directives: dict[str, Directive] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)

    def operation(self, name: str) -> str | None:
        """
        The type of an operation, by its usual name where none is given.
        """
        if self.operations:
            return self.operations.get(name)
        return OPERATIONS[name] if OPERATIONS[name] in self.types else None

    def answered_types(self) -> set[str]:
        """
        The types of fields, which an answer may have.
        """
        return {bare(field.type) for type_ in self.types.values() for field in type_.fields.values()}

    def sent_types(self) -> set[str]:
        """
        The types of arguments and of the fields of inputs, which a request may have.
        """
        fields = (field for type_ in self.types.values() for field in type_.fields.values())
        inputs = (
            *(one for field in fields for one in field.arguments.values()),
            *(one for type_ in self.types.values() for one in type_.inputs.values()),
            *(one for directive in self.directives.values() for one in directive.arguments.values()),
        )
        return {bare(one.type) for one in inputs}


def bare(type_: str) -> str:
    """
    The name in a type: ``Note`` of ``[Note!]!``.
    """
    return type_.strip("[]!")
