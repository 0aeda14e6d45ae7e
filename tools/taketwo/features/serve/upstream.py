"""
A request of a child process on its way to the real service, and the answer on its way back.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from functools import cache

import h11

from taketwo.cassette.model import LiveRequest, LiveResponse, Pairs
from taketwo.network.guard import unguarded
from taketwo.playback.active import PendingExchange

_PIECE = 65_536
_PATIENCE = 30.0  # seconds to connect
_OF_A_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "upgrade", "expect"}
)


class Upstream:
    """
    One connection to a service for one request; the answer is recorded by *pending*, where there is one.

    ``body`` gives the pieces as they come, and has to be read to its end, or closed.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.CLIENT)
        self._pending: PendingExchange | None = None
        self._count = 0
        self._pieces: list[bytes] = []
        self._sizes: list[int] = []
        self.head = h11.Response(status_code=502, headers=[])

    async def send(self, request: LiveRequest, target: str, pending: PendingExchange | None) -> None:
        """
        Send *request*, and wait for the head of its answer.

        :raises ConnectionError: when the service closes the connection before that.
        """
        self._pending = pending
        kept = [pair for pair in request.headers if pair[0].lower() not in _OF_A_CONNECTION]
        if request.body and not any(name.lower() == "content-length" for name, _ in kept):
            kept = [pair for pair in kept if pair[0].lower() != "transfer-encoding"]
            kept.append(("Content-Length", str(len(request.body))))
        events: list[h11.Event] = [
            h11.Request(method=request.method, target=target, headers=[*kept, ("Connection", "close")])
        ]
        if request.body:
            events.append(h11.Data(data=request.body))
        events.append(h11.EndOfMessage())
        self._writer.write(b"".join(self._protocol.send(event) or b"" for event in events))
        await self._writer.drain()
        while not isinstance(event := await self._next_event(), h11.Response):
            if isinstance(event, h11.ConnectionClosed):
                raise ConnectionError("the service closed the connection before it answered")
        self.head = event
        if pending is not None:
            pending.begin(self.left, LiveResponse(status=event.status_code, headers=self.headers))

    @property
    def headers(self) -> Pairs:
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.head.headers)

    async def body(self) -> AsyncGenerator[bytes]:
        try:
            while isinstance(event := await self._next_event(), h11.Data):
                piece = bytes(event.data)
                self._note(piece, starts=event.chunk_start)
                yield piece
        except (ConnectionError, h11.RemoteProtocolError) as error:
            self._end(f"{type(error).__name__}: {error}")
            raise ConnectionError(str(error)) from None
        except BaseException:
            self.left()
            raise
        else:
            self._end("")
        finally:
            self._writer.close()

    def close(self) -> None:
        self._writer.close()

    def left(self) -> None:
        """
        Note that the client reads no further.
        """
        self._end("client")

    def _note(self, piece: bytes, *, starts: bool) -> None:
        self._pieces.append(piece)
        if starts or not self._sizes:
            self._sizes.append(0)
        self._sizes[-1] += len(piece)
        self._count += len(piece)
        if self._pending is not None:
            self._pending.came(self._count)

    def _end(self, how: str) -> None:
        if self._pending is None:
            return
        self._pending.answer(
            LiveResponse(
                status=self.head.status_code,
                reason=bytes(self.head.reason).decode("latin-1"),
                headers=self.headers,
                body=b"".join(self._pieces),
                chunks=tuple(self._sizes) if len(self._sizes) > 1 else (),
                ended=how,
            )
        )

    async def _next_event(self) -> type[h11.NEED_DATA | h11.PAUSED] | h11.Event:
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            self._protocol.receive_data(await self._reader.read(_PIECE))
        return event


async def connect(
    host: str, port: int, *, is_secure: bool
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """
    A connection to the real service.

    :raises OSError: when there is none.
    """
    with unguarded():
        opening = asyncio.open_connection(
            host, port, ssl=_trusting() if is_secure else None, server_hostname=host if is_secure else None
        )
        return await asyncio.wait_for(opening, _PATIENCE)


@cache
def _trusting() -> ssl.SSLContext:
    return ssl.create_default_context()
