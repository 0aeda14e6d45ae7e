"""
The fast reader of the YAML that :mod:`taketwo.cassette.text.yaml_writer` writes; all other YAML is left to
:mod:`taketwo.cassette.text.yaml_full`.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from taketwo.cassette.body.limits import MAX_BYTES
from taketwo.cassette.model import JsonValue
from taketwo.cassette.text.yaml_writer import LONGEST_KEY, block, is_plain, scalar
from taketwo.errors import CassetteFormatError

_MAX_DEPTH = 60
_WORDS: dict[str, bool | None] = {"null": None, "true": True, "false": False}
_BLOCK_HEAD = re.compile(r"\|2?[-+]?\Z")
_QUOTED_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'):(?: |\Z)""")


class NotOurs(Exception):  # noqa: N818 - it is no error, and leaves no reader
    """
    The text is not as the writer writes.
    """


class _Block:
    """
    What stands for a text whose lines follow.
    """


_BLOCK = _Block()


def read_canonical(text: str) -> dict[str, JsonValue] | None:
    """
    What *text* means, or None when it is no mapping that the writer wrote.
    """
    if not text.endswith("\n"):
        return None
    lines = text.split("\n")
    try:
        table, end = _Reader(lines).mapping(0, "", 1)
    except NotOurs:
        return None
    return table if end == len(lines) - 1 else None


def meaning_of(written: str) -> JsonValue:
    """
    What a scalar on one line stands for.

    :raises NotOurs: when the writer writes nothing so.
    """
    if is_plain(written):
        return written
    if written in {"{}", "[]"}:
        return {} if written == "{}" else []
    found = _meaning(written)
    return _refuse() if isinstance(found, _Block) else found


class _Meanings(dict[str, "JsonValue | _Block"]):
    """
    Scalars with their values: most come again and again.
    """

    def __missing__(self, written: str) -> JsonValue | _Block:
        if written in {"{}", "[]"}:
            return {} if written == "{}" else []
        self[written] = found = written if is_plain(written) else _meaning(written)
        return found


class _Keys(dict[str, str]):
    """
    The same for keys, which are texts, and not too long for one line.
    """

    def __missing__(self, written: str) -> str:
        key = written if is_plain(written) else _meaning(written)
        if not isinstance(key, str) or len(written) > LONGEST_KEY:
            _refuse()
        self[written] = key
        return key


class _Reader:
    """
    Reads down the lines; each method gets the line where it begins, and returns the one where it ended.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._meanings = _Meanings()
        self._keys = _Keys()

    def mapping(self, at: int, pad: str, depth: int) -> tuple[dict[str, JsonValue], int]:
        if depth == _MAX_DEPTH:
            _refuse()
        lines, meanings, keys, indent = self._lines, self._meanings, self._keys, len(pad)
        inner, dash = pad + "  ", pad + "- "
        table: dict[str, JsonValue] = {}
        while (line := lines[at]) and line.startswith(pad):
            at += 1
            # A key with a colon in it is left to the full reader, as it is seldom.
            written, colon, rest = line[indent:].partition(": ")
            key = keys[written if colon else _without_colon(written)]
            if key in table:
                _refuse()
            if colon:
                value = meanings[rest]
                table[key], at = self._text(at, rest, inner) if isinstance(value, _Block) else (value, at)
            # The items of a list begin in the column of the key, and all else two further.
            elif lines[at].startswith(dash):
                table[key], at = self._sequence(at, pad, depth + 1)
            else:
                table[key], at = self.mapping(at, inner, depth + 1)
        return (table, at) if table else _refuse()

    def _sequence(self, at: int, pad: str, depth: int) -> tuple[list[JsonValue], int]:
        if depth == _MAX_DEPTH:
            _refuse()
        lines, head, inner, start = self._lines, pad + "- ", pad + "  ", len(pad) + 2
        items: list[JsonValue] = []
        while (line := lines[at]).startswith(head):
            # What stands behind the dash is the first line of something that begins in its column.
            lines[at] = inner + line[start:]
            item, at = self._item(at, line[start:], inner, depth)
            items.append(item)
        return items, at

    def _item(self, at: int, rest: str, pad: str, depth: int) -> tuple[JsonValue, int]:
        if rest.startswith("- "):
            return self._sequence(at, pad, depth + 1)
        if _QUOTED_KEY.match(rest) if rest[:1] in "\"'" else ": " in rest or rest.endswith(":"):
            return self.mapping(at, pad, depth + 1)
        value = self._meanings[rest]
        return self._text(at + 1, rest, pad) if isinstance(value, _Block) else (value, at + 1)

    def _text(self, at: int, head: str, pad: str) -> tuple[str, int]:
        lines, first, last, indent = self._lines, at, len(self._lines) - 1, len(pad)
        while at < last and (lines[at].startswith(pad) or not lines[at]):
            at += 1
        block_lines = lines[first:at]
        text = "\n".join(line[indent:] for line in block_lines) + ("" if head.endswith("-") else "\n")
        if "\n" not in text or block(text, pad) != "\n".join([head, *block_lines]):
            _refuse()
        return text, at


def _without_colon(line: str) -> str:
    return line[:-1] if line.endswith(":") else _refuse()


def _meaning(written: str) -> JsonValue | _Block:
    """
    What a scalar stands for that is no plain text.
    """
    first = written[:1]
    if first in {"'", '"'}:
        return _text_in_quotes(written)
    if first == "|" and _BLOCK_HEAD.match(written):
        return _BLOCK
    return _WORDS[written] if written in _WORDS else _number(written)


def _text_in_quotes(written: str) -> str:
    text = written[1:-1]
    if written[0] == "'":
        text = text.replace("''", "'")
    elif "\\" in text:
        text = _unescaped(written)
    return text if scalar(text) == written else _refuse()


def _unescaped(written: str) -> str:
    try:
        text = str(json.loads(written))
    except ValueError:
        _refuse()
    # A lone surrogate can be written, and not be read.
    return _refuse() if "\\ud" in written else text


def _number(written: str) -> int | float:
    whole = written.isdecimal() or written[1:].isdecimal()
    try:
        value = int(written) if whole else float(written)
    except ValueError:
        _refuse()
    # Neither words such as "inf" nor other spellings: the writer's numbers are Python's own.
    return value if repr(value) == written and written[-1].isdecimal() else _refuse()


def _refuse() -> NoReturn:
    raise NotOurs


def load_yaml(text: str, *, name: str) -> JsonValue:
    """
    The plain data that *text* means.

    :raises CassetteFormatError: with *name*, line and reason.
    """
    if len(text) > MAX_BYTES:
        raise CassetteFormatError(f"{name}: the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    canonical = read_canonical(text)
    if canonical is not None:
        return canonical
    from taketwo.cassette.text.yaml_full import read_any  # noqa: PLC0415 - slow to import, and seldom needed

    return read_any(text, name=name)
