"""
A table of the configuration, from which values are taken by their kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from taketwo.config.kinds import kind_of, list_of_tables, nearest, table, tables_by_name
from taketwo.errors import ConfigError

_T = TypeVar("_T")
_NO_TABLE: dict[str, object] = {}
_NO_TABLES: list[object] = []


class Table:
    """
    Gives a default where a value is missing or wrong, and keeps every mistake for one report, its own and
    those of the tables inside.
    """

    def __init__(self, values: object, where: str) -> None:
        self._where = where
        self._mistakes: list[str] = []
        self._known: list[str] = []
        self._inside: list[Table] = []
        self._values: dict[str, object] = {}
        if isinstance(values, dict):
            self._values = values
        else:
            self._mistakes.append(f"{self._where}: {_unexpected(values, ValueError('a table'))}")

    @property
    def mistakes(self) -> list[str]:
        """
        The mistakes so far, here and inside.
        """
        return [*self._mistakes, *(mistake for inner in self._inside for mistake in inner.mistakes)]

    def take(self, key: str, read: Callable[[object], _T], default: _T) -> _T:
        self._known.append(key)
        if key not in self._values:
            return default
        try:
            return read(self._values[key])
        except ValueError as error:
            self._mistakes.append(f"{self._where}.{key}: {_unexpected(self._values[key], error)}")
            return default

    def table(self, key: str) -> Table:
        """
        The table inside; an empty one where there is none.
        """
        return self._open(self.take(key, table, _NO_TABLE), key)

    def named(self, key: str, expected: str) -> dict[str, Table]:
        """
        The tables inside the one inside, by their names.
        """
        inside = self.take(key, tables_by_name(expected), _NO_TABLE)
        return {name: self._open(inner, f"{key}.{name}") for name, inner in inside.items()}

    def listed(self, key: str) -> list[Table]:
        """
        The tables of a list, each a ``[[…]]``.
        """
        inside = self.take(key, list_of_tables(f"{self._where}.{key}"), _NO_TABLES)
        return [self._open(inner, f"{key}[{number}]") for number, inner in enumerate(inside, 1)]

    def has(self, key: str) -> bool:
        """
        Whether there is something to take; a value of the wrong kind is reported by itself.
        """
        return self._values.get(key, []) != []

    @property
    def has_more(self) -> bool:
        """
        Whether there is something that was not taken yet.
        """
        return not self._values.keys() <= set(self._known)

    def has_key(self, key: str) -> bool:
        """
        Whether *key* is there, with whatever value.
        """
        return key in self._values

    def mistake(self, text: str) -> None:
        self._mistakes.append(f"{self._where} {text}")

    def mistake_at(self, key: str, text: str) -> None:
        self._mistakes.append(f"{self._where}.{key} {text}")

    def refuse_unknown(self) -> None:
        """
        Count unknown keys among the mistakes, here and inside.
        """
        for key in self._values.keys() - set(self._known):
            near = nearest(key, self._known)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(sorted(self._known))}"
            self._mistakes.append(f"{self._where}.{key} is not known; {hint}")
        for inner in self._inside:
            inner.refuse_unknown()

    def refuse_mistakes(self, title: str) -> None:
        """
        :raises ConfigError: listing every mistake.
        """
        if self.mistakes:
            raise ConfigError("\n".join([title, *sorted(self.mistakes)]))

    def _open(self, values: object, key: str) -> Table:
        inner = Table(values, f"{self._where}.{key}")
        self._inside.append(inner)
        return inner


def of_test(options: Mapping[str, object], read: Callable[[Table], _T]) -> _T:
    """
    What *read* takes out of a test's own options; the other options are somebody else's.
    """
    table = Table(dict(options), "vcr")
    found = read(table)
    table.refuse_mistakes("this test cannot be played as it asks:")
    return found


def _unexpected(value: object, error: ValueError) -> str:
    """
    What was expected by *error*, and what came: its second argument, else the kind of *value*.

    A message shows a value only where it cannot be a secret.
    """
    expected, *shown = map(str, error.args)
    expected, semicolon, hint = expected.partition("; ")
    got = "" if "it is " in hint else f", got {shown[0] if shown else kind_of(value)}"
    return f"expected {expected}{got}{semicolon}{hint}"
