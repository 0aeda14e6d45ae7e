"""
Streams of events, server-sent or one JSON document a line, as a list of events, and back to the same bytes.

What the usual form would not give back to the byte (a field without a colon, a line ending of another kind,
two comments) stays as it is: an event that is ``raw``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache

from taketwo.cassette.model import DATA_OF_EVENT, RAW_EVENT, Body, Event, EventsBody, JsonBody, JsonStyle

_FIELDS = frozenset({"event", "id", "retry"})
_DATA = "data"
_COMMENT = "comment"
_LINE_BY_LINE = frozenset(
    {
        "application/jsonl",
        "application/jsonlines",
        "application/ndjson",
        "application/stream+json",
        "application/x-jsonlines",
        "application/x-ndjson",
    }
)

ReadJson = Callable[[str], JsonBody | None]
WriteJson = Callable[[Body], bytes]


@lru_cache(maxsize=256)
def is_event_stream(media_type: str) -> bool:
    """
    Whether a ``content-type`` says that the body is server-sent events, or a document of JSON on each line.
    """
    kind = media_type.partition(";")[0].strip().lower()
    return kind == "text/event-stream" or kind in _LINE_BY_LINE


def read_events(text: str, media_type: str, read_json: ReadJson, write_json: WriteJson) -> EventsBody | None:
    """
    The events in *text*; None where there are none that anybody could read.
    """
    is_lines = media_type.partition(";")[0].strip().lower() in _LINE_BY_LINE
    line = "\r\n" if "\r\n" in text else "\n"
    blank = line if is_lines else line * 2
    blocks = text.split(blank)
    last = blocks.pop()
    end = blank
    if last:
        end = line if not is_lines and last.endswith(line) else ""
        blocks.append(last.removesuffix(line) if end else last)
    space = " " if is_lines or any(f"{line}data: " in f"{line}{block}" for block in blocks) else ""
    empty = EventsBody(events=(), line=line, space=space, end=end, by_line=is_lines)
    events = tuple(_event(block, empty, read_json, write_json) for block in blocks)
    body = EventsBody(events=events, line=line, space=space, end=end, by_line=is_lines)
    is_readable = any(event.fields[0][0] != RAW_EVENT for event in events)
    return body if is_readable and write_events(body, write_json) == text.encode() else None


def _event(block: str, framing: EventsBody, read_json: ReadJson, write_json: WriteJson) -> Event:
    found = _line(block, read_json) if framing.by_line else _fields(block, framing, read_json)
    if found is not None and _write(found, framing, write_json) == block.encode():
        return found
    return Event(fields=((RAW_EVENT, block),))


def _line(block: str, read_json: ReadJson) -> Event | None:
    data = read_json(block)
    return None if data is None else Event(fields=((DATA_OF_EVENT, ""),), data=data)


def _fields(block: str, framing: EventsBody, read_json: ReadJson) -> Event | None:
    fields: dict[str, str] = {}
    last = ""
    for line in block.split(framing.line):
        name, _, value = line.partition(":")
        value = value.removeprefix(framing.space) if name else value
        name = name or _COMMENT
        if name == last == _DATA:
            fields[name] += f"\n{value}"
            continue
        if name in fields or name not in {*_FIELDS, _DATA, _COMMENT}:
            return None
        fields[name] = value
        last = name
    data = read_json(fields[_DATA]) if fields.get(_DATA, "")[:1] in {"{", "["} else None
    if data is None:
        return Event(fields=tuple(fields.items()))
    return Event(
        fields=tuple((DATA_OF_EVENT, "") if name == _DATA else (name, text) for name, text in fields.items()),
        data=data,
    )


def write_events(body: EventsBody, write_json: WriteJson) -> bytes:
    return b"".join(event_pieces(body, write_json))


def event_pieces(body: EventsBody, write_json: WriteJson) -> Iterator[bytes]:
    """
    The bytes of each event, with what ends it.
    """
    blank = (body.line if body.by_line else body.line * 2).encode()
    for number, event in enumerate(body.events, 1):
        end = blank if number < len(body.events) else body.end.encode()
        yield _write(event, body, write_json) + end


def _write(event: Event, framing: EventsBody, write_json: WriteJson) -> bytes:
    return framing.line.encode().join(
        line for name, text in event.fields for line in _lines(name, text, event, framing, write_json)
    )


def _lines(name: str, text: str, event: Event, framing: EventsBody, write_json: WriteJson) -> Iterator[bytes]:
    space = framing.space.encode()
    head = f"{_DATA}:".encode()
    if name == RAW_EVENT:
        yield text.encode()
    elif name == _COMMENT:
        yield f":{text}".encode()
    elif name == DATA_OF_EVENT:
        yield write_json(event.data) if framing.by_line else head + space + write_json(event.data)
    elif name == _DATA:
        # Of nothing, most write no space in front.
        yield from (head + (space + line.encode() if line else b"") for line in text.split("\n"))
    else:
        yield f"{name}:{framing.space if text else ''}{text}".encode()


def usual_style(body: EventsBody) -> JsonStyle:
    """
    The style in which most of the JSON in *body* is written.
    """
    styles = [event.data.style for event in body.events if event.data is not None]
    counts = Counter(style for style in styles if isinstance(style, JsonStyle))
    return next((style for style, _ in counts.most_common(1)), JsonStyle.COMPACT)
