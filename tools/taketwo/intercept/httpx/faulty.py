"""
Answers with a fault in httpx and httpx2: what their connections raise, with the words that they have for it.

Bytes are read by h11, as both libraries read them; errors of the network have the words of the socket in a
client that blocks, and those of anyio in an asynchronous one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import h11

from taketwo.config.faults import Fault, Kind
from taketwo.intercept.faulty import (
    UNANSWERED_CALL,
    Data,
    End,
    Reset,
    Step,
    Wait,
    connection_error,
    is_unconnected,
    reset,
    steps_of,
    wait,
    wait_async,
)
from taketwo.playback.active import ActiveCassette

if TYPE_CHECKING:
    import httpx

_CLOSED = "Server disconnected without sending a response."
_NO_CONNECTION = "All connection attempts failed"
_READ_LATE = {"http": "timed out", "https": "The read operation timed out"}
_SCHEMES = {"ws": "http", "wss": "https"}


class FaultyExchange:
    """
    One request of a client of *module*, httpx or httpx2, that meets *fault*.
    """

    def __init__(
        self,
        module: Any,  # noqa: ANN401 - httpx, or what has the same classes
        active: ActiveCassette,
        request: httpx.Request,
        fault: Fault,
        *,
        is_async: bool,
    ) -> None:
        self._module = module
        self._active = active
        self._request = request
        self._fault = fault
        self._is_async = is_async
        self._steps: Iterator[Step] = iter(())
        self._wire = h11.Connection(h11.CLIENT)
        timeouts = request.extensions.get("timeout", {})
        self._timeouts: Mapping[str, float | None] = timeouts if isinstance(timeouts, Mapping) else {}

    def answer(self, number: int) -> httpx.Response:
        """
        The answer of the interaction *number*, of which the head has come.
        """
        self._connect_or_fail()
        self._begin(number)
        while True:
            event = self._event()
            if isinstance(event, h11.Response):
                return self._response(event)
            if event is h11.NEED_DATA:
                self._wait(self._feed())

    async def answer_async(self, number: int) -> httpx.Response:
        """
        The same in an event loop.
        """
        await self.connect_async()
        self._begin(number)
        while True:
            event = self._event()
            if isinstance(event, h11.Response):
                return self._response(event)
            if event is h11.NEED_DATA:
                await self._wait_async(self._feed())

    def connect(self) -> None:
        """
        Raise what a connection does that cannot be made.
        """
        self._connect_or_fail()

    async def connect_async(self) -> None:
        if self._fault.kind is Kind.CONNECT_TIMEOUT:
            await wait_async(self._active, UNANSWERED_CALL, self._limit(), self._unconnected)
        elif self._fault.kind is Kind.POOL_TIMEOUT:
            await wait_async(self._active, None, self._limit(), self._unconnected)
        self._connect_or_fail()

    def pieces(self) -> Iterator[bytes]:
        """
        The body of the answer.
        """
        while True:
            event = self._event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif event is h11.NEED_DATA:
                self._wait(self._feed())
            else:
                return

    async def pieces_async(self) -> AsyncIterator[bytes]:
        while True:
            event = self._event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif event is h11.NEED_DATA:
                await self._wait_async(self._feed())
            else:
                return

    def _connect_or_fail(self) -> None:
        if is_unconnected(self._fault):
            raise self._unconnected()

    def _limit(self) -> float | None:
        return self._timeouts.get("pool" if self._fault.kind is Kind.POOL_TIMEOUT else "connect")

    def _unconnected(self) -> Exception:
        errors, fault, limit = self._module, self._fault, self._limit()
        if fault.kind is Kind.POOL_TIMEOUT:
            if limit is None:
                raise self._active.waits_forever("a free connection")
            return self._error(errors.PoolTimeout, "")
        error = connection_error(fault, has_timeout=limit is not None)
        if fault.kind is Kind.CONNECT_TIMEOUT and limit is not None:
            return self._error(errors.ConnectTimeout, "" if self._is_async else str(error))
        if self._is_async and fault.kind in {Kind.REFUSED, Kind.CONNECT_TIMEOUT}:
            return self._error(errors.ConnectError, _NO_CONNECTION)
        return self._error(errors.ConnectError, str(error))

    def _begin(self, number: int) -> None:
        answer = self._active.player.response(number)
        is_head = self._request.method == "HEAD"
        self._steps = steps_of(answer, self._fault, is_head=is_head)
        # What was sent decides how the answer is read.
        self._wire.send(
            h11.Request(method="HEAD" if is_head else "GET", target="/", headers=[("host", "taketwo")])
        )
        self._wire.send(h11.EndOfMessage())

    def _event(self) -> object:
        try:
            return self._wire.next_event()
        except h11.RemoteProtocolError as error:
            raise self._error(self._module.RemoteProtocolError, str(error)) from error

    def _feed(self) -> Wait | None:
        """
        Go one step on; what is to be waited for is given back.
        """
        step = next(self._steps, None)
        if isinstance(step, Wait):
            return step
        if isinstance(step, Data):
            self._wire.receive_data(step.content)
        elif isinstance(step, Reset):
            raise self._error(self._module.ReadError, "" if self._is_async else str(reset()))
        elif isinstance(step, End) and self._wire.their_state is h11.SEND_RESPONSE:
            raise self._error(self._module.RemoteProtocolError, _CLOSED)
        else:
            self._wire.receive_data(b"")
        return None

    def _wait(self, step: Wait | None) -> None:
        if step is not None:
            wait(self._active, step.seconds, self._timeouts.get("read"), self._late)

    async def _wait_async(self, step: Wait | None) -> None:
        if step is not None:
            await wait_async(self._active, step.seconds, self._timeouts.get("read"), self._late)

    def _late(self) -> Exception:
        words = "" if self._is_async else _READ_LATE.get(self._request.url.scheme, "timed out")
        return self._error(self._module.ReadTimeout, words)

    def _error(self, kind: type[Exception], words: str) -> Exception:
        return kind(words)

    def _response(self, head: h11.Response) -> httpx.Response:
        response: httpx.Response = self._module.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=_stream_class(self._module)(self),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": bytes(head.reason)},
        )
        return response


class _FaultyStream:
    """
    The body of an answer with a fault.
    """

    def __init__(self, exchange: FaultyExchange) -> None:
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        return self._exchange.pieces()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._exchange.pieces_async()


def _stream_class(module: Any) -> type[_FaultyStream]:  # noqa: ANN401 - as above
    bases = (_FaultyStream, module.SyncByteStream, module.AsyncByteStream)
    return type("FaultyStream", bases, {})
