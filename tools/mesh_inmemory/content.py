"""
Content: what creating, replacing, patching, reading and deleting it means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mesh_inmemory import javascript
from mesh_inmemory.definitions import DEFINITION_TYPE
from mesh_inmemory.errors import BadRequestError, DefinitionMissingError, NotFoundError
from mesh_inmemory.filters import EVERYTHING, NOTHING, All, Column, Comparison, Condition, Operator
from mesh_inmemory.filters.rest import read_where
from mesh_inmemory.filters.sql import is_uuid
from mesh_inmemory.rows import Changes, NewRow
from mesh_inmemory.validation import Validator

if TYPE_CHECKING:
    from mesh_inmemory.access import Caller
    from mesh_inmemory.contract import ContentContract
    from mesh_inmemory.definitions import Definition, Registry
    from mesh_inmemory.javascript import Json
    from mesh_inmemory.rows import Page, Row, Rows

Content = dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class ContentService:
    """
    Content of one caller in one database.

    Rows of a tenant's type belong to the tenant they were created for and do not exist for any other one.
    """

    rows: Rows
    registry: Registry
    caller: Caller
    contract: ContentContract
    validator: Validator | None = None

    async def create(self, type_name: str, content: Content) -> Row:
        definition = await self._definition_for(type_name)
        tenant = None if definition.shared else self.caller.tenant_id()
        if self.validator is not None:
            self.validator.check(definition, content)
        content = self.contract.incoming(definition.block, content, whole=True)
        new = NewRow(
            type=type_name,
            content=javascript.dumps(content),
            indexer=javascript.dumps(definition.indexer_of(content)),
            page_id=_id_of(content.get("_id") or None, "_id"),
            parent_id=_id_of(definition.parent_of(content), "the parent"),
            tenant_id=tenant,
        )
        return await self.rows.insert_unique(new)

    async def get(self, type_name: str, page_id: str) -> Row:
        row = await self.rows.first(self._one(type_name, page_id))
        if row is None:
            raise NotFoundError("Content not found")
        return row

    async def list(
        self, type_name: str, where: str, *, page_id: str | None, limit: int | None, offset: int
    ) -> Page:
        declared = await self._dotted(type_name) if "indexer" in where else frozenset[str]()
        asked = read_where(where, declared=declared, page_id=page_id)
        return await self.rows.page(All((self._visible(type_name), asked)), limit=limit, offset=offset)

    async def replace(self, type_name: str, page_id: str, content: Content) -> Row:
        return await self._change(type_name, page_id, content, merge=False)

    async def patch(self, type_name: str, page_id: str, content: Content) -> Row:
        """
        Merge *content* at its top level; so are its index entries, of which none is ever removed.
        """
        return await self._change(type_name, page_id, content, merge=True)

    async def delete(self, type_name: str, page_id: str) -> None:
        if not await self.rows.delete(self._one(type_name, page_id)):
            raise NotFoundError("Content not found")

    async def _change(self, type_name: str, page_id: str, content: Content, *, merge: bool) -> Row:
        row = await self.get(type_name, page_id)
        owner = str(row.tenant_id) if row.tenant_id else self.caller.tenant_id()
        definition = await self.registry.find(self.rows, type_name, owner)
        if definition is None:
            raise NotFoundError(f'Content definition for type "{type_name}" not found.', code="NO_DEFINITION")
        content = self.contract.incoming(definition.block, content, whole=not merge)
        changes = Changes(
            content=javascript.dumps(content),
            indexer=javascript.dumps(definition.indexer_of(content)),
            merge=merge,
            columns=_columns_of(content),
        )
        changed = await self.rows.update(row.id, changes, check=self._checked(definition))
        if changed is None:
            raise NotFoundError("Content not found")
        return changed

    def _checked(self, definition: Definition) -> Validator.RowCheck | None:
        return None if self.validator is None else self.validator.of_row(definition)

    async def _definition_for(self, type_name: str) -> Definition:
        if type_name == DEFINITION_TYPE:
            raise DefinitionMissingError(type_name)
        if type_name in self.registry.platform:
            return self.registry.platform[type_name]
        tenant = self.caller.tenant_id()
        if tenant is None:
            raise BadRequestError("Invalid tenant ID: any", code="BAD_TENANT")
        definition = await self.registry.find(self.rows, type_name, tenant)
        if definition is None:
            raise DefinitionMissingError(type_name)
        return definition

    async def _dotted(self, type_name: str) -> frozenset[str]:
        if type_name in self.registry.platform:
            return self.registry.platform[type_name].dotted
        definition = await self.registry.find(self.rows, type_name, self.caller.tenant_id())
        return definition.dotted if definition else frozenset()

    def _one(self, type_name: str, page_id: str) -> Condition:
        return All((self._visible(type_name), Comparison(Column("page_id"), Operator.EQ, page_id)))

    def _visible(self, type_name: str) -> Condition:
        typed = Comparison(Column("type"), Operator.EQ, type_name)
        return typed if type_name in self.registry.platform else All((typed, visible_to(self.caller)))


def visible_to(caller: Caller) -> Condition:
    """
    The rows of tenant types that *caller* may see.
    """
    tenant = caller.tenant_id()
    if tenant is not None:
        return Comparison(Column("tenant_id"), Operator.EQ, tenant)
    return EVERYTHING if caller.everything else NOTHING


def document(row: Row) -> str:
    """
    The row as the REST API shows it: its content, as JSON text, with the page_id as ``_id``.

    Written anew, and not as PostgreSQL prints it, since clients see the spacing and numbers of JavaScript.
    """
    content = javascript.stored(row.content)
    return javascript.dumps({**content, "_id": str(row.page_id)} if isinstance(content, dict) else content)


def _columns_of(content: Content) -> tuple[tuple[str, object], ...]:
    columns: list[tuple[str, object]] = []
    if "parent_id" in content:
        columns.append(("parent_id", _id_of(content["parent_id"], "parent_id")))
    if "order" in content:
        columns.append(("order", _order_of(content["order"])))
    return tuple(columns)


def _id_of(value: Json, name: str) -> str | None:
    if value is None:
        return None
    if not is_uuid(value):
        raise BadRequestError(f"{name} must be a UUID", code="BAD_ID")
    return cast("str", value).lower()


def _order_of(value: Json) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**31:
        raise BadRequestError("order must be an integer", code="BAD_ORDER")
    return value
