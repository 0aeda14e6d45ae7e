"""
Reads SDL as services publish it, far faster than a full parser of GraphQL.

What validators refuse is read as it is meant: undeclared directives and scalars, extensions of
types that are elsewhere, parts that are there twice.
"""

from __future__ import annotations

import json
import re
from typing import Final, TypeVar

from graphql.language.block_string import dedent_block_string_lines

from taketwo.contract.graphql.model import (
    KINDS,
    OPERATIONS,
    SPECIFIED_DIRECTIVES,
    SPECIFIED_SCALARS,
    Applied,
    Described,
    Directive,
    Field,
    Input,
    Schema,
    Type,
)

_TOKENS: Final = re.compile(
    r"[\s,\ufeff]*(?:\#[^\r\n]*[\s,\ufeff]*)*("
    r"[_A-Za-z][_0-9A-Za-z]*"
    r"|[!$&()\[\]{}:=@|]"
    r'|"""[^"\\]*(?:(?:\\"""|\\|""?(?!"))[^"\\]*)*"""'
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
    r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
    r"|\.\.\."
    r"|\Z"
    r"|.)",
    re.VERBOSE | re.DOTALL,
)
_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]*\Z")
_END: Final = ""
_Part = TypeVar("_Part", bound=Described)


class SdlSyntaxError(ValueError):
    """
    The text is no SDL.
    """


