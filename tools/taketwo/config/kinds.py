"""
What a value of a table may be.

Each function returns the value as it is used. Its ``ValueError`` holds what was expected, and where it helps
what came instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TypeVar

NOTHING: Mapping[str, str] = MappingProxyType({})
_E = TypeVar("_E", bound=Enum)


def text(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise ValueError("a non-empty string")


def path(value: object) -> str:
    if isinstance(value, str) and value.startswith("/"):
        return value
    raise ValueError("a path that starts with /")


def boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def seconds(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    raise ValueError(
        "a number of seconds above 0", repr(value) if type(value) in {int, float} else kind_of(value)
    )


def days(value: object) -> float:
    """
    A time such as ``90d``, ``12w`` or ``36h``, in days.
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(h|d|w)", value) if isinstance(value, str) else None
    if found is None or float(found[1]) <= 0:
        raise ValueError('a time such as "90d", "12w" or "36h"', repr(value) if value else kind_of(value))
    return float(found[1]) * {"h": 1 / 24, "d": 1, "w": 7}[found[2]]


def between(lowest: int, highest: int) -> Callable[[object], int]:
    def number(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        raise ValueError(f"a number from {lowest} to {highest}", repr(value))

    return number


def one_of(members: type[_E]) -> Callable[[object], _E]:
    def member(value: object) -> _E:
        known = {str(each.value): each for each in members}
        if isinstance(value, str) and value in known:
            return known[value]
        raise ValueError(f"one of {', '.join(known)}", repr(value))

    return member


def texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError("a list of strings", _with_odd_item(value, str))


def judged_values(value: object) -> tuple[str, ...]:
    """
    What a project says is secret, or is none: a list of texts, of which ``/…/`` are regular expressions.
    """
    for text in texts(value):
        if text.startswith("/") and text.endswith("/"):
            try:
                re.compile(text[1:-1])
            except re.error as error:
                raise ValueError(f"a regular expression between slashes ({error})", repr(text)) from None
    return texts(value)


def header_names(value: object) -> tuple[str, ...]:
    """
    Names of headers, in lower case.
    """
    if isinstance(value, list | tuple) and all(isinstance(item, str) and item.strip() for item in value):
        return tuple(item.strip().lower() for item in value)
    raise ValueError("a list of names of headers")


def table(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise ValueError("a table")


def table_of_texts(value: object) -> Mapping[str, str]:
    found = table(value)
    texts = {key: item for key, item in found.items() if isinstance(item, str)}
    if len(texts) == len(found):
        return MappingProxyType(texts)
    raise ValueError("a table of strings", _with_odd_item(value, str))


def tables_by_name(expected: str) -> Callable[[object], dict[str, object]]:
    def tables(value: object) -> dict[str, object]:
        found = table(value)
        if all(isinstance(item, dict) for item in found.values()):
            return found
        raise ValueError(expected, _with_odd_item(value, dict))

    return tables


def list_of_tables(name: str) -> Callable[[object], list[object]]:
    def tables(value: object) -> list[object]:
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        raise ValueError(f"a list of tables, each [[{name}]]")

    return tables


def kind_of(value: object) -> str:
    """
    What *value* is, in the words of a message.
    """
    kinds = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "a table",
    }
    return "an empty string" if value == "" else kinds.get(type(value), "a date or a time")


def _with_odd_item(value: object, kind: type[object]) -> str:
    """
    What *value* is, and what in it is not of that *kind*.
    """
    items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    odd = [item for item in items if not isinstance(item, kind)]
    return f"{kind_of(value)} that holds {kind_of(odd[0])}" if odd else kind_of(value)


def nearest(word: str, known: Iterable[str], *, alike: float = 0.6) -> str:
    """
    The word that was meant, perhaps; an empty one when none is *alike*, from 0 to 1.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=alike)), "")
