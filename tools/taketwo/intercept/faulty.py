"""
What a client meets on the wire when an answer has a fault, step by step; each client reads the steps with its
own code, or with what it is made of.

Time passes here at no cost: a client that would have waited for 30 seconds goes on, and one whose timeout is
shorter raises its own error.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from threading import get_ident
from typing import Any, TypeAlias

from taketwo.cassette.model import LiveResponse, Pairs
from taketwo.cassette.reason_phrases import usual_phrase
from taketwo.config.faults import Fault, Kind
from taketwo.errors import ConfigError
from taketwo.intercept.answers import (
    has_body,
    headers_of,
    is_chunked,
    name_as_written,
    pieces_of,
    reason_of,
)
from taketwo.playback.active import ActiveCassette

LONGEST = 86_400.0
"""Seconds after which nobody comes any more who would end a wait without an end: no timeout lasts a day."""

UNANSWERED_CALL = 130.0
"""Seconds after which an operating system gives up to connect, by itself."""

_MOST_STEPS = 1000
"""Moments at which a timer is due that the clock of an event loop goes to one by one."""

_ROUNDS, _MOST_ROUNDS = 4, 200
"""Turns of an event loop in which whoever is woken by a timer cancels what waits; more while others go on."""

_BAD_CHUNK = b"zz\r\n"
_ENCODED = frozenset({"content-encoding", "x-amz-crc32"})
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Data:
    content: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """
    Nothing comes for so many seconds; None for ever.
    """

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Reset:
    """
    The connection is reset.
    """


@dataclass(frozen=True, slots=True)
class End:
    """
    The service closes the connection.
    """


Step: TypeAlias = Data | Wait | Reset | End


def faulty_answer(active: ActiveCassette, number: int) -> LiveResponse:
    """
    The answer of the interaction *number* for a client that cannot be given every fault.

    :raises ConfigError: when the fault is none of those that an answer tells.
    """
    fault = active.take_fault(number)
    if fault is None:
        return active.player.response(number)
    if fault.kind not in {Kind.STATUS, Kind.MALFORMED_JSON, Kind.SHORT}:
        raise ConfigError(
            f"the fault {fault.name} cannot be given to this client; "
            "those that can: a status, malformed-json, short"
        )
    return changed_answer(active.player.response(number), fault)


def changed_answer(answer: LiveResponse, fault: Fault) -> LiveResponse:
    """
    What the service answers in the place of *answer*, where the fault is in that.
    """
    if fault.kind is Kind.STATUS:
        return _error(fault)
    if fault.kind is Kind.MALFORMED_JSON:
        return _unreadable(answer)
    if fault.kind is Kind.SHORT:
        pieces = list(_first_pieces(answer, fault.after))
        chunks = tuple(map(len, pieces)) if answer.chunks else ()
        headers = _without(answer.headers, {"content-length"})
        return replace(answer, headers=headers, body=b"".join(pieces), chunks=chunks, ended="")
    return answer


def steps_of(answer: LiveResponse, fault: Fault, *, is_head: bool) -> Iterator[Step]:
    """
    What comes over the wire in the place of *answer*, once a connection is there.
    """
    if fault.kind is Kind.READ_TIMEOUT and fault.after is None:
        yield Wait(None)
        return
    if fault.kind is Kind.NO_ANSWER:
        yield End()
        return
    if fault.kind is Kind.SLOW:
        yield Wait(fault.seconds)
    answer = changed_answer(answer, fault)
    in_chunks = is_chunked(answer) or fault.kind is Kind.MALFORMED_CHUNK
    yield Data(_head(answer, is_head=is_head, in_chunks=in_chunks))
    if not has_body(answer, is_head=is_head):
        return
    yield from _body(answer, fault, in_chunks=in_chunks)


def _body(answer: LiveResponse, fault: Fault, *, in_chunks: bool) -> Iterator[Step]:
    is_cut = fault.kind in {Kind.READ_TIMEOUT, Kind.RESET, Kind.END, Kind.MALFORMED_CHUNK}
    for piece in _first_pieces(answer, fault.after) if is_cut else pieces_of(answer):
        if fault.kind is Kind.SLOW_PIECES:
            yield Wait(fault.seconds)
        yield Data(b"%x\r\n%b\r\n" % (len(piece), piece) if in_chunks else piece)
    if fault.kind is Kind.RESET:
        yield Reset()
    elif fault.kind is Kind.READ_TIMEOUT:
        yield Wait(None)
    elif is_cut:
        yield from [Data(_BAD_CHUNK)] if fault.kind is Kind.MALFORMED_CHUNK else []
        yield End()
    elif in_chunks:
        yield Data(b"0\r\n\r\n")


def _head(answer: LiveResponse, *, is_head: bool, in_chunks: bool) -> bytes:
    headers: Pairs = headers_of(answer, is_head=is_head)
    if in_chunks and not is_chunked(answer):
        headers = (*_without(headers, {"content-length"}), ("transfer-encoding", "chunked"))
    lines = [f"HTTP/1.1 {answer.status} {reason_of(answer)}".rstrip()]
    lines += [f"{name_as_written(answer, name)}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _first_pieces(answer: LiveResponse, after: int | None) -> Iterator[bytes]:
    """
    The pieces that come before the end: so many, or half of them, be it half of the only one.
    """
    pieces = list(pieces_of(answer))
    if after is not None:
        yield from pieces[:after]
    elif len(pieces) == 1:
        half = pieces[0][: len(pieces[0]) // 2]
        yield from [half] if half else []
    else:
        yield from pieces[: len(pieces) // 2]


def _error(fault: Fault) -> LiveResponse:
    phrase = usual_phrase(fault.status)
    body = (phrase if fault.body is None else fault.body).encode()
    challenge = (("www-authenticate", "Bearer"),) if fault.status == _UNAUTHORIZED else ()
    is_json = fault.body is not None and fault.body.lstrip().startswith(("{", "["))
    kind = "application/json" if is_json else "text/plain; charset=utf-8"
    return LiveResponse(
        status=fault.status,
        headers=(("content-type", kind), *challenge, *fault.headers),
        body=body,
    )


def _unreadable(answer: LiveResponse) -> LiveResponse:
    """
    *answer* with a body that is no JSON: the first half of it, with a length that fits.
    """
    if answer.chunks:
        pieces = list(pieces_of(answer))
        middle = len(pieces) // 2
        pieces[middle] = pieces[middle][: len(pieces[middle]) // 2] + b"\n\n"
        body = b"".join(pieces)
        return replace(answer, body=body, chunks=tuple(map(len, pieces)))
    half = answer.body[: len(answer.body) // 2] if len(answer.body) > 1 else b'{"'
    return replace(answer, headers=_without(answer.headers, {"content-length", *_ENCODED}), body=half)


def _without(headers: Pairs, names: set[str]) -> Pairs:
    return tuple(pair for pair in headers if pair[0].lower() not in names)


def connection_error(
    fault: Fault, *, has_timeout: bool = False, called: tuple[str, int | None] | None = None
) -> OSError:
    """
    What the operating system says where no connection can be made; asyncio words it with the address that it
    *called*.
    """
    if fault.kind is Kind.DNS:
        return socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    if fault.kind is Kind.TLS:
        return untrusted()
    if fault.kind is Kind.CONNECT_TIMEOUT and has_timeout:
        return TimeoutError("timed out")
    number = errno.ECONNREFUSED if fault.kind is Kind.REFUSED else errno.ETIMEDOUT
    words = os.strerror(number) if called is None else f"Connect call failed {called}"
    return OSError(number, words)  # of the class that belongs to the number


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(
        1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1000)"
    )
    error.verify_code, error.verify_message = 18, "self-signed certificate"
    return error


def reset() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


def is_unconnected(fault: Fault) -> bool:
    return fault.is_unconnected


@contextmanager
def failing_connections(error: OSError) -> Iterator[None]:
    """
    While open, this thread cannot look up any address: what connects meets *error*.
    """
    mine, before = get_ident(), socket.getaddrinfo

    def getaddrinfo(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the original's
        if get_ident() == mine:
            raise error
        return before(*arguments, **options)

    vars(socket)["getaddrinfo"] = getaddrinfo
    try:
        yield
    finally:
        if socket.getaddrinfo is getaddrinfo:
            vars(socket)["getaddrinfo"] = before


def wait(
    active: ActiveCassette, seconds: float | None, timeout: float | None, error: Callable[[], Exception]
) -> None:
    """
    Wait for the next bytes of an answer in a client that blocks, with its own *timeout*, at no cost.

    :raises WaitsForever: when neither ends.
    """
    if timeout is not None and (seconds is None or seconds >= timeout):
        raise error()
    if seconds is None:
        raise active.waits_forever("an answer")


async def wait_async(
    active: ActiveCassette, seconds: float | None, limit: float | None, error: Callable[[], Exception]
) -> None:
    """
    The same in an event loop, where the timers of others go on as well: one of them may cancel this task.
    """
    is_late = limit is not None and (seconds is None or seconds >= limit)
    passing = limit if is_late else seconds
    await pass_time(LONGEST if passing is None else passing)
    if is_late:
        raise error()
    if seconds is None:
        raise active.waits_forever("an answer")


def _never() -> bool:
    return False


async def pass_time(seconds: float, *, is_over: Callable[[], bool] = _never) -> None:
    """
    Let the clock of the event loop go on by *seconds*, or until *is_over*, and whatever is due by then happen
    in its turn.

    In a loop whose clock cannot be moved (uvloop, trio), nothing else takes notice of it.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # trio
        return
    scheduled = getattr(loop, "_scheduled", None)
    if scheduled is None:
        return
    clock, start = _Clock.of(loop), loop.time()
    end = start + seconds
    for step in count():
        due = min((timer.when() for timer in scheduled if not timer.cancelled()), default=end)
        if step > _MOST_STEPS:  # timers that come again and again need not have each a turn of their own
            due = max(due, loop.time() + (loop.time() - start) / _MOST_STEPS)
        clock.go_to(min(due, end))
        await settle()
        if due >= end or is_over():
            return


