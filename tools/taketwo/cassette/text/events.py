"""
The text form of a stream of events: a list of them, and below it how they are framed.
"""

from __future__ import annotations

from collections.abc import Callable

from taketwo.cassette.body.events import usual_style
from taketwo.cassette.model import (
    DATA_OF_EVENT,
    RAW_EVENT,
    Event,
    EventsBody,
    JsonBody,
    JsonLayout,
    JsonStyle,
    JsonValue,
)
from taketwo.cassette.text.fields import Fields

_NAMES = ("event", "id", "retry", "comment", "data", DATA_OF_EVENT, RAW_EVENT)
_STYLE = ("style", "layout", "escapes", "spelled")
_LINES = {"crlf": "\r\n", "lf": "\n"}
_SSE, _BY_LINE = "server-sent", "line"

Style = JsonStyle | JsonLayout


def event_lines(
    body: EventsBody, style_lines: Callable[[Style], dict[str, JsonValue]]
) -> dict[str, JsonValue]:
    usual = usual_style(body)
    events: list[JsonValue] = [_event_lines(event, usual, style_lines) for event in body.events]
    framing = _framing_lines(body, usual)
    return {"events": events, "framing": framing} if framing else {"events": events}


def load_events(node: Fields, load_style: Callable[[Fields], Style]) -> EventsBody:
    framing = node.node("framing") if "framing" in node.names else None
    if framing is None:
        return EventsBody(
            events=tuple(_load_event(one, JsonStyle.COMPACT, load_style) for one in node.nodes("events"))
        )
    framing.only("each", "lines", "space", "style", "end")
    line = _LINES.get(framing.text("lines", "lf"))
    if line is None:
        framing.refuse(f"'lines' is not one of {', '.join(_LINES)}")
    by_line = framing.text("each", _SSE) == _BY_LINE
    usual = framing.style()
    return EventsBody(
        events=tuple(_load_event(one, usual, load_style) for one in node.nodes("events")),
        line=line,
        space=" " if framing.flag("space", default=True) else "",
        end=framing.text("end", line if by_line else line * 2),
        by_line=by_line,
    )


def _event_lines(
    event: Event, usual: JsonStyle, style_lines: Callable[[Style], dict[str, JsonValue]]
) -> dict[str, JsonValue]:
    lines: dict[str, JsonValue] = {}
    for name, text in event.fields:
        lines[name] = event.data.value if name == DATA_OF_EVENT and event.data is not None else text
    if event.data is None or event.data.style is usual:
        return lines
    # The usual one is named below; the one that is usual elsewhere has no name of its own.
    named = style_lines(event.data.style)
    return {**lines, **({} if "style" in named else {"style": JsonStyle.COMPACT.value}), **named}


def _load_event(node: Fields, usual: JsonStyle, load_style: Callable[[Fields], Style]) -> Event:
    node = node.only(*_NAMES, *_STYLE)
    fields = tuple(
        (name, "" if name == DATA_OF_EVENT else node.text(name)) for name in node.names if name in _NAMES
    )
    if not fields:
        node.refuse("an event has none of its fields")
    if DATA_OF_EVENT not in node.names:
        return Event(fields=fields)
    has_own = any(name in node.names for name in _STYLE)
    return Event(
        fields=fields, data=JsonBody(node.value(DATA_OF_EVENT), load_style(node) if has_own else usual)
    )


def _framing_lines(body: EventsBody, usual: JsonStyle) -> dict[str, JsonValue]:
    unusual: dict[str, JsonValue] = {}
    if body.by_line:
        unusual["each"] = _BY_LINE
    if body.line != _LINES["lf"]:
        unusual["lines"] = next(name for name, line in _LINES.items() if line == body.line)
    if not body.space:
        unusual["space"] = False
    if usual is not JsonStyle.COMPACT:
        unusual["style"] = usual.value
    if body.end != (body.line if body.by_line else body.line * 2):
        unusual["end"] = body.end
    return unusual
