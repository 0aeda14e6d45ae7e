"""Titles: which is most like what somebody said, and which is still free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import count
from typing import TypeVar

_T = TypeVar("_T")
_NUMBER = re.compile(r"\d+")
_DIGITS = 20


def plain(text: str) -> str:
    """
    The text as one hears it: without capitals, and with one space between words.
    """
    return " ".join(text.casefold().split())


def reading_order(title: str) -> str:
    """
    The key to sort titles by: as one hears them, with "Pong 2" before "Pong 10".
    """
    return _NUMBER.sub(lambda number: number.group().zfill(_DIGITS), plain(title))


def alike(text: str, titled: Sequence[tuple[str, _T]], *, threshold: float) -> list[_T]:
    """
    Those whose title is like *text*, the most alike first; *threshold* is the least likeness, from 0 to 1.

    A part of a title counts like a whole one, but loses against one; of equal titles the later comes first.
    """
    matcher = SequenceMatcher()
    # What is compared with all others is prepared once when it is the second.
    matcher.set_seq2(plain(text))
    words = len(text.split())
    scored = [
        (*_likeness(matcher, plain(title), words, threshold), place)
        for place, (title, _) in enumerate(titled)
    ]
    found = sorted((score for score in scored if score[0] >= threshold), reverse=True)
    return [titled[place][1] for *_, place in found]


def unique_title(wanted: str, taken: Iterable[str]) -> str:
    """
    The title, with the first free number behind it where it is taken: "Pong", "Pong 2", "Pong 3".
    """
    heard = {plain(title) for title in taken}
    if plain(wanted) not in heard:
        return wanted
    numbered = (f"{wanted.strip()} {number}" for number in count(2))
    return next(title for title in numbered if plain(title) not in heard)


def _likeness(matcher: SequenceMatcher[str], title: str, words: int, threshold: float) -> tuple[float, bool]:
    """
    How alike, and whether it is the whole title that is.
    """
    part = max((_ratio(matcher, each, threshold) for each in _parts(title, words)), default=0.0)
    whole = _ratio(matcher, title, threshold)
    return max(part, whole), whole >= part


def _ratio(matcher: SequenceMatcher[str], candidate: str, threshold: float) -> float:
    if not candidate:
        return 0.0
    matcher.set_seq1(candidate)
    # The quick ones are upper bounds, and spare most titles the slow one.
    if matcher.real_quick_ratio() < threshold or matcher.quick_ratio() < threshold:
        return 0.0
    return matcher.ratio()


def _parts(title: str, words: int) -> Iterator[str]:
    """
    Every run of so many words in the title.
    """
    split = title.split()
    return (" ".join(split[start : start + words]) for start in range(len(split) - words + 1))
