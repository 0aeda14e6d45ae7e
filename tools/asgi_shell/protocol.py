"""
HTTP as uvicorn speaks it, with refusals that the server words and a deadline for the head of a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_LINGER: Final = 2.0  # seconds, for a client to read the refusal


class Fault(Enum):
    """
    Why a request is refused before the application sees it.
    """

    MALFORMED = auto()
    TOO_SLOW = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """
    The answer to a request that is refused.
    """

    status: int
    content_type: str
    body: bytes


class RefusingProtocol(H11Protocol):
    """
    Answers what is no HTTP, or arrives too slowly, by its ``refusal``.

    uvicorn makes one for each connection; :func:`protocol` makes the class for a server.
    """

    head_timeout: ClassVar[float]
    _deadline: asyncio.TimerHandle | None = None
    _refused: bool = False

    def refusal(self, fault: Fault, reason: str) -> Refusal:
        """
        The answer to a request with that *fault*; *reason* is h11's text, or ours.
        """
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._deadline is None and self.conn.their_state is h11.IDLE:
            self._deadline = self.loop.call_later(self.head_timeout, self._too_slow)
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head_is_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_complete()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._head_is_complete()
        self._refuse(Fault.MALFORMED, msg)

    def _too_slow(self) -> None:
        self._deadline = None
        if not self.transport.is_closing() and self.conn.our_state is h11.IDLE:
            self._refuse(Fault.TOO_SLOW, "The request did not arrive in time")

    def _refuse(self, fault: Fault, reason: str) -> None:
        self._refused = True
        # Once an answer is under way, or over, there is nothing left to say but goodbye.
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        for event in _events(self.refusal(fault, reason)):
            self.transport.write(self.conn.send(event) or b"")
        # Closing with input unread would reset the connection, and the answer could be lost on its way.
        self.transport.write_eof()
        self.loop.call_later(_LINGER, self.transport.close)

    def _head_is_complete(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def protocol(
    refuse: Callable[[Fault, str], Refusal], *, longest_head: float = 10.0
) -> type[RefusingProtocol]:
    """
    The protocol of a server that words its refusals by *refuse*, and waits for a head *longest_head* seconds.
    """

    class Protocol(RefusingProtocol):
        head_timeout = longest_head

        def refusal(self, fault: Fault, reason: str) -> Refusal:
            return refuse(fault, reason)

    return Protocol


def _events(refusal: Refusal) -> tuple[h11.Response, h11.Data, h11.EndOfMessage]:
    head = h11.Response(
        status_code=refusal.status,
        headers=[
            ("content-type", refusal.content_type),
            ("content-length", str(len(refusal.body))),
            ("connection", "close"),
        ],
    )
    return head, h11.Data(data=refusal.body), h11.EndOfMessage()
