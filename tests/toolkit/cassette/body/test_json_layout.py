"""
JSON that is written as no style of ours would: it stays structure, and its bytes come out all the same.
"""

from __future__ import annotations

import json
import random

import pytest

from taketwo.cassette.body.codec import body_from_bytes, body_to_bytes
from taketwo.cassette.content import whole
from taketwo.cassette.model import (
    Cassette,
    Interaction,
    JsonBody,
    JsonLayout,
    JsonStyle,
    JsonValue,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import CassetteFormatError
from tests.toolkit.cassette.exchanges import answer, get, replay_of, take_of

JSON = "application/json"
SAMPLE: JsonValue = {"id": 7, "tags": ["a", {"deep": [1, 2]}], "none": {}, "empty": [], "name": "Ada"}
COMPACT, SPACED, INDENTED = JsonStyle.COMPACT, JsonStyle.SPACED, JsonStyle.INDENTED


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (json.dumps(SAMPLE, indent=4), JsonLayout(INDENTED, ">____")),
        (json.dumps(SAMPLE, indent="\t") + "\n", JsonLayout(INDENTED, r">\t $\n")),
        (
            json.dumps(SAMPLE, indent=2).replace("\n", "\r\n"),
            JsonLayout(INDENTED, r"{\r\n> }\r\n> [\r\n> ]\r\n> ,\r\n>"),
        ),
        (json.dumps(SAMPLE, separators=(",", ":")) + "\n", JsonLayout(COMPACT, r"$\n")),
        (json.dumps(SAMPLE, separators=(" , ", " : ")), JsonLayout(SPACED, "<,_ <:_")),
        ('{"a" : 1}', JsonLayout(SPACED, "<:_")),
        ('\n{"a":[ ],"b":{\t}}', JsonLayout(COMPACT, r"^\n {}\t []_")),
        ('{\n  "a": [1, 2, 3]\n}', JsonLayout(INDENTED, "[ ] [,_")),
        ("[[1,2],[3,4],[5,6], [7,8]]", JsonLayout(COMPACT, "@20_")),
    ],
)
def test_white_space_is_told_in_a_few_words(text: str, layout: JsonLayout) -> None:
    body = body_from_bytes(text.encode(), media_type=JSON)

    assert (body, body_to_bytes(body)) == (JsonBody(json.loads(text), layout), text.encode())


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (r'{"url":"http:\/\/a.test\/b","c":1}', JsonLayout(escapes=r"\/")),
        (r'["\u003cb\u003e","\u003c"]', JsonLayout(escapes=r"\u003c\u003e")),
        (r'["\u00E9\u00e8","\ud83c\udf89"]', JsonLayout(JsonStyle.COMPACT_ASCII, escapes=r"\u00E9")),
        (r'["\u00e9 and é","éè"]', JsonLayout(spelled=(("1", r"0=\u00e9"),))),
        (r'["a/b/c/d","a\/b"]', JsonLayout(spelled=(("2", r"1=\/"),))),
        (r'["a\/b\/c\/d","/"]', JsonLayout(escapes=r"\/", spelled=(("2", "0=/"),))),
        ("[1.10, 20, 1e5, 0.30]", JsonLayout(SPACED, spelled=(("1", "1.10"), ("3", "1e5"), ("4", "0.30")))),
        ('{"a":0.10000000000000001}', JsonLayout(spelled=(("2", "0.10000000000000001"),))),
        ('{"a":-0,"b":-0.0}', JsonLayout(spelled=(("2", "-0"),))),
        ('{"a":1.0e0,"b":1}', JsonLayout(spelled=(("2", "1.0e0"),))),
        ('{"a":123456789012345678901234567890} ', JsonLayout(gaps="$_")),
    ],
)
def test_an_unusual_spelling_is_noted_by_its_position(text: str, layout: JsonLayout) -> None:
    body = body_from_bytes(text.encode(), media_type=JSON)

    assert (body, body_to_bytes(body)) == (JsonBody(json.loads(text), layout), text.encode())


def test_text_is_kept_where_its_notes_would_be_longer() -> None:
    content = b"[1.0e0,2.0e0,3.0e0,4.0e0]"

    assert not isinstance(body_from_bytes(content, media_type=JSON), JsonBody)


def test_a_layout_is_written_below_the_structure() -> None:
    text = dump_cassette(take_of((get("http://a.test/"), answer(b'{"a" : 1.10, "b" : "\\/x"}\n'))))

    assert text.endswith(
        "    json:\n      a: 1.1\n      b: /x\n"
        "    style: spaced\n"
        "    layout: <:_ $\\n\n"
        "    escapes: '\\/'\n"
        "    spelled:\n"
        '      "2": "1.10"\n'
    )
    assert dump_cassette(load_cassette(text, name="a.yaml")) == text


UUIDS = ["0b8f2b55-7f3c-4c8e-9d0a-1f2e3d4c5b6a", "7c9e6679-7425-40de-944b-e07fc1f90ae7"]


