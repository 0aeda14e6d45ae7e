"""Stand-ins with the signatures of what they stand for, and values that several tests need."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import httpx

from bot.mesh import Mesh
from bot.settings import Settings
from bot.tools.calls import ResultCallback, ToolResult
from bot.tools.registry import get_handlers

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


@dataclass(frozen=True, slots=True)
class FakeBot:
    """
    A room of a tenant, with one user in it.
    """

    tenant_id: str | None = TENANT
    user_id: str | None = USER

    def get_room_tenant_id(self) -> str | None:
        return self.tenant_id

    def get_session_user_id(self) -> str | None:
        return self.user_id


class FakeForwarder:
    """
    Keeps what was sent, or fails.
    """

    def __init__(self, *, error: Exception | None = None) -> None:
        self.sent: list[tuple[str, dict[str, object]]] = []
        self._error = error

    async def send_event(self, name: str, payload: Mapping[str, object], /) -> None:
        if self._error is not None:
            raise self._error
        self.sent.append((name, dict(payload)))


class FakeCallback:
    """
    Keeps the results.
    """

    def __init__(self) -> None:
        self.results: list[ToolResult] = []

    async def __call__(self, result: ToolResult, /) -> None:
        self.results.append(result)


@dataclass(frozen=True, slots=True)
class FakeCallParams:
    """
    Pipecat's ``FunctionCallParams``, all fields of it.
    """

    function_name: str
    tool_call_id: str
    arguments: Mapping[str, object]
    llm: object
    context: object
    result_callback: ResultCallback


class Say(Protocol):
    """
    A call of a tool by its name, and its result.
    """

    async def __call__(self, name: str, /, **args: object) -> ToolResult: ...


def saying(bot: FakeBot, forwarder: FakeForwarder | None = None, *, mesh: Mesh | None = None) -> Say:
    """
    Calls the tools of the registry as Pipecat does.
    """
    handlers = get_handlers(bot, {"instance": forwarder}, mesh=mesh)

    async def say(name: str, /, **args: object) -> ToolResult:
        callback = FakeCallback()
        await handlers[name](FakeCallParams(name, "call-1", args, None, None, callback))
        return callback.results[0]

    return say


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
