"""
A stand-in for the original Mesh, where that differs from ours: ``python -m tests.servers.original_mesh``

It asks nobody for a secret, shows every tenant the rows of all, accepts an id twice, lists the newest row
first, counts only the rows that it sends, ignores the conditions that the original ignores, and has neither
``/test/reset-db`` nor ``/api/definitions``. What does not differ is our own server, behind it.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from dataclasses import dataclass
from typing import Final, cast

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mesh_inmemory import javascript
from mesh_inmemory.access import Caller
from mesh_inmemory.app import create_app
from mesh_inmemory.content import ContentService, document
from mesh_inmemory.database import connect
from mesh_inmemory.databases import Databases
from mesh_inmemory.errors import BadRequestError, MeshError
from mesh_inmemory.filters import (
    EVERYTHING,
    NOTHING,
    All,
    AnyOf,
    Column,
    Comparison,
    Condition,
    Operator,
    Path,
    comparison,
)
from mesh_inmemory.filters.rest import INDEX_OPERATORS, read_where
from mesh_inmemory.filters.sql import is_uuid
from mesh_inmemory.javascript import Json
from mesh_inmemory.memory import MemoryDatabase
from mesh_inmemory.mesh import Mesh
from mesh_inmemory.rows import NewRow, Row, Rows
from mesh_inmemory.serving.run import compose
from mesh_inmemory.settings import Settings
from mesh_inmemory.web import answers

LARGEST: Final = 102_400
DEFAULT_LIMIT: Final = 25
OURS: Final = ("/health", "/docs/docs.json", "/graphql", "/graphql/health", "/api/definition")
FAILURES: Final = {"POST": "CREATE", "PUT": "REPLACE", "PATCH": "UPDATE"}
# Of the operators on the index the first of these counts, and no other.
INDEX_OPERATOR_ORDER: Final = [
    "equals",
    "contains",
    "has",
    "hasSome",
    "hasEvery",
    "hasNone",
    "hasKey",
    "hasAnyKeys",
    "hasAllKeys",
]
CONTENT_OPERATORS: Final = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "contains")
IGNORED_ON_IDS: Final = frozenset(["ne", "like", "contains", "startsWith", "endsWith"])
IDS: Final = ("page_id", "parent_id")

Where = dict[str, Json]


class OriginalRows(Rows):
    """
    No id is unique.
    """

    async def insert_unique(self, row: NewRow) -> Row:
        return await self.insert(row)


@dataclass(frozen=True, slots=True)
class Content:
    """
    The endpoints under ``/api/content``.
    """

    mesh: Mesh
    rows: OriginalRows

    async def listed(self, request: Request) -> Response:
        """
        Without a condition *offset* is ignored and everything counts, with one only what is sent.
        """
        query = request.query_params
        text, page_id = query.get("where", ""), query.get("page_id")
        read_where(text, page_id=page_id)
        where = cast("Where", javascript.loads(text or "{}"))
        if page_id is not None:
            where.setdefault("page_id", page_id)
        found = await self.rows.find(_honoured(where, request.path_params["type"]), order=[("id", "DESC")])
        limit = int(query.get("limit") or DEFAULT_LIMIT)
        offset = int(query.get("offset") or 0) if where else 0
        sent = found[offset : offset + limit if limit else None]
        total = len(sent) if where else len(found)
        return answers.page([document(row) for row in sent], total=total, more=total == limit)

    async def created(self, request: Request) -> Response:
        content = await _content(request)
        service = self._service(_tenant(request))
        return answers.one(document(await service.create(request.path_params["type"], content)))

    async def got(self, request: Request) -> Response:
        named = request.path_params
        return answers.one(document(await self._service(None).get(named["type"], named["id"])))

    async def changed(self, request: Request) -> Response:
        named, content = request.path_params, await _content(request)
        service = self._service(None)
        await service.get(named["type"], named["id"])
        if await self.mesh.registry.find(self.rows, named["type"], _tenant(request)) is None:
            return _internal(request)
        change = service.patch if request.method == "PATCH" else service.replace
        return answers.one(document(await change(named["type"], named["id"], content)))

    async def deleted(self, request: Request) -> Response:
        named = request.path_params
        await self._service(None).delete(named["type"], named["id"])
        return answers.data({"deleted": True})

    def _service(self, tenant: str | None) -> ContentService:
        mesh = self.mesh
        return ContentService(self.rows, mesh.registry, Caller(tenant, everything=True), mesh.contract)


def create_original(mesh: Mesh, rows: OriginalRows) -> ASGIApp:
    content, ours = Content(mesh, rows), create_app(mesh)
    item = "/api/content/{type}/{id}"
    theirs = Starlette(
        routes=[
            Route("/api/content/{type}", content.listed, methods=["GET"]),
            Route("/api/content/{type}", content.created, methods=["POST"]),
            Route(item, content.got, methods=["GET"]),
            Route(item, content.changed, methods=["PUT", "PATCH"]),
            Route(item, content.deleted, methods=["DELETE"]),
        ],
        exception_handlers={MeshError: _refused, HTTPException: _page_of_express},
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        is_ours = path in OURS or path.startswith("/api/definition/")
        await (ours if is_ours else theirs)(scope, receive, send)

    return app


def _honoured(where: Where, type_name: str) -> Condition:
    """
    What the original makes of a *where*, the type of the path included.
    """
    conditions = [_at_top(name, value) for name, value in where.items()]
    asked = where.get("type", type_name)
    wanted = asked.get("eq") if isinstance(asked, dict) else asked
    if wanted is None:
        return All(tuple(conditions))
    return All((Comparison(Column("type"), Operator.EQ, wanted), *conditions))


def _at_top(name: str, value: Json) -> Condition:
    if name in IDS:
        return _of_id(name, value)
    if name == "indexer":
        return _of_index(cast("Where", value), INDEX_OPERATOR_ORDER) or EVERYTHING
    if name.upper() in ("AND", "OR"):
        return _of_entries(name.upper(), cast("list[Where]", value))
    if "." in name:
        return _of_content(name, value)
    known = name in ("type", "block_id", "id", "order", "version", "content")
    return EVERYTHING if known else NOTHING


def _of_id(name: str, value: Json) -> Condition:
    operators = value if isinstance(value, dict) else {"eq": value}
    if "in" in operators:
        return _equal(name, cast("list[Json]", operators["in"]))
    if {*operators} <= IGNORED_ON_IDS or operators == {"eq": None}:
        return EVERYTHING
    if (name, operators) == ("parent_id", {"eq": "any"}):
        return EVERYTHING
    return _equal(name, [operators["eq"]]) if [*operators] == ["eq"] else NOTHING


def _equal(name: str, values: list[Json]) -> Condition:
    """
    One malformed id makes the whole query fail, which looks like an empty list.
    """
    return Comparison(Column(name), Operator.IN, values) if all(map(is_uuid, values)) else NOTHING


def _of_index(value: Where, operators: list[str]) -> Condition | None:
    name = next((each for each in operators if each in value), None)
    if name is None or (name == "equals" and not value[name]):
        return None
    path = str(value["path"])
    keys = (path,) if name in ("equals", "contains") else tuple(path.split("."))
    return comparison(Path("indexer", keys), INDEX_OPERATORS[name], value[name])


def _of_content(name: str, value: Json) -> Condition:
    operators = value if isinstance(value, dict) else {"eq": value}
    operator, operand = next(iter(operators.items()))
    if operator not in CONTENT_OPERATORS:
        return NOTHING
    return comparison(Path("content", tuple(name.split("."))), Operator(operator), operand)


def _of_entries(name: str, entries: list[Where]) -> Condition:
    """
    Most conditions inside of AND and OR vanish, and with the last one the whole clause.
    """
    join = All if name == "AND" else AnyOf
    kept: list[Condition] = []
    for entry in entries:
        conditions = [_in_entry(*item) for item in entry.items()]
        if left := tuple(each for each in conditions if each is not None):
            kept.append(join(left))
    return join(tuple(kept)) if kept else EVERYTHING


def _in_entry(name: str, value: Json) -> Condition | None:
    operators: Where = value if isinstance(value, dict) else {"eq": value}
    if name == "indexer":
        return _of_index(operators, ["equals", "contains"])
    if "." in name:
        return _of_content(name, value)
    if name == "type" and "eq" in operators:
        return Comparison(Column("type"), Operator.EQ, operators["eq"])
    return _equal(name, [operators["eq"]]) if name in IDS and "eq" in operators else None


def _tenant(request: Request) -> str | None:
    tenant = request.query_params.get("tenant", "any")
    return tenant if is_uuid(tenant) else None


async def _content(request: Request) -> Where:
    body = await request.body()
    if len(body) > LARGEST:
        raise HTTPException(413, "PayloadTooLargeError: request entity too large")
    given = javascript.loads(body.decode() or "{}")
    content = given.get("content") if isinstance(given, dict) else None
    if not isinstance(content, dict):
        missing = "Missing type or content" if request.method == "POST" else "Missing type, id or content"
        raise BadRequestError(missing)
    return content


async def _refused(request: Request, error: Exception) -> Response:
    known = cast("MeshError", error)
    told = (known.status, known.message)
    if request.method == "POST" and told[0] == BadRequestError.status and not told[1].startswith("Missing"):
        return _internal(request, f": {known.message}")
    return answers.refusal(known)


def _internal(request: Request, more: str = "") -> Response:
    error = MeshError(f"Internal error{more}", code=f"CONTENT_{FAILURES[request.method]}_ERR")
    return answers.refusal(error)


async def _page_of_express(request: Request, error: Exception) -> Response:
    refused = cast("HTTPException", error)
    if refused.status_code in (404, 405):
        return HTMLResponse(f"<!DOCTYPE html><pre>Cannot {request.method} {request.url.path}</pre>", 404)
    return HTMLResponse(f"<!DOCTYPE html><pre>{refused.detail}</pre>", refused.status_code)


async def serve(listening: socket.socket, memory: MemoryDatabase) -> None:
    address = memory.dsn()
    databases = Databases(address, None)
    await databases.open()
    pool = await connect(address)
    try:
        app = create_original(compose(Settings(), databases), OriginalRows(pool))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        port = listening.getsockname()[1]
        sys.stdout.write(f"the original listens http://127.0.0.1:{port}\n")
        sys.stdout.flush()
        await server.serve([listening])
    finally:
        pool.terminate()
        databases.close()
        memory.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0 picks a free port")
    asyncio.run(serve(socket.create_server(("127.0.0.1", parser.parse_args().port)), MemoryDatabase()))
