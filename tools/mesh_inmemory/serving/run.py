"""
The server put together, and run until it is told to leave.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mesh_inmemory.app import create_app
from mesh_inmemory.contract import ContentContract, RequestContract, read_changes
from mesh_inmemory.databases import Databases
from mesh_inmemory.definitions import PLATFORM, Registry
from mesh_inmemory.graph.schema import create_schema
from mesh_inmemory.mesh import Mesh
from mesh_inmemory.serving.server import mesh_server
from mesh_inmemory.validation import Validator

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from asgi_shell.server import ProcessServer
    from mesh_inmemory.memory import MemoryDatabase
    from mesh_inmemory.settings import Settings


def run(
    settings: Settings,
    memory: MemoryDatabase | None,
    listening: socket.socket,
    parent: int,
    *,
    ready: Callable[[], None],
) -> None:
    databases = Databases(settings.database, memory)
    mesh = compose(settings, databases)
    asyncio.run(
        _serve(databases, mesh_server(create_app(mesh), settings, ready=ready, parent=parent), listening)
    )


def compose(settings: Settings, databases: Databases) -> Mesh:
    changes = read_changes(settings.contract)
    contract = ContentContract(changes.definitions)
    return Mesh(
        settings=settings,
        databases=databases,
        registry=Registry(contract.platform(PLATFORM), contract.revised),
        changes=changes,
        contract=contract,
        requests=RequestContract(changes.requests),
        schema=create_schema(changes.graphql),
        validator=Validator() if settings.validate else None,
    )


async def _serve(databases: Databases, server: ProcessServer, listening: socket.socket) -> None:
    try:
        await databases.open()
        await server.serve(sockets=[listening])
    finally:
        databases.close()
