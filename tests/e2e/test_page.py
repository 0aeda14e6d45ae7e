"""The bot's page in a browser: what it shows, how it is used, and what an applet may do in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import pytest
import pytest_asyncio

from tests.e2e.browser import Tab, tab
from tests.e2e.chromium import missing
from tests.e2e.conftest import has_failed
from tests.fakes import PAGE_ID, TENANT, USER, page

_MISSING = missing("aiohttp", "aiortc", "cv2")
OTHER_ID = "e5a57335-1397-4b7b-9fc9-454090b06dc3"

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING),
]

Open: TypeAlias = Callable[..., AbstractAsyncContextManager[Tab]]

# Tries what an applet must not, and writes down what came of it.
HOSTILE = """<!doctype html><title>Hostile</title><p id="found"></p><script>
const found = [];
const attempt = async (name, act) => {
  try { await act(); found.push(`${name}: done`); } catch { found.push(`${name}: refused`); }
};
(async () => {
  await attempt("own script", () => 1);
  await attempt("read the page", () => parent.document.title);
  await attempt("keep something", () => localStorage.setItem("a", "b"));
  await attempt("read cookies", () => document.cookie);
  await attempt("ask the bot", () => fetch("/api/applets"));
  await attempt("open a socket", () => new Promise((resolve, reject) => {
    const socket = new WebSocket("ws://127.0.0.1:9/");
    socket.onopen = resolve; socket.onerror = reject;
  }));
  await attempt("load an image", () => new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = resolve; image.onerror = reject; image.src = "/page.css";
  }));
  await attempt("open a window", () => { if (!window.open("about:blank")) throw new Error(); });
  await attempt("leave the page", () => { top.location = "about:blank"; });
  document.getElementById("found").textContent = found.join("; ");
})();
</script>"""


# In the place of a connection: one that is made once the bot has answered, and lost when a test says so.
CONNECTED = """() => {
  window.RTCPeerConnection = class extends EventTarget {
    iceGatheringState = "complete";
    connectionState = "connected";
    localDescription = { sdp: "v=0" };
    constructor() {
      super();
      window.lose = () => {
        this.connectionState = "failed";
        this.dispatchEvent(new Event("connectionstatechange"));
      };
    }
    createDataChannel() {
      this.channel = Object.assign(new EventTarget(), { readyState: "open", send() {} });
      return this.channel;
    }
    addTransceiver() {}
    async createOffer() {}
    async setLocalDescription() {}
    async setRemoteDescription() { this.channel.dispatchEvent(new Event("open")); }
    close() {}
  };
}"""


def row(applet_id: str, title: str, html: str) -> dict[str, object]:
    return {
        "_id": applet_id,
        "page_id": applet_id,
        "title": title,
        "htmlContent": html,
        "contentType": "app",
        "userRequest": "",
        "tags": [],
        "parent_id": TENANT,
        "createdBy": USER,
        "createdAt": "2026-01-01T00:00:00Z",
    }


PONG = row(PAGE_ID, "Pong", "<h1>Pong</h1>")
CLOCK = row(OTHER_ID, "Clock", "<h1>Clock</h1>")


@pytest_asyncio.fixture
async def opened(request: pytest.FixtureRequest, rooms: ModuleType) -> AsyncIterator[Open]:
    """
    Opens the page over a Mesh that has the given applets; options are those of the tab.
    """
    kept = Path(request.config.rootpath, "failed", request.node.name)

    @asynccontextmanager
    async def opening(*rows: dict[str, object], **options: Any) -> AsyncIterator[Tab]:  # noqa: ANN401 - as Playwright has them
        answers = [page(*rows), page(), page()]
        async with (
            rooms.browsing(*answers) as site,
            tab(site.address, kept=kept, has_failed=lambda: has_failed(request.node), **options) as opened,
        ):
            for each in rows:
                site.show(str(each["page_id"]), str(each["htmlContent"]))
            yield opened

    yield opening


async def test_the_library_is_there_before_one_joins(opened: Open) -> None:
    async with opened(PONG, CLOCK) as shown:
        await shown.applets.first.wait_for()

        assert await shown.applets.all_inner_texts() == ["Clock", "Pong"]
        assert await shown.page.inner_text("#state") == "Not connected"
        assert await shown.page.is_disabled("#text")
        assert shown.complaints == []


async def test_without_applets_it_says_what_one_can_do(opened: Open) -> None:
    async with opened() as shown:
        assert "There are none yet." in await shown.page.inner_text(".applets")
        assert "Make a page with a red button" in await shown.page.inner_text(".conversation")
        assert "What the bot makes or opens is shown here." in await shown.page.inner_text(".stage")


async def test_an_applet_is_chosen_with_the_keyboard(opened: Open) -> None:
    async with opened(PONG, CLOCK) as shown:
        await shown.applets.first.wait_for()

        for key in ("ArrowDown", "ArrowDown", "Enter"):
            await shown.page.keyboard.press(key)

        assert await shown.applet.get_by_role("heading").inner_text() == "Pong"
        assert await shown.page.inner_text("#applet-title") == "Pong"
        assert await shown.page.inner_text("[aria-current=true]") == "Pong"
        await shown.page.keyboard.press("ArrowUp")
        assert await shown.page.evaluate("document.activeElement.textContent") == "Clock"


async def focused(shown: Tab) -> str:
    return str(await shown.page.evaluate("document.activeElement.id"))


async def test_the_text_field_is_reached_and_left_with_the_keyboard(opened: Open) -> None:
    async with opened(PONG) as shown:
        await shown.page.evaluate(CONNECTED)
        await shown.page.focus("#join")
        await shown.page.keyboard.press("Enter")
        await shown.is_in_state("quiet")

        await shown.page.keyboard.type("/m")
        assert (await focused(shown), await shown.page.input_value("#text")) == ("text", "/m")
        await shown.page.keyboard.press("Escape")
        assert await focused(shown) == "main"
        await shown.page.keyboard.press("Shift+M")
        assert await shown.page.get_by_role("button", name="Mute", pressed=True).is_visible()
        await shown.page.keyboard.press("/")
        assert await focused(shown) == "text"

        await shown.page.evaluate("lose()")
        await shown.is_in_state("failed")
        assert await focused(shown) == "join", "not nothing, as what is disabled would leave"


async def test_the_arrows_scroll_the_conversation_where_the_focus_is_in_it(opened: Open) -> None:
    async with opened(PONG) as shown:
        await shown.page.route("**/api/offer", lambda route: route.fulfill(status=503, json={}))
        await shown.page.click("#join")
        await shown.shows("failure", "I could not connect: status 503")
        await shown.page.focus("#log")

        await shown.page.keyboard.press("ArrowDown")

        assert await focused(shown) == "log"


async def test_the_first_link_leads_past_the_head(opened: Open) -> None:
    async with opened(PONG) as shown:
        for key in ("Tab", "Enter"):
            await shown.page.keyboard.press(key)

        assert await focused(shown) == "main"


async def test_an_applet_can_do_nothing_outside_of_its_frame(opened: Open) -> None:
    async with opened(row(PAGE_ID, "Hostile", HOSTILE)) as shown:
        await shown.applets.first.click()
        await shown.applet.locator("#found:not(:empty)").wait_for()

        found = (await shown.applet.locator("#found").inner_text()).split("; ")
        assert found == [
            "own script: done",
            "read the page: refused",
            "keep something: refused",
            "read cookies: refused",
            "ask the bot: refused",
            "open a socket: refused",
            "load an image: refused",
            "open a window: refused",
            "leave the page: refused",
        ]
        assert await shown.page.title() == "Talk with the bot"


async def test_a_bot_that_does_not_answer_is_told(opened: Open) -> None:
    async with opened(PONG) as shown:
        await shown.page.route("**/api/offer", lambda route: route.fulfill(status=503, json={}))

        await shown.page.click("#join")

        await shown.shows("failure", "I could not connect: status 503")
        assert await shown.page.inner_text("#state") == "The connection was lost"
        assert await shown.page.inner_text("#join") == "Join"


async def test_it_fits_a_telephone(opened: Open) -> None:
    async with opened(PONG, width=360, height=720) as shown:
        await shown.applets.first.click()
        await shown.applet.get_by_role("heading").wait_for()

        assert await shown.page.evaluate("document.documentElement.scrollWidth") == 360


async def test_it_is_dark_where_the_system_is(opened: Open) -> None:
    async with opened(PONG) as shown:
        colours = []
        for scheme in ("light", "dark"):
            await shown.page.emulate_media(color_scheme=scheme)
            colours.append(await shown.page.evaluate("getComputedStyle(document.body).backgroundColor"))

        assert colours == ["rgb(244, 245, 247)", "rgb(21, 23, 27)"]
