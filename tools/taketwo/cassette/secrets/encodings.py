"""
How a secret was written where it stood, so that a replay writes its value in the same way.

``<secret:NAME>`` stood as it is; ``<secret:NAME:base64>`` in base64, and so on. Of a secret inside a longer
text in base64, such as a user and a password, no more than the secret is known: it stands alone in a replay.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus, unquote, unquote_plus

_Write = Callable[[str], str]


def _base64(value: str) -> str:
    return base64.b64encode(_raw(value)).decode()


def _base64url(value: str) -> str:
    return base64.urlsafe_b64encode(_raw(value)).decode().rstrip("=")


def _raw(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


_WRITERS: Mapping[str, _Write] = {
    "base64": _base64,
    "base64url": _base64url,
    "hex": lambda value: _raw(value).hex(),
    "HEX": lambda value: _raw(value).hex().upper(),
    "url": lambda value: quote(value, safe=""),
    "form": quote_plus,
    "json": lambda value: json.dumps(value)[1:-1],
    "html": lambda value: html.escape(value, quote=True),
}


def encoding_of(text: str, value: str) -> str:
    """
    How *value* is written as *text*; empty where it stands as it is, or in no way that is known.
    """
    if text == value:
        return ""
    written = {name: write(value) for name, write in _WRITERS.items()}
    exact = next((name for name, plain in written.items() if plain == text), "")
    unpadded = (name for name, plain in written.items() if plain.rstrip("=") == text.rstrip("="))
    return exact or next(unpadded, "") or _loosely(text, value)


def write_as(encoding: str, value: str) -> str:
    """
    *value* in an *encoding* that :func:`encoding_of` names.
    """
    return _WRITERS[encoding](value)


def split_encoding(name: str) -> tuple[str, str]:
    """
    The name of a secret without how it was written, and how, if it says so.
    """
    plain, colon, encoding = name.rpartition(":")
    return (plain, encoding) if colon and encoding in _WRITERS else (name, "")


def _loosely(text: str, value: str) -> str:
    """
    Clients differ in which signs they escape, and some do so twice.
    """
    plain = re.sub(r"[^0-9a-fA-F]", "", text)
    if plain.lower() == _raw(value).hex():
        return "hex"
    undone = {"url": unquote(text), "form": unquote_plus(text), "html": html.unescape(text)}
    found = next((name for name, plain in undone.items() if plain == value), "")
    if found or any(sign in text for sign in "%\\&"):
        return found or ("json" if "\\" in text else "")
    # What is left is a run of base64 that holds more than the secret.
    return "base64url" if set(text) & {"-", "_"} else "base64"
