"""
A conversation before and after, as rows: what was sent, what was received, and how it ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from taketwo.cassette.model import BinaryBody, Closer, Conversation, Direction, Frame, JsonValue
from taketwo.cassette.text.websocket import frame_lines
from taketwo.compare.alignment import opcodes
from taketwo.compare.side_by_side import Row, visible
from taketwo.compare.structure import canonical
from taketwo.report.page.rows import body_rows, compact, message_sections
from taketwo.results import DifferenceKind

_CHANCE = {"at", "fragments", "style", "layout", "escapes", "spelled"}


def conversation_sections(before: Conversation | None, after: Conversation | None) -> list[JsonValue]:
    requests = [one.request if one is not None else None for one in (before, after)]
    responses = [one.response if one is not None else None for one in (before, after)]
    rows = compact(_frames(before, after))
    frames: JsonValue = {"of": "frames", "part": "frames", "rows": rows}
    return [
        *message_sections("opening", *requests),
        *message_sections("answer", *responses),
        *([frames] if rows else []),
    ]


def conversation_title(conversation: Conversation) -> str:
    return visible(conversation.request.url)


def _frames(before: Conversation | None, after: Conversation | None) -> Iterator[Row]:
    old, new = _of(before), _of(after)
    for tag, first, last, start, stop in opcodes(list(map(_key, old)), list(map(_key, new))):
        common = min(last - first, stop - start)
        for step in range(common):
            yield from _pair(first + step, old[first + step], new[start + step])
        if tag != "equal":
            for index in range(first + common, last):
                yield from _alone(index, old[index], DifferenceKind.REMOVED)
            for index in range(start + common, stop):
                yield from _alone(index, new[index], DifferenceKind.ADDED)
    yield from _ends(before, after)


def _of(conversation: Conversation | None) -> Sequence[Frame]:
    return conversation.frames if conversation else ()


def _key(frame: Frame) -> str:
    lines = dict(frame_lines(frame))
    for name in ("send", "receive"):
        inside = lines.get(name)
        if isinstance(inside, Mapping):
            lines[name] = {key: value for key, value in inside.items() if key not in _CHANCE}
    return canonical({key: value for key, value in lines.items() if key not in _CHANCE})


def _pair(index: int, before: Frame, after: Frame) -> Iterator[Row]:
    if before.direction is not after.direction:
        yield from _alone(index, before, DifferenceKind.REMOVED)
        yield from _alone(index, after, DifferenceKind.ADDED)
        return
    yield Row(None, _head(index, before), _head(index, after))
    yield from body_rows(before.body, after.body)


def _alone(index: int, frame: Frame, kind: DifferenceKind) -> Iterator[Row]:
    head = _head(index, frame)
    yield Row(
        kind, None if kind is DifferenceKind.ADDED else head, None if kind is DifferenceKind.REMOVED else head
    )
    sides = (None, frame.body) if kind is DifferenceKind.ADDED else (frame.body, None)
    yield from body_rows(*sides)


def _head(index: int, frame: Frame) -> str:
    arrow = "→ sent" if frame.direction is Direction.SEND else "← received"
    kind = ", binary" if isinstance(frame.body, BinaryBody) else ""
    return f"{arrow} {index + 1}, {frame.at / 1000:.3f} s{kind}"


def _ends(before: Conversation | None, after: Conversation | None) -> Iterator[Row]:
    old, new = _end(before), _end(after)
    if old == new and old is not None:
        yield Row(None, old, new)
    elif old is not None and new is not None:
        yield Row(DifferenceKind.CHANGED, old, new)
    elif old != new:
        yield Row(DifferenceKind.ADDED if old is None else DifferenceKind.REMOVED, old, new)


def _end(conversation: Conversation | None) -> str | None:
    if conversation is None:
        return None
    if conversation.lost:
        return "the connection was lost"
    close = conversation.close
    if close is None:
        return "still open when the test ended"
    who = "→" if close.by is Closer.CLIENT else "←"
    return visible(f"{who} closed with {close.code} {close.reason}".rstrip())
