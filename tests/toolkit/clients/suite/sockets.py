"""
The things of the matrix that are WebSockets, and what every client of them can do.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar
from uuid import UUID

import pytest

from tests.toolkit.clients.suite.cell import Cell, drive
from tests.toolkit.clients.suite.talk import sentences, spoken_by_model

COUNT = 8


class Closed(Exception):  # noqa: N818 - what happened
    """
    The service closed the connection; *code* is 1006 when it did so without a word.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Refused(Exception):  # noqa: N818 - what happened
    """
    The service answered the handshake with something else.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Socket(ABC):
    """
    One connection.
    """

    subprotocol: str | None

    @abstractmethod
    async def send(self, message: str | bytes) -> None: ...

    @abstractmethod
    async def receive(self) -> str | bytes:
        """
        The next message.

        :raises Closed: when there will be none.
        """

    @abstractmethod
    async def ping(self) -> None:
        """
        Ask whether the service is there, and wait until it says so.
        """


class Connect(ABC):
    """
    A client of WebSockets.
    """

    is_async: ClassVar[bool] = True

    @abstractmethod
    def __call__(
        self,
        url: str,
        *,
        subprotocols: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        authority: str = "",
    ) -> AbstractAsyncContextManager[Socket]:
        """
        :raises Refused: when the service does not want to.
        """


async def hear(socket: Socket) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await socket.receive())
    return message


async def say(socket: Socket, **said: object) -> None:
    await socket.send(json.dumps(said))


def talk(cell: Cell) -> str:
    return f"{cell.socket_url}/talk"


async def text(connect: Connect, cell: Cell) -> None:
    async with connect(talk(cell)) as socket:
        greeting = await hear(socket)
        await say(socket, do="echo", word=cell.word)
        told = await hear(socket)

    assert (greeting["event"], told["word"]) == ("connected", cell.word)
    assert str(UUID(told["id"])) == told["id"]


async def binary(connect: Connect, cell: Cell) -> None:
    sent = bytes(range(256)) + cell.word.encode()

    async with connect(talk(cell)) as socket:
        await hear(socket)
        await socket.send(sent)
        told = await socket.receive()

    assert told == sent[::-1]


async def query(connect: Connect, cell: Cell) -> None:
    """
    A conversation under another address is another one.
    """
    async with connect(f"{talk(cell)}?word={cell.word}") as socket:
        greeting = await hear(socket)

    assert greeting["word"] == cell.word


async def subprotocol(connect: Connect, cell: Cell) -> None:
    async with connect(talk(cell), subprotocols=["talk.v3", "talk.v2", "talk.v1"]) as socket:
        await hear(socket)
        await say(socket, do="echo", word=cell.word)
        await hear(socket)

    assert socket.subprotocol == "talk.v2"


async def streamed(connect: Connect, cell: Cell) -> None:
    """
    Each message reaches the test before the service sends the next.
    """
    heard = []

    async with connect(talk(cell)) as socket:
        await hear(socket)
        await say(socket, do="words", word=cell.word)
        for number in range(4):
            heard.append((await hear(socket))["text"])
            cell.received(number)

    assert sentences(heard) == spoken_by_model(cell)


async def early_close(connect: Connect, cell: Cell) -> None:
    """
    The client leaves in the middle of what the service says.
    """
    heard: list[str] = []

    async with connect(talk(cell)) as socket:
        await hear(socket)
        await say(socket, do="words", word=cell.word)
        heard.append((await hear(socket))["text"])
        cell.received(0)
        heard.append((await hear(socket))["text"])

    assert sentences(heard) == spoken_by_model(cell, 2)


async def closed(connect: Connect, cell: Cell) -> None:
    async with connect(talk(cell)) as socket:
        await hear(socket)
        await say(socket, do="close", word=cell.word)
        with pytest.raises(Closed) as end:
            await hear(socket)

    assert (end.value.code, end.value.reason) == (4001, f"enough of {cell.word}")


async def broken(connect: Connect, cell: Cell) -> None:
    async with connect(talk(cell)) as socket:
        await hear(socket)
        await say(socket, do="break", word=cell.word)
        with pytest.raises(Closed) as end:
            await hear(socket)

    assert end.value.code == 1006


async def refused(connect: Connect, cell: Cell) -> None:
    with pytest.raises(Refused) as refusal:
        async with connect(f"{cell.socket_url}/refused?word={cell.word}"):
            pass

    assert refusal.value.status == 403


async def ping(connect: Connect, cell: Cell) -> None:
    async with connect(talk(cell)) as socket:
        await hear(socket)
        await socket.ping()
        await say(socket, do="echo", word=cell.word)
        told = await hear(socket)

    assert told["word"] == cell.word


async def _converse(connect: Connect, cell: Cell, number: int) -> int:
    async with connect(talk(cell)) as socket:
        await hear(socket)
        for turn in range(3):
            await say(socket, do="echo", word=cell.word, number=number, turn=turn)
            told = await hear(socket)
            assert (told["number"], told["turn"]) == (number, turn)
    return number


async def gather(connect: Connect, cell: Cell) -> None:
    told = await asyncio.gather(*(_converse(connect, cell, number) for number in range(COUNT)))

    assert told == list(range(COUNT))


async def threads(connect: Connect, cell: Cell) -> None:
    def work(number: int) -> int:
        talking = _converse(connect, cell, number)
        return asyncio.run(talking) if connect.is_async else drive(talking)

    with ThreadPoolExecutor(COUNT) as pool:
        told = list(pool.map(work, range(COUNT)))

    assert told == list(range(COUNT))


async def tls(connect: Connect, cell: Cell) -> None:
    url = f"{cell.secure_url}/talk".replace("https:", "wss:")

    async with connect(url, authority=cell.authority) as socket:
        await hear(socket)
        await say(socket, do="echo", word=cell.word)
        told = await hear(socket)

    assert told["word"] == cell.word
