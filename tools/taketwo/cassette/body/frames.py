"""
Conversations on their way to the disk and back: what is done to interactions is done to them.

A conversation is taken apart into messages, each of which is one side of an interaction, and put together
again. So every rule about secrets, placeholders and addresses holds in frames as it does in bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from taketwo.cassette.body.codec import body_from_bytes
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Close,
    Closer,
    Conversation,
    Direction,
    Frame,
    Interaction,
    LiveConversation,
    LiveFrame,
    StoredRequest,
    StoredResponse,
    TextBody,
)

_NO_REQUEST = StoredRequest(method="", url="")
_NO_RESPONSE = StoredResponse(status=0)
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class ConversationParts:
    """
    A conversation as interactions: its opening, its frames, its close.
    """

    whole: Conversation

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        opening = Interaction(self.whole.request, self.whole.response)
        return (opening, *map(_of_frame, self.whole.frames), _of_close(self.whole.close))

    def names(self, number: int) -> Iterator[str]:
        """
        What each of them is called, when the conversation has *number*.
        """
        yield f"conversation {number}, opening"
        for position in range(1, len(self.whole.frames) + 1):
            yield f"conversation {number}, frame {position}"
        yield f"conversation {number}, close"

    def with_interactions(self, changed: Sequence[Interaction]) -> Conversation:
        """
        The conversation, put together from what has become of its interactions.
        """
        opening, *frames, close = changed
        return replace(
            self.whole,
            request=opening.request,
            response=opening.response,
            frames=tuple(map(_to_frame, self.whole.frames, frames)),
            close=_to_close(self.whole.close, close),
        )


def order_of(live: LiveConversation) -> list[tuple[int, int]]:
    """
    When each interaction of its parts was issued and answered.
    """
    last = max([live.answered, *(frame.moment for frame in live.frames)])
    moments = [*(frame.moment for frame in live.frames), last]
    return [(live.issued, live.answered), *((moment, moment) for moment in moments)]


def together(
    interactions: Sequence[Interaction], parts: Iterable[ConversationParts]
) -> tuple[tuple[Interaction, ...], tuple[Conversation, ...]]:
    """
    The interactions of a cassette and its conversations, from all of them in one row.
    """
    parts = list(parts)
    start = len(interactions) - sum(len(part.interactions) for part in parts)
    made, position = [], start
    for part in parts:
        stop = position + len(part.interactions)
        made.append(part.with_interactions(interactions[position:stop]))
        position = stop
    return tuple(interactions[:start]), tuple(made)


def frame_body(content: bytes, *, is_binary: bool) -> Body:
    """
    The most readable form of a message; in a binary one, only JSON is looked for.
    """
    text = content.lstrip()[:1]
    body = body_from_bytes(content, media_type=_JSON if text in {b"{", b"["} else "text/plain")
    if not is_binary:
        return TextBody(content.decode("utf-8")) if isinstance(body, BinaryBody) else body or TextBody("")
    return BinaryBody(content) if body is None or isinstance(body, TextBody) else body


def stored_frame(live: LiveFrame) -> Frame:
    return Frame(
        direction=live.direction,
        at=live.at,
        body=frame_body(live.content, is_binary=live.is_binary),
        is_binary=live.is_binary,
        fragments=live.fragments,
    )


def _of_frame(frame: Frame) -> Interaction:
    if frame.direction is Direction.SEND:
        return Interaction(replace(_NO_REQUEST, body=frame.body), _NO_RESPONSE)
    return Interaction(_NO_REQUEST, replace(_NO_RESPONSE, body=frame.body))


def _to_frame(frame: Frame, item: Interaction) -> Frame:
    is_sent = frame.direction is Direction.SEND
    return replace(frame, body=item.request.body if is_sent else item.response.body)


def _of_close(close: Close | None) -> Interaction:
    if close is None:
        return Interaction(_NO_REQUEST, _NO_RESPONSE)
    if close.by is Closer.CLIENT:
        return Interaction(replace(_NO_REQUEST, body=TextBody(close.reason)), _NO_RESPONSE)
    return Interaction(_NO_REQUEST, replace(_NO_RESPONSE, reason=close.reason))


def _to_close(close: Close | None, item: Interaction) -> Close | None:
    if close is None:
        return None
    if close.by is Closer.SERVICE:
        return replace(close, reason=item.response.reason)
    body = item.request.body
    return replace(close, reason=body.text if isinstance(body, TextBody) else "")
