"""
A conversation as people read a chat: what was sent (->), what was received (<-), and when.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from taketwo.cassette.audio.wav import samples_of
from taketwo.cassette.body.embedded import reference_in
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Closer,
    Conversation,
    Direction,
    Frame,
    JsonBody,
    TextBody,
)
from taketwo.cassette.visit import body_texts
from taketwo.report.text import Code, Line, readable_size

_ARROWS = {Direction.SEND: "->", Direction.RECEIVE: "<-"}
_STYLES = {Direction.SEND: "bold cyan", Direction.RECEIVE: "bold green"}
_LONGEST_LINE = 100
_SHORTEST_RUN = 3


def frames_parts(
    conversation: Conversation, files: Mapping[str, bytes], *, folds: bool
) -> Iterator[Line | Code]:
    """
    The frames and the end of a conversation; those of a few words take one line.

    With *folds*, what follows each other and is of one of *files* takes one line together.
    """
    numbered = enumerate(conversation.frames, 1)
    for name, group in groupby(numbered, key=lambda each: _file_of(each[1]) if folds else ""):
        run = list(group)
        if name and len(run) >= _SHORTEST_RUN:
            yield from _run(name, run, files)
        else:
            for number, frame in run:
                yield from _frame(number, frame)
    yield from _end(conversation)


def _file_of(frame: Frame) -> str:
    """
    The name of the file that a received frame holds a piece of, if it is but one.
    """
    if frame.direction is Direction.SEND:
        return ""
    names = {found[0] for _, text in body_texts(frame.body) if (found := reference_in(text)) is not None}
    return names.pop() if len(names) == 1 else ""


def _run(name: str, run: Sequence[tuple[int, Frame]], files: Mapping[str, bytes]) -> Iterator[Line]:
    (first, start), (last, stop) = run[0], run[-1]
    arrow, style = _ARROWS[Direction.RECEIVE], _STYLES[Direction.RECEIVE]
    heard = samples_of(files.get(name, b""))
    audio = f"{len(heard[1]) / heard[0].frame / heard[0].rate:.2f} s of audio, " if heard else ""
    yield Line(
        f"{arrow} {first:>3}  {_seconds(start.at)}  {audio}{name}, in {len(run)} frames "
        f"to frame {last} at {_seconds(stop.at).strip()}",
        style,
    )


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
