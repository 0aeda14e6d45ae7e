"""
The page as a file: what it holds, and what it could not do if it wanted to.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from taketwo.cassette.audio.wav import wav_of
from taketwo.cassette.model import (
    Cassette,
    Close,
    Conversation,
    Direction,
    Frame,
    JsonBody,
    JsonValue,
    Sound,
    StoredRequest,
    StoredResponse,
)
from taketwo.compare.recordings import compare_cassettes
from taketwo.compare.side_by_side import visible
from taketwo.report.page.audio import Sounds, peaks, read_wave
from taketwo.report.page.content import case_items, page_content
from taketwo.report.page.document import html_page
from taketwo.results import CassetteResult, RefreshResult, Status
from tests.toolkit.report.hostile import TEXTS, hostile_story
from tests.toolkit.report.reports import SPOKEN, WHOLE, many, pages, tone


class Reading(HTMLParser):
    """
    The elements of a page, and what its scripts and styles hold.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_data(self, data: str) -> None:
        if self._open in self.inside:
            self.inside[self._open][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if self._open == tag else self._open


def embedded(text: str) -> Mapping[str, JsonValue]:
    told: Mapping[str, JsonValue] = json.loads(Reading(text).inside["script"][0])
    return told


def test_an_interaction_is_its_parts_line_by_line() -> None:
    before, after = pages("page_id", rows=1), pages("pageId", rows=1)
    case = CassetteResult(test="t", cassette="c", status=Status.CHANGED, before=before, after=after)

    first, *_, last = case_items(case)

    assert first == {
        "number": 1,
        "title": "POST http://mesh.test/api/content/HtmlGeneration",
        "mark": "~",
        "severity": None,
        "sections": [
            {
                "of": "request",
                "part": "request",
                "rows": [[0, "POST http://mesh.test/api/content/HtmlGeneration"]],
            },
            {
                "of": "request",
                "part": "headers",
                "rows": [[0, "content-type: application/json; charset=utf-8"]],
            },
            {"of": "request", "part": "body", "rows": [[0, "{"], [0, '  title: "Pong"'], [0, "}"]]},
            {"of": "response", "part": "response", "rows": [[0, "HTTP 200 OK"]]},
            {
                "of": "response",
                "part": "headers",
                "rows": [[0, "content-type: application/json; charset=utf-8"]],
            },
            {
                "of": "response",
                "part": "body",
                "rows": [
                    [0, "{"],
                    [0, "  success: true"],
                    [0, "  data: {"],
                    [2, '    page_id: "<uuid:1>"'],
                    [3, '    pageId: "<uuid:1>"'],
                    [0, "  }"],
                    [0, "}"],
                ],
            },
        ],
    }
    assert last == {"number": 4, "title": "GET http://mesh.test/api/me", "mark": "=", "status": 200}


def test_a_conversation_is_its_messages_and_its_end() -> None:
    def talk(text: str, at: int) -> Cassette:
        frames = (
            Frame(direction=Direction.SEND, at=at, body=JsonBody({"say": "hi"})),
            Frame(direction=Direction.RECEIVE, at=at + 10, body=JsonBody({"said": text})),
        )
        request = StoredRequest(method="GET", url="ws://chorus.test/talk")
        end = Close(code=1000, at=at + 20)
        talked = Conversation(request=request, response=StoredResponse(status=101), frames=frames, close=end)
        return Cassette(test="t", conversations=(talked,))

    before, after = talk("one", 5), talk("two", 7)
    differences = compare_cassettes(before, after)

    (item,) = case_items(
        CassetteResult(
            test="t", cassette="c", status=Status.CHANGED, differences=differences, before=before, after=after
        )
    )

    assert isinstance(item, dict)
    sections = item["sections"]
    assert isinstance(sections, list)
    assert (item["title"], item["severity"]) == ("conversation at ws://chorus.test/talk", "dangerous")
    assert sections[-1] == {
        "of": "frames",
        "part": "frames",
        "rows": [
            [5, "→ sent 1, 0.005 s", "→ sent 1, 0.007 s"],
            [0, "{"],
            [0, '  say: "hi"'],
            [0, "}"],
            [5, "← received 2, 0.015 s", "← received 2, 0.017 s"],
            [0, "{"],
            [1, '  said: "one"', '  said: "two"'],
            [0, "}"],
            [0, "→ closed with 1000"],
        ],
    }


def test_a_sound_that_texts_stand_for_is_heard_once() -> None:
    """
    The pieces of one stream are one file, and each piece names it.
    """
    name, sound = "0123456789abcdef.wav", wav_of(struct.pack("<4h", *range(4)), Sound(24000))
    frames = tuple(
        Frame(direction=Direction.RECEIVE, at=0, body=JsonBody({"audio": f"<pcm:{name}:{piece}>"}))
        for piece in ("0-2", "2-4")
    )
    request, response = StoredRequest(method="GET", url="ws://c.test/"), StoredResponse(status=101)
    talked = Conversation(request=request, response=response, frames=frames)
    after = Cassette(test="t", conversations=(talked,), files={name: sound})
    case = CassetteResult(test="t", cassette="c", status=Status.CHANGED, after=after)

    told = page_content(RefreshResult(command="r", written=True, cassette_results=(case,)))
    (item,) = case_items(case)

    assert isinstance(told, dict)
    assert isinstance(item, dict)
    assert item["sounds"] == [{"before": None, "after": name[:16]}]
    assert told["sounds"] == {
        name[:16]: {
            "type": "audio/wav",
            "size": len(sound),
            "data": base64.b64encode(sound).decode(),
            "seconds": 0.0,
            "rate": 24000,
            "channels": 1,
            "peaks": [0, 0] * 4,
        }
    }


@pytest.mark.parametrize(
    ("bits", "kind", "code", "values"),
    [(8, 1, "B", (0, 128, 255)), (16, 1, "h", (-32768, 0, 32767)), (32, 3, "f", (-1.0, 0.0, 1.0))],
)
def test_a_waveform_goes_from_the_lowest_to_the_highest_sample(
    bits: int, kind: int, code: str, values: tuple[float, ...]
) -> None:
    data = struct.pack(f"<3{code}", *values)
    head = struct.pack("<HHIIHH", kind, 1, 8000, 8000 * bits // 8, bits // 8, bits)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", len(data)) + data
    wave = read_wave(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)

    assert wave is not None
    low, middle, high = peaks(wave)[::2]
    assert (low, middle) == (-100, 0)
    assert high >= 99


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF\xff\xff\xff\xffWAVE",
        tone(0.1)[:30],
        b"RIFF....WAVEfmt \x10\x00\x00\x00" + b"\xff" * 16,
        wav_of(b"", Sound(0)),
        b"ID3 no wav at all",
    ],
)
def test_what_is_no_wav_is_not_drawn(content: bytes) -> None:
    assert read_wave(content) is None


