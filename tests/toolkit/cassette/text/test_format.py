"""
The text form of a cassette, and what is said about one that cannot be read.
"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace

import pytest

from taketwo.cassette.model import (
    BinaryBody,
    Cassette,
    Ending,
    Interaction,
    JsonBody,
    JsonStyle,
    Outcome,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import CassetteFormatError
from tests.toolkit.effort import calls_of

CASSETTE = Cassette(
    test="tests/test_pages.py::test_pages[a-1]",
    services={"mesh": "e634d65f21f6", "chorus": "0a1b2c3d4e5f"},
    seed=629461369,
    time="2026-01-01T00:00:00Z",
    interactions=(
        Interaction(
            StoredRequest(
                method="POST",
                url="http://mesh.test/api/pages",
                query=(("tenant", "t 1"), ("tag", "a"), ("tag", "b"), ("limit", "10")),
                headers=(("accept", "application/json"), ("x-mesh-secret", "<secret:x-mesh-secret>")),
                body=JsonBody({"title": "Über: 🎉", "html": "<p>\n  <b>hi</b>\n</p>\n", "tags": []}),
            ),
            StoredResponse(
                status=201,
                reason="Made",
                headers=(("set-cookie", "a=<secret:a>"), ("set-cookie", "b=<secret:b>")),
                body=JsonBody([{"_id": "<uuid:1>", "at": "<time:1>", "n": 1.0}], JsonStyle.SPACED_ASCII),
            ),
        ),
        Interaction(
            StoredRequest(method="GET", url="http://mesh.test/picture"),
            StoredResponse(status=200, body=BinaryBody(bytes(range(120)))),
        ),
        Interaction(
            StoredRequest(method="PUT", url="http://mesh.test/text", body=TextBody("a=1&b=2")),
            StoredResponse(status=204),
        ),
        Interaction(
            StoredRequest(method="GET", url="http://mesh.test/null"),
            StoredResponse(status=200, body=JsonBody(None)),
        ),
    ),
)

CASSETTE_TEXT = """\
taketwo: 1
test: tests/test_pages.py::test_pages[a-1]
services:
  chorus: "0a1b2c3d4e5f"
  mesh: e634d65f21f6
seed: 629461369
time: "2026-01-01T00:00:00Z"
holds:
  interactions: 4
interactions:
- request:
    method: POST
    url: http://mesh.test/api/pages
    query:
      tenant: t 1
      tag:
      - a
      - b
      limit: "10"
    headers:
      accept: application/json
      x-mesh-secret: <secret:x-mesh-secret>
    json:
      title: "Über: 🎉"
      html: |
        <p>
          <b>hi</b>
        </p>
      tags: []
  response:
    status: 201
    reason: Made
    headers:
      set-cookie:
      - a=<secret:a>
      - b=<secret:b>
    json:
    - _id: <uuid:1>
      at: <time:1>
      "n": 1.0
    style: spaced-ascii
- request:
    method: GET
    url: http://mesh.test/picture
  response:
    status: 200
    base64: |
      AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElK
      S0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3
- request:
    method: PUT
    url: http://mesh.test/text
    text: a=1&b=2
  response:
    status: 204
- request:
    method: GET
    url: http://mesh.test/null
  response:
    status: 200
    json: null
"""

HEAD = """\
taketwo: 1
test: a.py::test_a
services: {}
seed: 1
holds:
  interactions: 1
"""

ONE = (
    HEAD
    + """\
interactions:
- request:
    method: GET
    url: http://a.test/
  response:
    status: 200
