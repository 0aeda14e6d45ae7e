"""
The page in a browser: Chromium, where it is installed, with no network and from a file.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from taketwo.report.page.document import html_page
from taketwo.results import RefreshResult
from tests.toolkit.report.hostile import hostile_story
from tests.toolkit.report.reports import WHOLE, many

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[browser]'")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

THOUSAND = many(1000)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]


@dataclass(frozen=True, slots=True)
class Opened:
    """
    A page in a tab, what it complained of, and what it asked a network for.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def texts(self, selector: str) -> list[str]:
        return self.page.locator(selector).all_inner_texts()

    def wait_for(self, selector: str, text: str) -> None:
        """
        Wait until the first of them says *text*, by nothing that the page would have to evaluate: it may not.
        """
        from playwright.sync_api import expect  # noqa: PLC0415 - skipped where it is not

        expect(self.page.locator(selector).first).to_contain_text(text, use_inner_text=True)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def focus(self) -> str:
        return str(self.page.evaluate("({id, dataset}) => dataset.key || id", self._active))

    @property
    def _active(self) -> object:
        return self.page.evaluate_handle("document.activeElement")

    @property
    def background(self) -> str:
        return str(self.page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - skipped where it is not

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@dataclass(frozen=True, slots=True)
class Opener:
    browser: Browser
    folder: Path
    opened: list[Opened] = field(default_factory=list)

    def __call__(
        self,
        report: RefreshResult,
        *,
        width: int = 1360,
        dark: bool = False,
        at: str = "",
        offline: bool = True,
    ) -> Opened:
        file = self.folder / "report.html"
        file.write_text(_page(report), encoding="utf-8")
        context = self.browser.new_context(
            viewport={"width": width, "height": 860},
            color_scheme="dark" if dark else "light",
            offline=offline,
        )
        tab = Opened(context.new_page())
        tab.page.on("console", lambda message: tab.complaints.append(message.text))
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        tab.page.goto(f"{file.as_uri()}{at}")
        tab.page.wait_for_selector(".entry", state="attached")
        self.opened.append(tab)
        return tab


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """
    Opens a story; afterwards, no page has complained, nor asked for anything but itself and its own data.
    """
    opener = Opener(browser, tmp_path)
    yield opener
    for one in opener.opened:
        assert one.complaints == []
        assert [url for url in one.requests if not url.startswith(("file:", "data:audio/"))] == []
        one.page.context.close()


@cache
def _thousand() -> str:
    return html_page(THOUSAND)


def _page(report: RefreshResult) -> str:
    return _thousand() if report is THOUSAND else html_page(report)


def test_the_overview_tells_the_verdict_and_each_cause(show: Opener) -> None:
    tab = show(WHOLE)

    assert tab.text("h1") == "1 test no longer passes"
    assert tab.texts("#list h2") == [
        "Tests that no longer pass\n1",
        "Changes of contracts\n2",
        "Changes that no contract explains\n1",
        "Differing\n2",
        "Recorded for the first time\n1",
        "Unchanged\n1",
        "Contracts\n1",
    ]
    assert tab.texts(".axes [aria-current]") == ["unexplained"]
    assert tab.texts(".causes td:nth-child(2)") == [
        "NotionModel.page_id",
        "Notes.colour",
        "POST http://chorus.test/speech response.file",
    ]
    assert tab.texts(".commands code") == ["refresh --accept", "refresh --reject", "refresh --review"]


def test_a_difference_stands_side_by_side_and_is_marked(show: Opener) -> None:
    tab = show(WHOLE, at="#case=1")

    assert tab.text("#detail h2") == "cassettes/test_pages/test_made.yaml"
    assert tab.texts(".exchange .address")[0] == "POST http://mesh.test/api/content/HtmlGeneration"
    assert tab.texts("tr.removed td.old")[0].strip() == 'page_id: "<uuid:1>"'
    assert tab.texts("tr.added td.new")[0].strip() == 'pageId: "<uuid:1>"'
    assert tab.texts("tr.changed td mark") == ["!"]
    left, right = (tab.page.locator(f"tr.changed td.{side}").first.bounding_box() for side in ("old", "new"))
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]


def test_a_sound_is_seen_and_heard_before_and_after(show: Opener) -> None:
    tab = show(WHOLE, at="#case=2")

    tab.page.wait_for_selector("figure.sound")
    assert tab.texts("figcaption") == ["before\n1.20 s, 8 kHz, 19.2 kB", "after\n1.50 s, 8 kHz, 24.0 kB"]
    widths = tab.page.evaluate(
        "[...document.querySelectorAll('path.wave')].map((one) => Math.round(one.getBBox().width))"
    )
    assert widths[0] < 0.85 * widths[1]
    seconds = tab.page.evaluate(
        "Promise.all([...document.querySelectorAll('audio')].map((one) => new Promise((done) => {"
        "one.addEventListener('loadedmetadata', () => done(one.duration)); one.load(); })))"
    )
    assert seconds == [pytest.approx(1.2), pytest.approx(1.5)]


