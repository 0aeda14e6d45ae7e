"""
A browser in a test: what its pages ask for is recorded into the cassette of the test, and replayed from it.

Its requests go through the proxy that child processes use too, so streams come in their pieces, redirects
are followed by the browser itself, and WebSockets are conversations. Nothing is intercepted in the browser.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pytest

from taketwo.config.extras import needed_for
from taketwo.errors import MissingPackage, TakeTwoError
from taketwo.network.children import BROWSER_DRIVER
from taketwo.network.guard import unguarded
from taketwo.plugin.processes.recording_proxy import recording_proxy
from taketwo.plugin.session import Session
from taketwo.plugin.testcase.state import CassetteFailure, RunningTest

if TYPE_CHECKING:
    from playwright.sync_api import Page, ProxySettings

_PLUGIN = "playwright"
"""The name of pytest-playwright."""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    # What is reached without a context of a test, such as updates, is nothing of it.
    *("--no-proxy-server", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-quic", "--disable-sync"),
]
_NO_CASSETTE = "taketwo_page and taketwo_browser_options need a cassette: mark the test with @pytest.mark.vcr"


class BrowserOptions(TypedDict, total=False):
    """
    Options of ``new_context``; none where nothing is recorded and replayed.
    """

    proxy: ProxySettings
    ignore_https_errors: bool


@contextmanager
def options_for(
    running: RunningTest | None, session: Session, *, is_disabled: bool
) -> Iterator[BrowserOptions]:
    """
    The options that lead a context to the cassette of the test that is *running*.
    """
    if running is None or running.children is None:
        if not is_disabled:
            raise CassetteFailure(_NO_CASSETTE)
        yield {}
        return
    try:
        start = recording_proxy(running, session, what="taketwo_browser_options", for_browser=True)
    except TakeTwoError as error:
        raise CassetteFailure(str(error)) from None
    running.children.leave_alone(BROWSER_DRIVER)
    with closing(start(running.children.judge)) as proxy:
        # As a rule Chromium uses no proxy for the addresses of this machine.
        server: ProxySettings = {"server": f"http://127.0.0.1:{proxy.port}", "bypass": "<-loopback>"}
        yield {"proxy": server, "ignore_https_errors": True}


@contextmanager
def new_page(request: pytest.FixtureRequest, options: BrowserOptions) -> Iterator[Page]:
    """
    A page in a context of its own, with *options*.
    """
    if request.config.pluginmanager.has_plugin(_PLUGIN):
        yield request.getfixturevalue("new_context")(**options).new_page()
        return
    try:
        with needed_for("taketwo_page"):
            from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra
    except MissingPackage as error:
        raise CassetteFailure(str(error)) from None
    with unguarded():  # Playwright's own process and the browser are no children of the test
        playwright = sync_playwright().start()
        try:
            browser = playwright.chromium.launch(
                executable_path=_executable(playwright.chromium.executable_path), args=_FLAGS
            )
        except BaseException:
            playwright.stop()
            raise
    try:
        yield browser.new_context(**options).new_page()
    finally:
        browser.close()
        playwright.stop()


def _executable(own: str) -> str:
    """
    Playwright's own Chromium where it was installed, else the system's.
    """
    found = own if Path(own).is_file() else next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise CassetteFailure(
            f"taketwo_page needs Chromium, and there is none at {own}, nor {' or '.join(_NAMES)} on PATH\n"
            "install it: python -m playwright install chromium, or apt-get install chromium"
        )
    return found
