"""
Streams of events are lists in a cassette, and the same bytes in a replay.
"""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest

from taketwo.cassette.body.codec import body_to_bytes, read_body
from taketwo.cassette.model import EventsBody, LiveResponse, Pairs, TextBody
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.volatile.detect import Detector
from taketwo.config.placeholders import PlaceholderType, Rule
from tests.toolkit.cassette.exchanges import get, replay_of, take_of

SSE: Pairs = (("content-type", "text/event-stream; charset=utf-8"),)
LINES: Pairs = (("content-type", "application/x-ndjson"),)
ID = "chatcmpl-Ab1Cd2Ef3Gh4Ij5Kl6"
STREAMS = {
    "plain": 'data: {"a": 1}\n\ndata: {"a": 2}\n\ndata: [DONE]\n\n',
    "compact": 'data: {"a":1}\n\ndata: {"a":2}\n\n',
    "no space": 'data:{"a":1}\n\ndata:x\n\n',
    "named": 'event: start\nid: 7\nretry: 3000\ndata: {"a": "é😀"}\n\n',
    "comments": ': ping\n\n:\n\n: two\n: of them\n\ndata: {"a": 1}\n\n',
    "crlf": 'event: x\r\ndata: {"a": 1}\r\n\r\ndata: [DONE]\r\n\r\n',
    "no last line": 'data: {"a": 1}\n\ndata: {"b": 2}',
    "one last line": 'data: {"a": 1}\n\ndata: {"b": 2}\n',
    "blank lines": '\n\n\ndata: {"a": 1}\n\n\n\ndata: x\n\n',
    "many lines": "data: one\ndata: two\ndata:\n\ndata: {\ndata: }\n\n",
    "odd fields": 'data: 1\n\ndata: {"a": 1}\nother: 1\n\ndata\n\nevent: a\nevent: b\ndata: 1\n\n',
    "other endings": 'data: {"a": 1}\r\n\r\ndata: {"b": 2}\n\ndata: 3\r\n\r\n',
    "a byte order mark": '\ufeffdata: {"a": 1}\n\ndata: {"a": 1}\n\n',
    "other styles": 'data: {"a": 1}\n\ndata: {"a":1}\n\ndata: {"a" : 1.50}\n\ndata: {"a": "\\u00e9\\/"}\n\n',
    "order": 'data: {"a": 1}\nevent: late\nid: 3\n: and a comment\n\n',
    "twice the same key": 'data: {"a": 1, "a": 2}\n\ndata: {"a": 1}\n\n',
}  # fmt: skip
JSON_LINES = {
    "plain": '{"a":1}\n{"a":2}\n',
    "no last line": '{"a": 1}\n{"a": 2}',
    "crlf and blanks": '{"a": 1}\r\n\r\n{"a": 2}\r\n',
    "no JSON between": '{"a": 1}\nnothing\n[1,2]\n"x"\n',
}
EVERY = [(SSE, text) for text in STREAMS.values()] + [(LINES, text) for text in JSON_LINES.values()]
NAMES = [*STREAMS, *(f"lines: {name}" for name in JSON_LINES)]


def streamed(text: str, headers: Pairs, seed: str) -> LiveResponse:
    """
    A stream that is cut anywhere, in the midst of characters too.
    """
    dice, body = random.Random(seed), text.encode()  # noqa: S311 - a test repeats itself
    cuts = sorted({0, len(body), *(dice.randrange(len(body) + 1) for _ in range(6))})
    sizes = tuple(after - before for before, after in pairwise(cuts))
    return LiveResponse(status=200, headers=headers, body=body, chunks=sizes)


@pytest.mark.parametrize(("headers", "text"), EVERY, ids=NAMES)
def test_a_stream_is_a_list_of_events_and_the_same_bytes(headers: Pairs, text: str) -> None:
    body, _ = read_body(text.encode(), headers[0][1])

    assert isinstance(body, EventsBody)
    assert body_to_bytes(body) == text.encode()


@pytest.mark.parametrize(("headers", "text"), EVERY, ids=NAMES)
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_a_stream_comes_back_piece_by_piece(headers: Pairs, text: str, seed: str) -> None:
    live = streamed(text, headers, seed + text)

    played = replay_of(take_of((get("http://a.test/"), live))).response(0)

    assert (played.body, played.chunks) == (live.body, live.chunks if len(live.chunks) > 1 else ())


def test_the_text_form_shows_events() -> None:
    text = 'event: start\ndata: {"a": 1}\n\n: ping\n\ndata: {"b":2}\n\ndata: {"c": 3}\n\ndata: [DONE]\n'

    shown = dump_cassette(take_of((get("http://a.test/"), streamed(text, SSE, "x")))).partition(
        "    events:\n"
    )[2]

    assert shown.partition("    chunks:")[0] == (
        "    - event: start\n"
        "      json:\n"
        "        a: 1\n"
        '    - comment: " ping"\n'
        "    - json:\n"
        "        b: 2\n"
        "      style: compact\n"
        "    - json:\n"
        "        c: 3\n"
        '    - data: "[DONE]"\n'
        "    framing:\n"
        "      style: spaced\n"
        '      end: "\\n"\n'
    )


def test_volatile_values_in_events_are_placeholders_and_cuts_stay_outside_of_them() -> None:
    def stream(text: str, made: int) -> LiveResponse:
        chunk = {"id": text, "created": made, "x": "é"}
        body = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for _ in range(2))
        return streamed(body, SSE, "x")

    finder = Detector(now=1_790_000_000)
    first = take_of((get("http://a.test/"), stream(ID, 1_790_000_000)), finder=finder)
    second = take_of((get("http://a.test/"), stream(ID[:-1] + "z", 1_790_000_100)), finder=finder)
    played = replay_of(first).response(0)

    assert dump_cassette(first) == dump_cassette(second)
    assert "created: <time:1:seconds>" in dump_cassette(first)
    events, _ = read_body(played.body, SSE[0][1])
    assert isinstance(events, EventsBody)
    values = [event.data.value for event in events.events if event.data is not None]
    assert values[0] == values[1]
    assert isinstance(values[0], dict)
    assert str(values[0]["id"]).startswith("chatcmpl-")
    assert sum(played.chunks) == len(played.body)


def test_rules_reach_into_events() -> None:
    rule = Rule(PlaceholderType.COUNTER, path="response.events.*.json.seq")
    body = b'data: {"seq": 7, "n": 7}\n\ndata: {"seq": 8, "n": 9}\n\n'

    cassette = take_of(
        (get("http://a.test/"), LiveResponse(status=200, headers=SSE, body=body)), finder=Detector([rule])
    )

    stored = cassette.interactions[0].response.body
    assert isinstance(stored, EventsBody)
    values = [event.data.value for event in stored.events if event.data is not None]
    assert values == [{"seq": "<counter:1>", "n": 7}, {"seq": "<counter:2>", "n": 9}]


def test_secrets_in_events_are_found_by_name_and_by_value() -> None:
    body = b'id: s3cr3t-of-all\ndata: {"password": "hunter22", "text": "see s3cr3t-of-all"}\n\n'
    redactor = Redactor({"KEY": "s3cr3t-of-all"})

    text = dump_cassette(
        take_of((get("http://a.test/"), LiveResponse(status=200, headers=SSE, body=body)), redactor=redactor)
    )

    assert "s3cr3t" not in text
    assert "hunter22" not in text


def test_text_of_no_event_stays_text() -> None:
    assert read_body(b"nothing at all", SSE[0][1])[0] == TextBody("nothing at all")
