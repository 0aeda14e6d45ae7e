"""
Answers with a fault at the connections of http.client: the client's own code meets what its socket would do.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn, TypeAlias

from taketwo.cassette.model import LiveResponse
from taketwo.config.faults import Fault, Kind
from taketwo.intercept.faulty import (
    Data,
    End,
    Reset,
    connection_error,
    failing_connections,
    reset,
    steps_of,
    untrusted,
    wait,
)
from taketwo.intercept.http_client.replayed import MemorySocket
from taketwo.playback.active import ActiveCassette

Connection: TypeAlias = Any
"""An ``http.client.HTTPConnection``."""

_LATE = {True: "The read operation timed out", False: "timed out"}
_HTTPS_PORT = 443


def fail_to_connect(connection: Connection, active: ActiveCassette, fault: Fault) -> NoReturn:
    """
    Raise what *connection* raises that cannot be made: by its own ``connect()``, which finds no address.
    """
    if fault.kind is Kind.POOL_TIMEOUT:
        _fail_to_get(active)
    if fault.kind is Kind.TLS:
        raise untrusted()
    limit = _limit(connection.timeout)
    error = connection_error(fault, has_timeout=limit is not None)
    with failing_connections(error):
        connection.connect()
    raise error  # of a class that looks up no address


def pieces_of_answer(
    connection: Connection, active: ActiveCassette, answer: LiveResponse, fault: Fault, *, is_head: bool
) -> Iterator[bytes]:
    """
    What is read from the socket of *connection*.
    """
    sock: MemorySocket = connection.sock
    words = _LATE[connection.default_port == _HTTPS_PORT]
    for step in steps_of(answer, fault, is_head=is_head):
        if isinstance(step, Data):
            yield step.content
        elif isinstance(step, Reset):
            raise reset()
        elif isinstance(step, End):
            return
        else:
            limit = sock.gettimeout() if sock.has_timeout else _limit(connection.timeout)
            wait(active, step.seconds, limit, lambda: TimeoutError(words))


def _limit(timeout: Any) -> float | None:  # noqa: ANN401 - a number, None, or the sentinel of socket
    return timeout if isinstance(timeout, int | float) or timeout is None else socket.getdefaulttimeout()


def _fail_to_get(active: ActiveCassette) -> NoReturn:
    """
    Raise what a pool of urllib3 does that lends no more connections.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - a connection does not know its pool
    while frame is not None:
        pool: Any = frame.f_locals.get("self")
        is_of_pool = type(pool).__module__.startswith("urllib3.connectionpool")
        if is_of_pool and "pool_timeout" in frame.f_locals:  # urlopen, which asked for the connection
            from urllib3.exceptions import EmptyPoolError  # noqa: PLC0415 - its pool has imported it

            if frame.f_locals["pool_timeout"] is None and pool.block:
                raise active.waits_forever("a free connection")
            raise EmptyPoolError(
                pool, "Pool is empty and a new connection can't be opened due to blocking mode."
            )
        frame = frame.f_back
    raise active.waits_forever("a free connection")
