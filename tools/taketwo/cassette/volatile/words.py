"""
Whether a text is made of words, or is random as generated ids are.
"""

from __future__ import annotations

import re

_SHORTEST = 8
_LONGEST_WORD = 21
_LONGEST_DATE = 8  # 20240101
_LONG_NUMBER = 12
_PARTS = re.compile(r"[-_./:+=~]+")
_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]{5}")
_FEWER_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]{4}")
_VOWELS = re.compile(r"[aeiouy]")
_SHORTEST_PRONOUNCED = 4
_LONG_WORD = 10
_LEAST_VOWELS = 0.25  # of the letters of a long word
_LONGEST_NUMBER_IN_WORD = 4  # a year
_ANY_SIGNS = "[A-Za-z0-9]"
# That one of another alphabet has none but these signs, by chance, is too rare to matter.
_ALPHABETS = (
    ("[0-9a-f]", re.compile(r"[0-9a-f]+")),
    ("[0-9A-F]", re.compile(r"[0-9A-F]+")),
    ("[a-z0-9]", re.compile(r"[a-z0-9]{12,}")),
    ("[A-Z0-9]", re.compile(r"[A-Z0-9]{9,}")),
)


def looks_random(text: str) -> bool:
    """
    Whether *text* is hardly a name that a person chose: ``01HZX3kQ``, and no ``report-2024`` or ``gpt4o``.
    """
    if len(text) < _SHORTEST:
        return False
    if text.isdecimal():
        return len(text) >= _LONG_NUMBER
    return not all(map(_is_word, filter(None, _PARTS.split(text))))


def is_random_number(text: str) -> bool:
    """
    Whether *text* is digits alone, too many for a date: an id of hexadecimal digits, by chance.
    """
    return text.isdecimal() and len(text) > _LONGEST_DATE


def shape_of(text: str) -> str:
    """
    The pattern of texts that are as long as *text*, and of the same signs.
    """
    signs = next((signs for signs, alphabet in _ALPHABETS if alphabet.fullmatch(text)), _ANY_SIGNS)
    return f"{signs}{{{len(text)}}}"


def _is_word(part: str) -> bool:
    """
    Whether a part is digits of a date, or words that can be pronounced, with a short number behind.
    """
    if part.isdecimal():
        return len(part) <= _LONGEST_DATE
    letters = part.rstrip("0123456789")
    if len(part) - len(letters) > _LONGEST_NUMBER_IN_WORD or len(letters) > _LONGEST_WORD:
        return False
    pieces = _PIECES.findall(letters)
    is_whole = "".join(pieces) == letters
    are_long = len(pieces) == 1 or len(letters) >= _SHORTEST_PRONOUNCED * len(pieces)
    return is_whole and are_long and all(map(_is_pronounced, map(str.lower, pieces)))


def _is_pronounced(word: str) -> bool:
    if len(word) < _SHORTEST_PRONOUNCED:
        return True
    if len(word) < _LONG_WORD:
        return bool(_VOWELS.search(word)) and not _CONSONANTS.search(word)
    has_vowels = len(_VOWELS.findall(word)) >= _LEAST_VOWELS * len(word)
    return has_vowels and not _FEWER_CONSONANTS.search(word)
