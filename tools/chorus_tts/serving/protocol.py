"""
HTTP as uvicorn speaks it, with refusals in the error envelope and a deadline for the head of a request.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from chorus_tts.errors import BadRequestError, ChorusError, RequestTimeoutError

if TYPE_CHECKING:
    import asyncio

_LINGER: Final = 2.0


class ChorusProtocol(H11Protocol):
    head_timeout: float = 10.0
    _deadline: asyncio.TimerHandle | None = None
    _refused: bool = False

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
        self._refuse(BadRequestError(msg, code="bad_request"))

    def _too_slow(self) -> None:
        self._deadline = None
        if not self.transport.is_closing() and self.conn.our_state is h11.IDLE:
            self._refuse(RequestTimeoutError("The request did not arrive in time", code="request_timeout"))

    def _refuse(self, error: ChorusError) -> None:
        self._refused = True
        # Once an answer is under way, or over, there is nothing left to say but goodbye.
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        for event in _answer(error):
            self.transport.write(self.conn.send(event) or b"")
        # Closing with input unread would reset the connection, and the answer could be lost on its way.
        self.transport.write_eof()
        self.loop.call_later(_LINGER, self.transport.close)

    def _head_is_complete(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _answer(error: ChorusError) -> tuple[h11.Response, h11.Data, h11.EndOfMessage]:
    body = json.dumps(error.envelope()).encode()
    headers = [
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("connection", "close"),
    ]
    return h11.Response(status_code=error.status, headers=headers), h11.Data(data=body), h11.EndOfMessage()
