"""
What resolvers work with: the rows that the caller may see, and a loader for parents.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesh_inmemory.content import visible_to
from mesh_inmemory.filters import All, AnyOf, Column, Comparison, Operator

if TYPE_CHECKING:
    from uuid import UUID

    from mesh_inmemory.access import Caller
    from mesh_inmemory.contract import ContentContract
    from mesh_inmemory.definitions import Registry
    from mesh_inmemory.filters import Condition
    from mesh_inmemory.rows import Row, Rows


@dataclass(slots=True)
class GraphContext:
    rows: Rows
    registry: Registry
    caller: Caller
    contract: ContentContract
    _wanted: dict[UUID, asyncio.Future[Row | None]] = field(default_factory=dict)

    def visible(self, condition: Condition) -> Condition:
        if self.caller.everything and self.caller.tenant_id() is None:
            return condition
        shared = Comparison(Column("type"), Operator.IN, list(self.registry.platform))
        return All((condition, AnyOf((shared, visible_to(self.caller)))))

    def tenant_for(self, type_name: str) -> str | None:
        """
        The tenant that a new row of the type belongs to.
        """
        return None if type_name in self.registry.platform else self.caller.tenant_id()

    async def parent(self, block_id: UUID) -> Row | None:
        """
        The row of that block_id. All that are asked for at the same moment are read at once.
        """
        if block_id not in self._wanted:
            loop = asyncio.get_running_loop()
            if not self._wanted:
                loop.call_soon(lambda: loop.create_task(self._load()))
            self._wanted[block_id] = loop.create_future()
        return await self._wanted[block_id]

    async def _load(self) -> None:
        wanted, self._wanted = self._wanted, {}
        condition = self.visible(
            Comparison(Column("block_id"), Operator.IN, [str(block_id) for block_id in wanted])
        )
        try:
            found = {row.block_id: row for row in await self.rows.find(condition)}
        except Exception as error:  # noqa: BLE001 - each of those who wait is told
            for future in wanted.values():
                future.set_exception(error)
            return
        for block_id, future in wanted.items():
            future.set_result(found.get(block_id))
