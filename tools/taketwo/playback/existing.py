"""
What a cassette holds already, as exchanges: for a recording that adds to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.model import (
    Cassette,
    Conversation,
    Direction,
    Exchange,
    Frame,
    LiveConversation,
    LiveFrame,
    LiveRequest,
    LiveResponse,
)
from taketwo.cassette.ordering import message_times
from taketwo.cassette.replay import Replay

_Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Existing:
    """
    ``clock`` is the moment of the last message.
    """

    exchanges: tuple[Exchange, ...] = ()
    conversations: tuple[LiveConversation, ...] = ()
    clock: int = 0


def existing_in(own: Cassette, replay: Replay) -> Existing:
    """
    What *own* holds, which is the first that *replay* plays.
    """
    moments = message_times(own)
    return Existing(
        exchanges=tuple(_exchange(replay, number, pair) for number, pair in enumerate(moments.interactions)),
        conversations=tuple(
            _conversation(replay.conversation(number), pairs)
            for number, pairs in enumerate(moments.conversations)
        ),
        clock=moments.last,
    )


def _exchange(replay: Replay, number: int, pair: _Pair) -> Exchange:
    return Exchange(
        request=replay.live_request(number),
        response=replay.response(number),
        issued=pair[0],
        answered=pair[1],
    )


def _conversation(filled: Conversation, pairs: Sequence[_Pair]) -> LiveConversation:
    request, response = filled.request, filled.response
    opening, *frames, _ = pairs
    query = f"?{urlencode(request.query)}" if request.query else ""
    return LiveConversation(
        request=LiveRequest(method=request.method, url=request.url + query, headers=request.headers),
        response=LiveResponse(
            status=response.status,
            reason=response.reason,
            headers=response.headers,
            body=body_to_bytes(response.body),
        ),
        issued=opening[0],
        answered=opening[1],
        frames=tuple(map(_frame, filled.frames, frames)),
        close=filled.close,
        lost=filled.lost,
    )


def _frame(frame: Frame, pair: _Pair) -> LiveFrame:
    return LiveFrame(
        direction=frame.direction,
        at=frame.at,
        content=body_to_bytes(frame.body),
        moment=pair[0] if frame.direction is Direction.SEND else pair[1],
        is_binary=frame.is_binary,
        fragments=frame.fragments,
    )
