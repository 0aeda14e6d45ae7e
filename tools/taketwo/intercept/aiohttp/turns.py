"""
Requests of aiohttp to a service that has a quota: they wait for their turn, and are sent again where the
service refuses them for their number.

That is done by a middleware, the innermost of all, which sees each hop of a redirect. Before aiohttp 3.12
there are none: there a refused request is left out of the recording, and its client knows of it.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp.client
from aiohttp import ClientRequest, ClientResponse, ClientSession
from aiohttp.helpers import TimeoutHandle

from taketwo.intercept.patching import Replacements
from taketwo.playback.active import current

if TYPE_CHECKING:
    from taketwo.playback.quotas import Turn

Request: TypeAlias = Callable[..., Awaitable[ClientResponse]]
Handler: TypeAlias = Callable[[ClientRequest], Awaitable[ClientResponse]]

LIBRARY = "aiohttp"
_sleep = asyncio.sleep  # a test may replace it in its module
_turn: ContextVar[Turn | None] = ContextVar("taketwo_aiohttp_turn", default=None)
_timeout: ContextVar[_Timeouts | None] = ContextVar("taketwo_aiohttp_timeout", default=None)


def install(_: ModuleType, replacements: Replacements) -> None:
    """
    Have every session put the middleware behind its own while something is recorded.
    """
    if "middlewares" in inspect.signature(ClientSession._request).parameters:  # noqa: SLF001 - what all methods call
        replacements.replace(ClientSession, "_request", _requesting)
        replacements.replace(aiohttp.client, "TimeoutHandle", _pausable)


def current_turn() -> Turn | None:
    """
    The turn of the request that is sent in this context.
    """
    return _turn.get()


def _requesting(request: Request) -> Request:
    @wraps(request)
    async def requested(self: ClientSession, *arguments: Any, **options: Any) -> ClientResponse:  # noqa: ANN401 - aiohttp's
        active = current()
        if active is None or active.recorder is None or active.recorder.quotas is None:
            return await request(self, *arguments, **options)
        given = options.get("middlewares")
        own = self._middlewares if given is None else given
        options["middlewares"] = (*own, _in_turn)
        token = _timeout.set(_Timeouts())
        try:
            return await request(self, *arguments, **options)
        finally:
            _timeout.reset(token)

    return requested


async def _in_turn(request: ClientRequest, handler: Handler) -> ClientResponse:
    active = current()
    is_ours = active is not None and LIBRARY not in active.skipped
    turn = active.turn(request.method, str(request.url)) if active is not None and is_ours else None
    if turn is None:
        return await handler(request)
    while True:
        with _without_timeout():
            await turn.take_async(_sleep)
        token = _turn.set(turn)
        try:
            with turn.sending():
                response = await handler(request)
        finally:
            _turn.reset(token)
        headers = tuple((name, value) for name, value in response.headers.items())
        if turn.is_over(response.status, headers):
            if turn.pending is None:
                turn.release()
            return response
        # Not over the same connection again: the service may be about to close it.
        response.close()


class _Timeouts:
    """
    The total time-out of one call of a session, which does not run while a turn is waited for.
    """

    handle: _PausableTimeout | None = None


@contextmanager
def _without_timeout() -> Iterator[None]:
    """
    While open, the time-out of the request does not run.
    """
    timeouts = _timeout.get()
    handle = None if timeouts is None else timeouts.handle
    start = asyncio.get_running_loop().time()
    if handle is not None:
        handle.pause()
    try:
        yield
    finally:
        if handle is not None:
            handle.go_on(asyncio.get_running_loop().time() - start)


class _PausableTimeout(TimeoutHandle):
    """
    The time-out of aiohttp, which can be put off. Checked with aiohttp 3.12 to 3.14.
    """

    __slots__ = ("_started",)

    def start(self) -> Any:  # noqa: ANN401 - a TimerHandle, or what can be cancelled as one
        self._started = _Started(super().start())
        timeouts = _timeout.get()
        if timeouts is not None:
            timeouts.handle = self
        return self._started

    def pause(self) -> None:
        self._started.cancel()

    def go_on(self, waited: float) -> None:
        timer = self._started.timer
        if timer is not None:
            self._started.timer = self._loop.call_at(timer.when() + waited, self.__call__)


class _Started:
    """
    Stands for a timer, which may be another one later.
    """

    def __init__(self, timer: asyncio.TimerHandle | None) -> None:
        self.timer = timer

    def cancel(self) -> None:
        if self.timer is not None:
            self.timer.cancel()

    def __bool__(self) -> bool:
        return self.timer is not None


def _pausable(_: type[TimeoutHandle]) -> type[TimeoutHandle]:
    return _PausableTimeout
