"""
A conversation as people read a chat: what was sent (->), what was received (<-), and when.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from taketwo.cassette import (
    BinaryBody,
    Body,
    Closer,
    Conversation,
    Direction,
    Frame,
    JsonBody,
    TextBody,
)
from taketwo.report.line import Code, Line
from taketwo.report.listed import readable_size

_ARROWS = {Direction.SEND: "->", Direction.RECEIVE: "<-"}
_STYLES = {Direction.SEND: "bold cyan", Direction.RECEIVE: "bold green"}
_LONGEST_LINE = 100


def frames_parts(conversation: Conversation) -> Iterator[Line | Code]:
    """
    The frames and the end of a conversation; those of a few words take one line.
    """
    for number, frame in enumerate(conversation.frames, 1):
        yield from _frame(number, frame)
    yield from _end(conversation)


def _frame(number: int, frame: Frame) -> Iterator[Line | Code]:
    head = f"{_ARROWS[frame.direction]} {number:>3}  {_seconds(frame.at)}  "
    text, code = _content(frame.body)
    yield Line(head + text, _STYLES[frame.direction])
    if code is not None:
        yield code


def _content(body: Body) -> tuple[str, Code | None]:
    match body:
        case JsonBody(value):
            line = json.dumps(value, ensure_ascii=False)
            if len(line) <= _LONGEST_LINE:
                return line, None
            return "", Code(json.dumps(value, indent=2, ensure_ascii=False), "json")
        case TextBody(text):
            return (text, None) if len(text) <= _LONGEST_LINE and "\n" not in text else ("", Code(text))
        case BinaryBody(content):
            return f"(binary, {readable_size(len(content))})", None
        case _:
            return "", None


def _end(conversation: Conversation) -> Iterator[Line]:
    close = conversation.close
    if close is not None:
        arrow = "->" if close.by is Closer.CLIENT else "<-"
        reason = f" {close.reason}" if close.reason else ""
        yield Line(f"{arrow} end  {_seconds(close.at)}  close {close.code}{reason}", "bold")
    if conversation.lost:
        yield Line("!! end           the connection was lost", "bold red")


def _seconds(at: int) -> str:
    return f"{at / 1000:>7.3f} s"
