"""
Secrets that come in pieces, as a model's words do: one part at the end of a message, the rest in the next.

Messages of one direction are read one behind the other: texts as they are, JSON member by member. In what
was received, the stand-in takes the place of the first part and the other parts go, so that a client which
puts the pieces together has one whole secret. In what was sent nothing could compare them: it is refused. So
it is in binary frames of either direction: what is cut out of bytes leaves bytes that may mean anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from taketwo.cassette.content import whole
from taketwo.cassette.model import BinaryBody, Body, Conversation, Direction, JsonBody, JsonValue, TextBody
from taketwo.cassette.secrets.redact import Redactor

PlaceInMessage = tuple[str, ...]
_Text = tuple[int, PlaceInMessage, str]
"""The number of a frame, the place in it, and what stands there."""


@dataclass(frozen=True, slots=True)
class WholeConversation:
    """
    A conversation without secrets in pieces, and the places of those that cannot be taken out.
    """

    conversation: Conversation
    leaks: tuple[str, ...] = ()


def without_split_secrets(
    talk: Conversation, redactor: Redactor, *, number: int, everywhere: bool = False
) -> WholeConversation:
    """
    *talk*, which has the *number* in its cassette, without the secrets that come in pieces.

    With *everywhere* also without those that could not be replayed so: it is only to be looked at.
    """
    changed: dict[tuple[int, PlaceInMessage], str] = {}
    leaks: list[str] = []
    for direction in Direction:
        for texts in _rows(talk, direction):
            found = _cut(texts, redactor)
            if direction is Direction.RECEIVE or everywhere:
                changed.update(found)
            elif found:
                places = sorted({frame + 1 for frame, _ in found})
                leaks.append(
                    f"a secret in pieces in conversation {number}, frames {places[0]} to {places[-1]}"
                )
        leaks += _in_bytes(talk, direction, redactor, number)
    if not changed:
        return WholeConversation(talk, tuple(leaks))
    frames = [
        replace(frame, body=_with(frame.body, {p: text for (n, p), text in changed.items() if n == index}))
        for index, frame in enumerate(talk.frames)
    ]
    return WholeConversation(replace(talk, frames=tuple(frames)), tuple(leaks))


def _rows(talk: Conversation, direction: Direction) -> Iterator[list[_Text]]:
    """
    The texts that follow each other at one place of the messages of one direction.
    """
    rows: dict[PlaceInMessage, list[_Text]] = {}
    for number, frame in enumerate(talk.frames):
        if frame.direction is direction:
            for place, text in _texts(frame.body):
                rows.setdefault(place, []).append((number, place, text))
    yield from (row for row in rows.values() if len(row) > 1)


def _cut(texts: Sequence[_Text], redactor: Redactor) -> dict[tuple[int, PlaceInMessage], str]:
    """
    The texts that hold a part of a secret, as they are without it.
    """
    whole = "".join(text for _, _, text in texts)
    changed: dict[tuple[int, PlaceInMessage], str] = {}
    for start, stop, stand_in in reversed(redactor.spans(whole)):
        begin, pieces = 0, []
        for number, place, text in texts:
            end = begin + len(text)
            if begin < stop and end > start and text:
                pieces.append((number, place, text, max(start - begin, 0), min(stop - begin, len(text))))
            begin = end
        if len(pieces) < 2:  # noqa: PLR2004 - in one piece it has been found already
            continue
        for position, (number, place, text, low, high) in enumerate(pieces):
            known = changed.get((number, place), text)
            changed[number, place] = known[:low] + ("" if position else stand_in) + known[high:]
    return changed


def _in_bytes(talk: Conversation, direction: Direction, redactor: Redactor, number: int) -> list[str]:
    contents = {
        place: frame.body.content
        for place, frame in enumerate(talk.frames, 1)
        if frame.direction is direction and isinstance(frame.body, BinaryBody)
    }
    if len(contents) < 2 or not redactor.hides("", b"".join(map(whole, contents.values()))):  # noqa: PLR2004 - see above
        return []
    return [f"a secret in pieces in conversation {number}, binary frames {min(contents)} to {max(contents)}"]


def _texts(body: Body) -> Iterator[tuple[PlaceInMessage, str]]:
    if isinstance(body, TextBody):
        yield (), body.text
    elif isinstance(body, JsonBody):
        yield from _json_texts(body.value, ("json",))


def _json_texts(value: JsonValue, place: PlaceInMessage) -> Iterator[tuple[PlaceInMessage, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _json_texts(item, (*place, key))
    elif isinstance(value, Sequence):
        for number, item in enumerate(value):
            yield from _json_texts(item, (*place, str(number)))


def _with(body: Body, changed: Mapping[PlaceInMessage, str]) -> Body:
    if isinstance(body, TextBody):
        return TextBody(changed.get((), body.text))
    if isinstance(body, JsonBody):
        return JsonBody(_json_with(body.value, ("json",), changed), body.style)
    return body


def _json_with(value: JsonValue, place: PlaceInMessage, changed: Mapping[PlaceInMessage, str]) -> JsonValue:
    if isinstance(value, str):
        return changed.get(place, value)
    if isinstance(value, Mapping):
        return {key: _json_with(item, (*place, key), changed) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_json_with(item, (*place, str(n)), changed) for n, item in enumerate(value)]
    return value
