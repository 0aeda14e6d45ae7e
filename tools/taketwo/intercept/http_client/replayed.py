"""
A connection in a replay: it leads nowhere, and what is read from it is the recorded answer.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import re
import ssl
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NoReturn, TypeAlias, cast

from taketwo.cassette.model import CLIENT, WAITING, LiveResponse
from taketwo.intercept.answers import (
    has_body,
    headers_of,
    is_chunked,
    name_as_written,
    paced_pieces,
    reason_of,
)

_sleep = time.sleep  # a test may replace it in its module
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_NUMBERED = re.compile(r"\[Errno (\d+)\] (.*)", re.DOTALL)

Buffer: TypeAlias = Any
"""Whatever can be written to."""


class MemorySocket:
    """
    Stands for the socket of a connection that is not made.

    *is_of_use*: whether the client may go on to use the connection; one that may not looks as if the
    service had closed it, so that a pool of connections drops it.
    """

    def __init__(self, is_of_use: Callable[[], bool]) -> None:
        self._is_of_use = is_of_use
        self._timeout: float | None = None
        self.has_timeout = False
        self._source = _Source(iter(()))

    def answer_with(self, answer: LiveResponse, *, is_head: bool) -> None:
        """
        Have the client read *answer* from now on.
        """
        self._source = _Source(_on_the_wire(answer, is_head=is_head))

    def answer_with_pieces(self, pieces: Iterator[bytes]) -> None:
        """
        Have the client read *pieces* from now on, which may raise what reading raises.
        """
        self._source = _Source(pieces)

    def let_continue(self) -> None:
        """
        Ask the client for the body of its request.
        """
        self._source = _Source(iter([_CONTINUE]))

    def makefile(self, _mode: str = "r", buffering: int | None = None, **_: object) -> io.BufferedIOBase:
        raw = _Raw(self._source)
        # Who reads without a buffer leaves the rest to the next file.
        return cast("io.BufferedIOBase", raw) if buffering == 0 else io.BufferedReader(raw)

    def fileno(self) -> int:
        is_readable = self._source.has_more() or not self._is_of_use()
        return _descriptors().readable if is_readable else _descriptors().idle

    def settimeout(self, timeout: float | None) -> None:
        self._timeout, self.has_timeout = timeout, True

    def gettimeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the signature of sockets
        self._timeout = None if flag else 0.0

    def setsockopt(self, *_: object) -> None:
        """
        Nothing: there is no network below it.
        """

    def getsockopt(self, *_: object) -> int:
        return 0

    def getpeername(self) -> tuple[str, int]:
        return ("127.0.0.1", 0)

    def getsockname(self) -> tuple[str, int]:
        return ("127.0.0.1", 0)

    def getpeercert(self, binary_form: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - the signature of TLS sockets
        return b"" if binary_form else {}

    def sendall(self, _: Buffer) -> NoReturn:
        """
        Refuse: whoever writes here uses a connection that is left over from a replay.
        """
        raise BrokenPipeError(errno.EPIPE, "the cassette that this connection was replayed from is closed")

    def recv(self, *_: object) -> bytes:
        return b""

    def shutdown(self, how: int) -> None:
        """
        Nothing: there is no network below it.
        """

    def close(self) -> None:
        """
        Nothing: what was made of it with :meth:`makefile` can still be read, as of a real one.
        """


class _Descriptors:
    """
    Two files to wait for: one that never has anything to read, and one that always has.
    """

    def __init__(self) -> None:
        self.idle, self._open_end = os.pipe()
        self.readable, writable = os.pipe()
        os.close(writable)


@cache
def _descriptors() -> _Descriptors:
    return _Descriptors()


class _Source:
    """
    Gives out one piece at a time, as a network does.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        # A view: to copy what is left with each read made a replay of 200 MB take minutes.
        self._rest = memoryview(b"")

    def has_more(self) -> bool:
        self._rest = self._rest or self._next()
        return bool(self._rest)

    def read(self, size: int) -> memoryview:
        rest = self._rest or self._next()
        self._rest = rest[size:]
        return rest[:size]

    def _next(self) -> memoryview:
        return memoryview(next(self._pieces, b""))


class _Raw(io.RawIOBase):
    """
    A file over a source, of which it reads no more than it is asked for.
    """

    def __init__(self, source: _Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        part = self._source.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def fileno(self) -> int:
        return _descriptors().readable


def _on_the_wire(answer: LiveResponse, *, is_head: bool) -> Iterator[bytes]:
    lines = [f"HTTP/1.1 {answer.status} {reason_of(answer)}".rstrip()]
    headers = headers_of(answer, is_head=is_head)
    lines += [f"{name_as_written(answer, name)}: {value}" for name, value in headers]
    yield "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    if not has_body(answer, is_head=is_head):
        return
    in_chunks = is_chunked(answer)
    for pause, piece in paced_pieces(answer):
        if pause:
            _sleep(pause)
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if in_chunks else piece
    if answer.ended:
        _end(answer.ended)
    elif in_chunks:
        yield b"0\r\n\r\n"


def _end(ended: str) -> None:
    """
    End as the recording does: by an error, or without a word, from which the client makes its own.
    """
    if ended in {CLIENT, WAITING}:
        raise ConnectionResetError(
            "the recording ends here, where the client closed the stream; if it is right to read on, "
            "record again with --record-mode=rewrite"
        )
    name, _, message = ended.partition(": ")
    kind = getattr(builtins, name, None) or getattr(ssl, name, None)
    if isinstance(kind, type) and issubclass(kind, OSError):
        _raise(kind, message)
    if "timeout" in name.lower():  # as other clients name it
        raise TimeoutError(message)


def _raise(kind: type[OSError], message: str) -> NoReturn:
    numbered = _NUMBERED.fullmatch(message)
    raise kind(int(numbered[1]), numbered[2]) if numbered else kind(message)
