"""
Recordings that would hold nothing: tests that send nothing, requests without any answer, clients that cannot
be recorded.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

SILENT = """
@pytest.mark.vcr
def test_one():
    pass
"""
ONE = """
@pytest.mark.vcr
def test_one():
    get("/notes")
"""


def test_a_test_that_sends_nothing_has_no_cassette(project: Project) -> None:
    project.test(SILENT)

    recorded, replayed = project.pytest("--record-mode=rewrite"), project.pytest("--record-mode=none")

    assert (recorded.tail, replayed.tail) == ("1 passed", "1 passed")
    assert not project.cassette("test_one").exists()
    assert "without a cassette" not in replayed.output


def test_a_cassette_goes_when_its_test_sends_nothing_any_more(project: Project) -> None:
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    assert project.cassette("test_one").exists()
    project.test(SILENT)

    again = project.pytest("--record-mode=rewrite")

    assert again.tail == "1 passed"
    assert not project.cassette("test_one").exists()
    assert (
        "1 cassette removed, since the test sends nothing any more\n  cassettes/test_notes/test_one.yaml"
        in again.output
    )


UNANSWERED = """
import aiohttp, asyncio, http.client, requests, socket, tornado.httpclient, urllib3

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    NOBODY = f"http://127.0.0.1:{probe.getsockname()[1]}"


def by_httpx():
    with client() as c:
        c.get(f"{NOBODY}/a?key=not-to-be-shown")


def by_http_client():
    http.client.HTTPConnection(NOBODY.removeprefix("http://")).request("GET", "/a")


def by_requests():
    requests.get(f"{NOBODY}/a")


def by_aiohttp():
    async def ask():
        async with aiohttp.ClientSession() as session:
            await session.get(f"{NOBODY}/a")

    asyncio.run(ask())


def by_tornado():
    async def ask():
        await tornado.httpclient.AsyncHTTPClient(force_instance=True).fetch(f"{NOBODY}/a")

    asyncio.run(ask())


@pytest.mark.vcr
@pytest.mark.parametrize("ask", [by_httpx, by_http_client, by_requests, by_aiohttp, by_tornado])
def test_nobody_there(ask):
    with pytest.raises(Exception):
        ask()
"""


def test_a_recording_without_any_answer_is_refused_with_each_client_and_call(project: Project) -> None:
    project.test(UNANSWERED)

    run = project.pytest("--record-mode=rewrite", "-p", "no:randomly")

    assert run.tail == "5 passed, 5 errors"
    for name, call in {
        "by_httpx": "/a (httpx)",
        "by_http_client": " (http.client)",
        "by_requests": " (urllib3.connection)",
        "by_aiohttp": "/a (aiohttp)",
        "by_tornado": "/a (tornado)",
    }.items():
        told = run.output.partition(
            f"the recording of tests/test_notes.py::test_nobody_there[{name}] was refused"
        )
        assert told[2].splitlines()[0] == ": what it sent got no answer, and the cassette would be empty:"
        assert told[2].splitlines()[1].endswith(call)
    assert "not-to-be-shown" not in run.output.partition("short test summary")[0].partition("was refused")[2]
    assert project.files() == {}


GRPC = """
import asyncio
import grpc
from grpc import insecure_channel

PLAIN = bytes, bytes


@pytest.mark.vcr{options}
@pytest.mark.parametrize("kind", ["unary_unary", "unary_stream", "stream_unary", "stream_stream"])
def test_call(kind):
    with insecure_channel("dns:///shop.test:50051") as channel:
        method = getattr(channel, kind)("/shop.Notes/List", *PLAIN)
        asked = iter([b""]) if kind.startswith("stream") else b""
        answer = method(asked, timeout=0.1)
        list(answer)


@pytest.mark.vcr{options}
def test_call_of_a_task():
    async def ask():
        async with grpc.aio.insecure_channel("shop.test:50051") as channel:
            await channel.unary_unary("/shop.Notes/List", *PLAIN)(b"", timeout=0.1)

    asyncio.run(ask())
"""


def test_calls_of_grpc_are_refused_by_name_in_a_recording_and_in_a_replay(project: Project) -> None:
    project.test(GRPC.format(options=""))

    runs = [project.pytest(f"--record-mode={mode}", "--tb=short", "-rN") for mode in ("rewrite", "none")]

    for run in runs:
        assert run.tail == "5 failed"
        refusal = "CannotRecord: grpcio sent POST grpc://shop.test:50051/shop.Notes/List, which can be"
        assert run.output.count(refusal) == 5
        assert "to leave it out: ignore_hosts in vcr_config" in run.output
    assert project.files() == {}


def test_calls_of_grpc_to_ignored_hosts_are_left_alone(project: Project) -> None:
    project.test(GRPC.format(options="(ignore_hosts=['shop.test'])"))

    run = project.pytest("--record-mode=rewrite", "--tb=short")

    assert run.tail == "5 failed"
    assert "which can be neither recorded" not in run.output
    assert "shop.test" in run.output
    assert run.output.count("RpcError") >= 5


SLACK = """
import logging
from slack_sdk.socket_mode.builtin.connection import Connection


