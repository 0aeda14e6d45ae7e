"""
Plain data as YAML: the small part of it that cassettes are written in.

The writer is our own because the file must not change with the library that happens to be installed, and
because a person must be able to read it: block style, long texts as they are, emoji as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from math import isfinite

from taketwo.cassette.model import JsonValue

# YAML's readers give up on a longer key, unless a question mark announces it.
LONGEST_KEY = 1000

# A text that begins with a letter, a slash or "<", and holds nothing that YAML could read otherwise; nor is
# it a word that other readers of YAML 1.1 take for something else than text.
# The first branch is the second for most of what comes, and found in half of the time.
_PLAIN = re.compile(
    r"(?=.{6})[A-Za-z/<_](?:[A-Za-z0-9/_.,?=&%+~()@!*;<>-]++|:(?=\S)| (?=[A-Za-z0-9]))*+\Z"
    r"|(?!(?i:null|true|false|yes|no|on|off|y|n|<<)\Z)[A-Za-z/<_]"
    r"(?:[^\s:#\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]++|:(?=\S)| (?=[^\s#]))*+\Z"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
)
# What may not stand in a literal block: controls, line breaks of other kinds, byte order marks.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOT_IN_QUOTES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

# Longer texts seldom come twice.
_LONGEST_KNOWN = 200

_WORDS = {None: "null", True: "true", False: "false"}

is_plain = _PLAIN.match


def dump_yaml(value: JsonValue) -> str:
    """
    *value* as YAML in block style: keys in their order, one trailing newline.
    """
    lines = Lines()
    lines.value(value, "", "")
    return lines.text()


def scalar(text: str) -> str:
    """
    *text* on one line: plain where no reader could take it for something else, else in quotes.
    """
    return text if is_plain(text) else _in_quotes(text)


def _in_quotes(text: str) -> str:
    is_clean = text.isprintable() or not _NOT_IN_QUOTES.search(text)
    if is_clean and ('"' in text or "\\" in text):
        return "'" + text.replace("'", "''") + "'"
    quoted = encode_basestring(text)
    return quoted if is_clean else _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


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


class Scalars(dict[str, str]):
    """
    Texts as they are written: most keys, and many values, come again and again.
    """

    def __missing__(self, text: str) -> str:
        if text.isdecimal() and text.isascii():
            written = f'"{text}"'  # as below, and the commonest of those in quotes
        else:
            written = text if is_plain(text) else _in_quotes(text)
        if len(text) <= _LONGEST_KNOWN:
            self[text] = written
        return written


class Lines:
    """
    Lines of YAML, one value below the other; what is written first goes behind a head such as ``- ``.
    """

    def __init__(self, scalars: Scalars | None = None) -> None:
        self._lines: list[str] = []
        self.add = self._lines.append
        self.scalars = Scalars() if scalars is None else scalars

    def text(self) -> str:
        return "\n".join([*self._lines, ""])

    def value(self, value: JsonValue, head: str, pad: str) -> None:
        if isinstance(value, dict) and value:
            self.mapping(value, head, pad)
        elif isinstance(value, (list, tuple)) and value:
            self._sequence(value, head, pad)
        else:
            self.add(head + self._leaf(value, pad))

    def mapping(self, table: Mapping[str, JsonValue], head: str, pad: str) -> None:
        add, scalars = self.add, self.scalars
        for key, item in table.items():
            name = scalars[key]
            if len(name) > LONGEST_KEY:
                add(f"{head}? {name}")
                head, name = pad, ""
            # The commonest by far come first, without a call.
            if isinstance(item, str) and "\n" not in item:
                add(f"{head}{name}: {scalars[item]}")
            elif type(item) is int or (type(item) is float and isfinite(item)):
                add(f"{head}{name}: {item!r}")
            elif item is None or isinstance(item, bool):
                add(f"{head}{name}: {_WORDS[item]}")
            elif isinstance(item, dict) and item:
                add(f"{head}{name}:")
                inner = f"{pad}  "
                self.mapping(item, inner, inner)
            elif isinstance(item, (list, tuple)) and item:
                add(f"{head}{name}:")
                self._sequence(item, pad, pad)
            else:
                add(f"{head}{name}: {self._leaf(item, pad + '  ')}")
            head = pad

    def texts(self, pairs: Iterable[tuple[str, str]], pad: str) -> None:
        """
        Members of a mapping that are texts, whose names are plain and short.
        """
        for name, text in pairs:
            written = self._leaf(text, f"{pad}  ") if "\n" in text else self.scalars[text]
            self.add(f"{pad}{name}: {written}")

    def member(self, name: str, value: JsonValue, pad: str) -> None:
        """
        One member of a mapping, whose *name* is plain and short.
        """
        if isinstance(value, dict) and value:
            self.add(f"{pad}{name}:")
            self.mapping(value, f"{pad}  ", f"{pad}  ")
        else:
            self.mapping({name: value}, pad, pad)

    def _sequence(self, items: Sequence[JsonValue], head: str, pad: str) -> None:
        inner = pad + "  "
        for item in items:
            if isinstance(item, str) and "\n" not in item:
                self.add(f"{head}- {self.scalars[item]}")
            else:
                self.value(item, f"{head}- ", inner)
            head = pad

    def _leaf(self, value: JsonValue, pad: str) -> str:
        if isinstance(value, str):
            # In the first column a line such as "---" would end the document.
            return block(value, pad) if "\n" in value and pad else self.scalars[value]
        if isinstance(value, dict):
            return "{}"
        return "[]" if isinstance(value, (list, tuple)) else _word(value)


def _word(value: JsonValue) -> str:
    """
    A number, or one of the three words of JSON, as JSON has it.
    """
    # What json.dumps writes, and takes its time for.
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if type(value) is int or (type(value) is float and isfinite(value)):
        return repr(value)
    return json.dumps(value)
