"""
Forms: kept field by field, with the same bytes however their client escapes.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taketwo.cassette.body.codec import body_from_bytes, body_to_bytes
from taketwo.cassette.model import (
    Body,
    Cassette,
    FormBody,
    FormSpelling,
    Interaction,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import FORM, answer, post, replay_of, take_of

MEDIA_TYPE = "application/x-www-form-urlencoded"


def form(text: str) -> Body:
    return body_from_bytes(text.encode(), media_type=MEDIA_TYPE)


def dumped(body: Body) -> str:
    request = StoredRequest(method="POST", url="http://a.test/", body=body)
    return dump_cassette(Cassette(test="a", interactions=(Interaction(request, StoredResponse(status=200)),)))


def through_a_file(body: Body) -> Body:
    return load_cassette(dumped(body), name="a.yaml").interactions[0].request.body


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("a=1&b=x+y", FormBody((("a", "1"), ("b", "x y")))),
        ("a=&=b", FormBody((("a", ""), ("", "b")))),
        ("a=%C3%BC%26%3D", FormBody((("a", "ü&="),))),
        ("a=x%20y", FormBody((("a", "x y"),), FormSpelling(space="%20"))),
        ("a=%3a%c3%bc", FormBody((("a", ":ü"),), FormSpelling(lower=True))),
        ("a=http://b.test/?c=d", FormBody((("a", "http://b.test/?c=d"),), FormSpelling(raw="/:=?"))),
        ("a=%7Eb", FormBody((("a", "~b"),), FormSpelling(escaped="~"))),
        ("a=ü", FormBody((("a", "ü"),), FormSpelling(raw="ü"))),
    ],
)
def test_a_form_is_its_fields_and_how_they_are_escaped(text: str, body: FormBody) -> None:
    assert (form(text), body_to_bytes(body).decode(), through_a_file(body)) == (body, text, body)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a=1&&b=2",
        "&a=1",
        "a=%E9",
        "a=%zz",
        "a=+%20",
        "a=/%2F",
        '{"a":"b=c"}',
        "<a b='c'/>",
        "a=b c",
        "a=1\n",
    ],
)
def test_what_no_fields_give_back_is_kept_as_text(text: str) -> None:
    assert form(text) == TextBody(text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a=1&b=x+y", '    form:\n      a: "1"\n      b: x y\n'),
        ("a=1&a=2&b=3", '    form:\n      a:\n      - "1"\n      - "2"\n      b: "3"\n'),
        ("a=1&b=2&a=3", '    form:\n    - a: "1"\n    - b: "2"\n    - a: "3"\n'),
        ("a=x%20y", '    form:\n      a: x y\n    spelling:\n      space: "%20"\n'),
    ],
)
def test_a_form_is_a_mapping_as_far_as_that_keeps_its_order(text: str, lines: str) -> None:
    body = form(text)

    assert f"url: http://a.test/\n{lines}  response:" in dumped(body)
    assert body_to_bytes(through_a_file(body)).decode() == text


def test_a_secret_field_leaves_nothing_of_its_spelling() -> None:
    cassette = take_of((post("http://a.test/", b"user=a:b&password=p@ss;word123", FORM), answer()))

    body = cassette.interactions[0].request.body
    assert body == FormBody((("user", "a:b"), ("password", "<secret:password>")), FormSpelling(raw=":"))


def test_a_value_of_the_service_is_filled_in_and_escaped() -> None:
    """
    A placeholder in a form is escaped as the value was, and not seen on the wire as such.
    """
    minted = "0b8f2b55-7f3c-4c8e-9d0a-1f2e3d4c5b6a"
    cassette = take_of(
        (post("http://a.test/new", b""), answer(f'{{"id": "{minted}"}}'.encode())),
        (
            post("http://a.test/use", f"id={minted}&at=a+b".encode(), FORM),
            answer(f"id={minted}".encode(), FORM),
        ),
    )
    replay = replay_of(cassette)

    assert cassette.interactions[1].request.body == FormBody((("id", "<uuid:1>"), ("at", "a b")))
    name, _, rest = replay.live_request(1).body.partition(b"&")
    assert (name[:3], len(name), rest) == (b"id=", 39, b"at=a+b")
    assert replay.response(1).body == name


def test_a_secret_that_is_known_by_its_value_is_found_in_a_field() -> None:
    cassette = take_of(
        (post("http://a.test/", b"note=the+k3y+%26+more", FORM), answer()),
        redactor=Redactor({"KEY": "k3y & more"}),
    )

    assert cassette.interactions[0].request.body == FormBody((("note", "the <secret:KEY>"),))


SIGNS = st.text(st.sampled_from("aZ0 ~-._/:=&+%;@ü日🎉<>'*"), max_size=6)


@st.composite
def forms(draw: st.DrawFn) -> str:
    """
    A form as some client may escape it.
    """
    safe = set(draw(st.text(st.sampled_from("/:@;,*'~ü日"), max_size=4)))
    space = draw(st.sampled_from(["+", "%20"]))
    digits = draw(st.sampled_from(["02X", "02x"]))

    def escaped(text: str) -> str:
        return "".join(
            space
            if sign == " "
            else sign
            if sign in safe or (sign.isalnum() and sign.isascii()) or sign in "-._"
            else "".join(f"%{byte:{digits}}" for byte in sign.encode())
            for sign in text
        )

    fields = draw(st.lists(st.tuples(SIGNS, SIGNS), min_size=1, max_size=4))
    return "&".join(f"{escaped(name)}={escaped(value)}" for name, value in fields)


@given(forms())
def test_however_a_form_is_escaped_the_very_bytes_come_back(text: str) -> None:
    body = form(text)

    assert isinstance(body, FormBody)
    assert list(body.fields) == parse_qsl(text, keep_blank_values=True)
    assert body_to_bytes(through_a_file(body)).decode() == text
