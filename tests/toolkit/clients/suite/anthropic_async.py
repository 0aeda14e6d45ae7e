"""
anthropic's asynchronous client, on httpx2.
"""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import httpx2
import pytest

from tests.toolkit.clients.suite.anthropic_sync import asked, options
from tests.toolkit.clients.suite.cell import SHORT, Cell
from tests.toolkit.clients.suite.talk import COUNT, sentences, spoken_by_model


def client(cell: Cell, **wanted: Any) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(**options(cell, **wanted))


async def get(cell: Cell) -> None:
    async with client(cell) as c:
        models = [model.id async for model in c.models.list(extra_query={"word": cell.word})]

    assert models == ["claude-small", "claude-large"]


async def json_object(cell: Cell) -> None:
    async with client(cell) as c:
        answer = await c.messages.create(**asked(cell.word))

    assert [block.text for block in answer.content if block.type == "text"] == [f"You said {cell.word}."]


async def streamed(cell: Cell) -> None:
    async with client(cell) as c:
        heard, last = await _listen(cell, c)

    assert (heard, last) == (spoken_by_model(cell), "end_turn")


async def early_close(cell: Cell) -> None:
    async with client(cell) as c:
        heard, _ = await _listen(cell, c, count=2)

    assert heard == spoken_by_model(cell, 2)


async def broken(cell: Cell) -> None:
    heard: list[str] = []

    async with client(cell) as c:
        with pytest.raises(httpx2.RemoteProtocolError):
            await _listen(cell, c, model="broken", into=heard)

    assert heard == spoken_by_model(cell, 1)


async def timeout(cell: Cell) -> None:
    heard: list[str] = []

    async with client(cell, timeout=SHORT) as c:
        with pytest.raises(httpx2.ReadTimeout):
            await _listen(cell, c, model="stalled", into=heard)

    assert heard == spoken_by_model(cell, 1)


async def _listen(
    cell: Cell,
    c: anthropic.AsyncAnthropic,
    *,
    model: str = "claude-small",
    count: int = 0,
    into: list[str] | None = None,
) -> tuple[list[str], str | None]:
    heard = [] if into is None else into
    async with c.messages.stream(**asked(cell.word, model)) as stream:
        async for text in stream.text_stream:
            heard += sentences([text])
            if len(heard) == count:
                return heard, None
            cell.received(len(heard) - 1)
        return heard, (await stream.get_final_message()).stop_reason


async def error(cell: Cell) -> None:
    async with client(cell) as c:
        with pytest.raises(anthropic.NotFoundError, match="not_found_error"):
            await c.messages.create(**asked(cell.word, "unknown"))


async def retries(cell: Cell) -> None:
    async with client(cell, max_retries=2) as c:
        answer = await c.messages.create(**asked(cell.word, "busy"))

    assert answer.stop_reason == "end_turn"


async def gather(cell: Cell) -> None:
    async with client(cell) as c:
        asking = [c.messages.create(**asked(f"{cell.word} {number}")) for number in range(COUNT)]
        told = await asyncio.gather(*asking)

    said = ["".join(block.text for block in one.content if block.type == "text") for one in told]
    assert said == [f"You said {cell.word} {number}." for number in range(COUNT)]
    assert len({one.id for one in told}) == COUNT


async def tls(cell: Cell) -> None:
    http = anthropic.DefaultAsyncHttpxClient(verify=cell.context())

    async with client(cell, base_url=f"{cell.secure_url}/anthropic", http_client=http) as c:
        answer = await c.messages.create(**asked(cell.word))

    assert answer.stop_reason == "end_turn"
