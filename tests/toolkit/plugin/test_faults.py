"""
``@pytest.mark.vcr(fault=…)`` and the fixture ``taketwo_fault``, from outside: what each client meets, and
what is said of a fault that nothing can meet.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.model import (
    Cassette,
    Close,
    Conversation,
    Direction,
    Frame,
    Interaction,
    JsonBody,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.conftest import OF_PYTEST, Project

URL = "http://shop.test"
JSON = (("content-type", "application/json"),)
EVENTS = ("data: one\n\n", "data: two\n\n", "data: three\n\n")
PYPROJECT = f'[tool.taketwo]\nunplayed = "fail"\n{OF_PYTEST}'


def _interaction(method: str, path: str, response: StoredResponse) -> Interaction:
    return Interaction(StoredRequest(method=method, url=f"{URL}{path}"), response)


RECORDED = Cassette(
    test="tests/test_shop.py::test_recorded",
    interactions=(
        _interaction("GET", "/orders", StoredResponse(status=200, headers=JSON, body=JsonBody([{"id": 1}]))),
        _interaction("DELETE", "/orders/1", StoredResponse(status=204)),
        _interaction(
            "GET",
            "/events",
            StoredResponse(
                status=200,
                headers=(("content-type", "text/event-stream"),),
                body=TextBody("".join(EVENTS)),
                chunks=tuple(map(len, EVENTS)),
            ),
        ),
    ),
    conversations=(
        Conversation(
            request=StoredRequest(method="GET", url="ws://shop.test/talk"),
            response=StoredResponse(status=101),
            frames=tuple(
                Frame(direction=Direction.RECEIVE, at=0, body=TextBody(word)) for word in ("one", "two")
            ),
            close=Close(code=1000),
        ),
    ),
)

HEAD = """
import asyncio

import aiohttp
import httpx
import httpx2
import pytest
import requests
import urllib3
import websockets
import websockets.sync.client

URL = "http://shop.test"
pytestmark = pytest.mark.default_cassette("test_recorded.yaml")


def with_httpx(path="/orders", **options):
    return httpx.get(URL + path, trust_env=False, **options)


def with_httpx2(path="/orders", **options):
    return httpx2.get(URL + path, trust_env=False, **options)


def with_requests(path="/orders", **options):
    return requests.get(URL + path, **options)


def with_urllib3(path="/orders", **options):
    return urllib3.PoolManager(retries=False).request("GET", URL + path, **options)


def with_aiohttp(path="/orders", **options):
    async def main():
        async with aiohttp.ClientSession() as session, session.get(URL + path, **options) as response:
            return response.status, await response.read()

    return asyncio.run(main())


def talk():
    with websockets.sync.client.connect("ws://shop.test/talk") as line:
        while True:
            yield line.recv()
"""

EACH_KIND = """
@pytest.mark.vcr(fault={"status": 503, "retry_after": 2, "body": '{"error": "busy"}'})
def test_status():
    response = with_httpx()
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json() == {"error": "busy"}
    assert with_requests().status_code == with_urllib3().status == with_aiohttp()[0] == 503


@pytest.mark.vcr(fault={"kind": 429, "times": 2})
def test_times():
    assert [with_httpx2().status_code for _ in range(3)] == [429, 429, 200]


@pytest.mark.vcr(fault={"kind": "slow", "seconds": 20, "times": 2})
def test_slow():
    with pytest.raises(httpx.ReadTimeout):
        with_httpx(timeout=19)
    assert with_httpx(timeout=21).json() == [{"id": 1}]


@pytest.mark.vcr(fault={"kind": "slow-pieces", "seconds": 20, "on": 3, "times": 2})
def test_slow_pieces():
    with pytest.raises(requests.ConnectionError, match="Read timed out"):
        with_requests("/events", timeout=19)
    assert with_requests("/events", timeout=21).text.count("data") == 3


@pytest.mark.vcr(fault="connect-timeout")
def test_connect_timeout():
    with pytest.raises(httpx2.ConnectTimeout):
        with_httpx2(timeout=3)
    with pytest.raises(requests.ConnectTimeout):
        with_requests(timeout=3)
    with pytest.raises(aiohttp.ServerTimeoutError):
        with_aiohttp(timeout=aiohttp.ClientTimeout(sock_connect=3))


