"""
Forms as HTML and most token endpoints have them posted: their fields, and back to the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_to_bytes

from taketwo.cassette.model import FormBody, FormSpelling, Pairs

_USUAL = frozenset("_.-~")  # what urllib.parse.urlencode leaves as it is, beside letters and digits
_FIELD = re.compile(r"[^=&\s\"<>{}\[\]\\\x00-\x1f]*=[^&\s\x00-\x1f\x7f]*")
_ESCAPE = re.compile("%([0-9a-fA-F]{2})")
_IN_ESCAPES = frozenset("%+&=")


def read_form(text: str) -> FormBody | None:
    """
    The form that *text* is, or None when its fields would not give the same text again.

    So it is with escapes that are not UTF-8, with a field without ``=``, and with a character that is written
    in two ways.
    """
    written = text.split("&")
    if not all(map(_FIELD.fullmatch, written)):
        return None
    try:
        fields = tuple((_decoded(name), _decoded(value)) for name, _, value in _halves(written))
    except UnicodeDecodeError:
        return None
    form = FormBody(fields, _spelling(text, len(written)))
    return form if write_form(form) == text else None


def write_form(form: FormBody) -> str:
    signs = _signs(form.spelling)
    return "&".join(f"{name.translate(signs)}={value.translate(signs)}" for name, value in form.fields)


def without_changed_fields(before: FormBody, after: FormBody) -> FormBody:
    """
    *after* with the spellings of the fields that are as they were *before*, and of no others.
    """
    spelling = after.spelling
    if spelling == FormSpelling():
        return after
    pairs = zip(before.fields, after.fields, strict=True)
    left = {sign for old, new in pairs if old == new for text in new for sign in text}
    raw, escaped = (
        "".join(sign for sign in signs if sign in left) for signs in (spelling.raw, spelling.escaped)
    )
    return FormBody(after.fields, replace(spelling, raw=raw, escaped=escaped))


def fields_of(text: str) -> Pairs:
    """
    The fields of a form that is kept as *text*; what cannot be decoded stays as it is.
    """
    return tuple(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))


def _halves(written: list[str]) -> list[tuple[str, str, str]]:
    return [field.partition("=") for field in written]


def _decoded(text: str) -> str:
    text = text.replace("+", " ")
    return unquote_to_bytes(text).decode("utf-8") if "%" in text else text


def _spelling(text: str, count: int) -> FormSpelling:
    """
    How *text*, which has so many fields, is spelled if it is spelled alike from its beginning to its end.
    """
    found = "".join(_ESCAPE.findall(text))
    escaped = {found[start : start + 2].lower() for start in range(0, len(found), 2)}
    raw = {sign for sign in set(text) - _IN_ESCAPES if not _is_usual(sign)}
    if text.count("=") > count:
        raw.add("=")
    return FormSpelling(
        space="%20" if "20" in escaped else "+",
        lower=found != found.upper(),
        raw="".join(sorted(raw)),
        escaped="".join(sorted(sign for sign in _USUAL if f"{ord(sign):02x}" in escaped)),
    )


def _is_usual(sign: str) -> bool:
    return (sign.isalnum() and sign.isascii()) or sign in _USUAL


class _Signs(dict[int, str]):
    """
    How each character is written, by its number.
    """

    def __init__(self, spelling: FormSpelling) -> None:
        super().__init__({ord(sign): sign for sign in spelling.raw} | {ord(" "): spelling.space})
        self._digits = "02x" if spelling.lower else "02X"
        self._escaped = spelling.escaped

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        is_plain = _is_usual(sign) and sign not in self._escaped
        self[code] = written = sign if is_plain else self._escape(sign)
        return written

    def _escape(self, sign: str) -> str:
        return "".join(f"%{byte:{self._digits}}" for byte in sign.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=64)
def _signs(spelling: FormSpelling) -> _Signs:
    return _Signs(spelling)
