"""
A subscription of gql, over whichever WebSocket.
"""

from __future__ import annotations

from typing import Any

from gql import Client, gql

from tests.toolkit.clients.suite.cell import Cell
from tests.toolkit.clients.suite.talk import sentences

CURRENT, OLD = "graphql-transport-ws", "graphql-ws"
_TEXT = "subscription Said($word: String!) { said(word: $word) }"


async def subscribe(cell: Cell, transport: Any) -> list[str]:
    request = gql(_TEXT)
    request.variable_values = {"word": cell.word}
    heard = []
    async with Client(transport=transport, fetch_schema_from_transport=False) as session:
        async for item in session.subscribe(request):
            heard.append(item["said"])
            cell.received(len(heard) - 1)
    return sentences(heard)
