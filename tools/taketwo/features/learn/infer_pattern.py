"""
What two texts have in common, as a pattern that a rule for placeholders can have.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

_TOKEN = re.compile(r"[\w-]+|[^\w-]+")
_SHORTEST = 4
_TELLING = 12
_CLASSES = (
    (frozenset(string.digits), r"\d"),
    (frozenset(string.hexdigits.lower()), "[a-f0-9]"),
    (frozenset(string.hexdigits.upper()), "[A-F0-9]"),
    (frozenset(string.ascii_lowercase + string.digits), "[a-z0-9]"),
    (frozenset(string.ascii_uppercase + string.digits), "[A-Z0-9]"),
    (frozenset(string.ascii_letters + string.digits), "[A-Za-z0-9]"),
    (frozenset(string.ascii_letters + string.digits + "_-"), "[A-Za-z0-9_-]"),
)


@dataclass(frozen=True, slots=True)
class CommonPattern:
    """
    ``is_whole``: the texts are alike as a whole, and not a word in them. ``is_telling``: the pattern is one
    that hardly anything else is like, wherever it is looked for.
    """

    pattern: str
    is_whole: bool
    is_telling: bool


def common_pattern(before: str, after: str) -> CommonPattern | None:
    """
    A pattern for the one word in which two texts differ, or None when they differ in more.
    """
    first, second = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(first) != len(second):
        return None
    others = [(one, two) for one, two in zip(first, second, strict=True) if one != two]
    patterns = {_pattern(one, two) for one, two in others}
    if len(patterns) != 1 or None in patterns:
        return None
    pattern = next(iter(patterns)) or ""
    prefix = _prefix(*others[0])
    rest = len(others[0][0]) - len(prefix)
    return CommonPattern(pattern, len(first) == 1, (bool(prefix) and rest >= _SHORTEST) or rest >= _TELLING)


def _pattern(before: str, after: str) -> str | None:
    prefix = _prefix(before, after)
    one, two = before[len(prefix) :], after[len(prefix) :]
    signs = frozenset(one + two)
    found = next((name for known, name in _CLASSES if signs <= known), None)
    if found is None or min(len(one), len(two)) < _SHORTEST:
        return None
    count = f"{{{len(one)}}}" if len(one) == len(two) else "+"
    return f"{re.escape(prefix).replace(chr(92) + '-', '-')}{found}{count}"


def _prefix(before: str, after: str) -> str:
    """
    What both begin with, up to its last separator: ``sess_`` of ``sess_ab12`` and ``sess_ab99``.
    """
    common = 0
    while common < min(len(before), len(after)) and before[common] == after[common]:
        common += 1
    end = max(before[:common].rfind("_"), before[:common].rfind("-")) + 1
    return before[:end]
