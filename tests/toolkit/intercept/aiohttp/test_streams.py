"""
Streamed answers of aiohttp: each piece reaches the test as the service sends it, and a replay has the same
pieces and the same end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientResponse, ClientSession, ClientTimeout

from taketwo.cassette.text.writer import dump_cassette
from taketwo.playback.active import current
from tests.toolkit.intercept.aiohttp.conftest import Scenario, Studio
from tests.toolkit.intercept.aiohttp.service import PIECES

Read = Callable[[ClientResponse], Any]


async def by_any(answer: ClientResponse) -> AsyncIterator[object]:
    async for piece in answer.content.iter_any():
        yield piece


async def by_chunks(answer: ClientResponse) -> AsyncIterator[object]:
    async for piece in answer.content.iter_chunks():
        if piece != (b"", True):  # whether an end comes by itself is the network's business
            yield piece


async def by_size(answer: ClientResponse) -> AsyncIterator[object]:
    async for piece in answer.content.iter_chunked(9):
        yield piece


async def by_line(answer: ClientResponse) -> AsyncIterator[object]:
    async for line in answer.content:
        yield line


async def by_readany(answer: ClientResponse) -> AsyncIterator[object]:
    while piece := await answer.content.readany():
        yield piece


async def by_readchunk(answer: ClientResponse) -> AsyncIterator[object]:
    while True:
        piece, is_end = await answer.content.readchunk()
        if not piece and not is_end:
            return
        if piece:
            yield piece, is_end


async def by_readexactly(answer: ClientResponse) -> AsyncIterator[object]:
    for size in (9, 9, 9):
        yield await answer.content.readexactly(size)


READS: dict[str, Read] = {
    read.__name__: read
    for read in (by_any, by_chunks, by_size, by_line, by_readany, by_readchunk, by_readexactly)
}


# A line ends where its event does not.
BY_LINE = {"by_line": [b"data: 0\n", b"\n", b"data: 1\n"]}


async def go_on(url: str) -> None:
    """
    Have the service send the next piece: beside the cassette, since it is no part of the test.
    """
    active = current()
    if active is not None and active.recorder is not None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"POST /go HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await reader.read()
        writer.close()


@pytest.mark.parametrize("name", READS)
def test_each_piece_reaches_the_test_before_the_next_is_sent(studio: Studio, name: str) -> None:
    """
    The service waits for the test after each piece: a recording that held one back would never end.
    """

    async def scenario(url: str) -> list[object]:
        found = []
        async with ClientSession() as session, session.get(f"{url}/stream/hold") as answer:
            async for piece in READS[name](answer):
                found.append(piece)
                await go_on(url)
        return found

    live, cassette = studio.record(scenario)
    replayed = studio.replay(scenario, cassette)
    _, again = studio.record(scenario, cassette)

    assert replayed == live
    first = [each[0] if isinstance(each, tuple) else each for each in live][:3]
    assert first == BY_LINE.get(name, PIECES[:3])
    assert dump_cassette(again) == dump_cassette(cassette)


@pytest.mark.parametrize("how", ["slow", "length", "fast"])
def test_a_slow_reader_gets_the_recorded_pieces(studio: Studio, how: str) -> None:
    async def scenario(url: str) -> bytes:
        found = b""
        async with ClientSession() as session, session.get(f"{url}/stream/{how}") as answer:
            async for piece in answer.content.iter_any():
                found += piece
                await asyncio.sleep(0.01)
        return found

    live, cassette = studio.record(scenario)

    assert studio.replay(scenario, cassette) == live == b"".join(PIECES)


def test_pieces_are_not_joined_while_the_test_does_something_else(studio: Studio) -> None:
    async def scenario(url: str) -> list[bytes]:
        found = []
        async with ClientSession() as session, session.get(f"{url}/stream/slow") as answer:
            async for piece in answer.content.iter_any():
                found.append(piece)
                for _ in range(20):
                    await asyncio.sleep(0)
        return found

    _, cassette = studio.record(scenario)

    assert studio.replay(scenario, cassette) == PIECES
    assert cassette.interactions[0].response.chunks == (9,) * 5


def test_a_packed_stream_is_unpacked_piece_by_piece(studio: Studio) -> None:
    async def scenario(url: str) -> bytes:
        async with ClientSession() as session, session.get(f"{url}/stream-packed") as answer:
            return b"".join([piece async for piece in answer.content.iter_any()])

    live, cassette = studio.record(scenario)

    assert studio.replay(scenario, cassette) == live == b"".join(piece * 20 for piece in PIECES)


async def leave(_: ClientResponse) -> None:
    """
    Leave the block.
    """


async def release(answer: ClientResponse) -> None:
    answer.release()


async def close(answer: ClientResponse) -> None:
    answer.close()


async def fail(_: ClientResponse) -> None:
    raise KeyError("test")


@pytest.mark.parametrize("ending", [leave, release, close, fail])
def test_a_stream_that_is_left_early_is_recorded_as_far_as_it_was_read(
    studio: Studio, ending: Callable[[ClientResponse], Awaitable[None]]
) -> None:
    async def scenario(url: str) -> list[bytes]:
        found = []
        async with ClientSession() as session:
            with suppress(KeyError):
                async with session.get(f"{url}/stream/hold") as answer:
                    async for piece in answer.content.iter_any():
                        found.append(piece)
                        if len(found) == 2:
                            break
                        await go_on(url)
                    await ending(answer)
        return found

    live, cassette = studio.record(scenario)
    replayed = studio.replay(scenario, cassette)
    _, again = studio.record(scenario, cassette)

    assert replayed == live
    response = cassette.interactions[0].response
    assert (response.ended, response.chunks) == ("client", (9, 9))
    assert dump_cassette(again) == dump_cassette(cassette)


def test_who_reads_on_where_the_recording_ends_is_told(studio: Studio) -> None:
    def reading(size: int) -> Scenario[bytes]:
        async def scenario(url: str) -> bytes:
            async with ClientSession() as session, session.get(f"{url}/stream/slow") as answer:
                return await answer.content.readexactly(size)

        return scenario

    live, cassette = studio.record(reading(18))

    assert studio.replay(reading(18), cassette) == live
    with pytest.raises(aiohttp.ClientPayloadError, match="the recording ends here"):
        studio.replay(reading(19), cassette)


@pytest.mark.parametrize("reads", ["pieces", "whole"])
def test_a_stream_that_breaks_off_breaks_off_in_a_replay(studio: Studio, reads: str) -> None:
    async def scenario(url: str) -> tuple[bytes, str]:
        found = b""
        async with ClientSession() as session:
            try:
                async with session.get(f"{url}/stream/break") as answer:
                    if reads == "whole":
                        await answer.read()
                    async for piece in answer.content.iter_any():
                        found += piece
            except aiohttp.ClientPayloadError as error:
                return found, str(error)
        return found, ""

    live, cassette = studio.record(scenario)
    replayed = studio.replay(scenario, cassette)

    assert replayed[1] == live[1] != ""
    assert cassette.interactions[0].response.ended.startswith("ClientPayloadError: ")


TIMEOUTS = {
    "of the whole": ClientTimeout(total=0.3),
    "of each read": ClientTimeout(sock_read=0.3),
}


@pytest.mark.parametrize("which", TIMEOUTS)
def test_a_timeout_in_the_midst_of_a_stream_is_one_in_a_replay(studio: Studio, which: str) -> None:
    async def scenario(url: str) -> tuple[bytes, bool, bool]:
        found = b""
        async with ClientSession(timeout=TIMEOUTS[which]) as session:
            try:
                async with session.get(f"{url}/stream/hang") as answer:
                    async for piece in answer.content.iter_any():
                        found += piece
            except TimeoutError as error:
                return found, isinstance(error, aiohttp.ServerTimeoutError), True
        return found, False, False

    live, cassette = studio.record(scenario)

    assert live == (b"".join(PIECES[:3]), which == "of each read", True)
    assert studio.replay(scenario, cassette) == live


def test_a_test_that_stops_waiting_for_a_stream_does_so_in_a_replay(studio: Studio) -> None:
    async def scenario(url: str) -> bytes:
        found = b""
        async with ClientSession() as session, session.get(f"{url}/stream/hang") as answer:
            try:
                while True:
                    found += await asyncio.wait_for(answer.content.readany(), timeout=0.3)
            except TimeoutError:
                found += b"enough"
        return found

    live, cassette = studio.record(scenario)

    assert studio.replay(scenario, cassette) == live == b"".join([*PIECES[:3], b"enough"])
    assert cassette.interactions[0].response.ended == "client, waiting"


def test_a_listener_that_is_cancelled_is_so_in_a_replay(studio: Studio) -> None:
    async def scenario(url: str) -> tuple[bytes, bool]:
        found, is_enough = bytearray(), asyncio.Event()
        async with ClientSession() as session:

            async def listen() -> None:
                async with session.get(f"{url}/stream/hang") as answer:
                    async for piece in answer.content.iter_any():
                        found.extend(piece)
                        if len(found) == 27:
                            is_enough.set()

            listening = asyncio.create_task(listen())
            await is_enough.wait()
            await asyncio.sleep(0.05)
            listening.cancel()
            await asyncio.wait([listening])
        return bytes(found), listening.cancelled()

    live, cassette = studio.record(scenario)

    assert studio.replay(scenario, cassette) == live == (b"".join(PIECES[:3]), True)
    assert cassette.interactions[0].response.ended == "client, waiting"


def test_a_stream_that_nobody_reads_is_replayed(studio: Studio) -> None:
    async def scenario(url: str) -> int:
        async with ClientSession() as session, session.get(f"{url}/stream/hang") as answer:
            return answer.status

    live, cassette = studio.record(scenario)
    _, again = studio.record(scenario, cassette)

    assert studio.replay(scenario, cassette) == live == 200
    assert dump_cassette(again) == dump_cassette(cassette)


@pytest.mark.parametrize("path", ["disconnect", "slow"])
def test_a_request_without_an_answer_is_counted_and_not_recorded(studio: Studio, path: str) -> None:
    async def scenario(url: str) -> str:
        async with ClientSession(timeout=ClientTimeout(total=0.5)) as session:
            try:
                await session.post(f"{url}/{path}")
            except (aiohttp.ClientError, TimeoutError) as error:
                return type(error).__name__
        return ""

    live, cassette = studio.record(scenario)

    assert live in {"ServerDisconnectedError", "TimeoutError"}
    assert (studio.unanswered, len(cassette.interactions)) == (1, 0)