def read_sdl(text: str) -> Schema:
    """
    The schema that *text* describes.

    :raises SdlSyntaxError: where it is no SDL.
    """
    return _Reader(_TOKENS.findall(text)).schema()


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._schema = Schema()
        self._seen: set[str] = set()

    def schema(self) -> Schema:
        while self._tokens[self._at] != _END:
            self._definition()
        return self._schema

    def _definition(self) -> None:
        description = self._description()
        word = self._next()
        is_extension = word == "extend"
        if is_extension:
            word = self._next()
        if word == "schema":
            self._schema_definition(description)
        elif word == "directive" and not is_extension:
            self._directive(description)
        elif word in KINDS:
            self._type(word, description, is_extension=is_extension)
        else:
            raise SdlSyntaxError(f"unexpected {word!r}")

    def _schema_definition(self, description: str | None) -> None:
        self._schema.description = description or self._schema.description
        self._schema.applied += self._applied()
        if self._skip("{"):
            while not self._skip("}"):
                operation = self._name()
                if operation not in OPERATIONS:
                    raise SdlSyntaxError(f"unexpected {operation!r}")
                self._expect(":")
                self._schema.operations.setdefault(operation, self._name())

    def _directive(self, description: str | None) -> None:
        self._expect("@")
        name = self._name()
        directive = Directive(description)
        directive.arguments = self._arguments(f"@{name}")
        directive.applied = self._applied()
        directive.is_repeatable = self._skip("repeatable")
        self._expect("on")
        directive.locations = self._joined("|")
        if name not in SPECIFIED_DIRECTIVES:
            self._add(self._schema.directives, name, directive, f"@{name}")

    def _type(self, kind: str, description: str | None, *, is_extension: bool) -> None:
        name = self._name()
        found = self._schema.types.get(name)
        type_ = found or Type(description, kind=kind, name=name)
        if found is not None and description:
            found.description = found.description or description
        if not is_extension:
            if name in self._seen:
                self._schema.repeated.append(name)
            self._seen.add(name)
        if name not in SPECIFIED_SCALARS:
            self._schema.types[name] = type_
        if self._skip("implements"):
            type_.interfaces += [one for one in self._joined("&") if one not in type_.interfaces]
        type_.applied += self._applied()
        if kind == "union" and self._skip("="):
            type_.members += [one for one in self._joined("|") if one not in type_.members]
        elif kind in {"enum", "input", "interface", "type"} and self._skip("{"):
            self._members(type_)

    def _members(self, type_: Type) -> None:
        while not self._skip("}"):
            description = self._description()
            name = self._name()
            at = f"{type_.name}.{name}"
            if type_.kind == "enum":
                self._add(type_.values, name, Described(description, self._applied()), at)
            elif type_.kind == "input":
                self._add(type_.inputs, name, self._input(description), at)
            else:
                self._add(type_.fields, name, self._field(description, at), at)

    def _field(self, description: str | None, at: str) -> Field:
        arguments = self._arguments(at)
        self._expect(":")
        return Field(description, type=self._type_of(), applied=self._applied(), arguments=arguments)

    def _arguments(self, at: str) -> dict[str, Input]:
        arguments: dict[str, Input] = {}
        if self._skip("("):
            while not self._skip(")"):
                description = self._description()
                name = self._name()
                self._add(arguments, name, self._input(description), f"{at}({name}:)")
        return arguments

    def _input(self, description: str | None) -> Input:
        self._expect(":")
        type_ = self._type_of()
        default = self._value() if self._skip("=") else None
        return Input(description, self._applied(), type_, default)

    def _add(self, parts: dict[str, _Part], name: str, part: _Part, at: str) -> None:
        """
        The first of two that have one name counts.
        """
        if name in parts:
            self._schema.repeated.append(at)
        else:
            parts[name] = part

    def _type_of(self) -> str:
        if self._skip("["):
            inner = self._type_of()
            self._expect("]")
            named = f"[{inner}]"
        else:
            named = self._name()
        return f"{named}!" if self._skip("!") else named

    def _applied(self) -> list[Applied]:
        applied: list[Applied] = []
        while self._skip("@"):
            name = self._name()
            arguments: dict[str, str] = {}
            if self._skip("("):
                while not self._skip(")"):
                    argument = self._name()
                    self._expect(":")
                    arguments[argument] = self._value()
            applied.append(Applied(name, arguments))
        return applied

    def _value(self) -> str:
        """
        A value as it is written in canonical SDL: objects in alphabetical order, texts with few escapes.
        """
        token = self._next()
        if token == "[":  # noqa: S105 - a bracket
            items = []
            while not self._skip("]"):
                items.append(self._value())
            return f"[{', '.join(items)}]"
        if token == "{":  # noqa: S105 - a brace
            fields = {}
            while not self._skip("}"):
                name = self._name()
                self._expect(":")
                fields[name] = self._value()
            return "{" + ", ".join(f"{name}: {fields[name]}" for name in sorted(fields)) + "}"
        if token.startswith('"'):
            return json.dumps(_text(token), ensure_ascii=False)
        if token[:1] in "-0123456789" and token != _END:
            return _number(token)
        if not _NAME.match(token):
            raise SdlSyntaxError(f"unexpected {token!r}")
        return token

    def _joined(self, sign: str) -> list[str]:
        self._skip(sign)
        names = [self._name()]
        while self._skip(sign):
            names.append(self._name())
        return names

    def _description(self) -> str | None:
        token = self._tokens[self._at]
        if not token.startswith('"'):
            return None
        self._at += 1
        return _text(token)

    def _name(self) -> str:
        token = self._next()
        if not _NAME.match(token):
            raise SdlSyntaxError(f"expected a name, found {token!r}")
        return token

    def _next(self) -> str:
        token = self._tokens[self._at]
        if token == _END:
            raise SdlSyntaxError("it ends too early")
        self._at += 1
        return token

    def _skip(self, token: str) -> bool:
        if self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._skip(token):
            raise SdlSyntaxError(f"expected {token!r}, found {self._tokens[self._at]!r}")


def _text(token: str) -> str:
    """
    What a string or a block string stands for.
    """
    if token.startswith('"""'):
        lines = re.split(r"\r\n|[\n\r]", token[3:-3].replace('\\"""', '"""'))
        return "\n".join(dedent_block_string_lines(lines))
    if len(token) == 1:
        raise SdlSyntaxError("a text has no end")
    if "\\" not in token:
        return token[1:-1]
    try:
        text: str = json.loads(re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda found: chr(int(found[1], 16)), token))
    except ValueError as error:
        raise SdlSyntaxError(str(error)) from error
    return text


def _number(token: str) -> str:
    """
    ``1.0`` and ``1`` are one number.
    """
    if set(token) & set(".eE"):
        value = float(token)
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return token