"""
)


def test_a_cassette_is_written_like_this() -> None:
    assert dump_cassette(CASSETTE) == CASSETTE_TEXT


def test_what_is_written_is_read_back() -> None:
    assert load_cassette(CASSETTE_TEXT, name="a.yaml") == CASSETTE


def test_an_empty_cassette_is_written_and_read() -> None:
    text = dump_cassette(Cassette(test="a"))

    assert text == (
        "taketwo: 1\ntest: a\nservices: {}\nseed: 0\n"
        'time: "2026-01-01T00:00:00Z"\nholds:\n  interactions: 0\ninteractions: []\n'
    )
    assert load_cassette(text, name="a.yaml") == Cassette(test="a")


def test_a_cassette_without_a_time_has_the_usual_one() -> None:
    assert load_cassette(ONE, name="a.yaml").time == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("taketwo: 1\n", "", ": it has no line 'taketwo: 1', so it is no cassette of ours"),
        (
            "taketwo: 1",
            "taketwo: 4",
            ": it has format version 4, and this release reads up to 3: upgrade taketwo",
        ),
        (
            "taketwo: 1",
            "taketwo: 0",
            ": there is no format version 0; record again with --record-mode=rewrite",
        ),
        ("taketwo: 1", "taketwo: one", ": 'taketwo' is not a whole number"),
        ("taketwo: 1", "taketwo: true", ": 'taketwo' is not a whole number"),
        ("test: a.py::test_a\n", "", ": 'test' is missing"),
        ("test: a.py::test_a\n", "test: 1\n", ": 'test' is not a string"),
        ("services: {}", "services: []", ": services: expected a mapping"),
        ("services: {}", "services: {mesh: 1}", ": services: 'mesh' is not a string"),
        ("seed: 1", "seed: 1.0", ": 'seed' is not a whole number"),
        ("seed: 1\n", "", ": 'seed' is missing"),
        (
            "seed: 1",
            'time: "soon"\nseed: 1',
            ": 'time' is not a time with its zone, such as 2026-01-01T00:00:00Z",
        ),
        (
            "seed: 1",
            'time: "2026-01-01T00:00:00"\nseed: 1',
            ": 'time' is not a time with its zone, such as 2026-01-01T00:00:00Z",
        ),
        (
            "seed: 1",
            "sede: 1",
            (
                ": 'sede' is not a known key; "
                "known keys are taketwo, test, services, seed, time, counters, ended, holds, "
                "interactions, conversations, files"
            ),
        ),
        ("holds:\n  interactions: 1", "holds: 1", ": holds: expected a mapping"),
        ("holds:\n  interactions: 1", "holds: {}", ": holds: 'interactions' is missing"),
        (
            "  interactions: 1",
            "  interactions: 3",
            (
                ": the header says 3 interactions but the file holds 1: it may be truncated or hand-edited; "
                "restore it from version control, or record again with --record-mode=rewrite"
            ),
        ),
        ("- request:", "- a\n- request:", ": interactions[0]: expected a mapping"),
        ("- request:", "- {}\n- request:", ": interactions[0]: 'request' is missing"),
        (
            "  response:",
            "  answer:",
            ": interactions[0]: 'answer' is not a known key; known keys are request, response",
        ),
        ("    method: GET\n", "", ": interactions[0]: request: 'method' is missing"),
        ("    method: GET", "    method: [GET]", ": interactions[0]: request: 'method' is not a string"),
        (
            "    method: GET",
            "    methode: GET",
            (
                ": interactions[0]: request: 'methode' is not a known key; "
                "known keys are method, url, query, headers, "
                "json, style, layout, escapes, spelled, text, base64, file, form, spelling, parts, "
                "events, framing"
            ),
        ),
        (
            "    status: 200",
            "    code: 200",
            (
                ": interactions[0]: response: 'code' is not a known key; "
                "known keys are status, http_version, reason, header_names, headers, "
                "json, style, layout, escapes, spelled, text, base64, file, "
                "form, spelling, parts, events, framing, chunks, pauses, ended"
            ),
        ),
        *(
            (
                "    status: 200",
                f"    status: 200\n    text: abc\n    chunks: {sizes}",
                (
                    f": interactions[0]: response: 'chunks' is '{sizes}', which are no sizes that make up "
                    "the 3 bytes of the body; take the line away to have it played in one piece"
                ),
            )
            for sizes in ("1 1", "-1 4", "0*9 3", "3 0", "1*99999999999", "x")
        ),
        *(
            (
                "    status: 200",
                f'    status: 200\n    text: abc\n    chunks: "1 2"\n    pauses: "{pauses}"',
                (
                    f": interactions[0]: response: 'pauses' is '{pauses}', which are no milliseconds for "
                    "each of 2 pieces; take the line away to have them played without a wait"
                ),
            )
            for pauses in ("1", "1 2 3", "-1 4", "0*3", "1*99999999999", "x", "0.5 1")
        ),
        (
            "    status: 200",
            '    status: "200"',
            ": interactions[0]: response: 'status' is not a whole number",
        ),
        (
            "    status: 200",
            "    status: 200\n    json: 1\n    text: a",
            ": interactions[0]: response: a body has one form, and here are json and text",
        ),
        (
            "    status: 200",
            "    status: 200\n    base64: a",
            ": interactions[0]: response: 'base64' is not base64",
        ),
        (
            "    status: 200",
            "    status: 200\n    base64: ÄÄÄÄ",
            ": interactions[0]: response: 'base64' is not base64",
        ),
        (
            "    status: 200",
            "    status: 200\n    json: 1\n    style: fancy",
            (
                ": interactions[0]: response: 'style' is not one of "
                "compact, spaced, compact-ascii, spaced-ascii, indented, indented-ascii"
            ),
        ),
        (
            "    status: 200",
            "    status: 200\n    headers: {a: 1}",
            ": interactions[0]: response: headers: 'a' is not a string or a list of strings",
        ),
        (
            "    status: 200",
            "    status: 200\n    headers: {a: [b, 1]}",
            ": interactions[0]: response: headers: 'a' is not a string or a list of strings",
        ),
        (
            "    status: 200",
            "    status: 200\n    headers: [a]",
            ": interactions[0]: response: headers: expected a mapping",
        ),
        (
            "    status: 200",
            "    status: 200\n    text: 1",
            ": interactions[0]: response: 'text' is not a string",
        ),
        (
            "seed: 1",
            "seed: 1\nended: {outcome: bored}",
            ": ended: the outcome 'bored' is not known; known are skipped, xfailed",
        ),
        ("    status: 200", "    status: 200\n    status: 201", ", line 13: the key 'status' appears twice"),
    ],
)
def test_a_damaged_cassette_is_refused_with_place_and_reason(old: str, new: str, problem: str) -> None:
    assert ONE.count(old) >= 1

    with pytest.raises(CassetteFormatError) as caught:
        load_cassette(ONE.replace(old, new, 1), name="a.yaml")

    assert str(caught.value) == f"a.yaml{problem}"


@pytest.mark.parametrize(
    ("ending", "lines"),
    [
        (Ending(Outcome.SKIPPED), "ended:\n  outcome: skipped\n"),
        (Ending(Outcome.XFAILED, "ValueError"), "ended:\n  outcome: xfailed\n  raised: ValueError\n"),
    ],
)
def test_the_head_tells_how_a_test_ended_and_where_its_counters_begin(ending: Ending, lines: str) -> None:
    cassette = replace(CASSETTE, ended=ending, counters=30_000)

    text = dump_cassette(cassette)

    assert f"counters: 30000\n{lines}holds:" in text
    assert load_cassette(text, name="a.yaml") == cassette


@pytest.mark.parametrize("text", ["[]", "text", "null", "1"])
def test_what_is_no_mapping_is_no_cassette(text: str) -> None:
    with pytest.raises(CassetteFormatError) as caught:
        load_cassette(text, name="a.yaml")

    assert str(caught.value) == "a.yaml: expected a mapping"


def test_a_list_must_follow_interactions() -> None:
    with pytest.raises(CassetteFormatError) as caught:
        load_cassette(f"{HEAD}interactions: 1\n", name="a.yaml")

    assert str(caught.value) == "a.yaml: 'interactions' is not a list"


def test_a_file_cut_anywhere_is_refused() -> None:
    """
    Only what a cut at the very end takes away cannot be noticed: a line break, or the ends of a value.
    """
    whole = CASSETTE_TEXT
    last_line = whole.rindex("\n", 0, -1)

    for end in range(0, last_line, 7):
        with pytest.raises(CassetteFormatError):
            load_cassette(whole[:end], name="a.yaml")


@pytest.mark.parametrize("seed", range(3))
def test_a_mutilated_cassette_is_refused_or_holds_something(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    lines = CASSETTE_TEXT.splitlines(keepends=True)
    for _ in range(100):
        changed = lines.copy()
        for _ in range(dice.randint(1, 3)):
            first, second = dice.randrange(len(changed)), dice.randrange(len(changed))
            match dice.randrange(4):
                case 0:
                    changed[first], changed[second] = changed[second], changed[first]
                case 1:
                    del changed[first]
                case 2:
                    changed.insert(first, changed[second])
                case _:
                    changed[first] = changed[first].replace(
                        ": ", dice.choice([": - ", ": 1", ": {", ":\n"]), 1
                    )

        with suppress(CassetteFormatError):
            load_cassette("".join(changed), name="a.yaml")


def test_a_large_binary_body_is_written_without_a_look_at_its_bytes() -> None:
    large = bytes(range(256)) * 12_000

    calls = calls_of(lambda: dump_cassette(with_body(large)))

    assert calls.total() < 1_000
    text = dump_cassette(with_body(large))
    loaded = load_cassette(text, name="a.yaml", attached=lambda _name, _size: large)
    assert loaded.interactions[0].response.body == BinaryBody(large)


def with_body(content: bytes) -> Cassette:
    interaction = Interaction(
        StoredRequest(method="GET", url="http://a.test/"),
        StoredResponse(status=200, body=BinaryBody(content)),
    )
    return Cassette(test="a", interactions=(interaction,))
