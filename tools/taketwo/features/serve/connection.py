"""
One connection of a client, in HTTP/1.1: requests are read, and answers written as they were recorded.

h11 speaks the protocol and does no I/O. It is used as it is, below any framework, since a recorded answer has
more than those have room for: a reason phrase, the pieces of a stream, an end that is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

import h11

from taketwo.cassette.model import WAITING, LiveRequest, LiveResponse, Pairs
from taketwo.features.serve.conversation import replay_conversation
from taketwo.features.serve.relay import Relay
from taketwo.features.serve.upstream import Upstream
from taketwo.intercept.answers import headers_of, name_as_written, paced_pieces, reason_of
from taketwo.playback.conversations.player import ConversationPlayer

_PIECE = 65_536
_LARGEST_HEAD = 65_536
_LARGEST_BODY = 256 * 1024 * 1024
_OF_A_CONNECTION = frozenset({b"connection", b"keep-alive"})
_REASONS = {400: "Bad Request", 413: "Content Too Large", 431: "Request Header Fields Too Large"}

Answer = Callable[[LiveRequest, bool], Awaitable[LiveResponse | Upstream | None]]
"""
Gives the answer to a request, whose ``url`` is its target. With True as second argument the client waits to
be asked for the body: None when it is to send it.
"""

Converse = Callable[[LiveRequest], Awaitable[ConversationPlayer | Relay | LiveResponse]]
"""
Gives the conversation that a request to open a WebSocket is, recorded or to be recorded, or the answer that
refuses it.
"""


class _TooLarge(Exception):  # noqa: N818 - it reads as what happened
    pass


class Connection:
    """
    Serves one client until either side has had enough.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        answer: Answer,
        converse: Converse,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answer = answer
        self._converse = converse
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST_HEAD)

    async def serve(self) -> None:
        try:
            while await self._serve_one():
                self._protocol.start_next_cycle()
        except h11.RemoteProtocolError as error:
            await self._complain(error.error_status_hint, str(error))
        except _TooLarge:
            await self._complain(413, f"the body is larger than {_LARGEST_BODY // 1024 // 1024} MiB")
        except (ConnectionError, TimeoutError):
            pass  # the client has gone
        finally:
            with suppress(ConnectionError, OSError):
                self._writer.close()

    async def _serve_one(self) -> bool:
        """
        Read one request and answer it; True when another one may follow.
        """
        head = await self._next_event()
        if not isinstance(head, h11.Request):
            return False
        request = LiveRequest(
            method=head.method.decode("latin-1"),
            url=head.target.decode("latin-1"),
            headers=_texts(head),
        )
        if _opens_websocket(head):
            return await self._open(head, request)
        if self._protocol.they_are_waiting_for_100_continue:
            refusal = await self._answer(request, True)  # noqa: FBT003 - see the type
            if isinstance(refusal, LiveResponse):
                await self._write(refusal, request.method)
                return False
            await self._send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
        body = await self._body()
        whole = LiveRequest(method=request.method, url=request.url, headers=request.headers, body=body)
        answer = await self._answer(whole, False)  # noqa: FBT003 - see the type
        if isinstance(answer, Upstream):
            await self._pass_on(answer)
        elif answer is not None:
            await self._write(answer, request.method)
        return self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE

    async def _open(self, head: h11.Request, request: LiveRequest) -> bool:
        found = await self._converse(request)
        if isinstance(found, LiveResponse):
            await self._body()
            await self._write(found, request.method)
            return False
        rest, _ = self._protocol.trailing_data
        begun = _as_bytes(head) + bytes(rest)
        if isinstance(found, Relay):
            await found.run(self._reader, self._writer, begun)
        else:
            await replay_conversation(found, self._reader, self._writer, begun)
        return False

    async def _body(self) -> bytes:
        pieces, size = [], 0
        while isinstance(event := await self._next_event(), h11.Data):
            size += len(event.data)
            if size > _LARGEST_BODY:
                raise _TooLarge
            pieces.append(bytes(event.data))
        return b"".join(pieces)

    async def _next_event(self) -> type[h11.NEED_DATA | h11.PAUSED] | h11.Event:
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            self._protocol.receive_data(await self._reader.read(_PIECE))
        return event

    async def _write(self, answer: LiveResponse, method: str) -> None:
        """
        Send *answer*: its pieces one by one, and then nothing more where the recorded stream broke off.
        """
        headers = headers_of(answer, is_head=method == "HEAD")
        try:
            await self._send(
                h11.Response(
                    status_code=answer.status,
                    headers=[
                        (
                            name_as_written(answer, name).encode("latin-1", "replace"),
                            value.encode("latin-1", "replace"),
                        )
                        for name, value in headers
                    ],
                    reason=reason_of(answer).encode("latin-1", "replace"),
                )
            )
        except h11.LocalProtocolError as error:
            await self._complain(500, f"the recorded answer cannot be sent as it is: {error}")
            return
        if method != "HEAD":
            for pause, piece in paced_pieces(answer):
                await asyncio.sleep(pause)
                await self._send(h11.Data(data=piece))
        if not answer.ended:
            await self._send(h11.EndOfMessage())
            return
        if answer.ended == WAITING:
            await self._reader.read(1)  # the service sent nothing more either
        self._protocol.send_failed()

    async def _pass_on(self, upstream: Upstream) -> None:
        """
        Send the answer of the service piece by piece, as it comes.
        """
        head = upstream.head
        headers = [pair for pair in head.headers.raw_items() if pair[0].lower() not in _OF_A_CONNECTION]
        await self._send(h11.Response(status_code=head.status_code, headers=headers, reason=head.reason))
        async with aclosing(upstream.body()) as pieces:
            async for piece in pieces:
                await self._send(h11.Data(data=piece))
        await self._send(h11.EndOfMessage())

    async def _send(self, event: h11.Event) -> None:
        data = self._protocol.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()

    async def _complain(self, status: int, what: str) -> None:
        body = f"{what}\n".encode()
        if self._protocol.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        reason = _REASONS.get(status, "Error").encode()
        with suppress(h11.LocalProtocolError, ConnectionError):
            await self._send(h11.Response(status_code=status, headers=headers, reason=reason))
            await self._send(h11.Data(data=body))
            await self._send(h11.EndOfMessage())


def _texts(head: h11.Request) -> Pairs:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()
    )


def _opens_websocket(head: h11.Request) -> bool:
    return head.method == b"GET" and any(
        name == b"upgrade" and value.lower() == b"websocket" for name, value in head.headers
    )


def _as_bytes(head: h11.Request) -> bytes:
    """
    The request as it came, for who speaks the protocol of WebSockets.
    """
    lines = [b" ".join([head.method, head.target, b"HTTP/1.1"])]
    lines += [b": ".join(pair) for pair in head.headers.raw_items()]
    return b"\r\n".join([*lines, b"", b""])
