"""
Mesh in a thread of the tests, under one contract after the other: a process takes half a second to start.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from mesh_inmemory.app import create_app
from mesh_inmemory.databases import Databases
from mesh_inmemory.serving.run import compose
from mesh_inmemory.settings import Settings


@dataclass(slots=True)
class MeshInThread:
    """
    Mesh at *url*, on one database for as long as it runs.
    """

    url: str
    _databases: Databases = field(default_factory=lambda: Databases(None, None))
    _app: ASGIApp | None = None

    def serve(self, contract: Path) -> None:
        """
        Serve the contract with the changes in the file *contract* from now on.
        """
        settings = Settings(test_mode=True, contract=contract)
        self._app = create_app(compose(settings, self._databases))

    async def run(self, listening: socket.socket, server: uvicorn.Server) -> None:
        """
        Answer until *server* is to exit.
        """
        try:
            await self._databases.open()
            await server.serve(sockets=[listening])
        finally:
            self._databases.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None, "no contract is served yet"
        await self._app(scope, receive, send)


@contextmanager
def mesh_in_thread() -> Iterator[MeshInThread]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        mesh = MeshInThread(f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = uvicorn.Config(mesh, loop="asyncio", lifespan="off", ws="none", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=asyncio.run, args=[mesh.run(listening, server)])
        thread.start()
        try:
            yield mesh
        finally:
            server.should_exit = True
            thread.join()
