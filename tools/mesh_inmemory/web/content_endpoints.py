"""
/api/content
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mesh_inmemory.content import document
from mesh_inmemory.errors import BadRequestError
from mesh_inmemory.web import answers
from mesh_inmemory.web.endpoint import Call, Endpoint

if TYPE_CHECKING:
    from starlette.responses import Response

    from mesh_inmemory.javascript import Json

_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")


async def list_content(call: Call) -> Response:
    query = call.query
    page = await call.content.list(
        call.param("type"),
        query.where,
        page_id=query.first("page_id"),
        limit=query.limit,
        offset=query.offset,
    )
    more = query.offset + len(page.rows) < page.total
    return answers.page([document(row) for row in page.rows], total=page.total, more=more)


async def create_content(call: Call) -> Response:
    content = await _content(call, "Missing type or content")
    return answers.one(document(await call.content.create(call.param("type"), content)))


async def get_content(call: Call) -> Response:
    return answers.one(document(await call.content.get(call.param("type"), call.param("id"))))


async def replace_content(call: Call) -> Response:
    content = await _content(call, "Missing type, id or content")
    return answers.one(document(await call.content.replace(call.param("type"), call.param("id"), content)))


async def patch_content(call: Call) -> Response:
    content = await _content(call, "Missing type, id or content")
    return answers.one(document(await call.content.patch(call.param("type"), call.param("id"), content)))


async def delete_content(call: Call) -> Response:
    type_name, page_id = call.param("type"), call.param("id")
    if not _NAME.fullmatch(type_name) or not _NAME.fullmatch(page_id):
        raise BadRequestError("Invalid type or id format", code="BAD_TYPE_ID")
    await call.content.delete(type_name, page_id)
    return answers.data({"deleted": True})


async def _content(call: Call, missing: str) -> dict[str, Json]:
    content = (await call.body()).get("content")
    if not content and not isinstance(content, dict | list):
        raise BadRequestError(missing)
    if not isinstance(content, dict):
        raise BadRequestError("content must be an object", code="BAD_CONTENT")
    return content


_COLLECTION: Final = "/api/content/{type}"
_ITEM: Final = "/api/content/{type}/{id}"

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_COLLECTION,
        handler=list_content,
        summary="List the content of a type, in creation order",
        parameters=("type", "tenant", "where", "page_id", "limit", "offset"),
        answers={200: "ContentPage"},
        refusals=(400,),
    ),
    Endpoint(
        method="POST",
        path=_COLLECTION,
        handler=create_content,
        summary="Create content of a type",
        parameters=("type", "tenant"),
        body="ContentPayload",
        answers={200: "ContentAnswer"},
        refusals=(400, 409, 413, 415, 500),
    ),
    Endpoint(
        method="GET",
        path=_ITEM,
        handler=get_content,
        summary="Read one content",
        parameters=("type", "id", "tenant"),
        answers={200: "ContentAnswer"},
        refusals=(404,),
    ),
    Endpoint(
        method="PUT",
        path=_ITEM,
        handler=replace_content,
        summary="Replace one content",
        parameters=("type", "id", "tenant"),
        body="ContentPayload",
        answers={200: "ContentAnswer"},
        refusals=(400, 404, 413, 415),
    ),
    Endpoint(
        method="PATCH",
        path=_ITEM,
        handler=patch_content,
        summary="Merge into one content, at its top level",
        parameters=("type", "id", "tenant"),
        body="ContentPayload",
        answers={200: "ContentAnswer"},
        refusals=(400, 404, 413, 415),
    ),
    Endpoint(
        method="DELETE",
        path=_ITEM,
        handler=delete_content,
        summary="Delete one content",
        parameters=("type", "id", "tenant"),
        answers={200: "DeletedAnswer"},
        refusals=(400, 404),
    ),
)
