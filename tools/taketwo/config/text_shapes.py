"""
Texts of one shape, from a small part of the language of regular expressions: signs, classes and counts.

A placeholder carries its shape with it, so that a replay can make a text that a client takes for a real one:
``sess_[a-z0-9]{12}``. Only what a text can be made from is taken; alternatives and groups are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

_PIECE = re.compile(
    r"(?:\[(?P<class>[^\]\\^][^\]]*)\]|\\(?P<escape>.)|(?P<sign>[^\\\[\](){}|*+?.^$<>\s]))"
    r"(?:\{(?P<least>\d{1,4})(?P<most>,\d{0,4})?\}|(?P<some>[*+?]))?"
)
_RANGE = re.compile(r"\\?(.)-\\?(.)|\\?(.)")
_DIGITS = "0123456789"
_KNOWN = {"d": _DIGITS, "w": f"abcdefghijklmnopqrstuvwxyz{_DIGITS}"}
_USUAL = 16
_MOST = 1000
_ALLOWED = "signs, classes such as [a-z0-9], \\d, \\w and counts such as {12}"


@dataclass(frozen=True, slots=True)
class Shape:
    """
    For each place of a text the signs that may stand there.
    """

    places: tuple[str, ...]

    def nth(self, number: int) -> str:
        """
        Another text for each *number*, as long as there are as many.
        """
        rest = number % prod(map(len, self.places))
        signs = []
        for choices in reversed(self.places):
            rest, index = divmod(rest, len(choices))
            signs.append(choices[index])
        return "".join(reversed(signs))


def parse_shape(pattern: str) -> Shape:
    """
    :raises ValueError: saying what *pattern* should be made of.
    """
    places: list[str] = []
    end = 0
    while end < len(pattern):
        piece = _PIECE.match(pattern, end)
        if piece is None:
            raise ValueError(f"{_ALLOWED}, and no {pattern[end : end + 8]!r}")
        end = piece.end()
        places += [_signs(piece)] * _count(piece)
        if len(places) > _MOST:
            raise ValueError(f"a string of at most {_MOST} characters")
    if not places:
        raise ValueError(_ALLOWED)
    return Shape(tuple(places))


def _count(piece: re.Match[str]) -> int:
    if piece["least"] is not None:
        least = int(piece["least"])
        most = piece["most"]
        return least if most is None else max(least, min(_USUAL, int(most[1:] or _USUAL)))
    return 1 if piece["some"] in {None, "?"} else _USUAL


def _signs(piece: re.Match[str]) -> str:
    if piece["class"] is not None:
        return _class(piece["class"])
    if piece["escape"] is not None:
        escape = piece["escape"]
        if escape.isalnum() and escape not in _KNOWN:
            raise ValueError(f"{_ALLOWED}, and no \\{escape}")
        return _KNOWN.get(escape, escape)
    return piece["sign"]


def _class(text: str) -> str:
    for name, signs in _KNOWN.items():
        text = text.replace(f"\\{name}", signs)
    found: dict[str, None] = {}
    for first, last, single in _RANGE.findall(text):
        if single:
            found[single] = None
        elif first > last:
            raise ValueError(f"{_ALLOWED}, and no empty range {first}-{last}")
        else:
            found |= dict.fromkeys(map(chr, range(ord(first), min(ord(last), ord(first) + _MOST) + 1)))
    return "".join(found)
