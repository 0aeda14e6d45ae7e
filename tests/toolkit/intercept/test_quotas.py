"""
Every client waits for a service that refuses a request, and sends it again.
"""

from __future__ import annotations

import asyncio
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import httpx
import httpx2
import pytest
import requests
import trio
from pytest_recording import network
from tornado.httpclient import AsyncHTTPClient
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from taketwo.config.playback import Playback
from taketwo.config.quotas import Quota
from taketwo.errors import QuotaExceeded
from taketwo.playback.quotas import Quotas
from tests.toolkit.intercept.conftest import Laboratory

curl = pytest.importorskip("tornado.curl_httpclient", reason="pycurl is not installed")

Ask = Callable[[str], tuple[int, bytes]]


class Refusing(ThreadingHTTPServer):
    """
    Refuses the first requests, as many as ``refusals``, and echoes the body of the next ones.
    """

    daemon_threads = True
    refusals = 0
    status = 429
    version = "HTTP/1.1"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Refusing

    def do_POST(self) -> None:
        self.protocol_version = self.server.version
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, body))
        is_refused = len(self.server.seen) <= self.server.refusals
        answer = b"slow down" if is_refused else b"you sent " + body
        self.send_response(self.server.status if is_refused else 200)
        if is_refused:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """
        Nothing: the test tells what it has seen.
        """


@pytest.fixture
def refusing() -> Iterator[Refusing]:
    with Refusing() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def quotas(tmp_path: Path) -> Quotas:
    return Quotas(
        {"shop": Quota(concurrency=1, retry=20.0)},
        root=tmp_path,
        find=lambda _: "shop",
        folder=tmp_path / "shared",
    )


def by_httpx(url: str) -> tuple[int, bytes]:
    answer = httpx.post(url, content=b"hello")
    return answer.status_code, answer.content


def by_httpx2(url: str) -> tuple[int, bytes]:
    answer = httpx2.post(url, content=iter([b"hel", b"lo"]), headers={"Content-Length": "5"})
    return answer.status_code, answer.content


async def _asked(url: str) -> tuple[int, bytes]:
    async with httpx.AsyncClient() as client:
        answer = await client.post(url, content=b"hello")
        return answer.status_code, answer.content


def by_httpx_in_asyncio(url: str) -> tuple[int, bytes]:
    return asyncio.run(_asked(url))


def by_httpx_in_trio(url: str) -> tuple[int, bytes]:
    found: tuple[int, bytes] = trio.run(_asked, url)
    return found


def by_requests(url: str) -> tuple[int, bytes]:
    answer = requests.post(url, data=b"hello", timeout=20)
    return answer.status_code, answer.content


def by_urllib(url: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, data=b"hello") as answer:
        return answer.status, answer.read()


def by_aiohttp(url: str) -> tuple[int, bytes]:
    async def ask() -> tuple[int, bytes]:
        async with aiohttp.ClientSession() as session, session.post(url, data=b"hello") as answer:
            return answer.status, await answer.read()

    return asyncio.run(ask())


def _by_tornado(kind: type[AsyncHTTPClient], url: str) -> tuple[int, bytes]:
    async def ask() -> tuple[int, bytes]:
        client = kind(force_instance=True)
        try:
            answer = await client.fetch(url, method="POST", body=b"hello")
            return answer.code, answer.body
        finally:
            client.close()

    return asyncio.run(ask())


def by_tornado(url: str) -> tuple[int, bytes]:
    return _by_tornado(SimpleAsyncHTTPClient, url)


def by_curl(url: str) -> tuple[int, bytes]:
    return _by_tornado(curl.CurlAsyncHTTPClient, url)


CLIENTS = (
    by_httpx,
    by_httpx2,
    by_httpx_in_asyncio,
    by_httpx_in_trio,
    by_requests,
    by_urllib,
    by_aiohttp,
    by_tornado,
    by_curl,
)


@pytest.fixture(params=CLIENTS, ids=lambda client: client.__name__)
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Ask:
    # What stands in for it under pytest-recording is none that libcurl takes.
    monkeypatch.setattr(curl, "pycurl", vars(network)["pycurl"])
    client: Ask = request.param
    return client


@pytest.mark.parametrize(("status", "version"), [(429, "HTTP/1.1"), (503, "HTTP/1.0")])
def test_a_refused_request_is_sent_again_and_recorded_once(
    lab: Laboratory, refusing: Refusing, quotas: Quotas, ask: Ask, status: int, version: str
) -> None:
    refusing.refusals, refusing.status, refusing.version = 2, status, version
    url = f"http://127.0.0.1:{refusing.server_port}/orders"

    recorded = lab.record(lambda: ask(url), quotas=quotas)
    replayed = lab.replay(lambda: ask(url))

    assert recorded == replayed == (200, b"you sent hello")
    assert refusing.seen == [("/orders", b"hello")] * 3
    assert "slow down" not in lab.cassette
    assert len(lab.requests) == 1
    assert lab.unanswered == 0
    assert quotas.repeated == {"shop": 2}


def test_the_place_of_a_request_is_free_when_it_is_answered(
    lab: Laboratory, refusing: Refusing, quotas: Quotas, ask: Ask
) -> None:
    """
    With ``concurrency = 1``, the next request would wait for minutes.
    """
    url = f"http://127.0.0.1:{refusing.server_port}/orders"

    lab.record(lambda: [ask(url), ask(url)], quotas=quotas)

    assert len(lab.requests) == 2


def test_a_test_about_the_refusal_has_it_recorded(
    lab: Laboratory, refusing: Refusing, quotas: Quotas
) -> None:
    refusing.refusals = 1
    url = f"http://127.0.0.1:{refusing.server_port}/orders"

    recorded = lab.record(lambda: by_httpx(url), quotas=quotas, playback=Playback(retry=False))

    assert recorded == lab.replay(lambda: by_httpx(url)) == (429, b"slow down")


def test_no_client_is_given_an_answer_when_the_wait_is_too_long(
    lab: Laboratory, refusing: Refusing, tmp_path: Path, ask: Ask
) -> None:
    refusing.refusals = 1_000
    quotas = Quotas({"shop": Quota(retry=0.01)}, root=tmp_path, find=lambda _: "shop", folder=tmp_path / "q")
    url = f"http://127.0.0.1:{refusing.server_port}/orders"

    with pytest.raises(QuotaExceeded, match="shop answered 429 to POST"):
        lab.record(lambda: ask(url), quotas=quotas)
