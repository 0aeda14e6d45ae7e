"""
The names of headers as a client shows them: in a replay they are written as they were.
"""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
import pytest
import requests
import urllib3

from tests.toolkit.intercept.conftest import Laboratory

NOISE = {"connection", "content-length", "date", "server", "transfer-encoding"}


def with_requests(url: str) -> list[str]:
    return list(dict(requests.get(url, timeout=5).headers))


def with_urllib3(url: str) -> list[str]:
    with urllib3.PoolManager() as pool:
        return list(dict(pool.request("GET", url).headers))


def with_http_client(url: str) -> list[str]:
    where = urlsplit(url)
    line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=5)
    try:
        line.request("GET", where.path)
        answer = line.getresponse()
        answer.read()
        return list(dict(answer.getheaders()))
    finally:
        line.close()


def with_aiohttp(url: str) -> list[str]:
    async def ask() -> list[str]:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            await answer.read()
            return list(map(str, dict(answer.headers)))

    return asyncio.run(ask())


@pytest.mark.parametrize("client", [with_requests, with_urllib3, with_http_client, with_aiohttp])
@pytest.mark.parametrize(
    ("path", "line"),
    [("status/404", "    header_names: lowercase\n"), ("spelled", ""), ("mixed", "")],
)
def test_the_names_are_written_as_the_service_wrote_them(
    lab: Laboratory, client: Callable[[str], list[str]], path: str, line: str
) -> None:
    def act() -> list[str]:
        return [name for name in client(f"{lab.url}/{path}") if name.lower() not in NOISE]

    first, second = lab.both(act)

    assert ("header_names" in lab.cassette, line in lab.cassette) == (bool(line), True)
    if path != "mixed":  # which most services are not
        assert first == second
    assert list(map(str.lower, first)) == list(map(str.lower, second))
