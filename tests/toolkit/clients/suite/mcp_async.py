"""
mcp's client over streamable HTTP, on httpx2.
"""

from __future__ import annotations

import asyncio

import pytest
from mcp import Client, MCPError

from tests.toolkit.clients.suite.cell import Cell
from tests.toolkit.clients.suite.talk import sentences, spoken_by_model


def client(cell: Cell) -> Client:
    return Client(f"{cell.url}/mcp")


async def json_object(cell: Cell) -> None:
    async with client(cell) as c:
        tools = await c.list_tools()
        said = await c.call_tool("say", {"word": cell.word})

    assert [tool.name for tool in tools.tools] == ["say"]
    assert said.content[0].type == "text"
    assert said.content[0].text == f"You said {cell.word}."


async def streamed(cell: Cell) -> None:
    """
    The progress of a call reaches the test while it goes on.
    """
    heard: list[str] = []

    async def progress(_: float, __: float | None, message: str | None) -> None:
        heard.append(message or "")
        cell.received(len(heard) - 1)

    async with client(cell) as c:
        await c.call_tool("say", {"word": cell.word}, progress_callback=progress)

    assert sentences(heard) == spoken_by_model(cell)


async def error(cell: Cell) -> None:
    async with client(cell) as c:
        with pytest.raises(MCPError, match="Method not found"):
            await c.get_prompt(cell.word)


async def gather(cell: Cell) -> None:
    async def say(number: int) -> str:
        said = await c.call_tool("say", {"word": f"{cell.word}{number}"})
        assert said.content[0].type == "text"
        return str(said.content[0].text)

    async with client(cell) as c:
        told = await asyncio.gather(*(say(number) for number in range(8)))

    assert told == [f"You said {cell.word}{number}." for number in range(8)]