@pytest.mark.vcr
def test_socket():
    Connection("wss://wss.slack.test/link?ticket=not-to-be-shown", logging.getLogger()).connect()
"""


@pytest.mark.parametrize("mode", ["rewrite", "none"])
def test_slacks_own_websocket_is_refused_by_name(project: Project, mode: str) -> None:
    project.test(SLACK)

    run = project.pytest(f"--record-mode={mode}", "--tb=short")

    assert run.tail == "1 failed"
    assert (
        "slack_sdk.socket_mode.builtin sent GET wss://wss.slack.test/link, which can be neither recorded nor "
        "replayed\nuse slack_sdk.socket_mode.aiohttp or slack_sdk.socket_mode.websockets, which are recorded"
    ) in run.said


OLD_WEBSOCKETS = """
import asyncio
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from websockets.legacy.client import connect


@pytest.mark.vcr
def test_socket():
    async def talk():
        async with connect("wss://shop.test/talk?ticket=not-to-be-shown"):
            pass

    asyncio.run(talk())
"""


@pytest.mark.parametrize("mode", ["rewrite", "none"])
def test_the_old_client_of_websockets_is_refused_by_name(project: Project, mode: str) -> None:
    project.test(OLD_WEBSOCKETS)

    run = project.pytest(f"--record-mode={mode}", "--tb=short")

    assert run.tail == "1 failed"
    assert (
        "websockets.legacy sent GET wss://shop.test/talk, which can be neither recorded nor replayed\n"
        "use websockets.asyncio.client or websockets.sync.client, aiohttp or httpx2, which are recorded"
    ) in run.said
    assert project.files() == {}


# Libraries that are not installed here, as far as they are replaced.
WEBSOCKET_CLIENT = """
class WebSocket:
    def connect(self, url, **options):
        raise AssertionError("it went out")
"""
CURL_CFFI = """
class Session:
    base_url = None

    def request(self, method, url, params=None):
        raise AssertionError("it went out")

    def ws_connect(self, url):
        raise AssertionError("it went out")


class AsyncSession(Session):
    base_url = "https://shop.test/v1/"

    async def request(self, method, url, params=None):
        raise AssertionError("it went out")

    async def ws_connect(self, url):
        raise AssertionError("it went out")
"""
# As primp and wreq have it: functions, a client with an address, and one in a part of the module.
PRIMP = """
import types


class Client:
    base_url = "https://shop.test/v1/"

    def get(self, url):
        raise AssertionError("it went out")

    def request(self, method, url):
        raise AssertionError("it went out")


class Unrelated:
    def get(self, url):
        return url


def post(url):
    raise AssertionError("it went out")


blocking = types.SimpleNamespace(Client=type("Client", (), {"put": post}))
"""
PAST_SOCKETS = """
import asyncio
import primp
from curl_cffi.requests.session import AsyncSession, Session
from websocket._core import WebSocket


def of_a_task(act):
    async def ask():
        await act(AsyncSession())

    asyncio.run(ask())


CALLS = {
    "websocket-client GET wss://shop.test/live": lambda: WebSocket().connect("wss://shop.test/live"),
    "curl_cffi GET https://shop.test/a": lambda: Session().request("GET", "https://shop.test/a"),
    "curl_cffi GET wss://shop.test/ws": lambda: Session().ws_connect("wss://shop.test/ws"),
    "curl_cffi POST https://shop.test/v1/b": lambda: of_a_task(lambda session: session.request("POST", "b")),
    "primp GET https://shop.test/v1/a": lambda: primp.Client().get("a"),
    "primp PATCH https://shop.test/b": lambda: primp.Client().request("PATCH", url="https://shop.test/b"),
    "primp POST https://shop.test/c": lambda: primp.post(primp.Unrelated().get("https://shop.test/c")),
    "primp PUT https://shop.test/d": lambda: primp.blocking.Client().put("https://shop.test/d"),
    "curl_cffi GET wss://shop.test/c": lambda: of_a_task(lambda session: session.ws_connect("wss://shop.test/c")),
}


@pytest.mark.vcr
@pytest.mark.parametrize("name", CALLS)
def test_call(name):
    with pytest.raises(Exception) as caught:
        CALLS[name]()
    client, _, sent = name.partition(" ")
    assert f"{client} sent {sent}, which can be neither recorded nor replayed" in str(caught.value)
    raise caught.value
