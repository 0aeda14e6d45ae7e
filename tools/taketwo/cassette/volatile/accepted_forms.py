"""
The forms of volatile values as the accepted recording has them.

Of which signs an id is made, and whether a text that means nothing looks like a number, is read from one
value. By chance it has fewer signs than others of its kind: ``1234567890`` where the next is ``12345a7890``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import or_

from taketwo.cassette.body.frames import ConversationParts, together
from taketwo.cassette.model import Cassette, Interaction, StoredResponse
from taketwo.cassette.visit import Message, Scalar, map_scalars, scalars_of
from taketwo.cassette.volatile.generate import PLACEHOLDER

_SHAPE = re.compile(r"(.*)\[([^\]]+)\]\{(\d+)\}", re.DOTALL)
_RANGES = {"0-9": 0b001, "a-z": 0b110, "A-Z": 0b11000, "a-f": 0b010, "A-F": 0b01000}
_LOOKS_OF_TEXT = frozenset({"digits", "duration"})


def with_accepted_forms(accepted: Cassette, take: Cassette) -> Cassette:
    """
    *take* with the placeholders of *accepted* where these are for the same value, of a form that admits more.
    """
    parts = [ConversationParts(one) for one in take.conversations]
    before = [*accepted.interactions, *_of_conversations(accepted)]
    after = [*take.interactions, *(item for part in parts for item in part.interactions)]
    if len(before) != len(after):
        return take
    exchanged, spoken = together(list(map(_item, before, after)), parts)
    return replace(take, interactions=exchanged, conversations=spoken)


def _of_conversations(cassette: Cassette) -> Iterator[Interaction]:
    for one in cassette.conversations:
        yield from ConversationParts(one).interactions


def _item(old: Interaction, new: Interaction) -> Interaction:
    if old == new:
        return new
    return Interaction(_message(old.request, new.request), _response(old.response, new.response))


def _response(old: StoredResponse, new: StoredResponse) -> StoredResponse:
    """
    Cuts of a stream are compared by its text: where something else in it is new, nothing of it changes.
    """
    made = _message(old, new)
    return made if not made.chunks or replace(made, chunks=old.chunks, pauses=old.pauses) == old else new


def _message(old: Message, new: Message) -> Message:
    if old == new:
        return new
    before, after = scalars_of(old), scalars_of(new)
    if [path for path, _ in before] != [path for path, _ in after]:
        return new
    values = [_value(was, now) for (_, was), (_, now) in zip(before, after, strict=True)]
    if values == [now for _, now in after]:
        return new
    following = iter(values)
    return map_scalars(new, lambda *_: next(following))


def _value(old: Scalar, new: Scalar) -> Scalar:
    if old == new or not isinstance(old, str) or not isinstance(new, str):
        return new
    before, after = PLACEHOLDER.findall(old), PLACEHOLDER.findall(new)
    if not after or PLACEHOLDER.split(old)[::4] != PLACEHOLDER.split(new)[::4]:
        return new
    return old if all(map(_admits, before, after)) else new


def _admits(old: tuple[str, str, str], new: tuple[str, str, str]) -> bool:
    """
    Whether the placeholder *old* stands for what *new* does, and for more; each is escape, kind and the rest.
    """
    if old == new:
        return True
    if old[:2] != new[:2]:
        return False
    if new[1] == "any":
        return old[2] == "text" and new[2] in _LOOKS_OF_TEXT
    (number, _, wide), (other, _, narrow) = old[2].partition(":"), new[2].partition(":")
    return number == other and _is_wider(wide, narrow)


def _is_wider(wide: str, narrow: str) -> bool:
    one, other = _SHAPE.fullmatch(wide), _SHAPE.fullmatch(narrow)
    if one is None or other is None or (one[1], one[3]) != (other[1], other[3]):
        return False
    signs, fewer = _signs(one[2]), _signs(other[2])
    return bool(signs and fewer) and signs | fewer == signs


def _signs(members: str) -> int:
    """
    Which of five groups of signs are among the *members* of a class; 0 for signs of other groups.
    """
    ranges = [members[at : at + 3] for at in range(0, len(members), 3)]
    if any(each not in _RANGES for each in ranges):
        return 0
    return reduce(or_, (_RANGES[each] for each in ranges))
