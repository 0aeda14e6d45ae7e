"""
An answer on its way to the client while it is recorded: each piece is passed on as it comes.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from taketwo.cassette.model import CLIENT, WAITING, LiveResponse
from taketwo.intercept.http_client.chunked import ChunkReader
from taketwo.intercept.received import ReceivedBody
from taketwo.playback.active import PendingExchange

File: TypeAlias = Any
"""What a response reads from: a buffered reader over a socket."""

BROKEN_OFF = "IncompleteRead: the service closed the connection before the end"


def record(response: http.client.HTTPResponse, pending: PendingExchange) -> None:
    """
    Have *pending* answered with *response* as far as the client reads it.
    """
    answer = _Answer(response, pending)
    file: File = response.fp
    if file is None or (response.length == 0 and not response.chunked):
        answer.end()
        return
    headers = tuple(response.headers.items())
    pending.begin(answer.left, LiveResponse(status=response.status, reason=response.reason, headers=headers))
    response.fp = _RecordedFile(file, answer)  # type: ignore[assignment]  # it is read from, and no more


class _Answer:
    """
    What has been read of an answer.
    """

    def __init__(self, response: http.client.HTTPResponse, pending: PendingExchange) -> None:
        self._response = response
        self._pending = pending
        self._body = ReceivedBody(pending.spool())
        self._chunks = ChunkReader(self._body) if response.chunked else None
        self._length = response.length
        self._is_in_pieces = True
        self.is_waiting = False

    def came(self, data: bytes, *, is_piece: bool) -> None:
        if self._chunks is not None:
            self._chunks.read(data)
            is_whole = self._chunks.is_over
        else:
            self._body.add(data)
            self._is_in_pieces &= is_piece
            is_whole = self._length is not None and len(self._body) >= self._length
        self._pending.came(len(self._body))
        if is_whole:
            self.end()

    def came_to_an_end(self) -> None:
        """
        Note that the service has closed the connection.
        """
        self.end("" if self._is_complete(at_end=True) else BROKEN_OFF)

    def left(self) -> None:
        """
        Note that the client reads no further.
        """
        if self._is_complete(at_end=False):
            self.end()
        else:
            self.end(WAITING if self.is_waiting else CLIENT)

    def end(self, how: str = "") -> None:
        # With neither a length nor chunks, pieces are what came at a time, where the client asked for it so.
        has_sizes = self._chunks is not None or (self._length is None and self._is_in_pieces)
        response = self._response
        self._pending.answer(
            LiveResponse(
                status=response.status,
                reason=response.reason,
                headers=tuple(response.headers.items()),
                keeps_names=True,
                body=self._body.content,
                chunks=self._body.chunks if has_sizes else (),
                ended=how,
            )
        )

    def _is_complete(self, *, at_end: bool) -> bool:
        if self._chunks is not None:
            return self._chunks.is_complete
        return at_end if self._length is None else len(self._body) >= self._length


class _RecordedFile:
    """
    The file of a response, listened to.
    """

    def __init__(self, file: File, answer: _Answer) -> None:
        self._file = file
        self._answer = answer

    def read(self, size: int | None = -1) -> bytes:
        with self._reading():
            data: bytes = self._file.read(size)
        is_short = size is None or size < 0 or len(data) < size
        return self._came(data, is_end=is_short)

    def read1(self, size: int = -1) -> bytes:
        with self._reading():
            data: bytes = self._file.read1(size)
        return self._came(data, is_end=not data and size != 0, is_piece=True)

    def readline(self, limit: int = -1) -> bytes:
        with self._reading():
            data: bytes = self._file.readline(limit)
        return self._came(data, is_end=not data and limit != 0)

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever can be written to
        with self._reading():
            count: int = self._file.readinto(buffer)
        view = memoryview(buffer)
        self._came(bytes(view[:count]), is_end=count < len(view))
        return count

    def close(self) -> None:
        self._file.close()
        self._answer.left()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a file has
        return getattr(self._file, name)

    def _came(self, data: bytes, *, is_end: bool, is_piece: bool = False) -> bytes:
        if data:
            self._answer.came(data, is_piece=is_piece)
        if is_end:
            self._answer.came_to_an_end()
        return data

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._answer.is_waiting = True
        try:
            yield
        except OSError as error:
            self._answer.end(f"{type(error).__name__}: {error}")
            raise
        # Whoever is interrupted here goes on waiting, as far as the answer knows.
        self._answer.is_waiting = False
