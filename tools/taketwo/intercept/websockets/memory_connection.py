"""
A replayed connection for asyncio: the library's own connection over a transport in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed

from taketwo.intercept.websockets.memory_transport import MemoryTransport, Watch
from taketwo.intercept.websockets.peer import Peer
from taketwo.playback.conversations.player import ConversationPlayer

if TYPE_CHECKING:
    # Its import ends in the hook that imports this module.
    from websockets.asyncio.client import ClientConnection


def open_in_memory(script: ConversationPlayer, factory: Callable[[], ClientConnection]) -> ClientConnection:
    """
    The connection that *factory* makes, with the recorded service at its other end.
    """
    connection = factory()
    transport = MemoryTransport(connection, Peer(script))
    connection.connection_made(transport)
    _watch(connection, transport, script)
    return connection


def _watch(connection: ClientConnection, transport: MemoryTransport, script: ConversationPlayer) -> None:
    """
    Have the calls of the client raise what differs from the recording, and never wait in vain.
    """
    receive, stream, send = connection.recv, connection.recv_streaming, connection.send
    wait_closed = connection.wait_closed

    async def recv(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the library's signature
        return await _checked(script, transport, receive(*arguments, **options))

    async def recv_streaming(*arguments: Any, **options: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - see above
        pieces = aiter(stream(*arguments, **options))
        while True:
            try:
                piece = await _checked(script, transport, anext(pieces))
            except StopAsyncIteration:
                return
            yield piece

    async def checked_send(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - see above
        await _checked(script, transport, send(*arguments, **options), waits=False)

    async def checked_wait_closed() -> None:
        await _checked(script, transport, wait_closed())

    vars(connection).update(
        recv=recv, recv_streaming=recv_streaming, send=checked_send, wait_closed=checked_wait_closed
    )


async def _checked(
    script: ConversationPlayer,
    transport: MemoryTransport,
    call: Any,  # noqa: ANN401
    *,
    waits: bool = True,
) -> Any:  # noqa: ANN401
    """
    What *call* gives; the failure of *script* instead, when there is one.
    """
    watch = Watch(script, transport) if waits else None
    try:
        result = await call
    except ConnectionClosed:
        error = script.error()
        if error is not None:
            raise error from None
        raise
    finally:
        if watch is not None:
            watch.end()
    if script.failure is not None and not waits:
        raise script.failure
    return result
