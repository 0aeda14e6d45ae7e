"""
The rows: every statement that reads or writes them.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, cast

from mesh_inmemory.database import outages, refusals
from mesh_inmemory.errors import ConflictError
from mesh_inmemory.filters import Bindings, Column, Comparison, Operator, ordering, predicate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from uuid import UUID

    import asyncpg

    from mesh_inmemory.filters import Condition
    from mesh_inmemory.migrations import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One row as it is stored; ``content`` and ``indexer`` are JSON text.
    """

    id: int
    block_id: UUID
    page_id: UUID
    parent_id: UUID | None
    tenant_id: UUID | None
    type: str
    content: str
    indexer: str
    order: int | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    type: str
    content: str
    indexer: str = "{}"
    page_id: str | None = None
    parent_id: str | None = None
    tenant_id: str | None = None
    order: int | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """
    What an update sets. ``columns`` holds plain columns by name; JSON objects are merged at their top level.
    """

    content: str | None = None
    indexer: str | None = None
    merge: bool = False
    columns: tuple[tuple[str, object], ...] = ()


_COLUMNS: Final = ", ".join('"order"' if field.name == "order" else field.name for field in fields(Row))
_PREFIXED: Final = ", ".join(f"mesh_content.{name}" for name in _COLUMNS.split(", "))
_WRITABLE: Final = {
    "page_id": ("page_id", "uuid"),
    "parent_id": ("parent_id", "uuid"),
    "type": ("type", "text"),
    "order": ('"order"', "integer"),
    "version": ("version", "text"),
}
_INSERT: Final = f"""
    INSERT INTO mesh_content (type, content, indexer, page_id, parent_id, tenant_id, "order", version)
    VALUES ($1, $2, $3, coalesce($4::uuid, gen_random_uuid()), $5, $6, $7, $8)
    RETURNING {_COLUMNS}
"""  # noqa: S608 - column names of our own


