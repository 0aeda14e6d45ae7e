"""
Answers with a fault in aiohttp: connections that are never made, and what arrives over one step by step.

aiohttp's own timers and its own reader of HTTP raise what they raise over a network.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
from aiohttp import BaseConnector, ClientRequest, hdrs
from aiohttp.client_proto import ResponseHandler

from taketwo.cassette.model import LiveResponse
from taketwo.config.faults import Fault, Kind
from taketwo.intercept.aiohttp.replaying import MemoryConnector, ReplayProtocol, new_protocol
from taketwo.intercept.faulty import (
    LONGEST,
    UNANSWERED_CALL,
    Data,
    End,
    Reset,
    Step,
    changed_answer,
    connection_error,
    pass_time,
    reset,
    steps_of,
)
from taketwo.playback.active import ActiveCassette


class FailingConnector(MemoryConnector):
    """
    Makes no connection: *fault* is in its way.
    """

    def __init__(self, real: BaseConnector, active: ActiveCassette, fault: Fault) -> None:
        super().__init__(real, new_protocol)
        self._active = active
        self._fault = fault

    async def _create_connection(self, req: ClientRequest, traces: Any, timeout: Any) -> ResponseHandler:  # noqa: ANN401, ASYNC109 - aiohttp's signature
        del traces
        fault, limit = self._fault, getattr(timeout, "sock_connect", None)
        if fault.kind is Kind.POOL_TIMEOUT:
            await pass_time(LONGEST)
            raise self._active.waits_forever("a free connection")
        if fault.kind is Kind.CONNECT_TIMEOUT:
            await pass_time(UNANSWERED_CALL if limit is None else min(limit, UNANSWERED_CALL))
            if limit is not None and limit < UNANSWERED_CALL:
                raise TimeoutError
        error = connection_error(fault, called=(req.url.host or "", req.url.port))
        if isinstance(error, ssl.SSLCertVerificationError):
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error)
        if fault.kind is Kind.DNS and hasattr(aiohttp, "ClientConnectorDNSError"):
            raise aiohttp.ClientConnectorDNSError(req.connection_key, error)
        raise aiohttp.ClientConnectorError(req.connection_key, error)


def play_faulty(
    protocol: ReplayProtocol,
    active: ActiveCassette,
    answer: LiveResponse,
    fault: Fault,
    request: ClientRequest,
) -> None:
    """
    Have what becomes of *answer* with *fault* arrive at *protocol* for *request*.
    """
    steps = steps_of(answer, fault, is_head=request.method == hdrs.METH_HEAD)
    protocol.play(changed_answer(answer, fault), request, FaultyAnswer(protocol, active, steps))


class FaultyAnswer:
    """
    The *steps* of an answer at a connection.
    """

    def __init__(self, protocol: ReplayProtocol, active: ActiveCassette, steps: Iterator[Step]) -> None:
        self._protocol = protocol
        self._active = active
        self._steps = steps

    async def begin(self) -> None:
        """
        Let the head of the answer arrive.
        """
        try:
            while not self._is_gone():
                step = next(self._steps, None)
                if step is None or await self._go(step, self._is_gone):
                    return
        except BaseException as error:  # noqa: BLE001 - the client meets it, not this task
            self._protocol.set_exception(error)

    async def go_on(self, is_over: Callable[[], bool]) -> bool:
        """
        Let the next step happen; False when there is none.
        """
        if self._is_gone():
            # aiohttp 3.14 closes the connection after a chunk that it cannot read, and its reader never hears
            # of that: only the limit for the whole request ends the wait.
            await pass_time(LONGEST, is_over=is_over)
            if not is_over():
                raise self._active.waits_forever("the rest of an answer")
            return True
        step = next(self._steps, None)
        if step is None:
            return False
        await self._go(step, is_over)
        return True

    async def _go(self, step: Step, is_over: Callable[[], bool]) -> bool:
        """
        Whether data arrived, or the end.
        """
        if isinstance(step, Data):
            self._protocol.data_received(step.content)
        elif isinstance(step, Reset):
            self._protocol.lose(reset())
        elif isinstance(step, End):
            self._protocol.lose(None)
        else:
            await pass_time(LONGEST if step.seconds is None else step.seconds, is_over=is_over)
            if step.seconds is None and not is_over():
                raise self._active.waits_forever("an answer")
            return False
        return True

    def _is_gone(self) -> bool:
        transport = self._protocol.transport
        return transport is None or transport.is_closing()
