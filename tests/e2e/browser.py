"""
A browser whose microphone plays what it is given, and a tab with the bot's page.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.chromium import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from playwright.async_api import Browser, FrameLocator, Locator, Page

# On a machine with much else to do; on a free one all that is waited for takes some seconds.
PATIENCE = 300_000  # milliseconds

# In the place of a device: silence, until the test says something.
_MICROPHONE = """
(() => {
  const context = new AudioContext();
  const device = context.createMediaStreamDestination();
  const silence = context.createConstantSource(); // a device that is never without samples
  silence.offset.value = 0;
  silence.connect(device);
  silence.start();
  navigator.mediaDevices.getUserMedia = async () => {
    await context.resume();
    return device.stream;
  };
  window.speak = async (wav) => {
    const bytes = Uint8Array.from(atob(wav), (sign) => sign.charCodeAt(0));
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(bytes.buffer);
    source.connect(device);
    const ended = new Promise((resolve) => source.addEventListener("ended", resolve));
    source.start();
    await ended;
  };
  const states = []; // of the bot, since it was last quiet again
  let noted = () => {};
  document.addEventListener("DOMContentLoaded", () => {
    const state = document.getElementById("state");
    if (!state) return; // a frame
    const note = () => {
      states.push(state.dataset.state);
      noted();
    };
    new MutationObserver(note).observe(state, { attributeFilter: ["data-state"] });
  });
  window.quietAgain = () =>
    new Promise((resolve) => {
      noted = () => {
        if (states.at(-1) !== "quiet" || !states.includes("speaking")) return;
        states.length = 0;
        noted = () => {};
        resolve();
      };
      noted();
    });
  window.peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      window.peers.push(this);
    }
  };
})();
"""
_ENERGY = """
async () => {
  const statistics = await Promise.all(peers.map((peer) => peer.getStats()));
  const entries = statistics.flatMap((each) => [...each.values()]);
  const streams = entries.filter((each) => each.type === "inbound-rtp");
  return streams.reduce((sum, stream) => sum + (stream.totalAudioEnergy ?? 0), 0);
}
"""


@dataclass(frozen=True, slots=True)
class Tab:
    """
    The bot's page, what it complained of, and which hosts it asked.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    async def join(self) -> None:
        await self.page.click("#join")
        await self.is_in_state("quiet")

    async def speak(self, wav: bytes) -> None:
        """
        Say *wav* into the microphone, to its end.
        """
        await self.page.evaluate("(wav) => speak(wav)", base64.b64encode(wav).decode())

    async def is_in_state(self, state: str) -> None:
        await self.page.wait_for_selector(f"#state[data-state={state}]", timeout=PATIENCE)

    async def is_quiet_again(self) -> None:
        """
        Wait until the bot has begun to speak, and has ended.
        """
        async with asyncio.timeout(PATIENCE / 1000):
            await self.page.evaluate("() => quietAgain()")

    async def shows(self, kind: str, text: str) -> None:
        """
        Wait until the conversation has an entry of *kind* with *text*.
        """
        await self.page.locator(f"#log .{kind}", has_text=text).first.wait_for(timeout=PATIENCE)

    async def loudness(self) -> float:
        """
        The energy of all sound that has come from the bot so far.
        """
        return float(await self.page.evaluate(_ENERGY))

    @property
    def applet(self) -> FrameLocator:
        return self.page.frame_locator("#frame")

    @property
    def applets(self) -> Locator:
        return self.page.locator("#list button")

    async def said(self) -> list[tuple[str, str]]:
        """
        The whole conversation: who, and what.
        """
        entries = await self.page.locator("#log li").all()
        return [(str(await each.get_attribute("class")), await each.inner_text()) for each in entries]


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    from playwright.async_api import async_playwright  # noqa: PLC0415 - skipped where it is not installed

    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        await launched.close()


@asynccontextmanager
async def tab(
    address: str, *, kept: Path, has_failed: Callable[[], bool], width: int = 1200, height: int = 800
) -> AsyncIterator[Tab]:
    """
    A tab at *address*; a screenshot and a trace are left in *kept* when the block, or its test, *has_failed*.
    """
    async with browser() as launched:
        context = await launched.new_context(viewport={"width": width, "height": height})
        await context.add_init_script(_MICROPHONE)
        await context.tracing.start(screenshots=True, snapshots=True)
        opened = Tab(await context.new_page())
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("request", lambda request: opened.hosts.add(request.url.split("/")[2]))
        is_whole = False
        try:
            await opened.page.goto(address)
            yield opened
            is_whole = not has_failed()
        finally:
            if not is_whole:
                await opened.page.screenshot(path=kept / "page.png")
                await context.tracing.stop(path=kept / "trace.zip")