class Rows:
    """
    The rows of one database. Each call is one transaction, unless it is made inside ``together``.
    """

    def __init__(self, pool: asyncpg.Pool, connection: Connection | None = None) -> None:
        self._pool = pool
        self._held = connection

    async def check(self) -> None:
        """
        Return if the database is usable.
        """
        with outages():
            async with self._connection() as connection:
                await connection.execute("SELECT true")

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Rows]:
        """
        Rows whose calls are all committed at the end, or not at all.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            yield Rows(self._pool, connection)

    async def first(self, condition: Condition) -> Row | None:
        found = await self.find(condition, limit=1)
        return found[0] if found else None

    async def find(
        self,
        condition: Condition,
        *,
        order: Sequence[tuple[str, str]] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[Row, ...]:
        bindings = Bindings()
        where = predicate(condition, bindings)
        # OFFSET 0 keeps a LIMIT from talking the planner into walking the rows in order of their id.
        sql = f"""
            SELECT {_COLUMNS} FROM (SELECT * FROM mesh_content WHERE {where} OFFSET 0) AS found
            ORDER BY {ordering(order)}
            LIMIT {bindings.bind(limit)}::bigint OFFSET {bindings.bind(offset)}::bigint
        """  # noqa: S608 - the filter's values are bound
        return tuple(_row(record) for record in await self._fetch(sql, bindings))

    async def page(self, condition: Condition, *, limit: int | None, offset: int) -> Page:
        """
        One page of the matching rows in creation order, and how many match in all.
        """
        bindings = Bindings()
        where = predicate(condition, bindings)
        sql = f"""
            SELECT {_PREFIXED}, found.total FROM (
                SELECT id, count(*) OVER () AS total FROM mesh_content WHERE {where} ORDER BY id
                LIMIT {bindings.bind(limit)}::bigint OFFSET {bindings.bind(offset)}::bigint
            ) AS found JOIN mesh_content USING (id) ORDER BY id
        """  # noqa: S608 - the filter's values are bound
        records = await self._fetch(sql, bindings)
        if records or not offset:
            return Page(tuple(_row(record) for record in records), records[0]["total"] if records else 0)
        return Page((), await self.count(condition))

    async def count(self, condition: Condition) -> int:
        bindings = Bindings()
        sql = f"SELECT count(*) AS n FROM mesh_content WHERE {predicate(condition, bindings)}"  # noqa: S608 - as above
        return int((await self._fetch(sql, bindings))[0]["n"])

    async def insert(self, row: NewRow) -> Row:
        async with self._connection() as connection:
            with refusals():
                record = await connection.fetchrow(
                    _INSERT,
                    row.type,
                    row.content,
                    row.indexer,
                    row.page_id,
                    row.parent_id,
                    row.tenant_id,
                    row.order,
                    row.version,
                )
        return _row(cast("asyncpg.Record", record))

    async def insert_unique(self, row: NewRow) -> Row:
        """
        Insert *row*, unless another row has its page_id: that is a conflict, however many insert at once.
        """
        if row.page_id is None:
            return await self.insert(row)
        async with self.together() as rows:
            await rows.lock(row.page_id)
            if await rows.first(Comparison(Column("page_id"), Operator.EQ, row.page_id)) is not None:
                raise ConflictError(f"Content with _id {row.page_id} already exists", code="DUPLICATE_ID")
            return await rows.insert(row)

    async def lock(self, name: str) -> None:
        """
        Wait until no other transaction holds *name*, and hold it until the end of this one.
        """
        async with self._connection() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)

    async def update(
        self, row_id: int, changes: Changes, *, check: Callable[[Row], None] | None = None
    ) -> Row | None:
        """
        Change the row; None when it is gone. What *check* raises undoes the change.
        """
        bindings = Bindings()
        assignments = ", ".join(_assignments(changes, bindings))
        sql = f"UPDATE mesh_content SET {assignments} WHERE id = {bindings.bind(row_id)} RETURNING {_COLUMNS}"  # noqa: S608 - as above
        async with self.together() as rows:
            records = await rows._fetch(sql, bindings)  # noqa: SLF001 - of this class
            changed = _row(records[0]) if records else None
            if changed is not None and check is not None:
                check(changed)
            return changed

    async def delete(self, condition: Condition) -> bool:
        """
        Delete the oldest row that matches; whether there was one.
        """
        bindings = Bindings()
        oldest = f"SELECT id FROM mesh_content WHERE {predicate(condition, bindings)} ORDER BY id LIMIT 1"  # noqa: S608 - as above
        sql = f"DELETE FROM mesh_content WHERE id = ({oldest}) RETURNING id"  # noqa: S608 - as above
        return bool(await self._fetch(sql, bindings))

    async def clear(self) -> None:
        """
        Remove every row and start the ids from 1 again.
        """
        async with self._connection() as connection:
            await connection.execute("TRUNCATE mesh_content RESTART IDENTITY")

    async def _fetch(self, sql: str, bindings: Bindings) -> list[asyncpg.Record]:
        async with self._connection() as connection:
            with refusals():
                records: list[asyncpg.Record] = await connection.fetch(sql, *bindings.values)
                return records

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        if self._held is not None:
            yield self._held
            return
        async with self._pool.acquire() as connection:
            yield connection


def _row(record: asyncpg.Record) -> Row:
    return Row(**{name: record[name] for name in Row.__slots__})


def _assignments(changes: Changes, bindings: Bindings) -> list[str]:
    listed = ["updated_at = now()"]
    for name, text in (("content", changes.content), ("indexer", changes.indexer)):
        if text is not None:
            value = f"{bindings.bind(text)}::jsonb"
            listed.append(f"{name} = {_merged(name, value) if changes.merge else value}")
    for name, plain in changes.columns:
        sql, kind = _WRITABLE[name]
        listed.append(f"{sql} = {bindings.bind(plain)}::{kind}")
    return listed


def _merged(name: str, value: str) -> str:
    # Only objects merge; ``||`` would append to an array.
    return (
        f"CASE WHEN jsonb_typeof({name}) = 'object' AND jsonb_typeof({value}) = 'object' "
        f"THEN {name} || {value} ELSE {value} END"
    )
