"""Stand-ins with the signatures of what they stand for, and values that several tests need."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import httpx

from bot.mesh import Mesh
from bot.settings import Settings

TENANT = "11111111-1111-4111-8111-111111111111"
USER = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER_USER = "aaaaaaaa-0000-4000-8000-000000000002"
PAGE_ID = "e5a57335-1397-4b7b-9fc9-454090b06dc2"

SETTINGS = Settings(
    api_url="http://mesh.test/api",
    graphql_url="http://mesh.test/graphql",
    mesh_secret="mesh-s3cret",
    bot_control_secret="bot-s3cret",
    timeout=5.0,
)


class ScriptedTransport(httpx.AsyncBaseTransport):
    """
    Gives the answers in their order and keeps the requests.
    """

    def __init__(self, *answers: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answers.pop(0)

    @property
    def said(self) -> list[tuple[str, str, object]]:
        """
        What was asked: method, path and query as one reads them, and the JSON that was sent.
        """
        return [_said(request) for request in self.requests]


# What the fixture ``script`` gives: from the answers, Mesh and what it will have been asked.
Script: TypeAlias = Callable[..., Awaitable[tuple[Mesh, ScriptedTransport]]]


def _said(request: httpx.Request) -> tuple[str, str, object]:
    query = "&".join(f"{name}={value}" for name, value in request.url.params.multi_items())
    address = "?".join(filter(None, (request.url.path, query)))
    return request.method, address, json.loads(request.content or "null")


def ok(data: object) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "data": data})


def page(*rows: object, total: int | None = None, has_more: bool = False) -> httpx.Response:
    counted = len(rows) if total is None else total
    return httpx.Response(
        200, json={"success": True, "data": list(rows), "total": counted, "hasMore": has_more}
    )


def refusal(status: int, message: str, code: str | None = None) -> httpx.Response:
    error = {"message": message} | ({"code": code} if code else {})
    return httpx.Response(status, json={"success": False, "error": error})