@pytest.mark.vcr(fault="read-timeout")
def test_read_timeout():
    with pytest.raises(httpx.ReadTimeout):
        with_httpx(timeout=3600)
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        with_urllib3(timeout=3600)
    with pytest.raises(TimeoutError):
        with_aiohttp(timeout=aiohttp.ClientTimeout(total=3600))


@pytest.mark.vcr(fault="pool-timeout")
def test_pool_timeout():
    with pytest.raises(httpx.PoolTimeout):
        with_httpx()


@pytest.mark.vcr(fault="refused")
def test_refused():
    with pytest.raises(httpx.ConnectError, match="refused"):
        with_httpx()
    with pytest.raises(aiohttp.ClientConnectorError):
        with_aiohttp()
    with pytest.raises(ConnectionRefusedError):
        next(talk())


@pytest.mark.vcr(fault="dns")
def test_dns():
    with pytest.raises(urllib3.exceptions.NameResolutionError):
        with_urllib3()
    with pytest.raises(aiohttp.ClientConnectorDNSError):
        with_aiohttp()


@pytest.mark.vcr(fault={"kind": "tls", "on": "GET */orders"})
def test_tls():
    with pytest.raises(requests.exceptions.SSLError):
        with_requests()


@pytest.mark.vcr(fault="no-answer")
def test_no_answer():
    with pytest.raises(httpx.RemoteProtocolError):
        with_httpx()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        with_aiohttp()


@pytest.mark.vcr(fault={"kind": "reset", "on": 3, "after": 2})
def test_reset():
    got = []
    with pytest.raises(httpx.ReadError), httpx.stream("GET", URL + "/events", trust_env=False) as response:
        got += [line for line in response.iter_lines() if line]
    with pytest.raises(httpx.ReadError), httpx.stream("GET", URL + "/events", trust_env=False) as response:
        for line in response.iter_lines():
            got += [line] if line else []
    assert got == ["data: one", "data: two"]


@pytest.mark.vcr(fault="end")
def test_end():
    with pytest.raises(httpx.RemoteProtocolError):
        with_httpx()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        with_requests()
    with pytest.raises(aiohttp.ClientPayloadError):
        with_aiohttp()


@pytest.mark.vcr(fault={"kind": "short", "after": 1, "on": "/events"})
def test_short():
    assert with_httpx("/events").text == "data: one\\n\\n"


@pytest.mark.vcr(fault="malformed-json")
def test_malformed_json():
    with pytest.raises(ValueError):
        with_httpx().json()


@pytest.mark.vcr(fault="malformed-chunk")
def test_malformed_chunk():
    with pytest.raises(httpx.RemoteProtocolError):
        with_httpx()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        with_requests()


@pytest.mark.vcr(fault={"kind": "close", "code": 1012, "reason": "restart", "after": 1})
def test_close():
    heard = []
    with pytest.raises(websockets.ConnectionClosedError) as raised:
        heard += [word for word in talk()]
    assert (raised.value.rcvd.code, raised.value.rcvd.reason) == (1012, "restart")


@pytest.mark.vcr(fault=[{"kind": 503, "times": 1, "on": 1}, {"kind": "reset", "on": "conversation 1"}])
def test_several():
    assert [with_httpx().status_code for _ in range(2)] == [503, 200]
    with pytest.raises(websockets.ConnectionClosedError):
        list(talk())


@pytest.mark.vcr
def test_the_fixture(taketwo_fault):
    assert with_httpx("/events").status_code == 200
    taketwo_fault("read-timeout", on=1, times=1)
    with pytest.raises(httpx.ReadTimeout):
        with_httpx()
    assert with_httpx().status_code == 200
"""


@pytest.fixture
def shop(project: Project) -> Project:
    project.write("pyproject.toml", PYPROJECT)
    project.write("cassettes/test_shop/test_recorded.yaml", dump_cassette(RECORDED))
    return project


def test_each_kind_is_raised_as_its_client_raises_it_and_nothing_is_written(shop: Project) -> None:
    shop.write("tests/test_shop.py", HEAD + EACH_KIND)
    before = shop.files()

    replayed = shop.pytest("--record-mode=none", "--tb=short")
    in_a_run_that_records = shop.pytest("--record-mode=rewrite", "-k", "test_times or test_close")

    assert replayed.tail == f"{EACH_KIND.count('def test_')} passed", replayed.output
    assert "never played" not in replayed.output
    assert in_a_run_that_records.tail.startswith("2 passed"), in_a_run_that_records.output
    assert shop.files() == before


LISTED = """\
name one of these with on=:
  1: GET http://shop.test/orders
  2: DELETE http://shop.test/orders/1
  3: GET http://shop.test/events
  'conversation 1': GET ws://shop.test/talk"""
