"""
httpx and httpx2: one module for both, and transports in the process are left alone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from importlib import import_module
from typing import Any

import pytest

from taketwo.errors import NoMatch
from tests.toolkit.effort import calls_of
from tests.toolkit.intercept.conftest import Laboratory


@pytest.fixture(params=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - either library
    return import_module(request.param)


def test_a_request_is_recorded_and_compared(lab: Laboratory, library: Any) -> None:  # noqa: ANN401 - as above
    def act(text: str = "a") -> object:
        with library.Client() as client:
            return client.post(f"{lab.url}/echo/x", json={"text": text}).json()

    first, second = lab.both(act)

    assert first == second
    with pytest.raises(NoMatch, match="which differs in"):
        lab.replay(lambda: act("b"))


def test_a_stream_keeps_its_pieces(lab: Laboratory, library: Any) -> None:  # noqa: ANN401 - as above
    async def stream() -> list[bytes]:
        async with library.AsyncClient() as client, client.stream("GET", f"{lab.url}/events") as answer:
            return [piece async for piece in answer.aiter_bytes()]

    first, second = lab.both(lambda: asyncio.run(stream()))

    assert first == second
    assert b"".join(first).count(b"data:") == 5


def test_an_app_in_the_process_runs_in_the_replay_and_what_it_asks_for_is_recorded(
    lab: Laboratory,
    library: Any,  # noqa: ANN401 - as above
) -> None:
    runs: list[int] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401 - an ASGI application
        runs.append(1)
        async with library.AsyncClient() as client:
            answer = await client.get(f"{lab.url}/echo/outside")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer.json()["path"].encode()})

    async def ask() -> str:
        transport = library.ASGITransport(app=app)
        async with library.AsyncClient(transport=transport, base_url="http://app.test") as client:
            return str((await client.get("/")).text)

    def mocked() -> str:
        transport = library.MockTransport(lambda _: library.Response(200, text="mocked"))
        with library.Client(transport=transport) as client:
            return str(client.get("http://mock.test/").text)

    first, second = lab.both(lambda: (asyncio.run(ask()), mocked()))

    assert first == second == ("outside", "mocked")
    assert lab.requests == ["GET /echo/outside"]
    assert len(runs) == 2


def test_a_client_of_httpx2_costs_what_one_of_httpx_costs(lab: Laboratory) -> None:
    """
    Each test has a client of its own, which reads no certificates; a tenth is left to the libraries.
    """

    def cost(name: str) -> Counter[str]:
        library = import_module(name)

        def act() -> object:
            with library.Client() as client:
                return [client.get(f"{lab.url}/echo/{number}").json() for number in range(3)]

        assert lab.record(act) == lab.replay(act)
        return calls_of(lambda: lab.replay(act))

    old, new = cost("httpx"), cost("httpx2")

    assert (old["load_verify_locations"], new["load_verify_locations"]) == (0, 0)
    assert new.total() <= 1.1 * old.total()
