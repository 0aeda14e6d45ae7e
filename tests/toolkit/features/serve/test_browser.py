"""
Pages in a browser: what they ask for is recorded into the cassette of their test, and replayed from it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.features.serve.browsers import answering_browsers
from taketwo.features.serve.upstream import Upstream
from tests.e2e.chromium import CHROMIUM, missing
from tests.toolkit.features.serve.service import PAGE, Handler, running

_MISSING = missing()
in_browser = pytest.mark.skipif(bool(_MISSING), reason=_MISSING)

TOKEN = "tok-0123456789abcdefABCDEF"
SEEN = [
    '{"data": {"notes": "found"}}',
    '{"data": {"users": "found"}}',
    "1",
    "2",
    "/page true",
    "0 128 255",
    '{"change":"CHANGE"}',
    "one",
    "two",
    "welcome",
    "heard hello",
    "the end",
]
TESTS = """
import pytest
from playwright.async_api import async_playwright


@pytest.mark.vcr
def test_page(taketwo_page):
    taketwo_page.goto("ADDRESS/start")
    taketwo_page.get_by_text("the end").wait_for()
    assert taketwo_page.url == "ADDRESS/notes"
    assert taketwo_page.locator("li").all_inner_texts() == SEEN


@pytest.mark.asyncio
@pytest.mark.vcr
async def test_async(taketwo_browser_options):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="CHROMIUM")
        page = await (await browser.new_context(**taketwo_browser_options)).new_page()
        await page.goto("ADDRESS/bytes-of-page")
        assert '"path": "/bytes-of-page"' in await page.inner_text("body")
        await browser.close()
"""
CHANGED = """
import pytest


@pytest.mark.vcr("CASSETTE")
def test_changed(taketwo_page):
    taketwo_page.goto("ADDRESS/start")
    taketwo_page.get_by_text("the end").wait_for()
    body = "JSON.stringify({change: 'another'})"
    found = taketwo_page.evaluate(
        "fetch('OTHER/elsewhere', {method: 'PUT', headers: {'content-type': 'application/json'}, body: %s})"
        ".then(async (answer) => [answer.status, await answer.text()])" % body
    )
    assert found[0] == 501
    assert 'recorded "CHANGE", received "another"' in found[1]


def test_without_a_cassette(taketwo_page):
    pass
"""


def pytest_in(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    run = [*command, "-o", "asyncio_default_fixture_loop_scope=function", *arguments]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=300, check=False).stdout


DRIVEN = """
import subprocess

import pytest


@pytest.fixture(scope="session")
def browser():
    subprocess.run(["DRIVER"], check=True)


@pytest.mark.vcr
def test_led(taketwo_browser_options, browser):
    pass


@pytest.mark.vcr
def test_alone(browser):
    pass
"""


@in_browser
@pytest.mark.slow
def test_what_pages_ask_for_is_recorded_and_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Operations of GraphQL, equal requests in order, redirects, bytes, a stream and a WebSocket; in a replay a
    changed body gets the message, which the page can read, and fails the test.
    """
    (tmp_path / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    with running(tmp_path) as service:
        filled = {"ADDRESS": service.http, "CHROMIUM": str(CHROMIUM), "SEEN": repr(SEEN), "TOKEN": TOKEN}
        page = replaced(PAGE, {**filled, "LINE": service.ws})
        monkeypatch.setattr(Handler, "pages", {"/start": "/notes", "/notes": page})
        (tmp_path / "tests/test_pages.py").write_text(replaced(TESTS, filled), encoding="utf-8")
        recorded = pytest_in(tmp_path, "--record-mode=rewrite")
    replayed = pytest_in(tmp_path, "--record-mode=none")
    cassette = tmp_path / "cassettes/test_pages/test_page.yaml"
    content = cassette.read_text(encoding="utf-8")
    other = service.http.replace("127.0.0.1", "localhost")
    filled |= {"CASSETTE": str(cassette), "OTHER": other}
    (tmp_path / "tests/test_changed.py").write_text(replaced(CHANGED, filled), encoding="utf-8")
    changed = pytest_in(tmp_path, "tests/test_changed.py")

    assert "2 passed" in recorded, recorded
    assert "child process" not in recorded
    assert "2 passed" in replayed, replayed
    assert TOKEN not in content
    assert "sec-ch-ua" not in content
    assert "has no answer to PUT" in changed, changed
    assert '  - json.change: recorded "CHANGE", received "another"' in changed, changed
    assert "need a cassette: mark the test with @pytest.mark.vcr" in changed, changed


def replaced(text: str, by: Mapping[str, str]) -> str:
    for name, value in by.items():
        text = text.replace(name, value)
    return text


async def refuse(_request: LiveRequest, _waits: bool) -> LiveResponse | Upstream | None:  # noqa: FBT001 - see Answer
    return LiveResponse(status=501, reason="Answered by taketwo", headers=(), body=b"nothing recorded")


def answered(method: str, url: str, **headers: str) -> LiveResponse:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    request = LiveRequest(method=method, url=url, headers=named)

    async def asked() -> LiveResponse | Upstream | None:
        return await answering_browsers(refuse)(request, False)  # noqa: FBT003 - see Answer

    found = asyncio.run(asked())
    assert isinstance(found, LiveResponse)
    return found


def test_whether_a_page_may_ask_another_origin_is_no_part_of_a_recording() -> None:
    """
    A browser asks it again whenever its memory of the answer runs out.
    """
    found = answered(
        "OPTIONS",
        "http://shop.test/orders",
        origin="http://page.test",
        access_control_request_method="PUT",
        access_control_request_headers="x-key",
    )

    assert (found.status, dict(found.headers)) == (
        204,
        {
            "Access-Control-Allow-Origin": "http://page.test",
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Methods": "PUT",
            "Access-Control-Allow-Headers": "x-key",
            "Access-Control-Max-Age": "0",
        },
    )


def test_an_options_request_of_the_page_itself_is_asked_of_the_cassette() -> None:
    assert answered("OPTIONS", "http://shop.test/orders", origin="http://page.test").status == 501


def test_the_icon_that_a_browser_looks_for_is_not_there() -> None:
    assert answered("GET", "http://shop.test/favicon.ico", sec_fetch_dest="image").status == 404
    assert answered("GET", "http://shop.test/favicon.ico", sec_fetch_dest="empty").status == 501


def test_a_page_of_another_origin_may_read_why_its_request_was_refused() -> None:
    found = answered("GET", "http://shop.test/orders", origin="http://page.test")

    assert found.body == b"nothing recorded"
    assert dict(found.headers)["Access-Control-Allow-Origin"] == "http://page.test"


@pytest.mark.slow
def test_a_browser_of_a_fixture_of_the_session_is_no_child_of_the_test(tmp_path: Path) -> None:
    """
    As pytest-playwright has it: what a browser asks of its own accord, such as for updates, fails no replay.
    """
    driver = tmp_path / "playwright/driver/node"
    driver.parent.mkdir(parents=True)
    driver.write_text("#!/bin/sh\ncurl -sS -m 5 http://updates.test:9/\nexit 0\n", encoding="utf-8")
    driver.chmod(0o755)
    (tmp_path / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_shop.py").write_text(DRIVEN.replace("DRIVER", str(driver)), encoding="utf-8")

    led = pytest_in(tmp_path, "-k", "led")
    others = pytest_in(tmp_path, "-k", "alone")

    assert "1 passed" in led, led
    assert "asked for GET http://updates.test:9/" in others, others
