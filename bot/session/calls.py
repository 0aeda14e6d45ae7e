"""Calls of tools, as a session makes them: what fails is shown on the page too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.session.forwarder import Send
from bot.session.messages import failure
from bot.tools.calls import CallParams, ResultCallback, ToolResult
from bot.tools.handler import Handler


@dataclass(frozen=True, slots=True)
class Room:
    """
    Who is there.
    """

    tenant_id: str
    user_id: str

    def get_room_tenant_id(self) -> str:
        return self.tenant_id

    def get_session_user_id(self) -> str:
        return self.user_id


@dataclass(frozen=True, slots=True)
class _Call:
    """
    A call of Pipecat's, with another callback.
    """

    function_name: str
    arguments: Mapping[str, object]
    result_callback: ResultCallback


class ShownHandler:
    """
    A handler whose failures are sent to the page before the model gets them.
    """

    def __init__(self, handler: Handler, send: Send) -> None:
        self._handler = handler
        self._send = send

    async def __call__(self, params: CallParams) -> None:
        async def show(result: ToolResult, /) -> object:
            if result["success"] is False:
                await self._send(failure(str(result["message"])))
            return await params.result_callback(result)

        await self._handler(_Call(params.function_name, params.arguments, show))
