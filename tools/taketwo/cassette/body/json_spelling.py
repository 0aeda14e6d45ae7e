r"""
How the texts of a JSON document spell their characters: as they are, or as one of the escapes of JSON.

Python's writer escapes what it must, and either all that is not ASCII or nothing of it. Others escape more
(``\/`` of PHP, ``\u0026`` of Go, ``\u0027`` of .NET) or in another way (``\u00E9``). Such a *policy* is
written as the escapes one behind the other; a single character that does not follow it is noted by its
position.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from json.encoder import encode_basestring, encode_basestring_ascii

_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = rf'(?:{_PAIR}|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{{4}}|\\["\\/bfnrt])'
_SIGN = rf"(?:{_ESCAPE}|[^\\])"
_SIGNS = re.compile(_SIGN, re.DOTALL)
_ESCAPES = re.compile(_ESCAPE)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ESCAPED_IN_ASCII = re.compile(r"[^\x00-\x7e]")  # and so is DEL
_ESCAPED_BEYOND_ASCII = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")
_ODD_SIGNS = re.compile(rf"([0-9]{{1,9}})=({_SIGN})(?: |\Z)", re.DOTALL)
# What stands in a document outside of its texts, or in an escape.
_IN_STRUCTURE = re.compile(r'[\s{}\[\]:,".0-9A-Za-z\\-]')

_FEW = 16  # that many replacements, one after the other, take less time than one look at each character


class _Signs(dict[int, str]):
    """
    How each character is written, by its number; one that was not asked for yet as Python writes it.
    """

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self._encode = encode_basestring_ascii if ascii_only else encode_basestring

    def __missing__(self, code: int) -> str:
        self[code] = written = self._encode(chr(code))[1:-1]
        return written


class Spelling:
    """
    Writes texts by a policy, *escapes*, over the way of Python's own writer.
    """

    def __init__(self, escapes: str, *, ascii_only: bool) -> None:
        self._policy = {meaning_of(sign): sign for sign in _SIGNS.findall(escapes)}
        self._encode = encode_basestring_ascii if ascii_only else encode_basestring
        self._signs = _Signs(ascii_only=ascii_only)
        usual = {meaning: self._signs[ord(meaning)] for meaning in self._policy}
        self._signs.update({ord(meaning): sign for meaning, sign in self._policy.items()})
        plain = {sign: self._policy[sign] for sign, written in usual.items() if written == sign}
        self._plain = str.maketrans(plain)
        self._escaped = {usual[sign]: own for sign, own in self._policy.items() if sign not in plain}
        self._is_rewritable = not any(map(_IN_STRUCTURE.match, plain))
        self._has_plus = "+" in plain

    def text(self, text: str) -> str:
        """
        *text* in quotes.
        """
        return f'"{text.translate(self._signs)}"' if self._policy else self._encode(text)

    def odd_text(self, text: str, odd: str) -> str:
        """
        The same with the single characters that *odd* notes, as far as they are still those of *text*.
        """
        parts: list[str] = []
        end = 0
        for place, sign in sorted({int(one[1]): one[2] for one in _ODD_SIGNS.finditer(odd)}.items()):
            if text[place : place + 1] == meaning_of(sign):
                parts += [text[end:place].translate(self._signs), sign]
                end = place + 1
        return f'"{"".join([*parts, text[end:].translate(self._signs)])}"'

    def oddities(self, spelling: str) -> str:
        """
        The characters of *spelling*, a text in quotes, that the policy writes in another way.
        """
        # By position and not as a whole: what stands between may become a placeholder.
        signs, meant = self._signs, meaning_of
        return " ".join(
            f"{position}={sign}"
            for position, sign in enumerate(_SIGNS.findall(spelling[1:-1]))
            if signs[ord(meant(sign))] != sign
        )

    def document(self, written: str) -> str | None:
        """
        A whole document, as Python has *written* it, by the policy; None where it takes a look at each text.
        """
        if not self._is_rewritable or (self._has_plus and "e+" in written):
            return None
        if self._escaped:
            written = self._with_own_escapes(written)
        if len(self._plain) > _FEW:
            return written.translate(self._plain)
        for code, sign in self._plain.items():
            # No sign of one character stands in what is written for another.
            written = written.replace(chr(code), sign)
        return written

    def _with_own_escapes(self, written: str) -> str:
        own = self._escaped
        if len(own) > _FEW or r"\\" in written:
            return _ESCAPES.sub(lambda found: own.get(found[0], found[0]), written)
        for usual, sign in own.items():
            written = written.replace(usual, sign)
        return written


@lru_cache(maxsize=64)
def spelling_of(escapes: str, *, ascii_only: bool) -> Spelling:
    """
    The same for all documents that are spelled alike, as those of one service are.
    """
    return Spelling(escapes, ascii_only=ascii_only)


def is_mostly_ascii(text: str) -> bool:
    """
    Whether more of what is not ASCII is escaped in the document *text* than not.
    """
    return len(_ESCAPED_BEYOND_ASCII.findall(text)) > len(_BEYOND_ASCII.findall(text))


def usual_policy(document: str, texts: Iterable[str], *, ascii_only: bool) -> str:
    """
    The escapes by which most characters of their kind are written in *document*, whose *texts* are these.
    """
    counts = own_signs(document, ascii_only=ascii_only)
    if not counts:
        return ""
    meant = Counter("".join(texts))
    return "".join(sorted(sign for sign in counts if 2 * counts[sign] > meant[meaning_of(sign)]))


def own_signs(document: str, *, ascii_only: bool) -> Counter[str]:
    """
    How often characters are written in *document* as Python's writer does not write them.
    """
    usual = _Signs(ascii_only=ascii_only)
    counts = Counter(_ESCAPES.findall(document))
    if ascii_only:
        counts.update(_ESCAPED_IN_ASCII.findall(document))
    return Counter({sign: count for sign, count in counts.items() if usual[ord(meaning_of(sign))] != sign})


def are_signs(escapes: str) -> bool:
    """
    Whether *escapes* can be a policy.
    """
    return "".join(_SIGNS.findall(escapes)) == escapes


def are_oddities(odd: str) -> bool:
    """
    Whether *odd* can note single characters.
    """
    return _ODD_SIGNS.sub("", odd) == ""


@lru_cache(maxsize=4096)
def meaning_of(sign: str) -> str:
    """
    The character that *sign* spells.
    """
    return str(json.loads(f'"{sign}"')) if sign.startswith("\\") else sign


def count_of(spelled: Sequence[tuple[str, str]]) -> int:
    """
    How long the notes about single values are.
    """
    return sum(len(number) + len(spelling) + 2 for number, spelling in spelled)
