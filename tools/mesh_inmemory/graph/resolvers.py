"""
What the fields of the schema do, by their names in the schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from mesh_inmemory import javascript
from mesh_inmemory.errors import BadRequestError, NotFoundError
from mesh_inmemory.filters import Column, Comparison, FilterError, Operator
from mesh_inmemory.filters.graphql import read_filter
from mesh_inmemory.filters.sql import is_uuid
from mesh_inmemory.rows import Changes, NewRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import GraphQLResolveInfo

    from mesh_inmemory.filters import Condition
    from mesh_inmemory.graph.context import GraphContext
    from mesh_inmemory.javascript import Json
    from mesh_inmemory.rows import Row, Rows

    Info = GraphQLResolveInfo[GraphContext]
    Input = dict[str, Json]

_COLUMNS: Final = ("page_id", "parent_id", "type", "order", "version")


async def notion_model(
    _: object,
    info: Info,
    *,
    where: Input | None = None,
    orderBy: list[dict[str, str]] | None = None,  # noqa: N803 - the name in the schema
    limit: int | None = None,
    offset: int | None = None,
) -> tuple[Row, ...]:
    context = _context(info)
    order = [(term["field"], term["direction"]) for term in orderBy or ()]
    try:
        asked = context.visible(read_filter(where))
        return await context.rows.find(asked, order=order, limit=limit or None, offset=offset or 0)
    except FilterError as error:
        raise BadRequestError(str(error), code="BAD_USER_INPUT") from None
    except KeyError as error:
        raise BadRequestError(f"There is no field {error} to order by", code="BAD_USER_INPUT") from None


async def notion_model_by_page_id(_: object, info: Info, *, page_id: str) -> Row | None:
    context = _context(info)
    _id({"page_id": page_id}, "page_id")
    return await context.rows.first(context.visible(Comparison(Column("page_id"), Operator.EQ, page_id)))


async def create_notion_model(_: object, info: Info, *, input: Input) -> Row:  # noqa: A002 - see above
    context = _context(info)
    return await _insert(context, context.rows, input)


async def bulk_create_notion_model(_: object, info: Info, *, inputs: list[Input]) -> list[Row]:
    context = _context(info)
    async with context.rows.together() as rows:
        return [await _insert(context, rows, given) for given in inputs]


async def update_notion_model(
    _: object,
    info: Info,
    *,
    block_id: str,
    input: Input,  # noqa: A002 - see above
) -> Row:
    content = _parsed(input["content"])
    return await _change(_context(info), block_id, input, content=content, merge=True)


async def replace_notion_model(
    _: object,
    info: Info,
    *,
    block_id: str,
    input: Input,  # noqa: A002 - see above
) -> Row:
    return await _change(_context(info), block_id, input, content=input["content"], merge=False)


async def delete_notion_model(_: object, info: Info, *, block_id: str) -> bool:
    context = _context(info)
    _id({"block_id": block_id}, "block_id")
    return await context.rows.delete(context.visible(_block(block_id)))


def content(row: Row, _: Info) -> Json:
    return javascript.stored(row.content)


def indexer(row: Row, _: Info) -> Json:
    return javascript.stored(row.indexer)


async def parent_data(row: Row, info: Info) -> Row | None:
    return None if row.parent_id is None else await _context(info).parent(row.parent_id)


RESOLVERS: Final[Mapping[tuple[str, str], Callable[..., object]]] = {
    ("Query", "notionModel"): notion_model,
    ("Query", "notionModelByPageId"): notion_model_by_page_id,
    ("Mutation", "createNotionModel"): create_notion_model,
    ("Mutation", "bulkCreateNotionModel"): bulk_create_notion_model,
    ("Mutation", "updateNotionModel"): update_notion_model,
    ("Mutation", "replaceNotionModel"): replace_notion_model,
    ("Mutation", "deleteNotionModel"): delete_notion_model,
    ("NotionModel", "content"): content,
    ("NotionModel", "indexer"): indexer,
    ("NotionModel", "parentData"): parent_data,
}


def _context(info: Info) -> GraphContext:
    return info.context


async def _insert(context: GraphContext, rows: Rows, given: Input) -> Row:
    type_name = str(given["type"])
    return await rows.insert(
        NewRow(
            type=type_name,
            content=javascript.dumps(_incoming(context, type_name, _parsed(given["content"]), whole=True)),
            indexer=javascript.dumps(_index(given.get("indexer", {}))),
            page_id=_id(given, "page_id"),
            parent_id=_id(given, "parent_id"),
            tenant_id=context.tenant_for(type_name),
            order=cast("int | None", given.get("order")),
            version=cast("str | None", given.get("version")),
        )
    )


async def _change(context: GraphContext, block_id: str, given: Input, *, content: Json, merge: bool) -> Row:
    _id({"block_id": block_id}, "block_id")
    row = await context.rows.first(context.visible(_block(block_id)))
    columns = {name: given[name] for name in _COLUMNS if name in given}
    changes = Changes(
        content=javascript.dumps(_incoming(context, str(given["type"]), content, whole=not merge)),
        indexer=javascript.dumps(_index(given["indexer"])) if "indexer" in given else None,
        merge=merge,
        columns=tuple(
            {**columns, **{name: _id(given, name) for name in columns if name.endswith("_id")}}.items()
        ),
    )
    if "page_id" in given and given["page_id"] is None:
        raise BadRequestError("page_id must not be null", code="BAD_USER_INPUT")
    changed = None if row is None else await context.rows.update(row.id, changes)
    if changed is None:
        raise NotFoundError("Content not found", code="NOT_FOUND")
    return changed


def _incoming(context: GraphContext, type_name: str, content: Json, *, whole: bool) -> Json:
    return (
        context.contract.incoming(type_name, content, whole=whole) if isinstance(content, dict) else content
    )


def _block(block_id: str) -> Condition:
    return Comparison(Column("block_id"), Operator.EQ, block_id)


def _index(value: Json) -> Json:
    if value is None:
        raise BadRequestError("indexer must not be null", code="BAD_USER_INPUT")
    return value


def _parsed(value: Json) -> Json:
    """
    The JSON in a text, where there is JSON in it.
    """
    if not isinstance(value, str):
        return value
    try:
        parsed = javascript.loads(value)
    except javascript.JsonError:
        return value
    return value if parsed is None else parsed


def _id(given: Input, name: str) -> str | None:
    value = given.get(name)
    if value is not None and not is_uuid(value):
        raise BadRequestError(f"{name} must be a UUID", code="BAD_USER_INPUT")
    return cast("str | None", value)
