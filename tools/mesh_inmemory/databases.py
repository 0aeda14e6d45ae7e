"""
Which database a request works on: the server's own, or the one in memory when it asks for that.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesh_inmemory.database import connect
from mesh_inmemory.maintenance import maintain
from mesh_inmemory.memory import MemoryDatabase
from mesh_inmemory.rows import Rows

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import Pool


@dataclass(slots=True)
class Databases:
    """
    *address* is that of a PostgreSQL, or None; then *memory* is the server's own and has been started.

    A database in memory besides the one by address is started by the first request that asks for it.
    """

    address: str | None
    memory: MemoryDatabase | None
    _own: Pool[asyncpg.Record] | None = None
    _second: Pool[asyncpg.Record] | None = None
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _maintenance: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._own = await (self._in_memory() if self.address is None else connect(self.address))

    async def rows(self, *, in_memory: bool = False) -> Rows:
        if self.address is None or not in_memory:
            if self._own is None:
                raise RuntimeError("the database has not been opened")
            return Rows(self._own)
        async with self._starting:
            self._second = self._second or await self._in_memory()
        return Rows(self._second)

    def close(self) -> None:
        if self._maintenance is not None:
            self._maintenance.cancel()
        for pool in (self._own, self._second):
            if pool is not None:
                pool.terminate()
        if self.memory is not None:
            self.memory.close()

    async def _in_memory(self) -> Pool[asyncpg.Record]:
        self.memory = self.memory or MemoryDatabase()
        pool = await connect(await asyncio.to_thread(self.memory.dsn))
        self._maintenance = asyncio.create_task(maintain(pool))
        return pool
