"""
Servers of :mod:`aiohttp.test_utils`: the app behind one is the code under test, and runs in a replay too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from types import ModuleType
from typing import Any, TypeAlias
from weakref import WeakSet

from aiohttp import ClientRequest

from taketwo.intercept.patching import Replacements

# Of a class that only tests import.
Server: TypeAlias = Any
Start: TypeAlias = Callable[..., Awaitable[None]]

_servers: WeakSet[Server] = WeakSet()


def install(module: ModuleType, replacements: Replacements) -> None:
    """
    Know each server that a test starts.
    """
    replacements.replace(module.BaseTestServer, "start_server", _starting)


def is_of_an_own_server(request: ClientRequest) -> bool:
    """
    Whether *request* goes to a server that a test has started in this process.
    """
    if not _servers:
        return False
    address = request.url.host, request.url.port
    return any(server.started and (server.host, server.port) == address for server in _servers)


def _starting(start: Start) -> Start:
    @wraps(start)
    async def started(self: Server, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - aiohttp's
        await start(self, *arguments, **options)
        _servers.add(self)

    return started
