"""
Subscriptions of gql on websockets.
"""

from __future__ import annotations

from typing import Any

from gql.transport.websockets import WebsocketsTransport

from tests.toolkit.clients.suite.cell import Cell
from tests.toolkit.clients.suite.subscriptions import CURRENT, OLD, subscribe
from tests.toolkit.clients.suite.talk import spoken_by_model


def _socket(cell: Cell, protocol: str) -> Any:
    return WebsocketsTransport(url=f"{cell.socket_url}/graphql", subprotocols=[protocol])


async def subscription(cell: Cell) -> None:
    assert await subscribe(cell, _socket(cell, CURRENT)) == spoken_by_model(cell)


async def subscription_old(cell: Cell) -> None:
    assert await subscribe(cell, _socket(cell, OLD)) == spoken_by_model(cell)
