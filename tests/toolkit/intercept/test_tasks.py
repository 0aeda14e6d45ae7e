"""
Tasks beside each other: a cassette does not depend on which of them asks first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from tests.toolkit.intercept.conftest import Laboratory


async def ask(lab: Laboratory, number: int, wait_for: asyncio.Event, done: asyncio.Event) -> None:
    await wait_for.wait()
    async with httpx.AsyncClient() as client:
        await client.get(f"{lab.url}/status/{200 + number}")
    done.set()


async def one_after_the_other(lab: Laboratory, order: Sequence[int]) -> None:
    """
    Tasks that are there from the beginning, of which each asks when the one before has its answer.
    """
    events = {number: asyncio.Event() for number in (*order, -1)}
    turns = dict(zip(order, (*order[1:], -1), strict=True))
    events[order[0]].set()
    await asyncio.gather(
        *(ask(lab, number, events[number], events[turns[number]]) for number in sorted(order))
    )
    async with httpx.AsyncClient() as client:
        await client.get(f"{lab.url}/status/200")


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_tasks_that_are_there_together_are_sorted_whoever_is_first(
    lab: Laboratory, order: Sequence[int]
) -> None:
    lab.record(lambda: asyncio.run(one_after_the_other(lab, order)))

    assert lab.requests == [f"GET /status/{number}" for number in (201, 202, 203, 200)]


def test_tasks_that_are_made_one_after_the_other_stay_so(lab: Laboratory) -> None:
    async def act() -> None:
        async with httpx.AsyncClient() as client:
            for number in (203, 201, 202):
                await asyncio.wait_for(client.get(f"{lab.url}/status/{number}"), 5)

    lab.record(lambda: asyncio.run(act()))

    assert lab.requests == ["GET /status/203", "GET /status/201", "GET /status/202"]
