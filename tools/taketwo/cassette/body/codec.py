"""
Bodies: from bytes to what a person reads, and back to the same bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import product, repeat

from taketwo.cassette.body import json_layout
from taketwo.cassette.body.binary import is_binary
from taketwo.cassette.body.events import is_event_stream, read_events, write_events
from taketwo.cassette.body.form import read_form, without_changed_fields, write_form
from taketwo.cassette.body.json_layout import layout_of, write_json
from taketwo.cassette.body.json_styles import WRITERS
from taketwo.cassette.body.limits import LARGEST_TEXT
from taketwo.cassette.content import Content, FileContent, whole
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Event,
    EventsBody,
    FormBody,
    JsonBody,
    JsonLayout,
    JsonStyle,
    JsonValue,
    MultipartBody,
    TextBody,
    is_multipart,
)
from taketwo.cassette.multipart.body import Reader, write_multipart

_MAX_DEPTH = 100
_JSON = {"application/json", "application/x-amz-json-1.0", "application/x-amz-json-1.1", "text/json"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMPACT = frozenset({JsonStyle.COMPACT, JsonStyle.COMPACT_ASCII})
_INDENTED = frozenset({JsonStyle.INDENTED, JsonStyle.INDENTED_ASCII})
_ASCII = frozenset({JsonStyle.COMPACT_ASCII, JsonStyle.SPACED_ASCII, JsonStyle.INDENTED_ASCII})
Writers = tuple[tuple[JsonStyle, Callable[[JsonValue], str]], ...]
"""Styles of JSON, each with what writes it."""

_begins_spaced = re.compile(r'\{"[^"\\]*": ').match


def _writers(*, is_indented: bool, is_spaced: bool, is_ascii: bool) -> Writers:
    return tuple(
        (style, WRITERS[style])
        for style in JsonStyle
        if (style in _INDENTED) is is_indented
        and (is_ascii or style not in _ASCII)
        and not (is_spaced and style in _COMPACT)
    )


# Made once: an enumeration takes long to go through.
_LIKELY = {
    (indented, spaced, ascii_only): _writers(is_indented=indented, is_spaced=spaced, is_ascii=ascii_only)
    for indented, spaced, ascii_only in product((False, True), repeat=3)
}


def body_from_bytes(content: bytes, *, media_type: str = "", encoded: bool = False) -> Body:
    """
    The most readable form from which :func:`body_to_bytes` makes the very same bytes.

    JSON whose bytes no structure gives back (doubled keys, lone surrogates, NaN) stays text, and what is not
    text, is longer than :data:`LARGEST_TEXT` or is *encoded* (compressed), stays binary. A multipart body
    gets another boundary.
    """
    return read_body(content, media_type, encoded=encoded)[0]


def read_body(
    content: Content, content_type: str, *, encoded: bool = False, keeps_words: bool = False
) -> tuple[Body, str]:
    """
    The same with the ``Content-Type`` that belongs to it: that of a multipart body names its boundary.

    With *keeps_words*, a boundary that is made of words is not replaced.
    """
    if encoded:
        return BinaryBody(content) if content else None, content_type
    if is_multipart(content_type):
        content = whole(content)
        found = Reader(_body, keeps_words=keeps_words).body(content, content_type)
        if found is not None:
            return found
    if isinstance(content, FileContent):
        return BinaryBody(content), content_type
    return _body(content, content_type), content_type


def _body(content: bytes, media_type: str) -> Body:
    if not content:
        return None
    text = _short_text(content)
    if text is None:
        return BinaryBody(content)
    if is_event_stream(media_type):
        return read_events(text, media_type, _json_body, body_to_bytes) or TextBody(text)
    if is_json(media_type):
        found = _json_body(text)
        if found is not None:
            return found
    if is_binary(content, media_type):
        return BinaryBody(content)
    return (_form_body(text) if is_form(media_type) else None) or TextBody(text)


def _short_text(content: bytes) -> str | None:
    if len(content) > LARGEST_TEXT:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def body_to_bytes(body: Body) -> bytes:  # noqa: PLR0911 - one for each kind
    match body:
        case None:
            return b""
        case JsonBody(value, style):
            return _write_json(value, style).encode("utf-8")
        case TextBody(text):
            return text.encode("utf-8")
        case BinaryBody(content):
            return whole(content)
        case EventsBody():
            return write_events(body, body_to_bytes)
        case FormBody():
            return write_form(body).encode("utf-8")
        case MultipartBody():
            return write_multipart(body, body_to_bytes)


def content_of(body: Body) -> Content:
    """
    The same, left in its file where it is in one.
    """
    return body.content if isinstance(body, BinaryBody) else body_to_bytes(body)


def without_changed(before: Body, after: Body) -> Body:
    """
    *after* without the spellings of what differs from *before*: they could tell what has been taken out.
    """
    if before is after:
        return after
    match before, after:
        case JsonBody(), JsonBody():
            return json_layout.without_changed(before, after)
        case FormBody(), FormBody():
            return without_changed_fields(before, after)
        case EventsBody(), EventsBody():
            both = zip(before.events, after.events, strict=True)
            return replace(after, events=tuple(_event_without_changed(old, new) for old, new in both))
        case MultipartBody(), MultipartBody():
            pairs = zip(before.parts, after.parts, strict=True)
            parts = (replace(new, body=without_changed(old.body, new.body)) for old, new in pairs)
            return replace(after, parts=tuple(parts))
        case _:
            return after


def _event_without_changed(before: Event, after: Event) -> Event:
    data = without_changed(before.data, after.data)
    return replace(after, data=data) if isinstance(data, JsonBody) else after


def _write_json(value: JsonValue, style: JsonStyle | JsonLayout) -> str:
    return WRITERS[style](value) if isinstance(style, JsonStyle) else write_json(value, style)


@lru_cache(maxsize=256)
def is_json(media_type: str) -> bool:
    """
    Whether a ``content-type`` says that the body is JSON, as ``application/problem+json`` does.
    """
    kind = media_type.partition(";")[0].strip().lower()
    return kind in _JSON or kind.endswith("+json")


@lru_cache(maxsize=256)
def is_form(media_type: str) -> bool:
    """
    Whether a ``content-type`` says that the body is a form of HTML.
    """
    return media_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def parse_json(content: bytes | str) -> tuple[bool, JsonValue]:
    """
    Whether *content* is JSON, and its value.
    """
    try:
        return True, json.loads(content)
    except (ValueError, RecursionError):
        return False, None


def _form_body(text: str) -> FormBody | None:
    return read_form(text)


def _json_body(text: str) -> JsonBody | None:
    # As bytes it may begin with a mark of the byte order, which no cassette keeps as JSON.
    parsed, value = parse_json(text)
    if not parsed:
        return None
    is_simple = _is_simple(text)
    if not is_simple and not _is_writable(value):
        return None
    for style, write in _likely_styles(text):
        if write(value) == text:
            return JsonBody(value, style)
    if is_simple and not _is_writable(value):
        return None
    layout = layout_of(text, value)
    return JsonBody(value, layout) if layout else None


def _likely_styles(text: str) -> Writers:
    """
    The styles that *text* can be written in, as far as its first characters tell, each with what writes it:
    to try them all takes long.
    """
    return _LIKELY[text[1:2] == "\n", _begins_spaced(text) is not None, text.isascii()]


def _is_simple(text: str) -> bool:
    """
    Whether nothing in JSON that Python writes so can be what :func:`_is_writable` refuses.
    """
    # A lone surrogate has to be escaped, and Python spells what is no finite number so.
    is_odd = "\\u" in text or "NaN" in text or "Infinity" in text
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