NAME = "cassettes/test_shop/test_recorded.yaml"
MISTAKES = {
    '"read-timout"': "did you mean read-timeout?",
    '{"kind": "reset", "on": 4}': f"vcr.fault: interaction 4 is not in {NAME}\n{LISTED}",
    '{"kind": "reset", "on": "POST */orders"}': f"vcr.fault: 'POST */orders' is not in {NAME}\n{LISTED}",
    '{"kind": "end", "on": 3, "after": 9}': (
        "vcr.fault.after: interaction 3 has no 9 pieces before the fault end; after is at most 3"
    ),
    '{"kind": "end", "on": 1, "after": 1}': (
        "vcr.fault.after: interaction 1 has no 1 pieces before the fault end; "
        "leave out after: it has one piece, and breaks off in it"
    ),
    '{"kind": "close", "after": 3}': (
        "vcr.fault.after: conversation 1 has no 3 messages of the service before the fault close; "
        "after is at most 2"
    ),
    '{"kind": "close", "on": 1}': (
        "vcr.fault: close is a fault of WebSocket conversations, and interaction 1 is none"
    ),
    '{"kind": "read-timeout", "on": 1, "after": 1}': (
        "vcr.fault.after: interaction 1 has no 1 pieces before the fault read-timeout; after is at most 0"
    ),
    '{"kind": "read-timeout", "on": 2, "after": 0}': (
        "vcr.fault: interaction 2 has no body, and the fault read-timeout is one of bodies"
    ),
    '{"kind": "malformed-json", "on": "conversation 1"}': (
        "vcr.fault: no WebSocket conversation can have the fault malformed-json; it can have: "
        "status, connect-timeout, read-timeout, refused, dns, tls, reset, short, close"
    ),
    '{"kind": "reset", "on": 2}': (
        "vcr.fault: interaction 2 has no body, and the fault reset is one of bodies"
    ),
    '{"kind": "reset", "on": 1, "seconds": 3}': "vcr.fault.seconds is for slow, slow-pieces, not reset",
    '{"kind": "reset", "on": 3}': "the test passed, but none of its requests met the fault reset",
}


def test_a_fault_that_nothing_can_meet_fails_its_test_and_says_why(shop: Project) -> None:
    tests = "".join(
        f"@pytest.mark.vcr(fault={asked})\ndef test_{number}():\n    with_httpx()\n\n\n"
        for number, asked in enumerate(MISTAKES)
    )
    of_fixture = "@pytest.mark.vcr\ndef test_fixture(taketwo_fault):\n    taketwo_fault('reset', on=7)\n"
    shop.write("tests/test_shop.py", HEAD + tests + of_fixture)

    run = shop.pytest("--record-mode=none", "--tb=short")

    # Of the last mistake nothing is known before its test has passed.
    assert run.tail == f"1 failed, 1 passed, {len(MISTAKES)} errors", run.output
    for message in (*MISTAKES.values(), f"vcr.fault: interaction 7 is not in {NAME}\n{LISTED}"):
        assert message in run.said


OTHER = """
import httpx
import pytest


@pytest.mark.default_cassette("../test_shop/test_recorded.yaml")
@pytest.mark.vcr(fault={"kind": "reset", "on": 1, "times": 1, "repeat": False})
def test_repeated():
    for attempt in range(2):
        try:
            httpx.get("http://shop.test/orders")
        except Exception:
            continue


@pytest.mark.vcr(fault="reset")
def test_nameless():
    httpx.get("http://shop.test/orders")
"""


def test_a_cassette_of_another_folder_is_named_and_a_repeated_request_fails_the_test(shop: Project) -> None:
    """
    However the client swallows the error.
    """
    shop.write("tests/deep/test_other.py", OTHER.replace("../test_shop", "../../test_shop"))

    run = shop.pytest("--record-mode=none", "--tb=short", "-p", "no:randomly")

    assert run.tail == "2 failed", run.output
    assert "the client sent GET http://shop.test/orders again, and the service may have" in run.said
    assert (
        'name the cassette of one that records the same with @pytest.mark.default_cassette("...")' in run.said
    )
