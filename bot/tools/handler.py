"""A tool as Pipecat calls it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import overload

from bot.mesh import Mesh
from bot.tools.calls import Bot, CallParams, ForwarderRef, ResultCallback, ToolResult
from bot.tools.failures import logged, spoken
from bot.tools.tool import Event, Outcome, Session, Tool, Unable

_LOG = logging.getLogger(__name__)


class Handler:
    """
    Runs a tool, tells the screen, and gives the result to the callback, whatever happens.
    """

    def __init__(
        self, tool: Tool, bot: Bot, forwarder_ref: ForwarderRef, *, mesh: Mesh | None = None
    ) -> None:
        self._tool = tool
        self._bot = bot
        self._forwarder_ref = forwarder_ref
        self._mesh = mesh

    @overload
    async def __call__(self, function_name: CallParams) -> None: ...

    @overload
    async def __call__(
        self,
        function_name: str,
        tool_call_id: str,
        args: Mapping[str, object] | None,
        llm: object,
        context: object,
        result_callback: ResultCallback,
    ) -> None: ...

    async def __call__(
        self,
        function_name: str | CallParams,
        tool_call_id: str | None = None,
        args: Mapping[str, object] | None = None,
        llm: object = None,
        context: object = None,
        result_callback: ResultCallback | None = None,
    ) -> None:
        """
        Pipecat calls with one object; its older signature, which is also ours, takes the six one by one.
        """
        del tool_call_id, llm, context  # of no use to a tool; their places are the signature's
        if not isinstance(function_name, str):
            args, result_callback = function_name.arguments, function_name.result_callback
        if result_callback is None:
            raise TypeError(f"{self._tool.name} was called without a result_callback")
        await result_callback(await self._result(args))

    async def _result(self, args: Mapping[str, object] | None) -> ToolResult:
        try:
            outcome = await self._run(args)
        except Exception as error:  # noqa: BLE001 - the LLM must hear of every failure, and waits for an answer
            _LOG.warning("%s failed: %s", self._tool.name, logged(error))
            return ToolResult(success=False, message=spoken(error))
        if outcome.event is not None:
            await self._send(outcome.event)
        return ToolResult(success=True, message=outcome.message, **outcome.data)

    async def _run(self, args: Mapping[str, object] | None) -> Outcome:
        arguments = self._tool.arguments(args)
        return await self._tool.run(await self._session(), arguments)

    async def _session(self) -> Session:
        tenant_id = self._bot.get_room_tenant_id()
        if tenant_id is not None and not isinstance(tenant_id, str):
            tenant_id = await tenant_id
        user_id = self._bot.get_session_user_id()
        if user_id is not None and not isinstance(user_id, str):
            user_id = await user_id
        if not tenant_id:
            raise Unable("I do not know to whom this room belongs, so there is nothing I could open.")
        return Session(tenant_id, user_id or "anonymous", self._mesh)

    async def _send(self, event: Event) -> None:
        forwarder = self._forwarder_ref.get("instance")
        if forwarder is None:
            return
        try:
            await forwarder.send_event(event.name, event.payload)
        except Exception as error:  # noqa: BLE001 - the work is done, and a screen that did not hear undoes nothing
            _LOG.warning("%s could not send %s: %s", self._tool.name, event.name, logged(error))


def handlers_of(
    tools: Iterable[Tool], bot: Bot, forwarder_ref: ForwarderRef, *, mesh: Mesh | None = None
) -> dict[str, Handler]:
    return {tool.name: Handler(tool, bot, forwarder_ref, mesh=mesh) for tool in tools}
