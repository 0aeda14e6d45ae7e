"""
PostgreSQL in memory: the one module that knows pgmem.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mesh_inmemory.errors import StartupError, not_installed

if TYPE_CHECKING:
    import pgmem


class MemoryDatabase:
    """
    A PostgreSQL that lives and dies with this process.

    It starts at once in the background, since the server's own modules take as long to import as it to start.
    """

    def __init__(self) -> None:
        self._server: pgmem.Pgmem | None = None
        self._failure: Exception | None = None
        self._starting = threading.Thread(target=self._start, name="pgmem-start", daemon=True)
        self._starting.start()

    def dsn(self) -> str:
        """
        Where it listens; waits until it does.
        """
        self._starting.join()
        if isinstance(self._failure, ModuleNotFoundError):
            raise StartupError(not_installed(self._failure))
        if self._server is None:
            raise StartupError(f"the in-memory PostgreSQL did not start: {self._failure}")
        return str(self._server.template.dsn)

    def close(self) -> None:
        self._starting.join()
        if self._server is not None:
            self._server.close()
            # pgmem leaves the pipe of its answers open.
            self._server._reader.join()  # noqa: SLF001 - there is no other way to it
            self._server._proc.stdout.close()  # noqa: SLF001 - see above

    def _start(self) -> None:
        try:
            import pgmem  # noqa: PLC0415 - while the rest of the server is being imported

            self._server = pgmem.start(database="mesh")
        except Exception as error:  # noqa: BLE001 - told by the thread that waits for the address
            self._failure = error