def test_what_no_recording_exercises_is_a_table(show: Opener) -> None:
    tab = show(WHOLE, at="#coverage")

    tab.page.click("details summary")

    assert tab.texts(".coverage tbody td:nth-child(3)") == [" 75 %", " 100 %"]
    assert tab.texts(".left li") == ["Query.notes", "Note.colour"]


def test_everything_is_reached_by_keys(show: Opener) -> None:
    tab = show(WHOLE)

    tab.press("j", "j", "j")
    by_j = (tab.focus, tab.text("#detail h2"))
    tab.press("k", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
    in_detail = (tab.focus, tab.text("#detail h2"))
    tab.press("n")
    marked = tab.texts("tr.at td.old")
    tab.press("Escape")

    assert by_j == ("cause=90bd77", "Notes.colour")
    assert in_detail == ("detail", "cassettes/test_speech/test_spoken.yaml")
    assert marked == ["(binary, 19.2 kB, sha256 4a30ec9af5af4e39…)"]
    assert tab.focus == "case=2"
    assert tab.page.evaluate("document.activeElement.matches(':focus-visible')")


def test_keys_are_told_and_closed_again(show: Opener) -> None:
    tab = show(WHOLE)

    tab.press("?")
    told = tab.page.is_visible("#keys")
    tab.press("Escape")

    assert told
    assert not tab.page.is_visible("#keys")


def test_a_search_leaves_what_has_all_its_words(show: Opener) -> None:
    tab = show(THOUSAND)

    tab.press("/")
    tab.page.keyboard.type("made 0777")
    # What has just come into sight has no text before it is drawn.
    tab.wait_for(".entry .what", "0777")

    assert tab.texts(".entry .what") == ["test_pages/test_made[0777]\ntests/test_pages.py::test_made[0777]"]
    assert tab.text("#found") == "1 finding found"
    tab.press("Enter")
    assert tab.text("#detail h2") == "cassettes/test_pages/test_made[0777].yaml"
    tab.press("/")
    tab.page.keyboard.type("nothing like it")
    assert "Nothing is called like that." in tab.text("#entries")


def test_a_thousand_cassettes_are_drawn_as_they_are_needed(show: Opener) -> None:
    tab = show(THOUSAND)

    drawn = tab.page.locator(".entry").count()
    tab.page.goto(f"{tab.page.url.partition('#')[0]}#case=999")
    tab.wait_for("#detail h2", "[0999]")

    assert drawn < 250
    assert tab.page.locator(".entry").count() > 1000
    assert tab.texts(".entry[aria-current]")[0].startswith("test_pages/test_made[0999]")


def test_light_and_dark_follow_the_system_until_somebody_chooses(show: Opener) -> None:
    light, dark = show(WHOLE), show(WHOLE, dark=True)
    before = (light.background, dark.background)

    light.press("t")
    dark.page.click("#theme")

    assert before == ("rgb(250, 249, 246)", "rgb(21, 23, 27)")
    assert (light.background, dark.background) == before[::-1]


def test_a_narrow_screen_shows_one_thing_at_a_time(show: Opener) -> None:
    tab = show(WHOLE, width=420)
    first = (tab.page.is_visible("#list"), tab.page.is_visible("#detail"))

    tab.page.click(".entry[href='#case=1']")
    second = (tab.page.is_visible("#list"), tab.page.is_visible("#detail"))
    wide = tab.page.evaluate("document.documentElement.scrollWidth")
    tab.page.click("[data-back]")

    assert (first, second) == ((True, False), (False, True))
    assert wide <= 420
    assert tab.page.is_visible("#list")


def test_landmarks_and_names_are_there_for_who_does_not_see_it(show: Opener) -> None:
    tab = show(WHOLE, at="#case=1")

    unnamed = tab.page.evaluate(
        "[...document.querySelectorAll('button, input, nav, audio, svg[role]')].filter((one) => "
        "!one.textContent.trim() && !one.ariaLabel && !(one.labels && one.labels.length)).length"
    )

    assert unnamed == 0
    assert [tab.page.locator(name).count() for name in ("header", "nav", "main", "h1")] == [1, 1, 1, 1]
    assert tab.page.get_attribute("html", "lang") == "en"


def test_whatever_a_service_said_does_nothing(show: Opener) -> None:
    report = hostile_story()
    tab = show(report)

    for place in ("o", *_places(report)):
        tab.page.evaluate(f"location.hash = {place!r}")
        tab.page.locator("#detail > *").first.wait_for(state="attached")

    assert tab.page.title() == "10 tests no longer pass - taketwo"
    made = tab.page.evaluate("document.querySelectorAll('img, iframe, link, object, script[src]').length")
    assert made == 0


def _places(report: RefreshResult) -> Sequence[str]:
    cases = [f"case={number}" for number in range(len(report.cassette_results))]
    return [*cases, *(f"cause={cause.id}" for cause in report.causes)]
