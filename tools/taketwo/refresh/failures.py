"""
What the failure of a test shows: by its error, and the line that raised it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from taketwo.cassette.model import JsonValue
from taketwo.cassette.volatile.generate import PLACEHOLDER
from taketwo.compare.structure import is_list
from taketwo.results import Difference, DifferenceKind

_ERROR: Final = re.compile(r"E(\s|\Z)")
_SHORTEST: Final = 8  # characters of a text of an answer; shorter ones are found in any message by chance
_ANYTHING: Final = r"[^/\s'\"?#]+"


def is_shown_in(message: str, difference: Difference) -> bool:
    """
    Whether the failure *message* of pytest shows *difference*: by the name of the value, by the value before
    and after, by the status, by the address of the request, or by a text of the new answer.
    """
    shown = "\n".join(_shown_lines(message))
    location = difference.location
    if difference.is_whole or location.part in {"status", "reason"}:
        return _has_address(shown, location.target) or (
            location.part == "status" and _has_word(shown, str(difference.after))
        )
    if location.path and _has_word(shown, location.name):
        return True
    if difference.kind is DifferenceKind.CHANGED and _has_both(shown, difference):
        return True
    return any(len(text) >= _SHORTEST and text in shown for text in _texts(difference.after))


def _shown_lines(message: str) -> Iterator[str]:
    """
    The lines of the error, and of the code that raised it.
    """
    last = ""
    for line in message.splitlines():
        if _ERROR.match(line):
            if last:
                yield last
                last = ""
            yield line
        else:
            last = line


def _has_word(text: str, word: str) -> bool:
    return bool(word) and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _has_both(text: str, difference: Difference) -> bool:
    return all(
        any(_has_word(text, form) for form in _forms(value))
        for value in (difference.before, difference.after)
    )


def _forms(value: JsonValue) -> tuple[str, ...]:
    """
    A value as Python and as JSON write it.
    """
    return (repr(value), json.dumps(value, ensure_ascii=False))


def _has_address(text: str, target: str) -> bool:
    """
    Whether *text* names the address of a request, wherever the service is and whatever ids there are.
    """
    _, _, url = target.rpartition(" ")
    path = re.sub(r"\A\w+://[^/]+", "", url)
    if path in {"", "/"}:
        return False
    pattern = "".join(
        _ANYTHING if number % 2 else re.escape(part)
        for number, part in enumerate(re.split(rf"({PLACEHOLDER.pattern.replace('(', '(?:')})", path))
    )
    return re.search(rf"{pattern}(?![\w/])", text) is not None


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif is_list(value):
        for item in value:
            yield from _texts(item)
