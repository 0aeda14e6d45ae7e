"""
``[[tool.taketwo.placeholders]]``: where the services mint what cannot be told by its looks.
"""

from __future__ import annotations

from collections.abc import Callable

from taketwo.config.kinds import nearest, text
from taketwo.config.tables import Table
from taketwo.rules import PlaceholderType, Rule, check_pattern, parse_path


def read_rule(table: Table) -> Rule:
    rule = Rule(
        type=table.take("type", _type, PlaceholderType.ID),
        path=table.take("path", _path, ""),
        pattern=table.take("pattern", _pattern, ""),
    )
    if not table.has("type"):
        table.mistake(f"has no type; the types are {', '.join(each.value for each in PlaceholderType)}")
    if not table.has("path") and not table.has("pattern"):
        table.mistake("has neither a path nor a pattern, so it finds nothing")
    return rule


def _type(value: object) -> PlaceholderType:
    known = {each.value: each for each in PlaceholderType}
    if isinstance(value, str) and value in known:
        return known[value]
    near = nearest(str(value), known)
    raise ValueError(f"one of {', '.join(known)}" + (f"; did you mean {near}?" if near else ""))


def _path(value: object) -> str:
    return _sound(text(value), parse_path)


def _pattern(value: object) -> str:
    return _sound(text(value), check_pattern)


def _sound(text: str, check: Callable[[str], object]) -> str:
    try:
        check(text)
    except ValueError as error:
        raise ValueError(f"{error}; it is {text!r}") from None
    return text
