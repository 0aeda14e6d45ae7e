"""
One cell of the matrix as its test sees it: which client does which thing, where, and with which word.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import TypeVar, cast

from tests.toolkit.clients.server.exchange import gate_of

T = TypeVar("T")

ADDRESS, SECURE_ADDRESS, AUTHORITY = "MATRIX_URL", "MATRIX_SECURE_URL", "MATRIX_AUTHORITY"
WORD, TURNED = "MATRIX_WORD", "MATRIX_TURNED"
LONG = 20.0  # seconds until what hangs is given up
SHORT = 1.5  # seconds that a client waits for an answer that will not come


@dataclass(frozen=True, slots=True)
class Cell:
    """
    *name* is that of client and thing; *word* is what is sent, another one when the matrix tries whether a
    change is noticed. When it *is_turned*, things come in another order than they were recorded in.
    """

    name: str
    word: str
    is_turned: bool

    @property
    def url(self) -> str:
        return f"{os.environ[ADDRESS]}/{self.name}"

    @property
    def secure_url(self) -> str:
        return f"{os.environ[SECURE_ADDRESS]}/{self.name}"

    @property
    def socket_url(self) -> str:
        return self.url.replace("http:", "ws:")

    @property
    def authority(self) -> str:
        """
        The file with the certificate of who signed the server's.
        """
        return os.environ[AUTHORITY]

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority)

    def received(self, number: int) -> None:
        """
        Have the server send what follows piece *number*.
        """
        gate_of(self.name, number + 1).touch()


def spoken(cell: Cell, count: int) -> list[str]:
    """
    What a service says in pieces that came one by one, each before the next was sent.
    """
    return [f"{number} {cell.word} in time" for number in range(count)]


def run(result: Coroutine[object, object, T] | T) -> T:
    """
    Carry out what a thing is, also where it is asynchronous.
    """
    if isinstance(result, Coroutine):
        return cast("T", asyncio.run(_in_time(result)))
    return result


def drive(steps: Coroutine[object, object, T]) -> T:
    """
    Carry out a coroutine in which a synchronous client does everything, so that nothing is ever awaited.
    """
    try:
        steps.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    raise AssertionError("a synchronous client waited for an event loop")


async def _in_time(work: Awaitable[T]) -> T:
    return await asyncio.wait_for(work, LONG)