"""


@pytest.mark.parametrize("mode", ["rewrite", "none"])
def test_clients_with_connections_of_their_own_are_refused_by_name(project: Project, mode: str) -> None:
    project.write("lib/websocket/__init__.py", "")
    project.write("lib/websocket/_core.py", WEBSOCKET_CLIENT)
    project.write("lib/curl_cffi/__init__.py", "")
    project.write("lib/curl_cffi/requests/__init__.py", "")
    project.write("lib/curl_cffi/requests/session.py", CURL_CFFI)
    project.write("lib/primp.py", PRIMP)
    project.test(PAST_SOCKETS)

    run = project.pytest(f"--record-mode={mode}", "--tb=short", environment={"PYTHONPATH": "lib"})

    assert run.tail == "9 failed"
    assert "AssertionError" not in run.output
    assert run.output.count("E   taketwo.errors.CannotRecord: ") == 9
    assert project.files() == {}


# The real one puts itself in the place of urllib3, which all other tests use.
URLLIB3_FUTURE = """
class HTTPConnectionPool:
    scheme, host, port = "https", "shop.test", None

    def urlopen(self, method, url, body=None):
        return "live"


class AsyncHTTPConnectionPool:
    scheme, host, port = "http", "shop.test", 8080

    async def urlopen(self, method, url, body=None):
        return "live"
"""
FUTURE = """
import asyncio
import urllib3_future


@pytest.mark.vcr
def test_pool():
    assert urllib3_future.HTTPConnectionPool().urlopen("GET", "/a") == "live"


@pytest.mark.vcr
def test_pool_of_tasks():
    try:
        asyncio.run(urllib3_future.AsyncHTTPConnectionPool().urlopen("GET", "/a"))
    except BaseException:
        pass  # hidden by the code under test
"""


@pytest.mark.parametrize("mode", ["rewrite", "none"])
def test_urllib3_future_is_refused_by_name_even_where_that_is_hidden(project: Project, mode: str) -> None:
    project.write("tests/urllib3_future.py", URLLIB3_FUTURE)
    project.test(FUTURE)

    run = project.pytest(f"--record-mode={mode}", "-p", "no:randomly", environment={"PYTHONPATH": "tests"})

    assert (
        "urllib3-future sent GET https://shop.test/a, which can be neither recorded nor replayed"
        in run.output
    )
    assert "urllib3-future sent GET http://shop.test:8080/a, which can be neither recorded" in run.output
    assert "passed, but something it did found no answer" in run.output
    assert project.files() == {}


PYCURL = """
import asyncio
import io
import os
import pycurl
from pycurl import Curl

def url():
    return os.environ["NOTEBOOK_URL"]


def handle(path, **options):
    made = Curl()
    made.setopt(pycurl.URL, url() + path)
    for name, value in options.items():
        made.setopt(getattr(pycurl, name), value)
    return made


def without_scheme():
    made = pycurl.Curl()
    made.setopt_string(pycurl.URL, url().removeprefix("http://") + "/c")
    made.setopt(pycurl.CUSTOMREQUEST, "PATCH")
    made.duphandle().perform_rs()


def in_a_group():
    group = pycurl.CurlMulti()
    group.add_handle(handle("/d", NOBODY=1))
    while group.perform()[1]:
        group.select(1)


def of_tasks():
    if not hasattr(pycurl, "AsyncCurlMulti"):  # of an older version
        return handle("/e").perform()

    async def ask():
        async with pycurl.AsyncCurlMulti() as group:
            await group.perform(handle("/e"))

    asyncio.run(ask())


CALLS = {
    "GET /a": lambda: handle("/a").perform(),
    "POST /b": lambda: handle("/b", POSTFIELDS="").perform_rb(),
    "PATCH /c": without_scheme,
    "HEAD /d": in_a_group,
    "GET /e": of_tasks,
}


@pytest.mark.vcr
@pytest.mark.parametrize("name", CALLS)
def test_call(name):
    with pytest.raises(Exception) as caught:
        CALLS[name]()
    method, path = name.split()
    sent = f"pycurl sent {method} {url()}{path}, "
    assert sent + "which can be neither recorded nor replayed" in str(caught.value)
    raise caught.value


@pytest.mark.vcr(ignore_hosts=["127.0.0.1"])
def test_left_alone():
    body = io.BytesIO()
    handle("/notes", WRITEDATA=body).perform()
    assert body.getvalue()


@pytest.mark.vcr
def test_of_tornado():
    from tornado.curl_httpclient import CurlAsyncHTTPClient

    async def ask():
        client = CurlAsyncHTTPClient(force_instance=True)
        return (await client.fetch(url() + "/notes")).code

    assert asyncio.run(ask()) == 200
"""


def test_pycurl_by_itself_is_refused_by_name_and_tornado_over_it_recorded(project: Project) -> None:
    pytest.importorskip("pycurl", reason="pycurl is not installed")
    pytest.importorskip("tornado", reason="tornado is not installed")
    project.test(PYCURL)

    recorded = project.pytest("--record-mode=rewrite", "--tb=short")
    replayed = project.pytest("--record-mode=none", "-k", "tornado")

    refused = recorded.output.count("E   taketwo.errors.CannotRecord: pycurl sent ")
    assert (refused, recorded.tail) == (5, "5 failed, 2 passed")
    assert [name for name in project.files() if "test_notes" in name] == ["test_notes/test_of_tornado.yaml"]
    assert replayed.tail == "1 passed, 6 deselected"
