"""
The other end of a replayed connection: what the recorded service would write, for what the client writes.

It speaks the protocol through the library's own server side, which does no I/O; so the client on the other
end is the library's own too, and behaves as it does over a network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.datastructures import Headers
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import DATA_OPCODES, CloseCode, Opcode
from websockets.frames import Close as CloseFrame
from websockets.frames import Frame as WireFrame
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.header_names import spelled
from taketwo.cassette.model import Close, Frame, StoredResponse
from taketwo.playback.conversations.player import ConversationPlayer

_SWITCHING = 101
NOT_RECORDED = 4501
"""The close code for a client that does what was not recorded, as 501 is the status for one of HTTP."""
_LONGEST_REASON = 123  # bytes that a close frame has room for


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """
    What goes to the client after a wait of so many seconds; ``lost`` ends the connection without a word.
    """

    data: bytes = b""
    wait: float = 0.0
    end: bool = False
    lost: bool = False


@dataclass(slots=True)
class Peer:
    """
    Reads what the client writes, and keeps what it is to get, in order.

    It packs messages where the client offers to unpack them, if *is_packed*. With *explains*, a client that
    does what was not recorded gets the reason in a close frame: it is in another process.
    """

    script: ConversationPlayer
    is_packed: bool = False
    explains: bool = False
    outputs: deque[Output] = field(default_factory=deque)
    _server: ServerProtocol = field(init=False)
    _parts: list[bytes] = field(default_factory=list)
    _is_binary: bool = False

    def __post_init__(self) -> None:
        extensions = [ServerPerMessageDeflateFactory()] if self.is_packed else None
        self._server = _Service(self._close_answer, extensions=extensions, max_size=None)

    def _close_answer(self) -> int | None:
        close = self.script.conversation.close
        return None if close is None else close.answer

    def receive(self, data: bytes) -> None:
        self._server.receive_data(data)
        self._react()

    def receive_eof(self) -> None:
        self._server.receive_eof()
        self._react()

    def give_up(self) -> None:
        """
        Cut the connection: the client does what was not recorded.
        """
        self.outputs.clear()
        if self.explains and self._is_open():
            reason = str(self.script.failure or "").encode()[:_LONGEST_REASON].decode("utf-8", "ignore")
            self._server.send_close(NOT_RECORDED, reason)
            self._flush()
        self.outputs.append(Output(lost=True))

    def _react(self) -> None:
        for event in self._server.events_received():
            if isinstance(event, Request):
                self._open(event)
            elif isinstance(event, WireFrame):
                self._receive(event)
        self._flush()
        self._advance()

    def _open(self, request: Request) -> None:
        recorded = self.script.conversation.response
        is_accepted = recorded.status == _SWITCHING
        response = self._server.accept(request) if is_accepted else _refusal(recorded)
        for name, value in recorded.headers:
            response.headers[spelled(name)] = value
        del response.headers["Date"]
        self._server.send_response(response)

    def _receive(self, frame: WireFrame) -> None:
        if frame.opcode in DATA_OPCODES:
            if frame.opcode is not Opcode.CONT:
                self._is_binary = frame.opcode is Opcode.BINARY
            self._parts.append(bytes(frame.data))
            if frame.fin:
                content = b"".join(self._parts)
                self._parts.clear()
                self.script.receive(content, is_binary=self._is_binary)
        elif frame.opcode is Opcode.CLOSE:
            close = CloseFrame.parse(frame.data)
            self.script.closed(close.code, close.reason)

    def _advance(self) -> None:
        if self.script.failure is not None and not self.script.is_over:
            self.give_up()
            return
        if self.script.conversation.response.status != _SWITCHING or not self._is_open():
            return
        for frame, wait in self.script.release():
            self._send(frame)
            self._flush(wait)
        ending = self.script.ending()
        if ending is not None:
            self._end(*ending)

    def _is_open(self) -> bool:
        return self._server.state.name == "OPEN"

    def _send(self, frame: Frame) -> None:
        first, *rest = _fragments(body_to_bytes(frame.body), frame.fragments)
        send = self._server.send_binary if frame.is_binary else self._server.send_text
        send(first, fin=not rest)
        for number, part in enumerate(rest, 1):
            self._server.send_continuation(part, fin=number == len(rest))

    def _end(self, close: Close | None, wait: float) -> None:
        if close is None:
            self.outputs.append(Output(lost=True, wait=wait))
        elif close.code == CloseCode.NO_STATUS_RCVD:
            self._server.send_close()
            self._flush(wait)
        else:
            self._server.send_close(close.code, close.reason)
            self._flush(wait)

    def _flush(self, wait: float = 0.0) -> None:
        written = self._server.data_to_send()
        if written:
            self.outputs.append(Output(data=b"".join(written), wait=wait, end=b"" in written))


class _Service(ServerProtocol):
    """
    A server that may answer the close of the client with another code, which *answer* gives.
    """

    def __init__(self, answer: Callable[[], int | None], **options: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(**options)
        self._answer = answer

    def send_frame(self, frame: WireFrame) -> None:
        answer = self._answer() if frame.opcode is Opcode.CLOSE else None
        if answer is not None:
            is_bare = answer == CloseCode.NO_STATUS_RCVD
            frame = WireFrame(Opcode.CLOSE, b"" if is_bare else CloseFrame(answer, "").serialize())
        super().send_frame(frame)


def _refusal(recorded: StoredResponse) -> Response:
    body = body_to_bytes(recorded.body)
    headers = Headers({"Connection": "close", "Content-Length": str(len(body)), "Date": ""})
    return Response(recorded.status, recorded.reason, headers, body)


def _fragments(content: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """
    *content* in pieces of *sizes*, the last of which takes what is left: a placeholder may change the length.
    """
    start = 0
    for size in sizes[:-1]:
        yield content[start : start + size]
        start += size
    yield content[start:]
