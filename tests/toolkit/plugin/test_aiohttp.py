"""
aiohttp in a project: recorded with the service, replayed without it, and unchanged by a second recording.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolkit.conftest import OF_PYTEST, Project

SERVICE = Path(__file__).parents[1] / "intercept" / "aiohttp" / "service.py"

PYPROJECT = f"""
[tool.taketwo.services.shop]
command = ["python", "{SERVICE}", "{{port}}"]
health = "/health"
environment = {{ SHOP_URL = "{{url}}" }}
{OF_PYTEST}asyncio_mode = "auto"
"""

TESTS = """
import asyncio
import os

import aiohttp
import pytest
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

pytestmark = pytest.mark.vcr
WORD = os.environ.get("WORD", "first")


def url(path):
    return os.environ["SHOP_URL"] + path


async def test_json():
    async with aiohttp.ClientSession() as session:
        async with session.post(url("/echo"), json={"item": {"word": WORD}}) as answer:
            assert (await answer.json())["method"] == "POST"


async def test_redirect():
    async with aiohttp.ClientSession() as session:
        async with session.post(url("/redirect/307/redirect/302/echo"), data={"word": WORD}) as answer:
            assert [hop.status for hop in answer.history] == [307, 302]
            assert (await answer.json())["method"] == "GET"


async def test_stream():
    async with aiohttp.ClientSession() as session, session.get(url("/stream/slow?word=" + WORD)) as answer:
        assert b"".join([piece async for piece in answer.content.iter_any()]).count(b"data:") == 5


async def test_conversation():
    async with aiohttp.ClientSession() as session, session.ws_connect(url("/ws")) as ws:
        assert await ws.receive_json() == {"hello": "you", "token": ""}
        await ws.send_str(WORD)
        assert await ws.receive_str() == WORD.upper()


async def test_many():
    async with aiohttp.ClientSession() as session:

        async def ask(number):
            async with session.get(url(f"/slower/{number}?word={WORD}")) as answer:
                return (await answer.json())["number"]

        assert await asyncio.gather(*map(ask, range(20))) == list(range(20))


async def test_subscription():
    # gql looks for the subprotocol in a dictionary of the headers of the handshake.
    transport = WebsocketsTransport(url=url("/graphql").replace("http", "ws"), subprotocols=[TRANSPORT_WS])
    async with Client(transport=transport) as session:
        asked = gql('subscription { word(of: "%s") }' % WORD)
        found = [each["word"] async for each in session.subscribe(asked)]
    assert found == [WORD]


TRANSPORT_WS = "graphql-transport-ws"
"""

OLD = """
import aiohttp
import pytest


@pytest.mark.vcr
async def test_old():
    async with aiohttp.ClientSession() as session, session.get("http://api.test/old") as answer:
        assert [hop.status for hop in answer.history] == [302]
        assert await answer.json() == {"answer": 2}


@pytest.mark.vcr
async def test_unpacked():
    async with aiohttp.ClientSession() as session, session.get("http://api.test/packed") as answer:
        assert await answer.json() == {"answer": 3}
"""

APP = """
import os

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

ANSWER = os.environ.get("ANSWER", "of the app")


async def page(request):
    async with aiohttp.ClientSession() as session:
        async with session.get(os.environ["SHOP_URL"] + "/echo") as answer:
            return web.json_response({"own": ANSWER, "method": (await answer.json())["method"]})


@pytest.mark.vcr
async def test_app():
    app = web.Application()
    app.router.add_get("/page", page)
    async with TestClient(TestServer(app)) as client, client.get("/page") as answer:
        assert await answer.json() == {"own": "of the app", "method": "GET"}
"""

CASSETTE_OF_VCRPY = """
interactions:
- request: {body: null, headers: {}, method: GET, uri: http://api.test/old}
  response:
    body: {string: ''}
    headers: {Location: [/new], Content-Length: ['0']}
    status: {code: 302, message: Found}
- request: {body: null, headers: {}, method: GET, uri: http://api.test/new}
  response:
    body: {string: '{"answer": 2}'}
    headers: {Content-Type: [application/json]}
    status: {code: 200, message: OK}
version: 1
"""

# VCR.py keeps what aiohttp has unpacked, beside the headers of what came.
UNPACKED_BY_VCRPY = """
interactions:
- request: {body: null, headers: {}, method: GET, uri: http://api.test/packed}
  response:
    body: {string: '{"answer": 3}'}
    headers: {Content-Type: [application/json], Content-Encoding: [gzip], Content-Length: ['33']}
    status: {code: 200, message: OK}
version: 1
"""


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    made = Project(root)
    made.write("pyproject.toml", PYPROJECT)
    return made


def test_what_is_recorded_is_replayed_and_what_changes_is_noticed(shop: Project) -> None:
    shop.write("tests/test_notes.py", TESTS)

    recorded = shop.pytest("--record-mode=rewrite")
    first = shop.files()
    replayed = shop.pytest("--record-mode=none")
    changed = shop.pytest("--record-mode=none", environment={"WORD": "other"})
    again = shop.pytest("--record-mode=rewrite")

    assert (recorded.tail, replayed.tail, again.tail) == ("6 passed",) * 3, recorded.output + replayed.output
    for told in (
        "= 6 failed in ",
        'json.item.word: recorded "first", received "other"',
        "has no answer to GET http://shop.test/stream/slow?word=other",
        'text: recorded "first", received "other"',
    ):
        assert told in changed.output
    assert shop.files() == first


def test_cassettes_of_vcrpy_are_played_where_they_are(shop: Project) -> None:
    shop.write("tests/test_old.py", OLD)
    shop.write("tests/cassettes/test_old/test_old.yaml", CASSETTE_OF_VCRPY)
    shop.write("tests/cassettes/test_old/test_unpacked.yaml", UNPACKED_BY_VCRPY)

    replayed = shop.pytest("--record-mode=none")

    assert replayed.tail == "2 passed", replayed.output


def test_an_app_under_test_runs_in_a_replay_and_what_it_asks_is_replayed(shop: Project) -> None:
    shop.write("tests/test_app.py", APP)

    recorded = shop.pytest("--record-mode=rewrite")
    replayed = shop.pytest("--record-mode=none")
    broken = shop.pytest("--record-mode=none", environment={"ANSWER": "of a broken app"})

    assert (recorded.tail, replayed.tail) == ("1 passed",) * 2, recorded.output + replayed.output
    assert shop.cassette("test_app", "test_app").read_text().count("- request:") == 1
    assert broken.tail == "1 failed"
