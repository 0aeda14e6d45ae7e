"""
``[[tool.taketwo.placeholders]]``: rules for volatile values that cannot be detected by their format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import EllipsisType

from taketwo.config.kinds import nearest, text
from taketwo.config.tables import Table
from taketwo.config.text_shapes import parse_shape

_STEP = re.compile(r'"([^"]*)"(?:\.|\Z)|([^."\[\]\s]+)(?:\.|\Z)')
_PLACES = ("json", "text", "form", "parts", "events", "headers", "query", "url")
_ANY = "*"
_ANY_NUMBER = "**"


class PlaceholderType(Enum):
    """
    The type of a volatile value, and so of what a replay puts in its place.

    * ``COUNTER``: a whole number, in JSON or in a text; replayed as a number, in the same order
    * ``ID``: an opaque text; replayed as one of the rule's pattern
    * ``TIME``: an instant, as ISO 8601, as HTTP has it, or as a number since 1970; in the same order
    * ``UUID``: also without its hyphens
    * ``ETAG``: an entity tag
    * ``ANY``: a value that means nothing, such as a latency: every one is the same, and as well formed
    * ``TEXT``: the same of a text that may by chance look like a number: random characters
    * ``DROP``: a header that is not recorded
    """

    COUNTER = "counter"
    ID = "id"
    TIME = "time"
    UUID = "uuid"
    ETAG = "etag"
    ANY = "any"
    TEXT = "text"
    DROP = "drop"


@dataclass(frozen=True)  # without slots: what is compiled is kept
class Rule:
    """
    One ``[[tool.taketwo.placeholders]]``.
    """

    type: PlaceholderType
    path: str = ""
    pattern: str = ""

    def __str__(self) -> str:
        return ", ".join(self.lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """
        The lines of its table.
        """
        return tuple(f"{key} = {_quoted(value)}" for key, value in self.table.items())

    @property
    def table(self) -> dict[str, str]:
        parts = {"path": self.path, "pattern": self.pattern, "type": self.type.value}
        return {key: value for key, value in parts.items() if value}

    @cached_property
    def steps(self) -> tuple[str | EllipsisType, ...]:
        return parse_path(self.path) if self.path else ()

    @cached_property
    def regex(self) -> re.Pattern[str] | None:
        return re.compile(rf"(?<![\w-])(?:{self.pattern})(?![\w-])") if self.pattern else None

    def is_at(self, path: Sequence[str | int]) -> bool:
        """
        Whether the values at *path* are looked at.
        """
        return not self.steps or _matches(self.steps, path)


def parse_path(path: str) -> tuple[str | EllipsisType, ...]:
    """
    The steps of ``response.json.items.*.seq``; a name with a dot is quoted, ``**`` is any number of steps.

    :raises ValueError: saying what the path should be.
    """
    steps: list[str | EllipsisType] = []
    end = 0
    while end < len(path):
        found = _STEP.match(path, end)
        if found is None:
            raise ValueError("names between dots, with those in quotes that have a dot themselves")
        end = found.end()
        name = found[1] if found[1] is not None else found[2]
        steps.append(... if found[2] == _ANY_NUMBER else name)
    if path.endswith(".") or len(steps) < 2 or not _is_known(steps):  # noqa: PLR2004 - a side, and a place
        raise ValueError(
            "a side and a place, such as response.json.items.*.id; the sides are request and response, "
            f"the places {', '.join(_PLACES)}"
        )
    return tuple(steps)


def check_pattern(pattern: str) -> None:
    """
    :raises ValueError: when no text can be generated that matches *pattern*.
    """
    shape = parse_shape(pattern)
    if not re.fullmatch(pattern, shape.nth(0)):
        raise ValueError("a pattern of signs, classes and counts alone")


def _is_known(steps: Sequence[str | EllipsisType]) -> bool:
    side, place = steps[0], steps[1]
    known = side in {"request", "response", _ANY, ...}
    return known and (place in {*_PLACES, _ANY, ...} or side is ...)


def _matches(steps: Sequence[str | EllipsisType], path: Sequence[str | int]) -> bool:
    if not steps:
        return not path
    first, rest = steps[0], steps[1:]
    if first is ...:
        return any(_matches(rest, path[skipped:]) for skipped in range(len(path) + 1))
    return bool(path) and first in {_ANY, str(path[0])} and _matches(rest, path[1:])


def _quoted(text: str) -> str:
    """
    *text* as TOML has it.
    """
    if "\\" in text and "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def read_rule(table: Table) -> Rule:
    rule = Rule(
        type=table.take("type", placeholder_type, PlaceholderType.ID),
        path=table.take("path", _path, ""),
        pattern=table.take("pattern", _pattern, ""),
    )
    if not table.has("type"):
        table.mistake(f"has no type; the types are {', '.join(each.value for each in PlaceholderType)}")
    if not table.has("path") and not table.has("pattern"):
        table.mistake("has neither a path nor a pattern, so it finds nothing")
    if rule.type is PlaceholderType.DROP and (rule.steps[1:2] != ("headers",) or rule.pattern):
        table.mistake(
            "drops something that is no header; name one with a path, such as response.headers.x-cost"
        )
    return rule


def placeholder_type(value: object) -> PlaceholderType:
    """
    :raises ValueError: naming the types.
    """
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
