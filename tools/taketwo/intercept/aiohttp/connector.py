"""
Where aiohttp asks for a connection: with an active cassette, a recorded answer may come over one in memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from types import ModuleType
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from aiohttp import BaseConnector, ClientConnectionError, ClientRequest, ClientTimeout
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from taketwo.intercept.aiohttp.recording import listen
from taketwo.intercept.aiohttp.replaying import MemoryConnector, ReplayProtocol
from taketwo.intercept.aiohttp.request import UnwritableBody, read_request
from taketwo.intercept.patching import Replacements
from taketwo.playback.active import ActiveCassette, current

Connect: TypeAlias = Callable[
    [BaseConnector, ClientRequest, list[Trace], ClientTimeout], Awaitable[Connection]
]
Close: TypeAlias = Callable[..., Awaitable[None]]

_LIBRARY = "aiohttp"
_beside: WeakKeyDictionary[BaseConnector, list[MemoryConnector]] = WeakKeyDictionary()


def install(_: ModuleType, replacements: Replacements) -> None:
    """
    Have every connector ask for the active cassette.
    """
    replacements.replace(BaseConnector, "connect", _connecting)
    replacements.replace(BaseConnector, "close", _closing)


def _connecting(connect: Connect) -> Connect:
    @wraps(connect)
    async def connected(
        self: BaseConnector,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        active = current()
        if active is None or _LIBRARY in active.skipped or isinstance(self, MemoryConnector):
            return await connect(self, req, traces, timeout)
        if self.closed:
            raise ClientConnectionError("Connector is closed.")
        try:
            wanted = await read_request(req)
        except UnwritableBody:  # aiohttp meets the same error when it sends the request
            return await connect(_memory_beside(self), req, traces, timeout)
        number = active.find(wanted)
        if number is not None:
            connection = await connect(_memory_beside(self), req, traces, timeout)
            _play(connection, active, number, req)
            return connection
        exchange = active.issue(wanted)
        connection = await connect(self, req, traces, timeout)
        if exchange is not None:
            listen(connection, exchange, req)
        return connection

    return connected


def _play(connection: Connection, active: ActiveCassette, number: int, request: ClientRequest) -> None:
    protocol = connection.protocol
    if isinstance(protocol, ReplayProtocol):
        protocol.play(active.player.replay.response(number), request)


def _memory_beside(connector: BaseConnector) -> MemoryConnector:
    beside = _beside.setdefault(connector, [])
    if not beside:
        beside.append(MemoryConnector(connector))
    return beside[0]


def _closing(close: Close) -> Close:
    @wraps(close)
    def closed(self: BaseConnector, *arguments: Any, **options: Any) -> Awaitable[None]:  # noqa: ANN401 - aiohttp's
        for memory in _beside.pop(self, []):
            memory.hang_up()
        return close(self, *arguments, **options)

    return closed
