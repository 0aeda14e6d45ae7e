"""
How users of each client write a test, what the client's own floor is, and which recorders know the client.
"""

from __future__ import annotations

import importlib
import importlib.util
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.peers.ours import PROJECT
from tests.benchmarks.samples import Sample
from tests.benchmarks.suites import CONFTEST

_ASKED = 3
_MARK = "@pytest.mark.vcr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """
    *module* is that of :mod:`tests.benchmarks.peers` which writes its cassettes into *cassette*; one without
    has *fixture*, the text of one that says what is answered.
    """

    name: str
    needs: str
    plugins: tuple[str, ...] = ()
    module: str = ""
    cassette: str = ""
    fixture: str = ""
    clients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """
    *client* makes one, *floor* one that answers out of ``ANSWERS`` by itself, *ask* gives what came for the
    path ``number``; *close* ends it. *is_async* of a client that has to be awaited.
    """

    name: str
    needs: str
    head: str
    client: str
    floor: str
    ask: str
    close: str = "client.close()"
    url: str = "http://shop.test/items/{number}"
    answer: str = '{{"id": "{number}", "name": "Item {number}", "price": 1.5, "tags": ["a", "b"]}}'
    is_async: bool = False


OURS = Recorder(
    name="taketwo",
    needs="taketwo",
    plugins=("recording", "taketwo"),
    module="ours",
    cassette="cassettes/test_suite/{test}.yaml",
)
FLOOR = Recorder(name="floor", needs="pytest")
_RECORDERS = (
    FLOOR,
    OURS,
    Recorder(
        name="pytest-recording",
        needs="pytest_recording",
        plugins=("recording",),
        module="vcrpy",
        cassette="suite/cassettes/test_suite/{test}.yaml",
    ),
    Recorder(
        name="cassetter",
        needs="cassetter",
        plugins=("cassetter",),
        module="cassetter",
        cassette="suite/cassettes/test_suite/{test}.yaml",
    ),
    Recorder(
        name="responses",
        needs="responses",
        clients=("requests",),
        fixture="""
import responses

@pytest.fixture(autouse=True)
def answers():
    with responses.RequestsMock() as mock:
        for url, answer in ANSWERS.items():
            mock.get(url, body=answer, content_type="application/json")
        yield
""",
    ),
    Recorder(
        name="aioresponses",
        needs="aioresponses",
        clients=("aiohttp",),
        fixture="""
from aioresponses import aioresponses

@pytest.fixture(autouse=True)
def answers():
    with aioresponses() as mock:
        for url, answer in ANSWERS.items():
            mock.get(url, body=answer, content_type="application/json")
        yield
""",
    ),
    Recorder(
        name="pytest-httpx",
        needs="pytest_httpx",
        plugins=("pytest_httpx",),
        clients=("httpx",),
        fixture="""
@pytest.fixture(autouse=True)
def answers(httpx_mock):
    for url, answer in ANSWERS.items():
        httpx_mock.add_response(url=url, content=answer.encode())
""",
    ),
    Recorder(
        name="respx",
        needs="respx",
        plugins=("respx",),
        clients=("httpx",),
        fixture="""
@pytest.fixture(autouse=True)
def answers(respx_mock):
    for url, answer in ANSWERS.items():
        respx_mock.get(url).respond(content=answer)
""",
    ),
)

_HTTPX_FLOOR = """
import {library}

def answer(request):
    return {library}.Response(200, headers=JSON, text=ANSWERS[str(request.url)])
"""
_REQUESTS_FLOOR = """
import requests
import urllib3

class InMemory(requests.adapters.HTTPAdapter):
    def send(self, request, **options):
        body = io.BytesIO(ANSWERS[request.url].encode())
        answer = urllib3.HTTPResponse(body, headers=JSON, status=200, reason="OK", preload_content=False)
        return self.build_response(request, answer)

def floor():
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", InMemory())
    return session

def plain():
    session = requests.Session()
    session.trust_env = False
    return session
"""
_URLLIB3_FLOOR = """
import urllib3

class InMemory(urllib3.PoolManager):
    def urlopen(self, method, url, redirect=True, **options):
        return urllib3.HTTPResponse(io.BytesIO(ANSWERS[url].encode()), headers=JSON, status=200, reason="OK")
"""
_AIOHTTP_FLOOR = """
import aiohttp
from aiohttp.helpers import TimerNoop
from multidict import CIMultiDict, CIMultiDictProxy

class Writer:
    output_size = 0

async def answer(request, handler):
    info = aiohttp.RequestInfo(request.url, request.method, CIMultiDictProxy(request.headers), request.url)
    found = aiohttp.ClientResponse(
        request.method, request.url, writer=None, continue100=None, timer=TimerNoop(), request_info=info,
        traces=[], loop=asyncio.get_running_loop(), session=request.session, stream_writer=Writer(),
    )
    found.status, found.reason, found._body = 200, "OK", ANSWERS[str(request.url)].encode()
    found._headers = CIMultiDictProxy(CIMultiDict(JSON))
    found._raw_headers = ((b"content-type", b"application/json"),)
    return found
"""
_OPENAI_FLOOR = """
import httpx2
import openai

def answer(request):
    return httpx2.Response(200, headers=JSON, text=ANSWERS[str(request.url)])

def made(transport=None):
    http_client = httpx2.Client(transport=transport, trust_env=False)
    return openai.OpenAI(api_key="sk-test", base_url="http://shop.test/v1", http_client=http_client)
"""
_BOTO3_FLOOR = """
import boto3
import botocore.awsrequest
import botocore.config

