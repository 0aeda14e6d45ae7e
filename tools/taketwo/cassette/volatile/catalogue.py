"""
The catalogue of volatile values: what the APIs that people record generate anew with each answer.

One file in ``vendors`` holds the entries of one vendor, and :mod:`taketwo.config.volatile` those of the
project. An entry says of what type a value is:

* ``prefixes``: ids that begin so, in any text: ``chatcmpl-`` and something random
* ``patterns``: ids in any text, as regular expressions
* ``members``: the values of JSON members of that name, ``beside`` only where another member is there too
* ``elements``: what is in an element of XML
* ``response_headers`` and ``request_headers``: by their names, ``*`` for any part of them
* ``request_members``: what a client draws anew for each request, by the name of the member, field, parameter
  or header
* ``times``: numbers of seconds or milliseconds since 1970 under such names
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from taketwo.config.placeholders import PlaceholderType
from taketwo.config.volatile import CATALOGUES, SECTIONS, Entries, VolatileConfig, entries_of

_FOLDER = Path(__file__).with_name("vendors")
_REST = r"[A-Za-z0-9_-]{8,200}"
_NOTHING = re.compile(r"(?!)")
# Whether that is there depends on where a text ends, or on what follows in the next line.
_OF_ONE_TEXT = re.compile(r"[\^$]|\\[AZBSDWsnr]|[*+?}]\+|\(\?>")
_BEFORE = re.compile(r"\(\?<([=!])((?:\[[^\]]*\]|[^()\\\[\]])*)\)")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """
    Entries that are ready to be looked for.

    What *looks_in_lines* finds with ``any_pattern`` in several texts, in lines, whatever it finds in each.
    """

    prefixes: re.Pattern[str]
    prefix_types: Mapping[str, PlaceholderType]
    patterns: tuple[tuple[re.Pattern[str], PlaceholderType], ...]
    any_pattern: re.Pattern[str]
    looks_in_lines: bool
    members: Entries
    beside: Mapping[str, Entries]
    elements: re.Pattern[str]
    element_types: Entries
    response_headers: HeaderEntries
    request_headers: HeaderEntries
    request_members: Entries
    time_names: frozenset[str]
    time_suffixes: tuple[str, ...]

    def is_time(self, name: str) -> bool:
        """
        Whether a number under *name* can be a time.
        """
        return name in self.time_names or name.endswith(self.time_suffixes)


class HeaderEntries:
    """
    The types of headers by their names, and of some only with a value of theirs (``set-cookie: __cf_bm=*``).
    """

    def __init__(self, entries: Entries) -> None:
        self._exact = {name: kind for name, kind in entries.items() if "*" not in name}
        self._globs = {name: kind for name, kind in entries.items() if "*" in name and ": " not in name}
        self._valued = {
            (name.partition(": ")[0], name.partition(": ")[2]): kind
            for name, kind in entries.items()
            if ": " in name
        }
        self._known: dict[str, PlaceholderType | None] = {}

    def type_of(self, name: str, value: str) -> PlaceholderType | None:
        """
        The type of what is in the header, whose *name* is in lower case; None where it means something.
        """
        for (header, glob), kind in self._valued.items():
            if header == name and fnmatchcase(value, glob):
                return kind
        if name not in self._known:
            self._known[name] = self._type_of_name(name)
        return self._known[name]

    def _type_of_name(self, name: str) -> PlaceholderType | None:
        if name in self._exact:
            return self._exact[name]
        return next((kind for glob, kind in self._globs.items() if fnmatchcase(name, glob)), None)


def catalogue_of(config: VolatileConfig | None = None) -> Catalogue:
    """
    What every vendor and the project has; the project has the last word.
    """
    return _default() if config is None else _made(config)


@cache
def _default() -> Catalogue:
    return _made(VolatileConfig())


def _made(config: VolatileConfig) -> Catalogue:
    documents = [vendor(name) for name in CATALOGUES if name not in config.off]
    sections = {
        name: _merged(
            [*(entries_of(name)(one.get(name, {})) for one in documents)], config.sections.get(name)
        )
        for name in SECTIONS
    }
    prefixes, elements = _used(sections["prefixes"]), _used(sections["elements"])
    patterns = tuple((re.compile(text), kind) for text, kind in _used(sections["patterns"]).items())
    times = [table for table in (one.get("times") for one in documents) if isinstance(table, dict)]
    turned_off = {name for name, kind in sections["members"].items() if kind is None}
    return Catalogue(
        prefixes=_prefix_pattern(prefixes),
        prefix_types=prefixes,
        patterns=patterns,
        any_pattern=_any_of([pattern for pattern, _ in patterns]),
        looks_in_lines=not any(_OF_ONE_TEXT.search(pattern.pattern) for pattern, _ in patterns),
        members=_used(sections["members"]),
        beside=dict(_beside(documents, turned_off)),
        elements=_element_pattern(elements),
        element_types=elements,
        response_headers=HeaderEntries(sections["response_headers"]),
        request_headers=HeaderEntries(sections["request_headers"]),
        request_members={name.lower(): kind for name, kind in sections["request_members"].items()},
        time_names=frozenset(name for table in times for name in table["names"]) - turned_off,
        time_suffixes=tuple(suffix for table in times for suffix in table["suffixes"]),
    )


@cache
def vendor(name: str) -> Mapping[str, object]:
    """
    The file of one vendor.
    """
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _merged(parts: list[Entries], own: Entries | None) -> Entries:
    found: dict[str, PlaceholderType | None] = {}
    for part in parts:
        found |= part
    # What the project says of a header comes before what a pattern of names says of it.
    return {**(own or {}), **{name: kind for name, kind in found.items() if name not in (own or {})}}


def _used(entries: Entries) -> dict[str, PlaceholderType]:
    return {name: kind for name, kind in entries.items() if kind is not None}


def _beside(documents: list[Mapping[str, object]], off: set[str]) -> Iterator[tuple[str, Entries]]:
    for one in documents:
        tables = one.get("beside")
        for name, table in tables.items() if isinstance(tables, dict) else ():
            entries = entries_of("members")(table)
            yield name, {member: kind for member, kind in entries.items() if member not in off}


def _prefix_pattern(prefixes: Mapping[str, PlaceholderType]) -> re.Pattern[str]:
    if not prefixes:
        return _NOTHING
    longest_first = sorted(prefixes, key=lambda prefix: (-len(prefix), prefix))
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})({_REST})(?![\w-])")


def _any_of(patterns: list[re.Pattern[str]]) -> re.Pattern[str]:
    """
    What is found in each text in which one of *patterns* is, and in a few more: one search for all, in a
    fifth of the time. Where some cannot be joined, it is found everywhere.
    """
    are_plain = all(not pattern.groups and pattern.flags == re.UNICODE for pattern in patterns)
    return re.compile("|".join(_loosely(pattern.pattern) for pattern in patterns) if are_plain else "")


def _loosely(pattern: str) -> str:
    """
    *pattern* with what has to stand before it as a part of it, and without what may not.
    """
    found = _BEFORE.match(pattern)
    if found is None:
        return pattern
    rest = pattern[found.end() :]
    return f"(?:{found[2]}){rest}" if found[1] == "=" else rest


def _element_pattern(elements: Mapping[str, PlaceholderType]) -> re.Pattern[str]:
    if not elements:
        return _NOTHING
    return re.compile(rf"(?<=<)({'|'.join(map(re.escape, elements))})>([^<>\s]+)(?=</\1>)")