def can_pass_time() -> bool:
    """
    Whether the clock of the running event loop can be moved: that of uvloop and of trio cannot.
    """
    try:
        return hasattr(asyncio.get_running_loop(), "_scheduled")
    except RuntimeError:  # trio
        return False


async def settle() -> None:
    """
    Let whatever is due in the event loop happen, and what follows of it.
    """
    ready = getattr(asyncio.get_running_loop(), "_ready", ())
    for turn in range(_MOST_ROUNDS):
        if turn >= _ROUNDS and not ready:
            return
        await next_turn()


class _NextTurn:
    def __await__(self) -> Generator[None, None, None]:
        yield


async def next_turn() -> None:
    """
    As ``asyncio.sleep(0)``, which may be replaced.
    """
    await _NextTurn()


class _Clock:
    """
    The clock of an event loop, which goes on as ever, but can be moved forward.
    """

    _NAME = "_taketwo_clock"

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._time = loop.time
        self._ahead = 0.0
        vars(loop).update({self._NAME: self, "time": self.time})

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> _Clock:
        found = vars(loop).get(cls._NAME)
        return found if isinstance(found, cls) else cls(loop)

    def time(self) -> float:
        return self._time() + self._ahead

    def go_to(self, moment: float) -> None:
        self._ahead += max(0.0, moment - self.time())
