"""
The one reader of YAML for whatever our own writer did not write: libyaml's events made into plain data.

It runs no code. What it refuses, and what it makes of scalars, depends on the *dialect*; every error names
the line. The same reader notes the position of each scalar for those who point at places in a file.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import yaml

from taketwo.cassette.body.limits import MAX_BYTES
from taketwo.cassette.model import JsonValue
from taketwo.errors import CassetteFormatError

MAX_DEPTH = 200

Scalar: TypeAlias = str | bytes | bool | int | float | None
Tree: TypeAlias = "dict[str, Tree] | list[Tree] | Scalar"

_INT = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {"null": None, "~": None, "": None, "true": True, "false": False}
_BINARY = frozenset({"!!binary", "tag:yaml.org,2002:binary"})

# What may not stand in a file of YAML at all.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """
    What a document may hold beside mappings, lists and scalars.

    * ``plain`` is the meaning of a scalar without quotes; a ``ValueError`` refuses it
    * ``tags`` are those that are allowed, None for no tag, nor an alias or an anchor; with them, binary
      scalars are bytes
    * ``lent`` is how many characters aliases may stand for, all together
    * ``unique`` refuses a key that comes twice, and one that is no plain scalar
    """

    plain: Callable[[str], Scalar]
    tags: re.Pattern[str] | None = None
    lent: float = 0
    unique: bool = False


def _typed(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def _word(text: str) -> Scalar:
    return _WORDS.get(text, text)


CASSETTE = Dialect(plain=_typed, unique=True)
"""A cassette of ours: JSON's data, and nothing that a person who reads the file could miss."""

ANY = Dialect(plain=_word, tags=re.compile(""), lent=float("inf"))
"""Whatever somebody put into a file: numbers are texts, as they are written."""


def read_any(text: str, *, name: str) -> JsonValue:
    """
    The plain data that *text* means, in any style of YAML.

    :raises CassetteFormatError: with *name*, line and reason.
    """
    if found := _FORBIDDEN.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise CassetteFormatError(f"{name}, line {line}: the character U+{ord(found[0]):04X} is not allowed")
    tree: JsonValue = TreeReader(yaml_events(text, name), name, CASSETTE).only()
    return tree


def yaml_events(text: str, name: str) -> Iterator[Any]:
    """
    The events of *text*, which have no common type.

    :raises CassetteFormatError: with *name*, line and reason.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CassetteFormatError(f"{name}, line {line}: {_reason(error, text)}") from None
    except (ValueError, OverflowError):
        # PyYAML without libyaml lets chr() refuse an escape such as "\UFFFFFFFF".
        raise CassetteFormatError(f"{name}: it is not YAML") from None


def _reason(error: yaml.YAMLError, text: str) -> str:
    if re.search(r"^(<{7}|>{7}|={7})( |$)", text, re.MULTILINE):
        return "the file has an unresolved merge conflict; resolve it, or record again"
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not YAML"
    return str(problem)


class TreeReader:
    """
    Builds plain data from *events*, those of PyYAML, whether they come from YAML or from JSON.

    ``path`` is where in the document the reader is; ``has_aliases`` whether it met one.
    """

    def __init__(self, events: Iterator[Any], name: str, dialect: Dialect) -> None:
        self.path: list[str | int] = []
        self.has_aliases = False
        self._events = events
        self._name = name
        self._dialect = dialect
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._size = 0
        self._lent = 0

    def only(self) -> Any:  # noqa: ANN401 - a caller knows what its dialect makes of a document
        """
        The document of a file.

        :raises CassetteFormatError: when there is none, or another one.
        """
        tree = self._document()
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._refuse(event, "a second document begins here; a cassette is one")
        return tree

    def first(self) -> Any:  # noqa: ANN401 - a caller knows what its dialect makes of a document
        """
        The first document of a file.

        :raises CassetteFormatError: when there is none.
        """
        return self._document()

    def all(self) -> list[Any]:
        """
        Every document of a file, which may hold none.
        """
        return [self._value(event, MAX_DEPTH) for event in self._events if isinstance(event, yaml.NodeEvent)]

    def scalar(self, event: Any) -> Scalar:  # noqa: ANN401 - see above
        """
        The meaning of one scalar.
        """
        text: str = event.value
        self._size += len(text)
        if event.implicit[0] and not event.style:
            try:
                return self._dialect.plain(text)
            except ValueError:
                self._refuse(event, "the number has too many digits")
        if event.tag in _BINARY:
            try:
                return base64.b64decode(text)
            except ValueError:
                self._refuse(event, "it is not base64")
        return text

    def _document(self) -> Any:  # noqa: ANN401 - see above
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                return self._value(event, MAX_DEPTH)
        raise CassetteFormatError(f"{self._name}: the file is empty")

    def _value(self, event: Any, depth: int) -> Any:  # noqa: ANN401 - see above
        tags = self._dialect.tags
        if tags is None and (isinstance(event, yaml.AliasEvent) or event.anchor is not None):
            self._refuse(event, "aliases and anchors are not allowed")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None and not (tags and tags.match(event.tag)):
            self._refuse(event, f"the tag {event.tag} is not allowed")
        if depth == 0:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        before = self._size
        value = self._content(event, depth - 1)
        self._size += 1
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._size - before)
        return value

    def _content(self, event: Any, depth: int) -> Any:  # noqa: ANN401 - see above
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        return self._mapping(depth)

    def _sequence(self, depth: int) -> list[Any]:
        items: list[Any] = []
        self.path.append(0)
        for item in self._until(yaml.SequenceEndEvent):
            self.path[-1] = len(items)
            items.append(self._value(item, depth))
        self.path.pop()
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for event in self._until(yaml.MappingEndEvent):
            key = self._key(event, entries) if self._dialect.unique else str(self._value(event, depth))
            self.path.append(key)
            entries[key] = self._value(next(self._events), depth)
            self.path.pop()
        return entries

    def _key(self, event: Any, entries: dict[str, Any]) -> str:  # noqa: ANN401 - see above
        if not isinstance(event, yaml.ScalarEvent) or event.tag or event.anchor:
            self._refuse(event, "a key must be a plain text")
        if event.value in entries:
            self._refuse(event, f"the key {event.value!r} appears twice")
        return str(event.value)

    def _until(self, end: type[Any]) -> Iterable[Any]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _alias(self, event: Any) -> Any:  # noqa: ANN401 - see above
        self.has_aliases = True
        if event.anchor not in self._anchors:
            self._refuse(event, f"the alias {event.anchor} refers to nothing that ended before it")
        value, size = self._anchors[event.anchor]
        self._size += size
        self._lent += size
        if self._lent > self._dialect.lent:
            self._refuse(event, f"the aliases stand for more than {MAX_BYTES // 1024 // 1024} MiB")
        return value

    def _refuse(self, event: Any, reason: str) -> NoReturn:  # noqa: ANN401 - see above
        raise CassetteFormatError(f"{self._name}, line {event.start_mark.line + 1}: {reason}")
