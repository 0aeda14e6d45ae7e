"""
What differs between two recordings of WebSocket conversations.

Times are no difference, nor is how JSON was laid out, nor in which pieces a message came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taketwo.cassette.body.embedded import expanded_conversation
from taketwo.cassette.model import Cassette, Conversation, JsonValue
from taketwo.cassette.stabilize import is_cut_short
from taketwo.cassette.text.messages import response_lines
from taketwo.cassette.text.websocket import close_lines, frame_lines, opening_lines
from taketwo.compare.alignment import opcodes
from taketwo.compare.audio_diff import with_audio_differences
from taketwo.compare.structure import ValueDifference, differences
from taketwo.contract.changes import Severity
from taketwo.results import DifferenceKind, Location

Found = tuple[Location, Location, ValueDifference, Severity]
"""A conversation before and after, what differs in it, and how bad it is."""

_VOLATILE = {"at", "fragments", "style", "layout", "escapes", "spelled"}


def conversation_differences(old: Cassette, new: Cassette) -> Iterator[Found]:
    """
    Every difference; conversations are aligned by where they were opened.
    """
    before, after = old.conversations, new.conversations
    for tag, first, last, start, stop in opcodes(list(map(_line, before)), list(map(_line, after))):
        if tag == "equal":
            for step in range(last - first):
                index = first + step
                other = after[start + step]
                found = differences(_compared(before[index]), _compared(other))
                is_longer = _is_longer(before[index], other, old, new)
                for difference in with_audio_differences(found, old.files, new.files):
                    severity = Severity.SAFE if is_longer else _severity(difference)
                    yield _place(index, before[index]), _place(start + step, other), difference, severity
            continue
        for index in range(first, last):
            place = _place(index, before[index])
            yield place, place, _whole(DifferenceKind.REMOVED, before[index]), Severity.DANGEROUS
        for index in range(start, stop):
            place = _place(index, after[index])
            yield place, place, _whole(DifferenceKind.ADDED, after[index]), Severity.DANGEROUS


def _is_longer(before: Conversation, after: Conversation, old: Cassette, new: Cassette) -> bool:
    """
    Whether there is but more of a stream which the client left before its end: how much is chance.
    """
    if before == after:
        return False
    return is_cut_short(expanded_conversation(before, old.files), expanded_conversation(after, new.files))


def _whole(kind: DifferenceKind, conversation: Conversation) -> ValueDifference:
    shown = _compared(conversation)
    return ValueDifference(
        kind,
        (),
        shown if kind is DifferenceKind.REMOVED else None,
        shown if kind is DifferenceKind.ADDED else None,
    )


def _compared(conversation: Conversation) -> JsonValue:
    close = conversation.close
    return {
        "request": opening_lines(conversation.request),
        "response": response_lines(conversation.response),
        "frames": [_without_volatile(frame_lines(frame)) for frame in conversation.frames],
        "close": _without_volatile(close_lines(close)) if close else None,
        "lost": conversation.lost,
    }


def _without_volatile(lines: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        key: _without_volatile(value) if key in {"send", "receive"} and isinstance(value, Mapping) else value
        for key, value in lines.items()
        if key not in _VOLATILE
    }


def _severity(difference: ValueDifference) -> Severity:
    """
    What a difference means to those who listen: see the severities of an answer.

    Another status of the opening, another close, or a member that is gone or of another type: they break.
    """
    steps, kind = difference.steps, difference.kind
    if steps[:2] == ("response", "status") or steps[:1] in {("close",), ("lost",)}:
        return Severity.BREAKING
    if steps[2:4] != ("receive", "json"):
        return Severity.DANGEROUS
    if kind is DifferenceKind.ADDED:
        return Severity.SAFE
    if kind is DifferenceKind.REMOVED or type(difference.before) is not type(difference.after):
        return Severity.BREAKING
    return Severity.DANGEROUS


def _place(index: int, conversation: Conversation) -> Location:
    return Location(conversation=index, target=_line(conversation))


def _line(conversation: Conversation) -> str:
    return conversation.request.url
