"""
What clients make of the head of an answer: of cookies that expire, and of words beyond ASCII.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module

import pytest

from tests.toolkit.intercept.conftest import Laboratory

Head = tuple[str, str, list[str]]
"""The reason, the header ``x-word``, and the names of the cookies that the client keeps."""


def _by_httpx(name: str, url: str) -> Head:
    with import_module(name).Client() as client:
        answer = client.get(url)
        return (
            answer.extensions["reason_phrase"].decode("latin-1"),
            answer.headers.get("x-word", ""),
            sorted(client.cookies),
        )


def _by_requests(name: str, url: str) -> Head:
    with import_module(name).Session() as session:
        answer = session.get(url)
        return answer.reason, answer.headers.get("x-word", ""), sorted(session.cookies.keys())


def _by_aiohttp(name: str, url: str) -> Head:
    aiohttp = import_module(name)

    async def ask() -> Head:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            answer = await session.get(url)
            return answer.reason, answer.headers.get("x-word", ""), sorted(c.key for c in session.cookie_jar)

    return asyncio.run(ask())


CLIENTS: dict[str, Callable[[str, str], Head]] = {
    "httpx": _by_httpx,
    "httpx2": _by_httpx,
    "requests": _by_requests,
    "aiohttp": _by_aiohttp,
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_keeps_the_cookies_that_it_kept_while_recording(lab: Laboratory, client: str) -> None:
    def act() -> Head:
        return CLIENTS[client](client, f"{lab.url}/expiring")

    first, second = lab.both(act)

    assert first == second == ("OK", "", ["kept"])


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("client", CLIENTS)
def test_words_beyond_ascii_in_a_head_are_replayed(lab: Laboratory, client: str, encoding: str) -> None:
    def act() -> Head:
        return CLIENTS[client](client, f"{lab.url}/beyond_ascii/{encoding}")

    first, second = lab.both(act)

    # aiohttp gives what is no UTF-8 as surrogates, of which no cassette can be written.
    assert [_written(text) for text in first[:2]] == list(second[:2])


def _written(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text
