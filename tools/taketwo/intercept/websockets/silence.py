"""
A client that waits for the next message of a service that has fallen silent: its own timeout ends the wait,
at no cost where its clock can be moved.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from taketwo.intercept.faulty import LONGEST, can_pass_time, pass_time, settle
from taketwo.playback.active import belonging_to
from taketwo.playback.conversations.player import ConversationPlayer

LONGEST_REAL = 120.0
"""Seconds that a client may wait without a timeout by a clock that cannot be moved."""

_MOST_WAITS = 100
"""How many waits of a client cost nothing; one that looks again and again may go by the system's clock."""

_LOOK, _A_MOMENT = 0.05, 0.001  # seconds
_ACKNOWLEDGED = 10.0  # seconds, in which the answer to a ping comes

_T = TypeVar("_T")


class Silence:
    """
    The silence of *script*, whose messages have all gone to the client when *is_quiet*.
    """

    def __init__(self, script: ConversationPlayer, is_quiet: Callable[[], bool]) -> None:
        self._script = script
        self._is_quiet = is_quiet
        self._waits = 0
        self._end = 0.0

    @property
    def is_here(self) -> bool:
        return self._script.is_silent and self._is_quiet()

    def receive(
        self,
        receive: Callable[[float | None], _T],
        *,
        timeout: float | None,
        ping: Callable[[], threading.Event],
        late: Callable[[float, Exception], Exception],
    ) -> _T:
        """
        What *receive* gives within *timeout*, in a client for threads; *late* makes the client's own error.

        The answer to a *ping* comes behind all messages, so none is on its way any more.

        :raises WaitsForever: when the service is silent, and there is no timeout.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            is_silent = self.is_here
            if is_silent:
                ping().wait(_ACKNOWLEDGED)
            try:
                return receive(_A_MOMENT if is_silent else _LOOK)
            except (TimeoutError, queue.Empty) as error:
                if is_silent:
                    return self._wait(receive, timeout, late, error)
                if timeout is not None and end is not None and time.monotonic() >= end:
                    raise late(timeout, error) from None

    def _wait(
        self,
        receive: Callable[[float | None], _T],
        timeout: float | None,
        late: Callable[[float, Exception], Exception],
        error: Exception,
    ) -> _T:
        if timeout is None:
            self._script.never_ends()
            raise self._script.error() or error
        self._waits += 1
        if self._waits > _MOST_WAITS:
            return receive(timeout)
        raise late(timeout, error) from None

    async def pass_by(self, is_over: Callable[[], bool], *, is_new: bool = True) -> bool:
        """
        Let the time of the event loop pass once the service is silent; whether *is_over* became true, which
        ends the wait of the client, be it a new one or one that goes on.
        """
        while not self.is_here and not is_over():
            with belonging_to(None):  # this is no sleep of the test
                await asyncio.sleep(_LOOK)
        await settle()  # a message that has just arrived ends the wait
        if is_new:
            self._waits += 1
            self._end = asyncio.get_running_loop().time() + LONGEST
        if can_pass_time() and self._waits <= _MOST_WAITS:
            left = self._end - asyncio.get_running_loop().time()
            await pass_time(left, is_over=is_over)
            return is_over() and left > 0
        end = time.monotonic() + LONGEST_REAL
        while not is_over() and time.monotonic() < end:
            with belonging_to(None):
                await asyncio.sleep(_LOOK)
        return is_over()
