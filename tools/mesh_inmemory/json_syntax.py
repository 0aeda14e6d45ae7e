"""
What is wrong with a text that is no JSON, in the words of V8, which Mesh's clients know.

Python's own messages and positions change from one version to the next.
"""

from __future__ import annotations

import re
from typing import Final

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_DIGITS: Final = re.compile(r"[0-9]+")
_HEX: Final = re.compile(r"[0-9a-fA-F]{4}")
_HEX_DIGITS: Final = re.compile(r"[0-9a-fA-F]*")
_WORDS: Final = {"t": "true", "f": "false", "n": "null"}
_ESCAPED: Final = frozenset('"\\/bfnrt')
# What a client sends that forgot to write its value as JSON.
_NO_TEXT: Final = ("NaN", "Infinity", "undefined", "[object Object]")
_NUMERIC: Final = "-0123456789"
_CONTEXT: Final = 10


def first_mistake(text: str) -> str:
    """
    What V8 says about *text*, which is not valid JSON.
    """
    try:
        _Scanner(text).document()
    except _MistakeError as mistake:
        return str(mistake)
    raise ValueError("the text is valid JSON")


class _MistakeError(Exception):
    pass


class _Scanner:
    """
    Walks through JSON up to the first mistake. It keeps its own stack, so that no depth is too deep for it.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[str] = []

    def document(self) -> None:
        self._value()
        while self._open:
            self._next()
        if self._peek():
            raise self._mistake("Unexpected non-whitespace character after JSON")

    def _next(self) -> None:
        """
        What follows a value: the end of the innermost array or object, or a comma and one more value.
        """
        found = self._peek()
        if self._open[-1] == "[":
            if found not in ("]", ","):
                raise self._mistake("Expected ',' or ']' after array element in JSON")
        elif found not in ("}", ","):
            raise self._mistake("Expected ',' or '}' after property value in JSON")
        self._at += 1
        if found != ",":
            self._open.pop()
            return
        if self._open[-1] == "{":
            self._key("double-quoted property name")
            if self._peek() != ":":
                raise self._unexpected()
            self._at += 1
        self._value()

    def _value(self) -> None:
        """
        A value, of an array or an object only the beginning: up to and with its first value.
        """
        while (found := self._peek()) and found in "[{":
            self._open.append(found)
            self._at += 1
            if self._peek() == ("]" if found == "[" else "}"):
                self._at += 1
                self._open.pop()
                return
            if found == "{":
                self._key("property name or '}'")
                if self._peek() != ":":
                    raise self._mistake("Expected ':' after property name in JSON")
                self._at += 1
        self._scalar(found)

    def _key(self, wanted: str) -> None:
        if self._peek() != '"':
            raise self._mistake(f"Expected {wanted} in JSON")
        self._string()

    def _scalar(self, found: str) -> None:
        if found == '"':
            self._string()
        elif found and found in _NUMERIC:
            self._number()
        else:
            self._word(_WORDS.get(found, ""))

    def _word(self, word: str) -> None:
        for letter in word or " ":
            if self._here() != letter:
                raise self._unexpected()
            self._at += 1

    def _number(self) -> None:
        if self._here() == "-":
            self._at += 1
            self._digits("No number after minus sign in JSON", leading_zero=True)
        else:
            self._digits("", leading_zero=True)
        if self._here() == ".":
            self._at += 1
            self._digits("Unterminated fractional number in JSON")
        if self._here() in ("e", "E"):
            self._at += 1
            if self._here() in ("+", "-"):
                self._at += 1
            self._digits("Exponent part is missing a number in JSON")

    def _digits(self, missing: str, *, leading_zero: bool = False) -> None:
        found = _DIGITS.match(self._text, self._at)
        if found is None:
            raise self._mistake(missing)
        if leading_zero and found.group().startswith("0") and len(found.group()) > 1:
            self._at += 1
            raise self._mistake("Unexpected number in JSON")
        self._at = found.end()

    def _string(self) -> None:
        self._at += 1
        while (found := self._after(_PLAIN)) != '"':
            if not found:
                raise self._mistake("Unterminated string in JSON")
            if found != "\\":
                raise self._mistake("Bad control character in string literal in JSON")
            self._at += 1
            self._escape()
        self._at += 1

    def _escape(self) -> None:
        found = self._here()
        if not found:
            raise self._unexpected()
        if found != "u" and found not in _ESCAPED:
            raise self._mistake("Bad escaped character in JSON")
        self._at += 1
        if found == "u" and not _HEX.match(self._text, self._at):
            self._after(_HEX_DIGITS)
            raise self._mistake("Bad Unicode escape in JSON")

    def _peek(self) -> str:
        return self._after(_BLANK)

    def _after(self, pattern: re.Pattern[str]) -> str:
        """
        The character behind what *pattern* matches here; empty at the end.
        """
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._here()

    def _here(self) -> str:
        return self._text[self._at : self._at + 1]

    def _mistake(self, told: str) -> _MistakeError:
        # JavaScript counts in UTF-16.
        position = len(self._text[: self._at].encode("utf-16-le", "surrogatepass")) // 2
        return _MistakeError(f"{told} at position {position}")

    def _unexpected(self) -> _MistakeError:
        found = self._here()
        if not found:
            return _MistakeError("Unexpected end of JSON input")
        if self._text in _NO_TEXT:
            return _MistakeError(f'"{self._text}" is not valid JSON')
        if found == '"':
            return self._mistake("Unexpected string in JSON")
        if found in _NUMERIC:
            return self._mistake("Unexpected number in JSON")
        return _MistakeError(f"Unexpected token '{found}', {self._quoted()} is not valid JSON")

    def _quoted(self) -> str:
        text, at = self._text, self._at
        if len(text) <= 2 * _CONTEXT:
            return f'"{text}"'
        if at < _CONTEXT:
            return f'"{text[: at + _CONTEXT]}"...'
        if at >= len(text) - _CONTEXT:
            return f'..."{text[at - _CONTEXT :]}"'
        return f'..."{text[at - _CONTEXT : at + _CONTEXT]}"...'
