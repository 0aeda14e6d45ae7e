"""
In what a request differs from a recorded one, as far as it matters for a match.

Bodies are compared as they are matched: JSON by value, forms by fields, multipart by parts. Of texts and
bytes that are too long to be shown, what is shown begins a little before the first difference.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from taketwo.cassette.body.codec import body_to_bytes, is_form, is_json, parse_json, read_body
from taketwo.cassette.body.form import fields_of
from taketwo.cassette.deciding_headers import counted
from taketwo.cassette.model import (
    DATA_OF_EVENT,
    BinaryBody,
    Body,
    Event,
    EventsBody,
    FormBody,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    Part,
    StoredRequest,
    TextBody,
    is_multipart,
)
from taketwo.cassette.multipart.body import filename_of, name_of, part_headers
from taketwo.compare.structure import ValueDifference, differences
from taketwo.results import DifferenceKind

_MOST_DIFFERENCES = 12
_LONGEST_VALUE = 100
_BEFORE = 40  # characters of a text that are shown in front of a difference
_BYTES_BEFORE, _BYTES_SHOWN = 8, 16

Blank = Callable[[bytes], bytes]
"""Puts asterisks over the secrets in bytes."""


class Content(str):
    """
    Bytes of a body, each as one character.
    """

    __slots__ = ()

    @property
    def raw(self) -> bytes:
        return self.encode("latin-1")


def request_differences(
    recorded: StoredRequest,
    received: StoredRequest,
    headers: Collection[str] = (),
    *,
    blank: Blank = bytes,
) -> list[ValueDifference]:
    """
    Every difference of method, URL, query, body and the headers that count: the usual ones, and *headers*.

    *blank* hides secrets in what is shown of bytes.
    """
    found = list(differences(_head(recorded, headers), _head(received, headers)))
    kinds = _media_type(recorded.headers), _media_type(received.headers)
    return found + body_differences(recorded.body, received.body, kinds, blank=blank)


def body_differences(
    recorded: Body, received: Body, media_types: tuple[str, str] = ("", ""), *, blank: Blank = bytes
) -> list[ValueDifference]:
    """
    Every difference of two bodies, by their media types.
    """
    before, after = _structured(recorded, media_types[0]), _structured(received, media_types[1])
    if type(before) is type(after) or before is None or after is None:
        found = list(differences(_shown(before, blank), _shown(after, blank)))
        if found or not isinstance(before, EventsBody):
            return found
    # What two kinds have in common is a text, or bytes.
    return list(differences(_plain(before, after, blank), _plain(after, before, blank)))


def listed(found: Sequence[ValueDifference]) -> list[str]:
    """
    A line for each difference, as long as there are not too many.
    """
    lines = [f"  - {_line(difference)}" for difference in found[:_MOST_DIFFERENCES]]
    more = len(found) - _MOST_DIFFERENCES
    return [*lines, f"  - and {more} more"] if more > 0 else lines


def short(value: JsonValue) -> str:
    """
    The beginning of a value.
    """
    if isinstance(value, Content):
        return _hex(value.raw, 0)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def distance(found: Iterable[ValueDifference]) -> int:
    """
    How much differs, for a comparison of two requests that differ in equally many places.
    """
    return sum(map(_size, found))


def _head(request: StoredRequest, headers: Collection[str]) -> JsonValue:
    grouped: dict[str, list[str]] = {}
    for name, value in request.query:
        grouped.setdefault(name, []).append(value)
    query: JsonValue = {name: values[0] if len(values) == 1 else values for name, values in grouped.items()}
    head: dict[str, JsonValue] = {"method": request.method, "url": request.url}
    counting: dict[str, JsonValue] = {
        f"headers.{name}": value for name, value in counted(request.headers, headers)
    }
    return {**head, **({"query": query} if query else {}), **counting}


def _structured(body: Body, media_type: str) -> Body:
    """
    A body as matching sees it: structure that is kept as text or bytes is structure.
    """
    match body:
        case TextBody(text) if is_json(media_type):
            parsed, value = parse_json(text.encode("utf-8", "surrogatepass"))
            return JsonBody(value) if parsed else body
        case TextBody(text) if is_form(media_type):
            return FormBody(fields_of(text))
        case TextBody() | BinaryBody() if is_multipart(media_type):
            return read_body(body_to_bytes(body), media_type)[0]
        case _:
            return body


def _shown(body: Body, blank: Blank) -> JsonValue:
    match body:
        case None:
            return {}
        case JsonBody(value):
            return {"json": value}
        case TextBody(text):
            return {"text": text}
        case BinaryBody():
            return {"body": _content(body, blank)}
        case _:
            return _shown_structure(body, blank)


def _shown_structure(body: FormBody | MultipartBody | EventsBody, blank: Blank) -> JsonValue:
    match body:
        case FormBody(fields):
            return {"form": _grouped([(name, value) for name, value in fields])}
        case EventsBody(events=events):
            return {"events": [_shown_event(event) for event in events]}
        case MultipartBody():
            return {"parts": _grouped([(_label(part), _shown_part(part, blank)) for part in body.parts])}


def _shown_event(event: Event) -> JsonValue:
    fields: dict[str, JsonValue] = dict(event.fields)
    return fields if event.data is None else {**fields, DATA_OF_EVENT: event.data.value}


def _plain(body: Body, other: Body, blank: Blank) -> JsonValue:
    if isinstance(body, BinaryBody | MultipartBody) or isinstance(other, BinaryBody | MultipartBody):
        return {"body": _content(body, blank)}
    return {"text": body_to_bytes(body).decode("utf-8", "replace")}


def _content(body: Body, blank: Blank) -> Content:
    return Content(blank(body_to_bytes(body)).decode("latin-1"))


def _label(part: Part) -> str:
    return name_of(part) or ""


def _shown_part(part: Part, blank: Blank) -> JsonValue:
    headers = () if part.raw else part_headers(part)
    known: dict[str, JsonValue] = {
        name: value
        for name, value in headers
        if name not in {"content-disposition", "content-length", "content-transfer-encoding"}
    }
    filename = filename_of(part)
    named: dict[str, JsonValue] = {} if filename is None else {"filename": filename}
    body = _structured(part.body, _media_type(headers))
    leaf = _shown(body if body is not None else TextBody(""), blank)
    return {**named, **known, **(leaf if isinstance(leaf, dict) else {})}


def _grouped(pairs: Iterable[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """
    Values by their names; of several that have one name, each by its position too.
    """
    pairs = list(pairs)
    counts = Counter(name for name, _ in pairs)
    found: dict[str, JsonValue] = {}
    positions: Counter[str] = Counter()
    for name, value in pairs:
        found[name if name and counts[name] == 1 else f"{name}[{positions[name]}]"] = value
        positions[name] += 1
    return found


def _line(difference: ValueDifference) -> str:
    path = difference.path.replace(".[", "[")  # of a part or field without a name
    before, after = difference.before, difference.after
    match difference.kind:
        case DifferenceKind.ADDED:
            return f"{path}: not recorded, received {short(after)}"
        case DifferenceKind.REMOVED:
            return f"{path}: recorded {short(before)}, not received"
        case DifferenceKind.CHANGED if isinstance(before, Content) and isinstance(after, Content):
            return f"{path}: {_bytes_apart(before.raw, after.raw)}"
        case DifferenceKind.CHANGED if isinstance(before, str) and isinstance(after, str):
            return f"{path}: {_texts_apart(before, after)}"
        case DifferenceKind.CHANGED:
            return f"{path}: recorded {short(before)}, received {short(after)}"


def _texts_apart(before: str, after: str) -> str:
    start = _first_difference(before, after)
    if start <= _BEFORE or max(len(before), len(after)) <= _LONGEST_VALUE - 2:
        return f"recorded {_window(before, 0)}, received {_window(after, 0)}"
    shown = start - _BEFORE
    return (
        f"recorded {_window(before, shown)}, received {_window(after, shown)} "
        f"(the first difference is at character {start + 1})"
    )


def _window(text: str, start: int) -> str:
    stop = start + _LONGEST_VALUE
    written = json.dumps(text[start:stop], ensure_ascii=False)
    return f"{'…' if start else ''}{written}{'…' if stop < len(text) else ''}"


def _bytes_apart(before: bytes, after: bytes) -> str:
    start = _first_difference(before, after)
    shown = max(start - _BYTES_BEFORE, 0)
    size = "1 byte" if len(before) == 1 else f"{len(before)} bytes"
    sizes = size if len(before) == len(after) else f"{size}, {len(after)} now"
    return (
        f"recorded {_hex(before, shown)}, received {_hex(after, shown)} "
        f"(the first difference is at byte {start + 1}; {sizes})"
    )


def _hex(content: bytes, start: int) -> str:
    stop = start + _BYTES_SHOWN
    window = content[start:stop].hex(" ") or "nothing"
    return f"{'… ' if start else ''}{window}{' …' if stop < len(content) else ''}"


def _first_difference(before: str | bytes, after: str | bytes) -> int:
    """
    Where two that are not equal begin to differ, also where one ends.
    """
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _size(difference: ValueDifference) -> int:
    before, after = difference.before, difference.after
    if not isinstance(before, str) or not isinstance(after, str):
        return 1
    start = _first_difference(before, after)
    end = _first_difference(before[start:][::-1], after[start:][::-1])
    return max(len(before), len(after)) - start - end


def _media_type(headers: Pairs) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")
