"""
The small part of YAML that cassettes are written in, and its safe reading.

The writer is our own because the file must not change with the library that happens to be installed, and
because a person must be able to read it: block style, long texts as they are, emoji as they are. The
reader accepts any YAML that means plain data, and refuses tags, aliases and doubled keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import yaml

from taketwo.cassette.model import JsonValue
from taketwo.errors import CassetteFormatError

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200

_INT = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {"null": None, "~": None, "": None, "true": True, "false": False}

# A text that begins with a letter, a slash or "<", and holds nothing that YAML could read otherwise.
_PLAIN = re.compile(
    r"[A-Za-z/<_]"
    r"(?:[^\s:#\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]|:(?=\S)| (?=[^\s#]))*\Z"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
)
# What other readers of YAML 1.1 take for something else than text.
_NOT_TEXT = re.compile(r"(?:null|true|false|yes|no|on|off|y|n|<<)\Z", re.IGNORECASE)
# What may not stand in a literal block: controls, line breaks of other kinds, byte order marks.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOT_IN_QUOTES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

# What may not stand in a file of YAML at all.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# YAML's readers give up on a longer key, unless a question mark announces it.
_LONGEST_KEY = 1000


def dump_yaml(value: JsonValue) -> str:
    """
    *value* as YAML in block style: keys in their order, one trailing newline.
    """
    return "\n".join(_lines(value, 0)) + "\n"


def load_yaml(text: str, *, name: str) -> JsonValue:
    """
    The plain data that *text* means.

    :raises CassetteFormatError: with *name*, line and reason.
    """
    if len(text) > MAX_BYTES:
        raise CassetteFormatError(f"{name}: the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
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


def _lines(value: JsonValue, indent: int) -> Iterator[str]:
    pad = " " * indent
    match value:
        case dict() if value:
            for key, item in value.items():
                yield from _keyed(pad, _scalar(key), item, indent)
        case list() | tuple() if value:
            for item in value:
                yield from _item(pad, item, indent)
        case _:
            yield pad + _leaf(value, indent)


def _keyed(pad: str, key: str, item: JsonValue, indent: int) -> Iterator[str]:
    if len(key) <= _LONGEST_KEY:
        yield from _entry(f"{pad}{key}:", item, indent)
    else:
        yield f"{pad}? {key}"
        yield from _entry(f"{pad}:", item, indent)


def _entry(head: str, item: JsonValue, indent: int) -> Iterator[str]:
    if isinstance(item, Mapping) and item:
        yield head
        yield from _lines(item, indent + 2)
    elif isinstance(item, Sequence) and not isinstance(item, str) and item:
        yield head
        yield from _lines(item, indent)
    else:
        yield f"{head} {_leaf(item, indent + 2)}"


def _item(pad: str, item: JsonValue, indent: int) -> Iterator[str]:
    first, *rest = _lines(item, indent + 2)
    yield f"{pad}- {first[indent + 2 :]}"
    yield from rest


def _leaf(value: JsonValue, indent: int) -> str:
    match value:
        case str():
            # In the first column a line such as "---" would end the document.
            return _block(value, indent) if "\n" in value and indent else _scalar(value)
        case dict():
            return "{}"
        case list() | tuple():
            return "[]"
        case _:
            return json.dumps(value)


def _scalar(text: str) -> str:
    if _PLAIN.match(text) and not _NOT_TEXT.match(text):
        return text
    if ('"' in text or "\\" in text) and not _NOT_IN_QUOTES.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _block(text: str, indent: int) -> str:
    if _UNPRINTABLE.search(text) or not text.strip("\n"):
        return _scalar(text)
    body = text.rstrip("\n")
    ending = len(text) - len(body)
    chomp = "-" if ending == 0 else "" if ending == 1 else "+"
    # The reader guesses the indentation from the first line, which it cannot when that line has its own.
    # An indicator counts from the parent, which is two columns to the left.
    sign = "2" if body[0] in " \t\n" else ""
    lines = [" " * indent + line if line else "" for line in body.split("\n")]
    return "\n".join([f"|{sign}{chomp}", *lines, *[""] * (ending - 1)])


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