class Raw(io.BytesIO):
    def stream(self, amount=0):
        yield self.read()

def answer(request, **options):
    return botocore.awsrequest.AWSResponse(request.url, 200, JSON, Raw(ANSWERS[request.url].encode()))

SESSION = boto3.session.Session("AKIATEST", "secret-of-the-test", region_name="eu-west-1")
CONFIG = botocore.config.Config(s3={"addressing_style": "path"})

def plain():
    return SESSION.client("s3", endpoint_url="http://shop.test", config=CONFIG)

def floor():
    client = plain()
    client.meta.events.register("before-send.s3", answer)
    return client
"""

STYLES = (
    Style(
        name="httpx",
        needs="httpx",
        head=_HTTPX_FLOOR.format(library="httpx"),
        client="httpx.Client(trust_env=False)",
        floor="httpx.Client(transport=httpx.MockTransport(answer))",
        ask='client.get(f"http://shop.test/items/{number}").json()["id"]',
    ),
    Style(
        name="httpx2",
        needs="httpx2",
        head=_HTTPX_FLOOR.format(library="httpx2"),
        client="httpx2.Client(trust_env=False)",
        floor="httpx2.Client(transport=httpx2.MockTransport(answer))",
        ask='client.get(f"http://shop.test/items/{number}").json()["id"]',
    ),
    Style(
        name="requests",
        needs="requests",
        head=_REQUESTS_FLOOR,
        client="plain()",
        floor="floor()",
        ask='client.get(f"http://shop.test/items/{number}").json()["id"]',
    ),
    Style(
        name="urllib3",
        needs="urllib3",
        head=_URLLIB3_FLOOR,
        client="urllib3.PoolManager()",
        floor="InMemory()",
        ask='client.request("GET", f"http://shop.test/items/{number}").json()["id"]',
        close="client.clear()",
    ),
    Style(
        name="aiohttp",
        needs="aiohttp",
        head=_AIOHTTP_FLOOR,
        client="aiohttp.ClientSession()",
        floor="aiohttp.ClientSession(middlewares=(answer,))",
        ask='(await (await client.get(f"http://shop.test/items/{number}")).json())["id"]',
        close="await client.close()",
        is_async=True,
    ),
    Style(
        name="openai",
        needs="openai",
        head=_OPENAI_FLOOR,
        client="made()",
        floor="made(httpx2.MockTransport(answer))",
        ask="client.models.retrieve(str(number)).id",
        url="http://shop.test/v1/models/{number}",
        answer='{{"id": "{number}", "object": "model", "created": 1686935002, "owned_by": "openai"}}',
    ),
    Style(
        name="boto3",
        needs="boto3",
        head=_BOTO3_FLOOR,
        client="plain()",
        floor="floor()",
        ask='json.loads(client.get_object(Bucket="items", Key=str(number))["Body"].read())["id"]',
    ),
)

_SUITE = """
import asyncio
import atexit
import io
import json

import pytest

JSON = {{"content-type": "application/json"}}
ANSWERS = {answers!r}
# One for all tests: it is the client of each test that is to be measured, not its loop.
LOOP = asyncio.new_event_loop()
atexit.register(LOOP.close)
SHARED = []
{head}
{fixture}

{define} make():
    return {make}


{define} ask(client):
    return [{ask} for number in range({asked})]


{define} shared():
    if not SHARED:
        SHARED.append({wait} make())
    return {wait} ask(SHARED[0])


{define} own():
    client = {wait} make()
    try:
        return {wait} ask(client)
    finally:
        {close}


def check(answers):
    assert answers == [str(number) for number in range({asked})]
"""


def recorders_of(style: Style) -> list[Recorder]:
    """
    The floor first, and each recorder that is installed and knows the client.
    """
    return [
        one
        for one in _RECORDERS
        if importlib.util.find_spec(one.needs) and (not one.clients or style.name in one.clients)
    ]


def suite_files(style: Style, recorder: Recorder, tests: int, *, own_client: bool) -> dict[str, str]:
    """
    The files of a suite by their names: its configuration, its tests and their cassettes.
    """
    answers = {
        style.url.format(number=number): style.answer.format(number=number) for number in range(_ASKED)
    }
    head = _SUITE.format(
        answers=answers,
        head=style.head,
        fixture=recorder.fixture,
        define="async def" if style.is_async else "def",
        wait="await" if style.is_async else "",
        make=style.floor if recorder is FLOOR else style.client,
        ask=style.ask,
        asked=_ASKED,
        close=style.close,
    )
    act = "own()" if own_client else "shared()"
    body = textwrap.indent(
        f"check(LOOP.run_until_complete({act}))" if style.is_async else f"check({act})", "    "
    )
    mark = _MARK if recorder.module else ""
    names = [f"test_{number:04}" for number in range(tests)]
    text = "\n\n".join([head, *(f"{mark}\ndef {name}():\n{body}\n" for name in names)])
    files = {"pyproject.toml": PROJECT, "suite/conftest.py": CONFTEST, "suite/test_suite.py": text}
    if recorder.module:
        cassette = _cassette(recorder, answers)
        files |= {recorder.cassette.format(test=name): cassette for name in names}
    return files


def _cassette(recorder: Recorder, answers: Mapping[str, str]) -> str:
    samples = [Sample(url=url, answer=answer.encode()) for url, answer in answers.items()]
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.yaml")
        importlib.import_module(f"tests.benchmarks.peers.{recorder.module}").record(samples, path)()
        return path.read_text(encoding="utf-8")
