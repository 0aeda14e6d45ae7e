"""
The full reader of cassettes' YAML: any that means plain data, whoever wrote it.

It refuses tags, aliases and doubled keys, with errors that name the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from taketwo.cassette.model import JsonValue
from taketwo.errors import CassetteFormatError

MAX_DEPTH = 200

_INT = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {"null": None, "~": None, "": None, "true": True, "false": False}

# What may not stand in a file of YAML at all.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_any(text: str, *, name: str) -> JsonValue:
    """
    The plain data that *text* means, whoever wrote it.

    :raises CassetteFormatError: with *name*, line and reason.
    """
    if found := _FORBIDDEN.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise CassetteFormatError(f"{name}, line {line}: the character U+{ord(found[0]):04X} is not allowed")
    try:
        return _Reader(text, name).document()
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


class _Reader:
    """
    Builds plain data from the events of the parser, which runs no code and expands nothing.
    """

    def __init__(self, text: str, name: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events: Iterator[Any] = yaml.parse(text, Loader=loader)
        self._name = name

    def document(self) -> JsonValue:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise CassetteFormatError(f"{self._name}: the file is empty")
        value = self._value(next(self._events), MAX_DEPTH)
        next(self._events)
        follower = next(self._events)
        if not isinstance(follower, yaml.StreamEndEvent):
            self._refuse(follower, "a second document begins here; a cassette is one")
        return value

    def _value(self, event: Any, depth: int) -> JsonValue:  # noqa: ANN401 - PyYAML's events have no common type
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._refuse(event, "aliases and anchors are not allowed")
        if event.tag is not None:
            self._refuse(event, f"the tag {event.tag} is not allowed")
        if depth == 0:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.ScalarEvent):
            return self._plain(event) if event.implicit[0] and not event.style else str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth - 1)
        return self._mapping(depth - 1)

    def _sequence(self, depth: int) -> list[JsonValue]:
        items: list[JsonValue] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, depth))
        return items

    def _mapping(self, depth: int) -> dict[str, JsonValue]:
        entries: dict[str, JsonValue] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.tag or event.anchor:
                self._refuse(event, "a key must be a plain text")
            if event.value in entries:
                self._refuse(event, f"the key {event.value!r} stands twice")
            entries[event.value] = self._value(next(self._events), depth)
        return entries

    def _plain(self, event: Any) -> JsonValue:  # noqa: ANN401 - see above
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text):
            return self._integer(event)
        return float(text) if _FLOAT.match(text) else text

    def _integer(self, event: Any) -> int:  # noqa: ANN401 - see above
        try:
            return int(event.value)
        except ValueError:
            self._refuse(event, "the number has too many digits")

    def _refuse(self, event: Any, reason: str) -> NoReturn:  # noqa: ANN401 - see above
        raise CassetteFormatError(f"{self._name}, line {event.start_mark.line + 1}: {reason}")
