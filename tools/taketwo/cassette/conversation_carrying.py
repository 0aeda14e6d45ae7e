"""
What a new take of a conversation keeps of the accepted one: times, and an order that is chance.

What is promised of the order of frames: those of one direction are in the order in which they went over the
wire. A frame that was sent stands behind every frame that the test had been given before it sent it. So what
a test does one after the other has one order, whatever the network does. Where two tasks of a test send and
receive independently of each other, which comes first is chance: then a frame stands behind no more sent
frames than in any take so far, and the order moves only towards what the service has shown it can do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from taketwo.cassette.embedding import expanded_conversation
from taketwo.cassette.model import Cassette, Close, Closer, Conversation, Direction, Frame


def carried_conversations(accepted: Cassette, take: Cassette) -> Iterator[Conversation]:
    """
    Those of *take*, each with the times and the order of the *accepted* one that says the same.
    """
    # A stream that was cut elsewhere is another file: what is compared is what is in it.
    left = [(one, expanded_conversation(one, accepted.files)) for one in accepted.conversations]
    for new in take.conversations:
        whole = expanded_conversation(new, take.files)
        found = next((pair for pair in left if _says_the_same(pair[1], whole)), None)
        if found is None:
            yield new
        else:
            left.remove(found)
            yield _merged(found[0], new)


def is_cut_short(part: Conversation, whole: Conversation) -> bool:
    """
    Whether *part* says what *whole* does, up to where the client went away; both with what is in their files.
    """
    return _says_the_same(whole, part)


def _says_the_same(old: Conversation, new: Conversation) -> bool:
    if (old.request, old.response, old.lost) != (new.request, new.response, new.lost):
        return False
    if _timeless_close(old.close) != _timeless_close(new.close):
        return False
    sent = (_said(old, Direction.SEND), _said(new, Direction.SEND))
    heard, again = _said(old, Direction.RECEIVE), _said(new, Direction.RECEIVE)
    # How much a client has been given when it goes away is chance; what is accepted may be more of it.
    is_cut = new.close is None or new.close.by is Closer.CLIENT
    return sent[0] == sent[1] and (heard == again or (is_cut and heard[: len(again)] == again))


def _merged(old: Conversation, new: Conversation) -> Conversation:
    """
    *old*, except where a frame came after fewer sent ones in *new*.
    """
    before, after = _sent_before(old), _sent_before(new)
    earliest = [min(count, again) for count, again in zip(before, after, strict=False)]
    if earliest == before[: len(earliest)]:
        return old
    sends = [frame for frame in old.frames if frame.direction is Direction.SEND]
    received = [frame for frame in old.frames if frame.direction is Direction.RECEIVE]
    return replace(old, frames=tuple(_woven(sends, received, [*earliest, *before[len(earliest) :]])))


def _woven(sends: Sequence[Frame], received: Sequence[Frame], counts: Sequence[int]) -> Iterator[Frame]:
    done = 0
    for frame, count in zip(received, counts, strict=True):
        yield from sends[done:count]
        done = max(done, count)
        yield frame
    yield from sends[done:]


def _sent_before(conversation: Conversation) -> list[int]:
    """
    For each received frame, how many were sent before it.
    """
    counts, sent = [], 0
    for frame in conversation.frames:
        if frame.direction is Direction.SEND:
            sent += 1
        else:
            counts.append(sent)
    return counts


def _said(conversation: Conversation, direction: Direction) -> list[Frame]:
    # In which pieces a message came is the network's business where it is not the service's.
    return [
        replace(frame, at=0, fragments=()) for frame in conversation.frames if frame.direction is direction
    ]


def _timeless_close(close: Close | None) -> Close | None:
    return close and replace(close, at=0)