def test_a_wav_whose_length_was_not_known_yet_is_drawn_as_far_as_it_goes() -> None:
    content = tone(0.1).replace(b"data" + struct.pack("<I", 1600), b"data\xff\xff\xff\xff")

    wave = read_wave(content)

    assert wave is not None
    assert wave.seconds == 0.1


def test_sounds_that_weigh_too_much_are_seen_and_not_heard() -> None:
    sounds = Sounds()
    large = wav_of(b"\x00\x01" * 1_100_000, Sound(24000))

    name = sounds.add(hashlib.sha256(large).hexdigest(), "audio/wav", large)

    told = sounds.json()
    assert isinstance(told, dict)
    sound = told[name]
    assert isinstance(sound, dict)
    assert (sound["data"], sounds.left_out) == (None, 1)
    assert sound["peaks"]


def test_the_page_is_told_what_has_no_room_on_it() -> None:
    large = replace(SPOKEN, before=None, after=None)
    content = page_content(RefreshResult(command="r", written=True, cassette_results=(SPOKEN, large)))

    assert isinstance(content, dict)
    assert content["left_out"] == []


def test_the_page_may_load_nothing() -> None:
    reading = Reading(html_page(WHOLE))
    (policy,) = [attrs["content"] for tag, attrs in reading.elements if attrs.get("http-equiv")]
    style, script = (_hash(reading.inside[name][-1]) for name in ("style", "script"))

    assert policy == (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not [
        (tag, name)
        for tag, attrs in reading.elements
        for name in attrs
        if name in {"src", "srcset", "style"} or name.startswith("on")
    ]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", "".join(reading.inside["script"][1:]))


def test_whatever_was_said_the_page_has_the_same_elements() -> None:
    usual, hostile = html_page(many(1)), html_page(hostile_story())

    assert [tag for tag, _ in Reading(hostile).elements] == [tag for tag, _ in Reading(usual).elements]
    assert embedded(hostile)["orphans"] == [visible(text) for text in TEXTS]


def test_the_same_story_gives_the_same_page() -> None:
    assert html_page(replace(WHOLE)) == html_page(WHOLE)


def test_the_page_of_a_thousand_cassettes_can_be_mailed() -> None:
    small, large = len(html_page(many(1))), len(html_page(many(51)))

    per_cassette = (large - small) / 50
    assert per_cassette < 8_000


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
