"""
A request without a recorded answer is told once: nobody who tries again what fails tries it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
import requests
import urllib3
from tenacity import AsyncRetrying, Retrying, retry, stop_after_attempt, wait_none

from taketwo.errors import NoMatch
from tests.toolkit.intercept.conftest import Laboratory

FIVE = stop_after_attempt(5)


def by_a_decorator(url: str) -> None:
    retry(stop=FIVE, wait=wait_none())(httpx.get)(url)


def by_a_loop(url: str) -> None:
    for attempt in Retrying(stop=FIVE, wait=wait_none(), reraise=True):
        with attempt:
            httpx.get(url)


def by_a_loop_of_a_task(url: str) -> None:
    async def ask() -> None:
        async for attempt in AsyncRetrying(stop=FIVE, wait=wait_none()):
            with attempt:
                async with httpx.AsyncClient() as client:
                    await client.get(url)

    asyncio.run(ask())


def by_the_transport(url: str) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as client:
        client.get(url)


def by_urllib3(url: str) -> None:
    with urllib3.PoolManager(retries=urllib3.Retry(5, backoff_factor=0)) as pool:
        pool.request("GET", url)


def by_requests(url: str) -> None:
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=5))
        session.get(url, timeout=5)


def by_hand(url: str) -> None:
    for _ in range(5):
        try:
            httpx.get(url)
        except Exception:  # noqa: BLE001, S112 - as code under test does it
            continue


@pytest.mark.parametrize(
    "ask",
    [
        by_a_decorator,
        by_a_loop,
        by_a_loop_of_a_task,
        by_the_transport,
        by_urllib3,
        by_requests,
        by_hand,
    ],
)
def test_a_miss_is_told_once(lab: Laboratory, ask: Callable[[str], None]) -> None:
    lab.record(lambda: httpx.get(f"{lab.url}/status/200"))

    with pytest.raises(NoMatch, match="/status/201"):
        lab.replay(lambda: ask(f"{lab.url}/status/201"))

    assert len(lab.unmatched) == 1
