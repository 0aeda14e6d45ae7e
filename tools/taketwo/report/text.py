"""
The lines of a report, and the small texts that several reports share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from taketwo.cassette.reason_phrases import usual_phrase

if TYPE_CHECKING:
    from taketwo.cassette.model import Pairs, StoredResponse

_KILO = 1000

# What a terminal obeys (a title, a colour, a cursor that moves), and what nobody sees or what turns the order
# of a line around: U+202E in a test id or an answer makes a person read another text than what is there.
_UNSEEN = (
    "\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U000110bd\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(f"[\x00-\x08\x0b-\x1f{_UNSEEN}]")
_HIDDEN_OR_BREAK = re.compile(f"[\x00-\x1f{_UNSEEN}]")
_HIDDEN_IN_JSON = re.compile(f"[{_UNSEEN}]")
_BYTE = 0x100
_PLANE = 0x10000

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


def visible(text: str) -> str:
    """
    *text* with an escape for each character that a terminal obeys, hides, or reorders others by.
    """
    return _HIDDEN.sub(_escape, text)


def one_line(text: str) -> str:
    """
    The same of what is to be one line, as the id of a test is.
    """
    return _HIDDEN_OR_BREAK.sub(_escape, text)


def visible_json(text: str) -> str:
    """
    A JSON text of the same meaning without such characters.
    """
    return _HIDDEN_IN_JSON.sub(_escape_in_json, text)


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < _BYTE:
        return {9: "\\t", 10: "\\n", 13: "\\r"}.get(number, f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < _PLANE else f"\\U{number:08x}"


def _escape_in_json(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


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


def contradiction_lines(counted: Mapping[str, int]) -> list[str]:
    """
    What recordings have that the contracts of their services contradict: each thing once, with the choice.
    """
    if not counted:
        return []
    return [
        "what was recorded contradicts the contract of its service, and a replay refuses it:",
        *(f"  {one}  ({count(number, 'test')})" for one, number in sorted(counted.items())),
        "report it to the authors of the service, or have replays accept it, in [tool.taketwo.contract]:",
        '  warn = ["PLACE", …] for these places, or check = "warn" for all of them',
    ]


def passes(number: int) -> str:
    return "passes" if number == 1 else "pass"


def some(names: Sequence[str], most: int) -> str:
    """
    The first names, and how many more there are.
    """
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
