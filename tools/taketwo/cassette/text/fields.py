"""
A mapping of a cassette's text, read with errors that name the file, the place and the reason.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NoReturn

from taketwo.cassette.model import DEFAULT_TIME, JsonStyle, JsonValue, Pairs
from taketwo.errors import CassetteFormatError

_ITEM = re.compile(r"(.+)\[(\d+)\]")
_TEXTS_ONLY = {str}

Table = Mapping[str, JsonValue]


class Fields:
    """
    A mapping of the file, with the words to say where in it something is wrong.
    """

    __slots__ = ("_above", "_place", "_table", "names")

    def __init__(self, value: JsonValue, place: str, above: Fields | None = None) -> None:
        self._place = place
        self._above = above
        if not isinstance(value, dict):
            self.refuse("expected a mapping")
        self._table: Table = value
        self.names: Collection[str] = value.keys()

    @property
    def file(self) -> str:
        return self._above.file if self._above else self._place

    def only(self, *known: str) -> Fields:
        return self.among(dict.fromkeys(known))

    def among(self, known: Mapping[str, None]) -> Fields:
        """
        This, which has no name that is not *known*.
        """
        if not self._table.keys() <= known.keys():
            key = next(key for key in self._table if key not in known)
            message = f"{self.where}: {key!r} is not a known key; known keys are {', '.join(known)}"
            raise CassetteFormatError(message, (*self.steps, key))
        return self

    def value(self, key: str) -> JsonValue:
        if key not in self._table:
            self.refuse(f"{key!r} is missing")
        return self._table[key]

    def text(self, key: str, default: str | None = None) -> str:
        value = self.value(key) if default is None else self._table.get(key, default)
        if isinstance(value, str):
            return value
        raise self._expected(key, "a string")

    def texts(self, key: str) -> list[str]:
        value = self.value(key)
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(item, str) for item in values):
            return [str(item) for item in values]
        raise self._expected(key, "a string or a list of strings")

    def pairs(self, key: str) -> Pairs:
        value = self._table.get(key)
        if isinstance(value, dict) and set(map(type, value.values())) == _TEXTS_ONLY:
            return tuple(value.items())
        table = self.node(key)
        return tuple((name, value) for name in table.names for value in table.texts(name))

    def integer(self, key: str) -> int:
        value = self.value(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise self._expected(key, "a whole number")

    def integers(self, key: str) -> list[int]:
        value = self.value(key)
        if isinstance(value, list) and all(type(item) is int for item in value):
            return [int(item) for item in value]
        raise self._expected(key, "a list of whole numbers")

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self._table.get(key, default)
        if isinstance(value, bool):
            return value
        raise self._expected(key, "true or false")

    def time(self, key: str, default: str) -> str:
        text = self.text(key, default)
        try:
            has_zone = datetime.fromisoformat(text).tzinfo is not None
        except ValueError:
            has_zone = False
        if has_zone:
            return text
        raise self._expected(key, f"a time with its zone, such as {DEFAULT_TIME}")

    def style(self) -> JsonStyle:
        name = self.text("style", JsonStyle.COMPACT.value)
        try:
            return JsonStyle(name)
        except ValueError:
            styles = ", ".join(style.value for style in JsonStyle)
            raise self._expected("style", f"one of {styles}") from None

    def binary(self, key: str) -> bytes:
        try:
            return base64.b64decode(self.text(key).replace("\n", ""), validate=True)
        except ValueError:  # binascii.Error is one, and so is what other signs than ASCII raise
            raise self._expected(key, "base64") from None

    def node(self, key: str) -> Fields:
        return Fields(self.value(key), key, self)

    def nodes(self, key: str) -> list[Fields]:
        value = self.value(key)
        if not isinstance(value, list):
            raise self._expected(key, "a list")
        return [Fields(item, f"{key}[{index}]", self) for index, item in enumerate(value)]

    def refuse(self, reason: str) -> NoReturn:
        raise CassetteFormatError(f"{self.where}: {reason}", self.steps)

    @property
    def where(self) -> str:
        return f"{self._above.where}: {self._place}" if self._above else self._place

    def _expected(self, key: str, what: str) -> CassetteFormatError:
        steps = (*self.steps, key) if key in self._table else self.steps
        return CassetteFormatError(f"{self.where}: {key!r} is not {what}", steps)

    @property
    def steps(self) -> tuple[str | int, ...]:
        if self._above is None:
            return ()
        found = _ITEM.fullmatch(self._place)
        return (*self._above.steps, *((found[1], int(found[2])) if found else (self._place,)))
