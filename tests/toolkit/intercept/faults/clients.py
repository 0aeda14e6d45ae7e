"""
The clients of the table: each fetches an address, within a timeout, and tells how that ended.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import httpx2
import requests
import urllib3

Fetch = Callable[[str, float | None], object]
"""Is given an address and a timeout; gives the JSON of the answer."""


def _httpx(module: Any) -> Fetch:  # noqa: ANN401 - httpx or httpx2
    def fetch(url: str, timeout: float | None) -> object:
        with module.Client(timeout=timeout) as client:
            return client.get(url).raise_for_status().json()

    return fetch


def _httpx_async(module: Any) -> Fetch:  # noqa: ANN401 - as above
    def fetch(url: str, timeout: float | None) -> object:
        async def main() -> object:
            async with module.AsyncClient(timeout=timeout) as client:
                return (await client.get(url)).raise_for_status().json()

        return asyncio.run(main())

    return fetch


def _requests(url: str, timeout: float | None) -> object:
    with requests.Session() as session:
        response = session.get(url, timeout=timeout)
        response.raise_for_status()
        return response.json()


def _urllib3(url: str, timeout: float | None) -> object:
    with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
        response = pool.request("GET", url)
        if response.status != urllib3_ok:
            raise urllib3.exceptions.HTTPError(response.status, response.headers.get("retry-after"))
        return json.loads(response.data)


urllib3_ok = 200


def _aiohttp(limits: Callable[[float | None], aiohttp.ClientTimeout]) -> Fetch:
    def fetch(url: str, timeout: float | None) -> object:
        async def main() -> object:
            async with (
                aiohttp.ClientSession(timeout=limits(timeout)) as session,
                session.get(url) as response,
            ):
                response.raise_for_status()
                return await response.json()

        return asyncio.run(main())

    return fetch


CLIENTS: dict[str, Fetch] = {
    "httpx": _httpx(httpx),
    "httpx async": _httpx_async(httpx),
    "httpx2": _httpx(httpx2),
    "httpx2 async": _httpx_async(httpx2),
    "requests": _requests,
    "urllib3": _urllib3,
    "aiohttp": _aiohttp(lambda timeout: aiohttp.ClientTimeout(total=timeout)),
    "aiohttp sock": _aiohttp(
        lambda timeout: aiohttp.ClientTimeout(total=None, sock_read=timeout, sock_connect=timeout)
    ),
}


Crowd = Callable[[str, str], object]
"""Is given the address that takes the only connection of a pool, or none, and the address to fetch."""


def _httpx_crowd(module: Any) -> Crowd:  # noqa: ANN401 - httpx or httpx2
    def fetch(taken: str, url: str) -> object:
        limits, timeout = module.Limits(max_connections=1), module.Timeout(_LONG, pool=_SHORT)
        with module.Client(limits=limits, timeout=timeout, trust_env=False) as client:
            if not taken:
                return client.get(url).json()
            with client.stream("GET", taken):
                return client.get(url).json()

    return fetch


def _httpx_crowd_async(module: Any) -> Crowd:  # noqa: ANN401 - as above
    async def main(taken: str, url: str) -> object:
        limits, timeout = module.Limits(max_connections=1), module.Timeout(_LONG, pool=_SHORT)
        async with module.AsyncClient(limits=limits, timeout=timeout, trust_env=False) as client:
            if not taken:
                return (await client.get(url)).json()
            async with client.stream("GET", taken):
                return (await client.get(url)).json()

    return lambda taken, url: asyncio.run(main(taken, url))


def _urllib3_crowd(taken: str, url: str) -> object:
    address = urlsplit(url)
    with urllib3.HTTPConnectionPool(
        address.hostname or "", address.port, maxsize=1, block=True, retries=False
    ) as pool:
        first = pool.urlopen("GET", urlsplit(taken).path, preload_content=False) if taken else None
        try:
            return pool.urlopen("GET", address.path, pool_timeout=1).json()
        finally:
            if first is not None:
                first.close()


def _aiohttp_crowd(taken: str, url: str) -> object:
    async def main() -> object:
        limits = aiohttp.ClientTimeout(total=_LONG, connect=_SHORT)
        connector = aiohttp.TCPConnector(limit=1)
        async with aiohttp.ClientSession(timeout=limits, connector=connector) as session:
            if not taken:
                return await (await session.get(url)).json()
            async with session.get(taken):
                return await (await session.get(url)).json()

    return asyncio.run(main())


_SHORT, _LONG = 0.3, 30.0  # seconds

# requests has no timeout for its pool: it waits for a connection without an end, or opens another one.
CROWDS: dict[str, Crowd] = {
    "httpx": _httpx_crowd(httpx),
    "httpx async": _httpx_crowd_async(httpx),
    "httpx2": _httpx_crowd(httpx2),
    "httpx2 async": _httpx_crowd_async(httpx2),
    "urllib3": _urllib3_crowd,
    "aiohttp": _aiohttp_crowd,
}


def outcome(act: Callable[[], object]) -> str:
    """
    What *act* gives, or the error that it raises: its class and its words, and those of what caused it.
    """
    try:
        return repr(act())
    except Exception as error:  # noqa: BLE001 - whatever a client raises is the outcome
        return _described(error)


_VOLATILE = [
    (re.compile(r"0x[0-9a-f]+"), "0x…"),
    (re.compile(r"certificate verify failed: [^(]*\(_ssl\.c:\d+\)"), "certificate verify failed"),
    (re.compile(r"\[Errno -\d\] [A-Z][a-z ]+"), "[Errno] no such name"),
    (re.compile(r"(Name or service not known|Temporary failure in name resolution)"), "no such name"),
    (re.compile(r"127\.0\.0\.1(:|', (port=)?)\d+"), "HOST"),
    (re.compile(r"port=\d+"), "PORT"),
    (re.compile(r"/[a-z0-9-]+(?=[ '\"]|$)"), "/PATH"),
]


def _described(error: BaseException) -> str:
    words = str(error)
    for pattern, stand_in in _VOLATILE:
        words = pattern.sub(stand_in, words)
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}: {words}"
