"""The bot's conversations and its page, with services that the test makes up."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from bot.session.messages import failure, said, state
from bot.session.settings import SessionSettings, read_session_settings
from tests.e2e.chromium import own_addresses
from tests.fake_chorus import SPOKEN, fake_chorus
from tests.fakes import PAGE_ID, TENANT, USER, ok, page, refusal

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(find_spec("aiortc") is None, reason="the extra 'voice' is not installed"),
    pytest.mark.block_network(allowed_hosts=["127.0.0.1", "::1", *own_addresses()]),
]

ROW = {
    "_id": PAGE_ID,
    "page_id": PAGE_ID,
    "title": "Pong",
    "htmlContent": "<h1>Pong</h1>",
    "contentType": "game",
    "userRequest": "",
    "tags": [],
    "parent_id": TENANT,
    "createdBy": USER,
    "createdAt": "2026-01-01T00:00:00Z",
}


@pytest.fixture
def settings() -> SessionSettings:
    environ = {
        "MESH_API_ENDPOINT": "http://127.0.0.1:9/api",
        "BOT_TENANT_ID": TENANT,
        "BOT_USER_ID": USER,
        "BOT_PORT": "0",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }
    return read_session_settings(environ, dotenv=Path("there is no such file"))


async def test_whoever_comes_is_greeted_and_may_type(settings: SessionSettings, rooms: ModuleType) -> None:
    def has_sent(kind: str) -> bool:
        return any(message["type"] == kind for message in transport.sent)

    async with (
        fake_chorus(SPOKEN) as chorus,
        rooms.talking(replace(settings, voice=chorus.settings)) as transport,
    ):
        await rooms.until(lambda: has_sent("said"))
        await transport.happens("on_app_message", {"type": "odd"}, "")
        await transport.happens("on_app_message", {"type": "typed", "text": "Hello?"}, "")
        # No language model listens there.
        await rooms.until(lambda: has_sent("failure"))

    texts = [(each["speaker"], each["text"]) for each in transport.sent if each["type"] == "said"]
    assert texts[0] == ("bot", "Hello! Tell me what I shall make for you.")
    assert texts[-1] == ("user", "Hello?")
    assert failure("Something went wrong on my side. Please try again.") in transport.sent


async def test_the_bot_may_end_it(settings: SessionSettings, rooms: ModuleType) -> None:
    async with fake_chorus() as chorus:
        await rooms.ended(replace(settings, voice=chorus.settings))

    assert len(chorus.requests) == 1


async def test_an_offer_is_answered_and_begins_a_conversation(
    settings: SessionSettings, rooms: ModuleType
) -> None:
    async with fake_chorus() as chorus:
        answer, during, after = await rooms.visited(replace(settings, voice=chorus.settings))

    assert answer.startswith("v=0")
    assert "a=candidate:" in answer
    assert (during, after) == (1, 0)


async def test_a_signal_ends_the_bot(settings: SessionSettings, rooms: ModuleType) -> None:
    address, status = await rooms.served(settings)

    assert address.startswith("http://127.0.0.1:")
    assert status == 200


async def test_an_ipv6_address_is_written_in_brackets(settings: SessionSettings, rooms: ModuleType) -> None:
    address, _ = await rooms.served(replace(settings, host="::1"))

    assert address.startswith("http://[::1]:")


async def test_the_page_sees_each_frame_once(rooms: ModuleType) -> None:
    sent = await rooms.observed(rooms.one_of_each(), lambda text: text.replace("s3cret", "***"))

    assert sent == [
        said("user", "Hello."),
        said("bot", "Good day."),
        state("listening"),
        state("thinking"),
        state("speaking"),
        state("quiet"),
        failure("Something went wrong on my side. Please try again."),
    ]


@pytest.mark.parametrize(
    ("answer", "frames"),
    [
        (httpx.Response(200, json={"text": "Hello."}), [("text", "Hello.")]),
        (httpx.Response(200, json={"text": ""}), []),
        (
            httpx.Response(500, text="broke"),
            [("error", "POST /audio/transcriptions: the recogniser refused, 500: broke")],
        ),
    ],
)
async def test_speech_is_written_down(
    rooms: ModuleType, answer: httpx.Response, frames: list[tuple[str, str]]
) -> None:
    assert await rooms.written(answer) == frames


async def test_the_page_loads_nothing_from_another_host(rooms: ModuleType) -> None:
    async with rooms.browsing() as browser:
        answers = [await browser.get(path) for path in ("/", "/page.css", "/page.js")]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [answer.headers["Content-Type"] for answer in answers] == [
        "text/html; charset=utf-8",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
    ]
    assert all("default-src 'none'" in answer.headers["Content-Security-Policy"] for answer in answers)
    assert not any("http:" in answer.text or "https:" in answer.text for answer in answers)


async def test_the_library_is_listed_by_title(rooms: ModuleType) -> None:
    async with rooms.browsing(page(ROW), page(), page(), page()) as browser:
        answer = await browser.get("/api/applets")

    assert json.loads(answer.text) == {"applets": [{"applet_id": PAGE_ID, "title": "Pong"}]}


async def test_an_applet_comes_with_its_bounds_and_once_from_mesh(rooms: ModuleType) -> None:
    async with rooms.browsing(ok(ROW)) as browser:
        first, second = [await browser.get(f"/applets/{PAGE_ID}") for _ in range(2)]

    assert (first.status, first.text, second.text) == (200, "<h1>Pong</h1>", "<h1>Pong</h1>")
    assert first.headers["Content-Security-Policy"].startswith("sandbox allow-scripts; default-src 'none';")


async def test_an_applet_that_is_gone_is_not_found(rooms: ModuleType) -> None:
    async with rooms.browsing(refusal(404, "Content not found")) as browser:
        answer = await browser.get(f"/applets/{PAGE_ID}")

    assert (answer.status, json.loads(answer.text)) == (404, {"error": "There is no such applet."})


@pytest.mark.parametrize("path", ["/api/applets", f"/applets/{PAGE_ID}"])
async def test_a_mesh_that_fails_is_a_bad_gateway(rooms: ModuleType, path: str) -> None:
    async with rooms.browsing(httpx.Response(500), httpx.Response(500), httpx.Response(500)) as browser:
        answer = await browser.get(path)

    assert answer.status == 502
    assert json.loads(answer.text) == {"error": "The place where things are kept does not answer."}


async def test_the_page_connects_with_an_offer(rooms: ModuleType) -> None:
    async with rooms.browsing() as browser:
        answer = await browser.post("/api/offer", '{"sdp": "v=0 offer"}', Content_Type="application/json")

    assert json.loads(answer.text) == {"sdp": "v=0 answer", "type": "answer"}
    assert browser.offers == ["v=0 offer"]


@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"sdp": "odd"}'])
async def test_what_is_no_offer_is_refused(rooms: ModuleType, body: str) -> None:
    async with rooms.browsing() as browser:
        answer = await browser.post("/api/offer", body, Content_Type="application/json")

    assert (answer.status, json.loads(answer.text)) == (400, {"error": "This is no offer."})


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/json", "Origin": "https://evil.example"},
        {"Content_Type": "application/json", "Origin": "null"},
    ],
)
async def test_another_page_may_not_connect(rooms: ModuleType, headers: dict[str, str]) -> None:
    async with rooms.browsing() as browser:
        answer = await browser.post("/api/offer", '{"sdp": "v=0 offer"}', **headers)

    assert (answer.status, browser.offers) == (403, [])
