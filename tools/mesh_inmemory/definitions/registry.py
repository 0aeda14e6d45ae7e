"""
Finding and registering definitions. Those of tenants are rows too, of the type DynamicContent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mesh_inmemory import javascript
from mesh_inmemory.definitions.definition import Definition
from mesh_inmemory.filters import EVERYTHING, All, Column, Comparison, Condition, Operator, Path
from mesh_inmemory.filters.sql import is_uuid
from mesh_inmemory.rows import NewRow, Row, Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesh_inmemory.javascript import Json

DEFINITION_TYPE: Final = "DynamicContent"


class Registry:
    """
    *platform* are the definitions that need no row; *revise* makes of a stored one what is in force.

    Nothing is cached.
    """

    def __init__(
        self,
        platform: Mapping[str, Definition],
        revise: Callable[[Definition], Definition] = lambda known: known,
    ) -> None:
        self.platform = platform
        self._revise = revise

    async def find(self, rows: Rows, type_name: str, tenant: str | None) -> Definition | None:
        """
        The definition of *type_name*, which may also be the page_id of a definition's row.
        """
        if type_name in self.platform:
            return self.platform[type_name]
        row = await self._row(rows, type_name, tenant)
        return None if row is None else self._of(row)

    async def stored(self, rows: Rows, type_name: str, tenant: str | None) -> tuple[Definition, str] | None:
        """
        The definition and the page_id of its row. Those of the platform get a row when first asked for.
        """
        if type_name in self.platform:
            return await self.register(rows, self.platform[type_name], None)
        row = await self._row(rows, type_name, tenant)
        definition = None if row is None else self._of(row)
        return None if row is None or definition is None else (definition, str(row.page_id))

    async def register(
        self, rows: Rows, definition: Definition, tenant: str | None
    ) -> tuple[Definition, str]:
        """
        Store *definition*, unless one of that name is stored already: then that one is in force.
        """
        if definition.block in self.platform:
            definition, tenant = self.platform[definition.block], None
        if (row := await self._by_name(rows, definition.block, tenant)) is None:
            async with rows.together() as held:
                await held.lock(f"definition {definition.block} {tenant}")
                row = await self._by_name(held, definition.block, tenant)
                row = row or await held.insert(_new_row(definition, tenant))
        return self._of(row) or definition, str(row.page_id)

    async def all(self, rows: Rows, tenant: str | None) -> dict[str, Definition]:
        """
        Every definition in force for *tenant*, by name.
        """
        found = dict(self.platform)
        if tenant is not None:
            mine = All((_is_definition(), Comparison(Column("parent_id"), Operator.EQ, tenant)))
            for row in await rows.find(mine):
                if (definition := self._of(row)) is not None:
                    found.setdefault(definition.block, definition)
        return dict(sorted(found.items()))

    async def _row(self, rows: Rows, type_name: str, tenant: str | None) -> Row | None:
        if is_uuid(type_name):
            mine = EVERYTHING if tenant is None else Comparison(Column("parent_id"), Operator.EQ, tenant)
            by_id = Comparison(Column("page_id"), Operator.EQ, type_name)
            return await rows.first(All((_is_definition(), by_id, mine)))
        return None if tenant is None else await self._by_name(rows, type_name, tenant)

    async def _by_name(self, rows: Rows, block: str, tenant: str | None) -> Row | None:
        named = Comparison(Path("indexer", ("dynamicBlockType",)), Operator.INCLUDES, block)
        mine = Comparison(Column("parent_id"), Operator.EQ, tenant)
        return await rows.first(All((_is_definition(), named, mine)))

    def _of(self, row: Row) -> Definition | None:
        definition = Definition.read(javascript.stored(row.content))
        if definition is None or row.parent_id is not None:
            return definition and self._revise(definition)
        return self.platform.get(definition.block, definition)


def _is_definition() -> Condition:
    return Comparison(Column("type"), Operator.EQ, DEFINITION_TYPE)


def _new_row(definition: Definition, tenant: str | None) -> NewRow:
    document = definition.document
    indexed: dict[str, Json] = {name: document[name] for name in definition.index_fields if name in document}
    return NewRow(
        type=DEFINITION_TYPE,
        content=javascript.dumps(document),
        indexer=javascript.dumps({**indexed, "dynamicBlockType": definition.block}),
        parent_id=tenant,
        tenant_id=tenant,
    )
