"""
google-genai's asynchronous client, which is on aiohttp where that is installed.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterable
from typing import Any

import aiohttp
import pytest
from google.genai import errors

from tests.toolkit.clients.suite.cell import SHORT, Cell
from tests.toolkit.clients.suite.gemini_sync import client
from tests.toolkit.clients.suite.talk import COUNT, sentences, spoken_by_model


async def get(cell: Cell) -> None:
    async with client(cell).aio as c:
        pager = await c.models.list(config={"query_base": True, "filter": cell.word})

    assert [model.name for model in pager.page] == ["models/gemini-small", "models/gemini-large"]


async def json_object(cell: Cell) -> None:
    async with client(cell).aio as c:
        answer = await c.models.generate_content(model="gemini-small", contents=cell.word)

    assert answer.text == f"You said {cell.word}."


async def upload(cell: Cell) -> None:
    content = io.BytesIO(bytes(range(256)) + cell.word.encode())

    async with client(cell).aio as c:
        file = await c.files.upload(file=content, config={"mime_type": "application/octet-stream"})

    assert file.size_bytes == 256 + len(cell.word)


async def streamed(cell: Cell) -> None:
    async with client(cell).aio as c:
        stream = await c.models.generate_content_stream(model="gemini-small", contents=cell.word)
        heard = await _listen(cell, stream)

    assert heard == spoken_by_model(cell)


async def early_close(cell: Cell) -> None:
    async with client(cell).aio as c:
        stream: Any = await c.models.generate_content_stream(model="gemini-small", contents=cell.word)
        heard = await _listen(cell, stream, count=2)
        await stream.aclose()

    assert heard == spoken_by_model(cell, 2)


async def broken(cell: Cell) -> None:
    heard: list[str] = []

    async with client(cell).aio as c:
        stream = await c.models.generate_content_stream(model="broken", contents=cell.word)
        with pytest.raises(aiohttp.ClientPayloadError):
            await _listen(cell, stream, into=heard)

    assert heard == spoken_by_model(cell, 1)


async def timeout(cell: Cell) -> None:
    heard: list[str] = []

    async with client(cell, timeout=SHORT).aio as c:
        stream = await c.models.generate_content_stream(model="stalled", contents=cell.word)
        with pytest.raises(TimeoutError):
            await _listen(cell, stream, into=heard)

    assert heard == spoken_by_model(cell, 1)


async def _listen(
    cell: Cell, stream: AsyncIterable[Any], *, count: int = 0, into: list[str] | None = None
) -> list[str]:
    heard = [] if into is None else into
    async for chunk in stream:
        if chunk.text:
            heard += sentences([chunk.text])
            if len(heard) == count:
                break
            cell.received(len(heard) - 1)
    return heard


async def error(cell: Cell) -> None:
    async with client(cell).aio as c:
        with pytest.raises(errors.ClientError, match="NOT_FOUND"):
            await c.models.generate_content(model="unknown", contents=cell.word)


async def retries(cell: Cell) -> None:
    async with client(cell, retries=True).aio as c:
        answer = await c.models.generate_content(model="busy", contents=cell.word)

    assert answer.text == f"You said {cell.word}."


async def gather(cell: Cell) -> None:
    async with client(cell).aio as c:
        asking = [
            c.models.generate_content(model="gemini-small", contents=f"{cell.word} {number}")
            for number in range(COUNT)
        ]
        told = await asyncio.gather(*asking)

    assert [one.text for one in told] == [f"You said {cell.word} {number}." for number in range(COUNT)]
    assert len({one.response_id for one in told}) == COUNT


async def tls(cell: Cell) -> None:
    async with client(cell, secure=True, async_client_args={"ssl": cell.context()}).aio as c:
        answer = await c.models.generate_content(model="gemini-small", contents=cell.word)

    assert answer.text == f"You said {cell.word}."
