"""
Bodies: from bytes to what a person reads, and back to the same bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from itertools import repeat
from typing import Any

from taketwo.cassette.json_layout import layout_of, write_json
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    JsonBody,
    JsonLayout,
    JsonStyle,
    JsonValue,
    TextBody,
)

_MAX_DEPTH = 100
_SURROGATE = re.compile("[\ud800-\udfff]")
_STYLES: dict[JsonStyle, dict[str, Any]] = {
    JsonStyle.COMPACT: {"separators": (",", ":"), "ensure_ascii": False},
    JsonStyle.SPACED: {"separators": (", ", ": "), "ensure_ascii": False},
    JsonStyle.COMPACT_ASCII: {"separators": (",", ":"), "ensure_ascii": True},
    JsonStyle.SPACED_ASCII: {"separators": (", ", ": "), "ensure_ascii": True},
    JsonStyle.INDENTED: {"indent": 2, "ensure_ascii": False},
    JsonStyle.INDENTED_ASCII: {"indent": 2, "ensure_ascii": True},
}
_INDENTED = frozenset({JsonStyle.INDENTED, JsonStyle.INDENTED_ASCII})
_ASCII = frozenset({JsonStyle.COMPACT_ASCII, JsonStyle.SPACED_ASCII, JsonStyle.INDENTED_ASCII})

# Kept, since to make an encoder takes longer than to encode a small body.
_WRITERS = {style: json.JSONEncoder(**options).encode for style, options in _STYLES.items()}

compact_json = _WRITERS[JsonStyle.COMPACT]
"""Plain data as JSON on one line: the body of no other style."""


def body_from_bytes(content: bytes, *, media_type: str = "", encoded: bool = False) -> Body:
    """
    The most readable form from which :func:`body_to_bytes` makes the very same bytes.

    JSON whose bytes no structure gives back (doubled keys, lone surrogates, NaN) stays text, and what is not
    text, or is *encoded* (compressed), stays binary.
    """
    if not content:
        return None
    if encoded:
        return BinaryBody(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return BinaryBody(content)
    if is_json(media_type):
        found = _json_body(text)
        if found is not None:
            return found
    return TextBody(text)


def body_to_bytes(body: Body) -> bytes:
    match body:
        case None:
            return b""
        case JsonBody(value, style):
            return _write_json(value, style).encode("utf-8")
        case TextBody(text):
            return text.encode("utf-8")
        case BinaryBody(content):
            return content


def _write_json(value: JsonValue, style: JsonStyle | JsonLayout) -> str:
    return _WRITERS[style](value) if isinstance(style, JsonStyle) else write_json(value, style)


def is_json(media_type: str) -> bool:
    """
    Whether a ``content-type`` says that the body is JSON, as ``application/problem+json`` does.
    """
    kind = media_type.partition(";")[0].strip().lower()
    return kind in {"application/json", "text/json"} or kind.endswith("+json")


def parse_json(content: bytes) -> tuple[bool, JsonValue]:
    """
    Whether *content* is JSON, and its value.
    """
    try:
        return True, json.loads(content)
    except (ValueError, RecursionError):
        return False, None


def _json_body(text: str) -> JsonBody | None:
    parsed, value = parse_json(text.encode("utf-8"))
    if not parsed:
        return None
    if _is_simple(text) and compact_json(value) == text:
        return JsonBody(value)
    if not _is_writable(value):
        return None
    for style in _likely_styles(text):
        if _WRITERS[style](value) == text:
            return JsonBody(value, style)
    layout = layout_of(text, value)
    return JsonBody(value, layout) if layout else None


def _likely_styles(text: str) -> Iterator[JsonStyle]:
    """
    The styles that *text* can be written in, as far as its first characters tell: to try them all takes long.
    """
    is_indented = text[1:2] == "\n"
    for style in JsonStyle:
        if (style in _INDENTED) is is_indented and (text.isascii() or style not in _ASCII):
            yield style


def _is_simple(text: str) -> bool:
    """
    Whether nothing in JSON written so can be what :func:`_is_writable` refuses.
    """
    # A lone surrogate has to be escaped, and compact JSON spells what is no finite number so.
    is_odd = "\\" in text or "NaN" in text or "Infinity" in text
    return not is_odd and text.count("[") + text.count("{") <= _MAX_DEPTH


def _is_writable(value: JsonValue, depth: int = _MAX_DEPTH) -> bool:
    """
    Whether a file can hold the value: lone surrogates, NaN and bottomless nesting stay text.
    """
    if isinstance(value, str):
        return value.isascii() or not _SURROGATE.search(value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        are_texts = all(map(_is_writable, value))
        return depth > 0 and are_texts and all(map(_is_writable, value.values(), repeat(depth - 1)))
    if isinstance(value, list):
        return depth > 0 and all(map(_is_writable, value, repeat(depth - 1)))
    return True
