"""
Plain data as YAML: the small part of it that cassettes are written in.

The writer is our own because the file must not change with the library that happens to be installed, and
because a person must be able to read it: block style, long texts as they are, emoji as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import TypeAlias

from taketwo.cassette.model import JsonValue

# YAML's readers give up on a longer key, unless a question mark announces it.
LONGEST_KEY = 1000

# A text that begins with a letter, a slash or "<", and holds nothing that YAML could read otherwise; nor is
# it a word that other readers of YAML 1.1 take for something else than text.
_PLAIN = re.compile(
    r"(?!(?i:null|true|false|yes|no|on|off|y|n|<<)\Z)[A-Za-z/<_]"
    r"(?:[^\s:#\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]++|:(?=\S)| (?=[^\s#]))*+\Z"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
)
# What may not stand in a literal block: controls, line breaks of other kinds, byte order marks.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOT_IN_QUOTES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

# Longer texts seldom come twice.
_LONGEST_KNOWN = 200

is_plain = _PLAIN.match
_quoted = json.JSONEncoder(ensure_ascii=False).encode

_Add: TypeAlias = Callable[[str], None]


def dump_yaml(value: JsonValue) -> str:
    """
    *value* as YAML in block style: keys in their order, one trailing newline.
    """
    lines: list[str] = []
    _Writer(lines.append).value(value, "", "")
    lines.append("")
    return "\n".join(lines)


def scalar(text: str) -> str:
    """
    *text* on one line: plain where no reader could take it for something else, else in quotes.
    """
    if is_plain(text):
        return text
    if ('"' in text or "\\" in text) and not _NOT_IN_QUOTES.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", _quoted(text))


def block(text: str, pad: str) -> str:
    """
    *text* on lines of its own behind *pad*, where YAML can hold it so; else on one line.
    """
    if _UNPRINTABLE.search(text) or not text.strip("\n"):
        return scalar(text)
    body = text.rstrip("\n")
    ending = len(text) - len(body)
    chomp = "-" if ending == 0 else "" if ending == 1 else "+"
    # The reader guesses the indentation from the first line, which it cannot when that line has its own.
    # An indicator counts from the parent, which is two columns to the left.
    sign = "2" if body[0] in " \t\n" else ""
    lines = [pad + line if line else "" for line in body.split("\n")]
    return "\n".join([f"|{sign}{chomp}", *lines, *[""] * (ending - 1)])


class _Scalars(dict[str, str]):
    """
    Texts as they are written: most keys, and many values, come again and again.
    """

    def __missing__(self, text: str) -> str:
        written = scalar(text)
        if len(text) <= _LONGEST_KNOWN:
            self[text] = written
        return written


class _Writer:
    """
    Gives line after line to *add*; what is written first goes behind a head such as ``- ``.
    """

    def __init__(self, add: _Add) -> None:
        self._add = add
        self._scalars = _Scalars()

    def value(self, value: JsonValue, head: str, pad: str) -> None:
        if isinstance(value, dict) and value:
            self._mapping(value, head, pad)
        elif isinstance(value, (list, tuple)) and value:
            self._sequence(value, head, pad)
        else:
            self._add(head + self._leaf(value, pad))

    def _mapping(self, table: Mapping[str, JsonValue], head: str, pad: str) -> None:
        add, scalars = self._add, self._scalars
        for key, item in table.items():
            name = scalars[key]
            if len(name) > LONGEST_KEY:
                add(f"{head}? {name}")
                head, name = pad, ""
            # The commonest by far come first, without a call.
            if isinstance(item, str) and "\n" not in item:
                add(f"{head}{name}: {scalars[item]}")
            elif isinstance(item, dict) and item:
                add(f"{head}{name}:")
                inner = pad + "  "
                self._mapping(item, inner, inner)
            elif isinstance(item, (list, tuple)) and item:
                add(f"{head}{name}:")
                self._sequence(item, pad, pad)
            else:
                add(f"{head}{name}: {self._leaf(item, pad + '  ')}")
            head = pad

    def _sequence(self, items: Sequence[JsonValue], head: str, pad: str) -> None:
        inner = pad + "  "
        for item in items:
            self.value(item, head + "- ", inner)
            head = pad

    def _leaf(self, value: JsonValue, pad: str) -> str:
        if isinstance(value, str):
            # In the first column a line such as "---" would end the document.
            return block(value, pad) if "\n" in value and pad else self._scalars[value]
        if isinstance(value, dict):
            return "{}"
        return "[]" if isinstance(value, (list, tuple)) else _word(value)


def _word(value: JsonValue) -> str:
    """
    A number, or one of the three words of JSON, as JSON has it.
    """
    if value is None:
        return "null"
    if type(value) is int or (type(value) is float and isfinite(value)):
        return repr(value)  # what json.dumps writes, and takes its time for
    return json.dumps(value)
