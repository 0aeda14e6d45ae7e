"""
A recorded conversation with a fault: refused, closed by the service, cut, or silent from some message on.
"""

from __future__ import annotations

from dataclasses import replace

from taketwo.cassette.model import (
    Close,
    Closer,
    Conversation,
    Direction,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.reason_phrases import usual_phrase
from taketwo.config.faults import Fault, Kind
from taketwo.playback.conversations.player import RecordedConversation

_NORMAL = 1000


def with_fault(recorded: RecordedConversation, fault: Fault) -> RecordedConversation:
    """
    *recorded* as it goes with *fault*; where no connection is made it is as it was.
    """
    return replace(
        recorded,
        conversation=_changed(recorded.conversation, fault),
        expected=_changed(recorded.expected, fault),
    )


def _changed(conversation: Conversation, fault: Fault) -> Conversation:
    if fault.kind is Kind.STATUS:
        phrase = usual_phrase(fault.status)
        refusal = StoredResponse(
            status=fault.status,
            reason=phrase,
            headers=fault.headers,
            body=TextBody(phrase if fault.body is None else fault.body),
        )
        return replace(conversation, response=refusal, frames=(), close=None, lost=False)
    if fault.kind not in {Kind.CLOSE, Kind.READ_TIMEOUT, Kind.RESET, Kind.SHORT}:
        return conversation
    frames = conversation.frames[: _cut(conversation, fault.after)]
    if fault.kind is Kind.READ_TIMEOUT:
        return replace(conversation, frames=frames, close=None, lost=False)
    if fault.kind is Kind.RESET:
        return replace(conversation, frames=frames, close=None, lost=True)
    close = Close(code=fault.code, reason=fault.reason, by=Closer.SERVICE, at=frames[-1].at if frames else 0)
    return replace(conversation, frames=frames, close=close, lost=False)


def _cut(conversation: Conversation, after: int | None) -> int:
    """
    Where the frames end after so many messages of the service; None for the middle of them.
    """
    received = [
        place for place, frame in enumerate(conversation.frames, 1) if frame.direction is Direction.RECEIVE
    ]
    count = len(received) // 2 if after is None else min(after, len(received))
    return received[count - 1] if count else 0
