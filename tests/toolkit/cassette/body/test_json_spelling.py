"""
JSON as the writers of other languages spell it: read and written as quickly as Python's own, to the byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taketwo.cassette.body.codec import body_from_bytes, body_to_bytes
from taketwo.cassette.body.json_layout import regular_json
from taketwo.cassette.model import JsonBody, JsonLayout, JsonValue

JSON = "application/json"
ITEMS: JsonValue = [
    {
        "url": f"https://a.test/{n}?a=1&b=2",
        "by": "Zoë <zoe@a.test> 🎉",
        "said": '"O\'Hara" \\ 1+1',
        "at": 1e22 * n,
    }
    for n in range(400)
]


def with_escapes(text: str, escapes: Mapping[str, str]) -> str:
    for sign, escape in escapes.items():
        text = text.replace(sign, escape)
    return text


def compact(value: JsonValue) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def php(value: JsonValue) -> str:
    return json.dumps(value, separators=(",", ":")).replace("/", r"\/")


def php_pretty(value: JsonValue) -> str:
    return json.dumps(value, indent=4).replace("/", r"\/")


def go(value: JsonValue) -> str:
    signs = {"&": r"\u0026", "<": r"\u003c", ">": r"\u003e", "\u2028": r"\u2028"}
    return with_escapes(compact(value), signs) + "\n"


def upper_hex(value: JsonValue) -> str:
    return re.sub(r"\\u[0-9a-f]{4}", lambda found: r"\u" + found[0][2:].upper(), json.dumps(value))


def without_quotes(value: JsonValue) -> str:
    """
    As .NET writes: quotation marks of both kinds, and what HTML could take for a sign of its own, as escapes.
    """
    signs = {"'": r"\u0027", "&": r"\u0026", "<": r"\u003C", ">": r"\u003E"}
    return with_escapes(upper_hex(value), {r"\"": r"\u0022", **signs})


WRITERS = [php, php_pretty, go, upper_hex, without_quotes]


@pytest.mark.parametrize("write", WRITERS)
def test_json_of_other_languages_is_written_by_pythons_own_writer(write: Callable[[JsonValue], str]) -> None:
    """
    From token to token it takes twenty times as long.
    """
    content = write(ITEMS)

    body = body_from_bytes(content.encode(), media_type=JSON)

    assert isinstance(body, JsonBody)
    assert isinstance(body.style, JsonLayout)
    assert body.style.spelled == ()
    assert regular_json(body.value, body.style) == content


@pytest.mark.parametrize("write", WRITERS)
def test_a_value_that_is_replaced_is_spelled_as_the_others(write: Callable[[JsonValue], str]) -> None:
    body = body_from_bytes(write(ITEMS).encode(), media_type=JSON)

    assert isinstance(body, JsonBody)
    assert body_to_bytes(JsonBody(["a/ë&\"'<"], body.style)).decode() == write(["a/ë&\"'<"])


@pytest.mark.parametrize(
    ("text", "escapes"),
    [
        (r'["1\u002b1",1e+22]', r"\u002b"),
        (r'["a\u002db",-1]', r"\u002d"),
        (r'["\u0061\u0061",true]', r"\u0061"),
        (r'["\u005c\u005c"]', r"\u005c"),
        (r'["\\u00e9","\u00E9","\u00E9"]', r"\u00E9"),
    ],
)
def test_a_sign_that_stands_outside_of_texts_too_is_an_escape_in_texts_alone(text: str, escapes: str) -> None:
    body = body_from_bytes(text.encode(), media_type=JSON)

    assert isinstance(body, JsonBody)
    assert isinstance(body.style, JsonLayout)
    assert (body.style.escapes, body_to_bytes(body).decode()) == (escapes, text)


TEXTS = st.text(st.sampled_from("aZ09/<>&'\"\\+-.:, \n\x7f\u2028éÉ日🎉"), max_size=8)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS, inside, max_size=4),
    max_leaves=12,
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """
    JSON in which some signs are escapes, everywhere or in places, with white space of any kind around it.
    """
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", "\t:")]))
    text = json.dumps(
        draw(VALUES),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, None, 1, 4, "\t"])),
        separators=separators,
    )
    for sign in draw(st.sets(st.sampled_from("/<>&'+aéÉ日"))):
        escape = draw(st.sampled_from([f"\\u{ord(sign):04x}", f"\\u{ord(sign):04X}"]))
        text = text.replace(sign, escape, draw(st.sampled_from([-1, 1])))
    return draw(st.sampled_from(["", "\n", " \r\n"])) + text + draw(st.sampled_from(["", "\n", "\t"]))


@given(documents())
def test_however_it_is_spelled_the_very_bytes_come_back(text: str) -> None:
    body = body_from_bytes(text.encode(), media_type=JSON)

    assert body_to_bytes(body) == text.encode()
