"""
Streams whose pieces come when they came, with each client.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from types import ModuleType

import aiohttp
import httpx
import httpx2
import pytest
import requests
import urllib3
from tornado.httpclient import HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from taketwo.config.playback import Pace, Playback
from taketwo.intercept import tornado
from taketwo.intercept.aiohttp import replaying
from taketwo.intercept.http_client import replayed
from taketwo.intercept.httpx import transports
from tests.toolkit.intercept.conftest import Laboratory

PACED = Playback(pace=Pace.RECORDED)
PAUSES = re.compile(r'pauses: "?([0-9* ]+)"?\n')


def with_httpx(url: str) -> list[bytes]:
    with httpx.stream("GET", url) as answer:
        return list(answer.iter_raw())


def with_httpx2_async(url: str) -> list[bytes]:
    async def run() -> list[bytes]:
        async with httpx2.AsyncClient() as client, client.stream("GET", url) as answer:
            return [piece async for piece in answer.aiter_raw()]

    return asyncio.run(run())


def with_requests(url: str) -> list[bytes]:
    with requests.get(url, stream=True, timeout=20) as answer:
        return list(answer.iter_content(None))


def with_urllib3(url: str) -> list[bytes]:
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", url, preload_content=False)
        return [piece for piece in answer.stream() if piece]


def with_aiohttp(url: str) -> list[bytes]:
    async def run() -> list[bytes]:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return [piece async for piece, _ in answer.content.iter_chunks() if piece]

    return asyncio.run(run())


def with_tornado(url: str) -> list[bytes]:
    pieces: list[bytes] = []

    async def run() -> None:
        client = SimpleAsyncHTTPClient(force_instance=True)
        await client.fetch(HTTPRequest(url, streaming_callback=pieces.append))
        client.close()

    asyncio.run(run())
    return pieces


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """
    The seconds that are slept, in no time.
    """
    seconds: list[float] = []

    async def sleep(duration: float) -> None:
        seconds.append(duration)

    for module in (transports, replayed):
        monkeypatch.setattr(module, "_sleep", seconds.append)
    places: list[tuple[ModuleType, str]] = [
        (transports, "_sleep_async"),
        (replaying, "_sleep"),
        (tornado, "_sleep"),
    ]
    for module, name in places:
        monkeypatch.setattr(module, name, sleep)
    return seconds


@pytest.mark.parametrize(
    "read",
    [with_httpx, with_httpx2_async, with_requests, with_urllib3, with_aiohttp, with_tornado],
    ids=lambda read: read.__name__,
)
def test_pieces_come_when_they_came(
    lab: Laboratory, slept: list[float], read: Callable[[str], list[bytes]]
) -> None:
    # Tornado itself joins what comes together, so its pieces are those of chance.
    record = with_httpx if read is with_tornado else read
    first = lab.record(lambda: record(f"{lab.url}/events"), playback=PACED)
    recorded = PAUSES.search(lab.cassette)
    assert recorded is not None, lab.cassette
    lab.path.write_text(PAUSES.sub('pauses: "0 250 0 30*2"\n', lab.cassette), encoding="utf-8")
    slept.clear()

    fast = lab.replay(lambda: read(f"{lab.url}/events"))
    slept_in_vain = list(slept)
    paced = lab.replay(lambda: read(f"{lab.url}/events"), PACED)

    assert first == fast == paced
    assert slept_in_vain == []
    assert slept == [0.25, 0.03, 0.03]


def test_a_recording_keeps_no_times_unless_it_is_asked_to(lab: Laboratory) -> None:
    lab.record(lambda: with_httpx(f"{lab.url}/events"))

    assert "chunks:" in lab.cassette
    assert "pauses" not in lab.cassette


def test_pauses_are_what_was_waited_for(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    By a clock that goes on by a tenth of a second with each piece.
    """
    ticks = iter(range(1000))
    monkeypatch.setattr("taketwo.playback.active._clock", lambda: next(ticks) / 10)

    lab.record(lambda: with_httpx(f"{lab.url}/events"), playback=PACED)

    assert 'pauses: "100*5"' in lab.cassette
