"""
``[tool.taketwo.volatile]``: what the project adds to the catalogue of volatile values, changes or takes out.

Each table has the names of the catalogue's own files, with the type of what is found there, or ``false``::

    [tool.taketwo.volatile]
    off = ["stripe"]
    response_headers = { "x-quota-left" = "any", "x-served-by" = false }
    members = { "lease" = "id" }
    prefixes = { "ord_" = "id", "file-" = false }
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from taketwo.config.kinds import table as table_of
from taketwo.config.kinds import texts
from taketwo.config.placeholders import PlaceholderType, placeholder_type
from taketwo.config.tables import Table

Entries = Mapping[str, PlaceholderType | None]
"""The type of what is found under each name; None where it is not looked for."""

CATALOGUES = ("openai", "anthropic", "gemini", "stripe", "slack", "aws", "github", "generic")
"""One for each vendor, and one for what many of them have."""

SECTIONS = (
    "prefixes",
    "patterns",
    "members",
    "elements",
    "response_headers",
    "request_headers",
    "request_members",
)
_HEADERS = {"response_headers", "request_headers"}


@dataclass(frozen=True, slots=True)
class VolatileConfig:
    """
    ``off`` are the names of catalogues that are not used, such as ``stripe``.
    """

    off: tuple[str, ...] = ()
    sections: Mapping[str, Entries] = field(default_factory=dict)


def read_volatile(table: Table) -> VolatileConfig:
    off: tuple[str, ...] = table.take("off", texts, ())
    for name in off:
        if name not in CATALOGUES:
            table.mistake_at("off", f"names {name!r}; the catalogues are {', '.join(CATALOGUES)}")
    nothing: Entries = {}
    sections = {name: table.take(name, entries_of(name), nothing) for name in SECTIONS}
    return VolatileConfig(off, {name: entries for name, entries in sections.items() if entries})


def entries_of(section: str) -> Callable[[object], Entries]:
    """
    What reads the table of that name.
    """
    is_header = section in _HEADERS

    def entries(value: object) -> Entries:
        found = {name: _entry(name, each) for name, each in table_of(value).items()}
        dropped = [name for name, kind in found.items() if kind is PlaceholderType.DROP]
        if dropped and not is_header:
            raise ValueError(f"no 'drop' but for headers; use 'any' for {', '.join(dropped)}")
        if section == "patterns":
            for pattern in found:
                _check_regex(pattern)
        return found

    return entries


def _entry(name: str, value: object) -> PlaceholderType | None:
    if value is False:
        return None
    try:
        return placeholder_type(value)
    except ValueError as error:
        raise ValueError(f"{error}, or false, for {name!r}") from None


def _check_regex(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"regular expressions; {pattern!r} is none: {error}") from None
