"""
Text as people and machines write it, made ready to be read aloud.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chorus_tts.errors import UnspeakableError

_LINK: Final = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_LINE_MARKS: Final = re.compile(r"^[ \t]*(?:#{1,6}|[-*+>•])[ \t]+", re.MULTILINE)
_TIMES: Final = re.compile(r"(?<=\d) ?\* ?(?=\d)")
_REPEATED: Final = re.compile(r"([^\w\s])\1{3,}")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{25,}")
_LONG_NUMBER: Final = re.compile(r"\d{16,}")
_WORD: Final = 24
_SHOWN: Final = 8

_REPLACED: Final = {
    "ß": "ss",
    "ẞ": "SS",
    "。": ". ",
    "、": ", ",
    "«": '"',
    "»": '"',
    "„": '"',
    "‹": "'",
    "›": "'",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    "`": " ",
    "´": "'",
    "~~": " ",
    "⁄": "/",
    "≤": " at most ",
    "≥": " at least ",
    "≠": " is not ",
    "≈": " about ",
    "−": "-",
    "√": " root of ",
}
# What the phonemizer reads by itself.
_KEPT: Final = frozenset("—–…“”‘’°¢§¶±×÷©½¼¾²³→£€¥₹₩'\"")
_LATIN_EXTENDED_A: Final = 0x17F


def cleaned(text: str) -> str:
    """
    *text* in characters that the phonemizer knows; a script that nobody here can read is refused.

    Emoji, control characters and marks of Markdown are left out: nobody reads them aloud.
    """
    text = _LINE_MARKS.sub("", _LINK.sub(r"\1", unicodedata.normalize("NFC", text)))
    text = _TIMES.sub(" times ", text).replace("~~", " ")
    _refuse_foreign(text)
    text = "".join(map(_spoken, text))
    text = _LONG_NUMBER.sub(lambda found: " ".join(found.group()), _REPEATED.sub(r"\1\1\1", text))
    return _LONG_WORD.sub(lambda found: " ".join(_parts(found.group())), text)


def _refuse_foreign(text: str) -> None:
    foreign = [character for character in text if _is_foreign(character)]
    if not foreign:
        return
    scripts = dict.fromkeys(_script(character) for character in foreign)
    shown = "".join(dict.fromkeys(foreign))[:_SHOWN]
    raise UnspeakableError(
        f"the text has {shown!r}, {_listed(scripts)}; only English is spoken here, in Latin letters",
        code="unspeakable_text",
    )


def _is_foreign(character: str) -> bool:
    if character.isascii() or not unicodedata.category(character).startswith("L"):
        return False
    name = unicodedata.name(unicodedata.normalize("NFKC", character)[0], "")
    # Single Greek letters are names of things (π, µ, Ω), and are read as such.
    return not name.startswith(("LATIN ", "GREEK ", "MODIFIER LETTER", "MICRO SIGN", "DIGIT "))


def _script(character: str) -> str:
    return unicodedata.name(character, "unnamed").split()[0].capitalize()


def _listed(scripts: dict[str, None]) -> str:
    return f"which is {' and '.join(scripts)}"


def _spoken(character: str) -> str:
    if character in _REPLACED:
        return _REPLACED[character]
    if character in _KEPT or (character.isascii() and character.isprintable()) or character == "\n":
        return character
    kind = unicodedata.category(character)
    return _BY_KIND.get(kind, _BY_KIND.get(kind[0], _nothing))(character)


def _letter(character: str) -> str:
    name = unicodedata.name(character, "")
    if name.startswith("GREEK "):
        return f" {name.split()[-1].lower()} " if " LETTER " in name and " WITH " not in name else " "
    if ord(character) <= _LATIN_EXTENDED_A:
        return character
    plain = unicodedata.normalize("NFKD", character)
    return "".join(part for part in plain if part.isalpha() and ord(part) <= _LATIN_EXTENDED_A)


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character))


def _number(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).replace("⁄", "/")
    return f" {plain} " if plain.isascii() else " "


def _currency(character: str) -> str:
    name = unicodedata.name(character, "").removesuffix(" SIGN")
    return f" {name.lower()} "


def _mathematical(character: str) -> str:
    return f" {unicodedata.name(character, '').lower()} "


def _punctuation(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain.isascii() else " "


def _space(character: str) -> str:
    return "\n" if unicodedata.category(character) in {"Zl", "Zp"} else " "


def _nothing(character: str) -> str:
    # What joins or marks its neighbours vanishes; what stood between words leaves a space.
    return "" if unicodedata.category(character) in {"Cf", "Mn", "Me", "Mc"} else " "


def _parts(word: str) -> list[str]:
    return [word[start : start + _WORD] for start in range(0, len(word), _WORD)]


_BY_KIND: Final = {
    "L": _letter,
    "Nd": _digit,
    "N": _number,
    "Sc": _currency,
    "Sm": _mathematical,
    "P": _punctuation,
    "Z": _space,
}
