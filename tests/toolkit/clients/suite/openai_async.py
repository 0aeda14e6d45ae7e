"""
openai's asynchronous client, on httpx2.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import Any

import httpx2
import openai
import pytest

from tests.toolkit.clients.suite.cell import SHORT, Cell
from tests.toolkit.clients.suite.openai_sync import asked, options
from tests.toolkit.clients.suite.talk import COUNT, sentences, spoken_by_model


def client(cell: Cell, **wanted: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(**options(cell, **wanted))


async def get(cell: Cell) -> None:
    async with client(cell) as c:
        models = [model.id async for model in c.models.list(extra_query={"word": cell.word})]

    assert models == ["gpt-small", "gpt-large"]


async def json_object(cell: Cell) -> None:
    async with client(cell) as c:
        answer = await c.chat.completions.create(**asked(cell.word))

    assert answer.choices[0].message.content == f"You said {cell.word}."


async def multipart_text(cell: Cell) -> None:
    async with client(cell) as c:
        made = await c.files.create(file=("note.txt", cell.word.encode(), "text/plain"), purpose="user_data")
        content = await c.files.content(made.id)

    assert (made.filename, len(content.text)) == ("note.txt", 64)


async def streamed(cell: Cell) -> None:
    async with client(cell) as c:
        heard = await _listen(cell, await c.chat.completions.create(**asked(cell.word), stream=True))

    assert heard == spoken_by_model(cell)


async def streamed_named(cell: Cell) -> None:
    heard = []

    async with client(cell) as c:
        async for event in await c.responses.create(model="gpt-small", input=cell.word, stream=True):
            if event.type == "response.output_text.delta":
                heard.append(event.delta)
                cell.received(len(heard) - 1)

    assert sentences(heard) == spoken_by_model(cell)
    assert event.type == "response.completed"


async def early_close(cell: Cell) -> None:
    async with client(cell) as c:
        stream = await c.chat.completions.create(**asked(cell.word), stream=True)
        heard = await _listen(cell, stream, count=2)
        await stream.close()

    assert heard == spoken_by_model(cell, 2)


async def broken(cell: Cell) -> None:
    heard: list[str] = []

    async with client(cell) as c:
        stream = await c.chat.completions.create(**asked(cell.word, "broken"), stream=True)
        with pytest.raises((httpx2.RemoteProtocolError, openai.APIConnectionError)):
            await _listen(cell, stream, into=heard)

    assert heard == spoken_by_model(cell, 1)


async def timeout(cell: Cell) -> None:
    heard: list[str] = []

    async with client(cell, timeout=SHORT) as c:
        stream = await c.chat.completions.create(**asked(cell.word, "stalled"), stream=True)
        with pytest.raises((httpx2.ReadTimeout, openai.APITimeoutError)):
            await _listen(cell, stream, into=heard)

    assert heard == spoken_by_model(cell, 1)


async def _listen(
    cell: Cell, stream: AsyncIterable[Any], *, count: int = 0, into: list[str] | None = None
) -> list[str]:
    heard = [] if into is None else into
    async for chunk in stream:
        if said := chunk.choices[0].delta.content:
            heard += sentences([said])
            if len(heard) == count:
                break
            cell.received(len(heard) - 1)
    return heard


async def error(cell: Cell) -> None:
    async with client(cell) as c:
        with pytest.raises(openai.NotFoundError, match="model_not_found"):
            await c.chat.completions.create(**asked(cell.word, "unknown"))


async def retries(cell: Cell) -> None:
    async with client(cell, max_retries=2) as c:
        answer = await c.chat.completions.create(**asked(cell.word, "busy"))

    assert answer.choices[0].message.content == f"You said {cell.word}."


async def gather(cell: Cell) -> None:
    async with client(cell) as c:
        asking = [c.chat.completions.create(**asked(f"{cell.word} {number}")) for number in range(COUNT)]
        told = await asyncio.gather(*asking)

    said = [one.choices[0].message.content for one in told]
    assert said == [f"You said {cell.word} {number}." for number in range(COUNT)]
    assert len({one.id for one in told}) == COUNT


async def tls(cell: Cell) -> None:
    http = openai.DefaultAsyncHttpxClient(verify=cell.context())

    async with client(cell, base_url=f"{cell.secure_url}/openai/v1", http_client=http) as c:
        answer = await c.chat.completions.create(**asked(cell.word))

    assert answer.choices[0].message.content == f"You said {cell.word}."
