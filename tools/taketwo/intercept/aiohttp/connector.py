"""
Where aiohttp asks for a connection: with an active cassette, a recorded answer may come over one in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

from aiohttp import (
    BaseConnector,
    ClientConnectionError,
    ClientRequest,
    ClientTimeout,
    ClientWebSocketResponse,
)
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from taketwo.config.extras import needed_for
from taketwo.intercept.aiohttp.opening import attaching, is_opening, url_of
from taketwo.intercept.aiohttp.own_servers import is_of_an_own_server
from taketwo.intercept.aiohttp.recording import listen
from taketwo.intercept.aiohttp.replaying import MemoryConnector, ReplayProtocol, new_protocol
from taketwo.intercept.aiohttp.request import UnwritableBody, read_request
from taketwo.intercept.aiohttp.turns import current_turn
from taketwo.intercept.patching import Replacements
from taketwo.playback.active import ActiveCassette, current
from taketwo.playback.conversations import routing
from taketwo.playback.player import IncomingRequest

if TYPE_CHECKING:
    from taketwo.config.faults import Fault
    from taketwo.playback.conversations.router import ConversationRouter
    from taketwo.playback.quotas import Turn

Connect: TypeAlias = Callable[
    [BaseConnector, ClientRequest, list[Trace], ClientTimeout], Awaitable[Connection]
]
Close: TypeAlias = Callable[..., Awaitable[None]]

ConnectBy: TypeAlias = Callable[[BaseConnector], Awaitable[Connection]]

_LIBRARY = "aiohttp"
_sleep = asyncio.sleep  # a test may replace it in its module
_pools: WeakKeyDictionary[BaseConnector, MemoryConnector] = WeakKeyDictionary()
_beside: WeakKeyDictionary[BaseConnector, list[MemoryConnector]] = WeakKeyDictionary()


def install(_: ModuleType, replacements: Replacements) -> None:
    """
    Have every connector ask for the active cassette.
    """
    replacements.replace(BaseConnector, "connect", _connecting)
    replacements.replace(BaseConnector, "close", _closing)


def install_websockets(_: ModuleType, replacements: Replacements) -> None:
    """
    Have every WebSocket know what records or replays its connection.
    """
    replacements.replace(ClientWebSocketResponse, "__init__", attaching)


def _connecting(connect: Connect) -> Connect:
    @wraps(connect)
    async def connected(
        self: BaseConnector,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        async def connect_by(connector: BaseConnector) -> Connection:
            return await connect(connector, req, traces, timeout)

        active = current()
        if active is None or _LIBRARY in active.skipped or isinstance(self, MemoryConnector):
            return await connect_by(self)
        if is_of_an_own_server(req):
            if active.left_alone is not None:
                active.left_alone(req.url.host or "", req.url.port)
            return await connect_by(self)
        if self.closed:
            raise ClientConnectionError("Connector is closed.")
        ws_router = routing.current() if is_opening(req) else None
        if ws_router is not None:
            return await _converse(self, req, connect_by, ws_router)
        return await _exchange(self, req, connect_by, active)

    return connected


async def _exchange(
    connector: BaseConnector, request: ClientRequest, connect_by: ConnectBy, active: ActiveCassette
) -> Connection:
    """
    The connection for a request and its answer.
    """
    try:
        wanted = await read_request(request)
    except UnwritableBody:  # aiohttp meets the same error when it sends the request
        return await connect_by(_memory_beside(connector))
    number = active.find(wanted)
    if number is not None:
        fault = active.take_fault(number)
        if fault is not None and fault.is_unconnected:
            return await connect_by(_failing_beside(connector, active, fault))
        connection = await connect_by(_memory_beside(connector))
        _play(connection, active, number, request, fault)
        return connection
    exchange = active.issue(wanted, "aiohttp", turn=current_turn() or await _turn_of(wanted, active))
    connection = await connect_by(connector)
    if exchange is not None:
        listen(connection, exchange, request)
    return connection


async def _turn_of(wanted: IncomingRequest, active: ActiveCassette) -> Turn | None:
    """
    The turn of a request, waited for here where aiohttp knows no middlewares.
    """
    turn = active.turn(wanted.wire.method, wanted.wire.url)
    if turn is not None:
        await turn.take_async(_sleep)
    return turn


async def _converse(
    connector: BaseConnector,
    request: ClientRequest,
    connect_by: ConnectBy,
    ws_router: ConversationRouter | routing.LateConversations,
) -> Connection:
    """
    The connection for a conversation; it is never used for another.
    """
    with needed_for("a WebSocket conversation"):
        from taketwo.intercept.aiohttp.websocket import (  # noqa: PLC0415 - imports the library `websockets`
            listen_to_conversation,
            replaying_protocol,
        )
        from taketwo.playback.conversations.player import ConversationPlayer  # noqa: PLC0415 - likewise

    line = ws_router.connect(url_of(request), asyncio.get_running_loop().time)
    if isinstance(line, ConversationPlayer):
        active = current()
        if line.fault is not None and line.fault.is_unconnected and active is not None:
            return await connect_by(_failing_beside(connector, active, line.fault))
        memory = MemoryConnector(connector, lambda: replaying_protocol(line, request))
        _beside.setdefault(connector, []).append(memory)
        return await connect_by(memory)
    connection = await connect_by(connector)
    listen_to_conversation(connection, line, request)
    return connection


def _play(
    connection: Connection, active: ActiveCassette, number: int, request: ClientRequest, fault: Fault | None
) -> None:
    protocol, answer = connection.protocol, active.player.response(number)
    if not isinstance(protocol, ReplayProtocol):
        return
    if fault is None:
        protocol.play(answer, request)
        return
    from taketwo.intercept.aiohttp.faulty import play_faulty  # noqa: PLC0415 - few tests have a fault

    play_faulty(protocol, active, answer, fault, request)


def _failing_beside(connector: BaseConnector, active: ActiveCassette, fault: Fault) -> MemoryConnector:
    from taketwo.intercept.aiohttp.faulty import FailingConnector  # noqa: PLC0415 - as above

    failing = FailingConnector(connector, active, fault)
    _beside.setdefault(connector, []).append(failing)
    return failing


def _memory_beside(connector: BaseConnector) -> MemoryConnector:
    """
    What replays the answers to requests in the place of *connector*, with a pool of its own.
    """
    if connector not in _pools:
        _pools[connector] = MemoryConnector(connector, new_protocol)
        _beside.setdefault(connector, []).append(_pools[connector])
    return _pools[connector]


def _closing(close: Close) -> Close:
    @wraps(close)
    def closed(self: BaseConnector, *arguments: Any, **options: Any) -> Awaitable[None]:  # noqa: ANN401 - aiohttp's
        _pools.pop(self, None)
        for memory in _beside.pop(self, []):
            memory.hang_up()
        return close(self, *arguments, **options)

    return closed
