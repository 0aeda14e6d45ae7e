"""
The lines of a report, and the small texts that several reports share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from taketwo.cassette.model import Pairs, StoredResponse
from taketwo.cassette.reason_phrases import usual_phrase

_KILO = 1000

_READABLE = "<>:/,@!$'()*;~"  # what a query may hold without being escaped, and placeholders


@dataclass(frozen=True, slots=True)
class Line:
    """
    Text without markup; ``style`` is a name that :mod:`rich` knows.
    """

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """
    Text in a language, of as many lines as it has; ``language`` is a name that Pygments knows, or empty.
    """

    text: str
    language: str = ""


def readable_size(size: int) -> str:
    if size < _KILO:
        return f"{size} B"
    return f"{size / _KILO:.1f} kB" if size < _KILO**2 else f"{size / _KILO**2:.1f} MB"


def status_line(response: StoredResponse) -> str:
    return f"HTTP {response.status} {response.reason or usual_phrase(response.status)}".rstrip()


def query_text(pairs: Pairs) -> str:
    """
    The query of an address as one reads it; empty when there is none.
    """
    text = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    return f"?{text}" if text else ""


def _quoted(text: str) -> str:
    return quote(text, _READABLE, errors="surrogatepass")


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def passes(number: int) -> str:
    return "passes" if number == 1 else "pass"


def some(names: Sequence[str], most: int) -> str:
    """
    The first names, and how many more there are.
    """
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