@pytest.mark.parametrize(
    "text",
    [
        '{\n    "id": "%s",\n    "at": "2026-03-01T10:00:00.123Z"\n}\n',
        '{"url" : "http:\\/\\/a.test\\/%s\\/x", "price" : 1.10}',
        '{"a": "é%sé", "b": "\\u00e9%sé", "long": "éééééé"}',
    ],
)
def test_a_placeholder_moves_nothing(text: str) -> None:
    """
    Two takes that differ in what the service minted are one text, and a replay writes as the service did.
    """
    bodies = [text.replace("%s", value) for value in UUIDS]

    first, second = [take_of((get("http://a.test/"), answer(body.encode()))) for body in bodies]
    played = whole(replay_of(first).response(0).body).decode()

    assert dump_cassette(first) == dump_cassette(second)
    assert UUIDS[0] not in dump_cassette(first)
    minted = played[text.index("%s") :][:36]
    expected = text.replace("%s", minted).replace("2026-03-01T10:00:00.123", "2026-01-01T00:00:01.100")
    assert (played, len(minted)) == (expected, 36)


def test_a_spelling_does_not_tell_what_was_redacted() -> None:
    content = (
        b'{"password" : "\\u0073\\u0065cret", "pin" : 1.2345e3, "note" : "\\u0073ee", "sss" : "essence"}'
    )

    cassette = take_of((get("http://a.test/"), answer(content)), redactor=Redactor({"PIN": "1234.5"}))

    body = cassette.interactions[0].response.body
    assert isinstance(body, JsonBody)
    assert isinstance(body.style, JsonLayout)
    assert body.value == {
        "password": "<secret:password>",
        "pin": "<secret:PIN>",
        "note": "see",
        "sss": "essence",
    }
    assert body.style.spelled == (("6", "0=\\u0073"),)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("layout: '{ what'", "layout"),
        ("layout: '>" + "_" * 99 + "'", "layout"),
        ("escapes: '\\ud800'", "escapes"),
        ("escapes: '\\q'", "escapes"),
        ("spelled: {a: '1'}", "spelled"),
        ("spelled: {'1': '1 2'}", "spelled"),
        ("spelled: {'1': '0=\\ud800'}", "spelled"),
    ],
)
def test_a_layout_that_nobody_can_follow_is_refused(lines: str, name: str) -> None:
    text = dump_cassette(take_of((get("http://a.test/"), answer(b"[1]")))) + f"    {lines}\n"

    with pytest.raises(CassetteFormatError) as caught:
        load_cassette(text, name="a.yaml")

    assert str(caught.value) == (
        f"a.yaml: interactions[0]: response: {name!r} is not as taketwo writes it; "
        "record again with --record-mode=rewrite"
    )


def test_a_layout_that_fits_the_value_no_more_harms_nothing() -> None:
    """
    Who edits a cassette by hand need not know of it.
    """
    layout = JsonLayout(SPACED, "@3__ @99_", r"\/", (("1", "1.10"), ("2", "5=\\u0041"), ("9", "7")))

    written = body_to_bytes(JsonBody(["a/b", "x", {"k": True}], layout))

    assert json.loads(written) == ["a/b", "x", {"k": True}]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_its_layout_the_very_bytes_come_back(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    for _ in range(150):
        content = _written(dice, _value(dice, 4), dice.choice([0.0, 0.02, 0.5])).encode()

        kept = body_from_bytes(content, media_type=JSON)

        assert body_to_bytes(kept) == content
        assert _through_a_file(kept) == content


def _through_a_file(body: object) -> bytes:
    request = StoredRequest(method="GET", url="http://a.test/")
    response = StoredResponse(status=200, body=body)  # type: ignore[arg-type]
    text = dump_cassette(Cassette(test="a", interactions=(Interaction(request, response),)))
    return body_to_bytes(load_cassette(text, name="a.yaml").interactions[0].response.body)


def _value(dice: random.Random, depth: int) -> JsonValue:
    match dice.randrange(7 if depth else 4):
        case 0:
            return "".join(dice.choices('ab/<é日🎉"\\\n\x7f ', k=dice.randrange(6)))
        case 1:
            return dice.choice([0, 1, -5, 2**70, 10**22, True, None])
        case 2:
            return dice.choice([0.1, 1.0, 1e22, -0.0, 1e-7, 123456.789])
        case 3:
            return dice.choice([[], ""]) or {}
        case 4:
            return [_value(dice, depth - 1) for _ in range(dice.randrange(5))]
        case _:
            return {f"k{number}/é": _value(dice, depth - 1) for number in range(dice.randrange(5))}


def _written(dice: random.Random, value: JsonValue, noise: float) -> str:
    """
    *value* as some writer could have put it; *noise* is how often it does as it likes.
    """
    indent = dice.choice([None, None, 1, 2, 4, "\t"])
    separators = dice.choice([(",", ":"), (", ", ": "), (" ,", " :")])
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=dice.random() < 0.5)
    parts, in_text = [dice.choice(["", " ", "\n"])], False
    for position, sign in enumerate(text):
        in_text ^= sign == '"' and (position == 0 or text[position - 1] != "\\")
        odd = dice.random() < noise
        if odd and in_text and sign in "ab/<é":
            parts.append(f"\\u{ord(sign):04x}" if text[position - 1] != "\\" else sign)
        else:
            parts.append(sign)
        if odd and not in_text and sign in ",:[{":
            parts.append(dice.choice([" ", "\n", "\t\r\n"]))
    return "".join(parts)
