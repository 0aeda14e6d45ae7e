"""
gql on aiohttp, and its subscriptions there.
"""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from gql import Client, FileVar, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportQueryError

from tests.toolkit.clients.suite.cell import Cell
from tests.toolkit.clients.suite.gql_http import CHANGE, QUERY, UPLOAD, WRONG, asked, client
from tests.toolkit.clients.suite.subscriptions import CURRENT, OLD, subscribe
from tests.toolkit.clients.suite.talk import spoken_by_model


def opened(cell: Cell) -> Client:
    return client(AIOHTTPTransport, cell.url)


async def json_object(cell: Cell) -> None:
    async with opened(cell) as session:
        found = await session.execute(asked(QUERY, cell.word))
        made = await session.execute(asked(CHANGE, cell.word))

    assert found["fruit"]["name"] == made["add"]["name"] == cell.word
    assert found["fruit"]["id"] != made["add"]["id"]


async def json_list(cell: Cell) -> None:
    async with opened(cell) as session:
        found = await session.execute_batch([asked(QUERY, cell.word), asked(CHANGE, "plum")])

    assert [found[0]["fruit"]["name"], found[1]["add"]["name"]] == [cell.word, "plum"]


async def multipart_text(cell: Cell) -> None:
    note = io.BytesIO(f"an {cell.word}".encode())
    request = gql(UPLOAD)
    request.variable_values = {"file": FileVar(note, filename="note.txt", content_type="text/plain")}

    async with opened(cell) as session:
        told = await session.execute(request, upload_files=True)

    assert [part["file"] for part in told["parts"]] == [None, None, "note.txt"]


async def error(cell: Cell) -> None:
    async with opened(cell) as session:
        with pytest.raises(TransportQueryError, match="weight"):
            await session.execute(asked(WRONG, cell.word))


async def gather(cell: Cell) -> None:
    names = [f"{cell.word} {number}" for number in range(24)]

    async with opened(cell) as session:
        found = await asyncio.gather(*(session.execute(asked(QUERY, name)) for name in names))

    assert [one["fruit"]["name"] for one in found] == names


def _socket(cell: Cell, protocol: str) -> Any:
    return AIOHTTPWebsocketsTransport(url=f"{cell.socket_url}/graphql", subprotocols=[protocol])


async def subscription(cell: Cell) -> None:
    assert await subscribe(cell, _socket(cell, CURRENT)) == spoken_by_model(cell)


async def subscription_old(cell: Cell) -> None:
    assert await subscribe(cell, _socket(cell, OLD)) == spoken_by_model(cell)
