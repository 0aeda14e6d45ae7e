"""
The clients of tornado.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_recording import network
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError, SimpleAsyncHTTPClient

from taketwo.errors import NoMatch
from tests.toolkit.intercept.conftest import Laboratory

curl = pytest.importorskip("tornado.curl_httpclient", reason="pycurl is not installed")
CLIENTS: dict[str, type[AsyncHTTPClient]] = {
    "simple": SimpleAsyncHTTPClient,
    "curl": curl.CurlAsyncHTTPClient,
}


@pytest.fixture(params=CLIENTS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    # What stands in for it under pytest-recording is none that libcurl takes.
    monkeypatch.setattr(curl, "pycurl", vars(network)["pycurl"])
    return str(request.param)


def running(kind: str, act: Callable[[AsyncHTTPClient], Awaitable[Any]]) -> Callable[[], Any]:
    async def run() -> Any:  # noqa: ANN401 - whatever *act* gives
        client = CLIENTS[kind](force_instance=True)
        try:
            async with asyncio.timeout(20):
                return await act(client)
        finally:
            client.close()

    return lambda: asyncio.run(run())


def test_a_request_is_recorded_and_compared(lab: Laboratory, kind: str) -> None:
    async def act(client: AsyncHTTPClient, body: str = "text=a") -> tuple[int, bytes, str]:
        answer = await client.fetch(f"{lab.url}/echo/a?q=1", method="POST", body=body)
        return answer.code, answer.body, answer.headers["Content-Length"]

    first, second = lab.both(running(kind, act))

    assert first == second
    assert lab.requests == ["POST /echo/a"]
    with pytest.raises(NoMatch, match="which differs in"):
        lab.replay(running(kind, lambda client: act(client, "text=b")))


def test_an_error_of_the_service_is_one_in_the_replay(lab: Laboratory, kind: str) -> None:
    async def act(client: AsyncHTTPClient) -> tuple[int, bytes]:
        with pytest.raises(HTTPClientError) as caught:
            await client.fetch(f"{lab.url}/status/404")
        assert caught.value.response is not None
        return caught.value.code, caught.value.response.body

    assert lab.both(running(kind, act)) == ((404, b"status 404"),) * 2


def test_a_client_streams_in_both_modes(lab: Laboratory, kind: str) -> None:
    async def act(client: AsyncHTTPClient) -> tuple[list[bytes], bool]:
        pieces: list[bytes] = []
        lines: list[str] = []
        await client.fetch(
            f"{lab.url}/events", streaming_callback=pieces.append, header_callback=lines.append
        )
        return pieces, lines[0].startswith("HTTP/1.1 200") and lines[-1] == "\r\n"

    first, second = lab.both(running(kind, act))

    assert b"".join(first[0]) == b"".join(second[0])
    assert first[1] is second[1] is True
    assert kind == "curl" or first == second


def test_compressed_answers_are_unpacked(lab: Laboratory, kind: str) -> None:
    async def act(client: AsyncHTTPClient) -> bytes:
        return (await client.fetch(f"{lab.url}/gzip")).body

    assert lab.both(running(kind, act)) == (b"squeezed " * 100,) * 2


def test_each_redirect_is_recorded_and_followed_by_the_client(lab: Laboratory) -> None:
    async def act(client: AsyncHTTPClient) -> tuple[str, bytes]:
        answer = await client.fetch(f"{lab.url}/redirect/303/2", method="POST", body="a")
        return answer.effective_url.removeprefix(lab.url), answer.body

    first, second = lab.both(running("simple", act))

    assert first == second
    assert lab.requests == ["POST /redirect/303/2", "GET /redirect/303/1", "GET /echo/target"]


def test_a_miss_behind_a_redirect_is_told_and_nobody_waits(lab: Laboratory) -> None:
    async def act(client: AsyncHTTPClient, *, follows: bool) -> int:
        answer = await client.fetch(f"{lab.url}/redirect/302", follow_redirects=follows, raise_error=False)
        return answer.code

    lab.record(running("simple", lambda client: act(client, follows=False)))

    with pytest.raises(RuntimeError, match=r"has no answer to GET http://s\.test/echo/target"):
        lab.replay(running("simple", lambda client: act(client, follows=True)))


def test_a_body_that_is_produced_and_one_that_is_asked_for(lab: Laboratory) -> None:
    async def produce(write: Callable[[bytes], Awaitable[None]]) -> None:
        await write(b"one ")
        await write(b"two")

    async def act(client: AsyncHTTPClient) -> tuple[bytes, bytes]:
        produced = await client.fetch(f"{lab.url}/echo/p", method="PUT", body_producer=produce)
        asked_for = await client.fetch(
            HTTPRequest(f"{lab.url}/echo/e", method="PUT", body=b"three", expect_100_continue=True)
        )
        return produced.body, asked_for.body

    first, second = lab.both(running("simple", act))

    assert first == second
    assert b"one two" in first[0]
    assert b"three" in first[1]


def test_a_broken_answer_breaks_in_the_replay(lab: Laboratory) -> None:
    async def act(client: AsyncHTTPClient) -> list[bytes]:
        pieces: list[bytes] = []
        with pytest.raises(HTTPStreamClosedError):
            await client.fetch(f"{lab.url}/events/cut", streaming_callback=pieces.append)
        return pieces

    first, second = lab.both(running("simple", act))

    assert first == second
    assert "ended: " in lab.cassette


def test_an_answer_that_stalls_times_out_in_the_replay_without_a_wait(lab: Laboratory) -> None:
    async def act(client: AsyncHTTPClient) -> list[bytes]:
        pieces: list[bytes] = []
        with pytest.raises(HTTPTimeoutError, match="Timeout during request"):
            await client.fetch(f"{lab.url}/stall", request_timeout=1.5, streaming_callback=pieces.append)
        return pieces

    first, second = lab.both(running("simple", act))

    assert first == second == [b"one"]
    assert 'ended: "HTTPTimeoutError: Timeout during request"' in lab.cassette


def test_no_answer_is_no_recording(lab: Laboratory) -> None:
    async def act(client: AsyncHTTPClient) -> None:
        with pytest.raises(HTTPTimeoutError):
            await client.fetch(f"{lab.url}/hang", request_timeout=0.3)

    lab.record(running("simple", act))

    assert (lab.requests, lab.unanswered) == ([], 1)


def test_many_requests_at_a_time_have_their_own_answers(lab: Laboratory, kind: str) -> None:
    async def act(client: AsyncHTTPClient) -> list[bytes]:
        answers = await asyncio.gather(*(client.fetch(f"{lab.url}/number/{n}") for n in range(30)))
        return [answer.body for answer in answers]

    first, second = lab.both(running(kind, act))

    assert first == second == [b'{"number": %d}' % number for number in range(30)]
    assert len(lab.requests) == 30


def test_only_what_is_new_is_sent_where_a_cassette_is_added_to(lab: Laboratory, kind: str) -> None:
    async def act(client: AsyncHTTPClient, *names: str) -> list[bytes]:
        return [(await client.fetch(f"{lab.url}/echo/{n}", method="PUT", body=n)).body for n in names]

    lab.record(running(kind, lambda client: act(client, "a")))
    both = lab.record(running(kind, lambda client: act(client, "a", "b")), adding=True)

    assert lab.requests == ["PUT /echo/a", "PUT /echo/b"]
    assert lab.replay(running(kind, lambda client: act(client, "b", "a"))) == both[::-1]


def test_those_that_wait_for_a_connection_were_asked_for_before(lab: Laboratory) -> None:
    async def act(client: AsyncHTTPClient) -> None:
        await asyncio.gather(*(client.fetch(f"{lab.url}/number/{n}") for n in (4, 2, 0, 3, 1)))

    async def one_at_a_time() -> None:
        await act(SimpleAsyncHTTPClient(force_instance=True, max_clients=1))

    lab.record(lambda: asyncio.run(one_at_a_time()))

    assert lab.requests == [f"GET /number/{n}" for n in range(5)]


def test_tasks_beside_each_other_are_so_after_their_first_answers(lab: Laboratory) -> None:
    async def act(client: AsyncHTTPClient) -> None:
        have_asked = asyncio.Barrier(4)

        async def ask(number: int) -> None:
            await client.fetch(f"{lab.url}/number/{number}")
            await have_asked.wait()
            await client.fetch(f"{lab.url}/number/{number + 1}")

        await asyncio.gather(*(ask(number) for number in (6, 0, 4, 2)))

    lab.record(running("simple", act))

    assert lab.requests == [f"GET /number/{n}" for n in range(8)]


def test_one_after_the_other_stays_so(lab: Laboratory) -> None:
    async def act(client: AsyncHTTPClient) -> None:
        for number in (2, 0, 1):
            await client.fetch(f"{lab.url}/number/{number}")

    lab.record(running("simple", act))

    assert lab.requests == [f"GET /number/{n}" for n in (2, 0, 1)]
