"""
Any YAML or JSON document with the line of every scalar in it, and errors with the line of their place.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from taketwo.errors import CassetteFormatError

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | bytes | bool | None"
Path: TypeAlias = tuple[str | int, ...]

_MAX_DEPTH = 200
_WORDS: dict[str, bool | None] = {"null": None, "~": None, "": None, "true": True, "false": False}
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+')
_BINARY = {"!!binary", "tag:yaml.org,2002:binary"}

_LONGEST = 1_000_000  # to look through more takes longer than anybody waits for an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """
    One text of a document; it stands on the lines *first* to *last*.

    Each line of a *block* is a line of the file, and the text begins below the sign that announces it. A key
    has the path of the object that it is in.
    """

    value: str | bytes
    path: Path
    first: int
    last: int
    block: bool = False


@dataclass(slots=True)
class Document:
    """
    The documents of one file, and every text in them in the order of the file.
    """

    trees: list[Tree] = field(default_factory=list)
    scalars: list[Scalar] = field(default_factory=list)
    has_aliases: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    value: Tree = None
    text: str | bytes = ""
    anchor: str | None = None
    first: int = 0
    last: int = 0
    block: bool = False


def read_document(text: str, *, name: str) -> Document:
    """
    What *text* holds: JSON when *name* ends so, else YAML.

    :raises CassetteFormatError: with *name*, line and reason.
    """
    is_json = name.endswith((".json", ".json.new"))
    return _Builder(_json_tokens(text, name) if is_json else _yaml_tokens(text, name), name).read()


def _json_tokens(text: str, name: str) -> Iterator[_Token]:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise CassetteFormatError(f"{name}, line {error.lineno}: {error.msg}") from None
    except (RecursionError, ValueError):
        raise CassetteFormatError(f"{name}: nested too deep, or a number with too many digits") from None
    line, end = 1, 0
    for found in _TOKEN.finditer(text):
        line, end = line + text.count("\n", end, found.start()), found.start()
        yield _json_token(found[0], line)


def _json_token(piece: str, line: int) -> _Token:
    if piece in {"{", "["}:
        return _Token(kind=piece)
    if piece in {"}", "]"}:
        return _Token(kind="end")
    value = json.loads(piece) if piece[0] == '"' else _WORDS.get(piece, piece)
    return _Token(kind="scalar", value=value, text=str(value), first=line, last=line)


def _yaml_tokens(text: str, name: str) -> Iterator[_Token]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            token = _yaml_token(event)
            if token is not None:
                yield token
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not YAML"
        raise CassetteFormatError(f"{name}, line {mark.line + 1 if mark else 1}: {reason}") from None
    except (ValueError, OverflowError):  # chr() refuses an escape such as "\UFFFFFFFF"
        raise CassetteFormatError(f"{name}: it is not YAML") from None


def _yaml_token(event: Any) -> _Token | None:  # noqa: ANN401 - PyYAML's events have no common type
    match event:
        case yaml.ScalarEvent():
            return _yaml_scalar(event)
        case yaml.AliasEvent():
            return _Token(kind="alias", anchor=event.anchor)
        case yaml.MappingStartEvent():
            return _Token(kind="{", anchor=event.anchor)
        case yaml.SequenceStartEvent():
            return _Token(kind="[", anchor=event.anchor)
        case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
            return _Token(kind="end")
        case _:
            return None


def _yaml_scalar(event: Any) -> _Token:  # noqa: ANN401 - see above
    text: str = event.value
    content: str | bytes = _from_base64(text) if event.tag in _BINARY else text
    plain = not event.style and event.implicit[0]
    return _Token(
        kind="scalar",
        value=_WORDS[text] if plain and text in _WORDS else content,
        text=content,
        anchor=event.anchor,
        first=event.start_mark.line + 1,
        last=event.end_mark.line + 1,
        block=event.style == "|" and isinstance(content, str),
    )


def _from_base64(text: str) -> str | bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return text


class _Builder:
    def __init__(self, tokens: Iterator[_Token], name: str) -> None:
        self._tokens = tokens
        self._name = name
        self._anchors: dict[str, Tree] = {}
        self._document = Document()

    def read(self) -> Document:
        for token in self._tokens:
            self._document.trees.append(self._node(token, ()))
        return self._document

    def _node(self, token: _Token, path: Path) -> Tree:
        if len(path) > _MAX_DEPTH:
            raise CassetteFormatError(f"{self._name}: nested deeper than {_MAX_DEPTH} levels")
        if token.kind == "alias":
            self._document.has_aliases = True
            return self._anchors.get(token.anchor or "")
        value = self._value(token, path)
        if token.anchor is not None:
            self._anchors[token.anchor] = value
        return value

    def _value(self, token: _Token, path: Path) -> Tree:
        if token.kind == "{":
            return self._mapping(path)
        if token.kind == "[":
            return [self._node(item, (*path, index)) for index, item in enumerate(self._until_end())]
        self._keep(token, path)
        return token.value

    def _mapping(self, path: Path) -> Tree:
        table: dict[str, Tree] = {}
        for key in self._until_end():
            name = self._node(key, path)
            table[str(name)] = self._node(next(self._tokens), (*path, str(name)))
        return table

    def _until_end(self) -> Iterator[_Token]:
        while (token := next(self._tokens)).kind != "end":
            yield token

    def _keep(self, token: _Token, path: Path) -> None:
        self._document.scalars.append(
            Scalar(value=token.text, path=path, first=token.first, last=token.last, block=token.block)
        )


def with_line(error: CassetteFormatError, text: str) -> CassetteFormatError:
    """
    *error*, which is about a file with that *text*, with the line of its place where it has one.
    """
    line = _line_of(text, error.place) if error.place and len(text) <= _LONGEST else 0
    file, colon, reason = str(error).partition(": ")
    return CassetteFormatError(f"{file}, line {line}{colon}{reason}") if line else error


def _line_of(text: str, place: Path) -> int:
    """
    Where what is at *place* begins; 0 where nothing is there, or the text cannot be read so far.
    """
    try:
        scalars = read_document(text, name="").scalars
    except CassetteFormatError:
        return 0
    *above, last = place
    keys = (one.first for one in scalars if one.path == tuple(above) and one.value == last)
    inside = (one.first for one in scalars if one.path[: len(place)] == place)
    return next(keys, 0) or next(inside, 0)
