"""What the bot and Pipecat hand to a tool, as far as a tool needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Protocol, TypeAlias


class Bot(Protocol):
    """
    Who is in the room; both may be known from the start or later.
    """

    def get_room_tenant_id(self) -> str | Awaitable[str | None] | None: ...

    def get_session_user_id(self) -> str | Awaitable[str | None] | None: ...


class Forwarder(Protocol):
    """
    The way to the user's screen.
    """

    async def send_event(self, name: str, payload: Mapping[str, object], /) -> object: ...


# The forwarder comes when the room opens, which is after the handlers were made: its place is "instance".
ForwarderRef: TypeAlias = Mapping[str, Forwarder | None]


class ToolResult(dict[str, object]):
    """
    What the LLM gets: ``success``, a ``message`` that can be spoken, and what there is besides.

    It is JSON itself, as Pipecat wants it, and has it as ``result``, as callers of the older signature do.
    """

    @property
    def result(self) -> dict[str, object]:
        return self


class ResultCallback(Protocol):
    async def __call__(self, result: ToolResult, /) -> object: ...


class CallParams(Protocol):
    """
    Pipecat's ``FunctionCallParams``.
    """

    @property
    def function_name(self) -> str: ...

    @property
    def arguments(self) -> Mapping[str, object]: ...

    @property
    def result_callback(self) -> ResultCallback: ...
