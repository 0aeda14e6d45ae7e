"""
Vacuum and statistics for the database in memory, which has no process of its own that sees to them.

Without them the planner does not know that a table has grown, and rows that are gone stay in memory.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import Pool

_INTERVAL: Final = 1.0
_log: Final = logging.getLogger("mesh.maintenance")

# The thresholds are those of PostgreSQL's own autovacuum, or near to them.
_DUE: Final = """
    SELECT n_mod_since_analyze + n_dead_tup > 200 + 0.2 * n_live_tup
    FROM pg_stat_user_tables WHERE relname = 'mesh_content'
"""


async def maintain(pool: Pool[asyncpg.Record]) -> None:
    """
    See to the table for as long as the server runs.
    """
    while True:
        await asyncio.sleep(_INTERVAL)
        try:
            if await pool.fetchval(_DUE):
                await pool.execute("VACUUM (ANALYZE) mesh_content")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.debug("maintenance has to wait: %s", error)
