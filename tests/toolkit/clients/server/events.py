"""
Server-sent events, each after the cell has had the one before.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from starlette.responses import StreamingResponse

from tests.toolkit.clients.server.exchange import LONG, WORDS, timing
from tests.toolkit.clients.server.streams import BreakOff

Event = Mapping[str, object]


async def in_words(cell: str, word: str, model: str = "") -> AsyncIterator[str]:
    """
    What a model says, word by word: whether the cell had the one before in time. Those that are called so
    break off, or stand still, after the first.
    """
    for number in range(WORDS):
        if number and model == "stalled":
            await asyncio.sleep(LONG)
        when = await timing(cell, number)
        if number and model == "broken":
            raise BreakOff
        yield f"{number} {word} {when}. "


async def told(
    texts: AsyncIterator[str],
    *,
    first: Sequence[Event] = (),
    each: Callable[[str], Event],
    last: Sequence[Event] = (),
) -> AsyncIterator[Event]:
    for event in first:
        yield event
    async for text in texts:
        yield each(text)
    for event in last:
        yield event


def answer(
    events: AsyncIterator[Event], *, named: bool, done: str = "", headers: Mapping[str, str] | None = None
) -> StreamingResponse:
    """
    Events on the wire; *named* ones have their type as the event's name.
    """

    async def lines() -> AsyncIterator[str]:
        async for event in events:
            name = f"event: {event['type']}\n" if named else ""
            yield f"{name}data: {json.dumps(event)}\n\n"
        if done:
            yield f"data: {done}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers=headers)
