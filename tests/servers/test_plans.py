"""
What PostgreSQL does with the statements: the index is used where there are many rows.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from mesh_inmemory.database import connect
from mesh_inmemory.filters import All, Bindings, Column, Comparison, Operator, Path, predicate
from mesh_inmemory.memory import MemoryDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesh_inmemory.filters import Condition

ROWS = """
    INSERT INTO mesh_content (type, content, indexer)
    SELECT 'User', '{}', jsonb_build_object('email', n || '@x', 'tags', jsonb_build_array(n))
    FROM generate_series(1, 5000) AS n
"""
USER = Comparison(Column("type"), Operator.EQ, "User")


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    database = MemoryDatabase()
    yield database.dsn()
    database.close()


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (Comparison(Path("indexer", ("email",)), Operator.INCLUDES, "7@x"), "mesh_content_indexer"),
        (Comparison(Path("indexer", ("tags",)), Operator.HAS, 7), "mesh_content_indexer"),
        (
            Comparison(Column("page_id"), Operator.EQ, "c0000000-0000-4000-8000-000000000001"),
            "mesh_content_page",
        ),
        (Comparison(Column("parent_id"), Operator.IN, []), "mesh_content_parent"),
    ],
)
def test_a_selective_filter_is_served_by_its_index(dsn: str, condition: Condition, index: str) -> None:
    assert index in asyncio.run(plan(dsn, All((USER, condition))))


async def plan(dsn: str, condition: Condition) -> str:
    pool = await connect(dsn)
    try:
        await pool.execute("TRUNCATE mesh_content")
        await pool.execute(ROWS)
        await pool.execute("ANALYZE mesh_content")
        bindings = Bindings()
        sql = f"EXPLAIN SELECT * FROM mesh_content WHERE {predicate(condition, bindings)}"  # noqa: S608 - bound
        return "\n".join(record[0] for record in await pool.fetch(sql, *bindings.values))
    finally:
        pool.terminate()
