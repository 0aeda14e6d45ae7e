"""
``keep``: what the project says is no secret stays, whatever place would have given it away.
"""

# ruff: noqa: E501 - a place in each line

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

import pytest

from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import FORM, TEXT, answer, as_json, get, post, take_of

VALUE = "t0k_test_AbC123xYz789"
Exchanged = tuple[LiveRequest, LiveResponse]

PLACES: Mapping[str, tuple[str, Callable[[], Exchanged]]] = {
    "JSON": ("password", lambda: (get("http://a.test/"), answer(as_json({"password": VALUE})))),
    "a number of JSON": ("pin", lambda: (get("http://a.test/"), answer(as_json({"pin": 1234567})))),
    "JSON below": ("session", lambda: (get("http://a.test/"), answer(as_json({"session": {"a": VALUE}})))),
    "JSON in JSON": ("password", lambda: (post("http://a.test/", as_json({"a": f'{{"password":"{VALUE}"}}'})), answer())),
    "a pair of name and value": (
        "password",
        lambda: (post("http://a.test/", as_json({"name": "password", "value": VALUE})), answer()),
    ),
    "a form": ("password", lambda: (post("http://a.test/", f"password={VALUE}".encode(), FORM), answer())),
    "a query": ("api_key", lambda: (get(f"http://a.test/?api_key={VALUE}"), answer())),
    "a header": ("x-api-key", lambda: (get("http://a.test/", (("x-api-key", VALUE),)), answer())),
    "authorization": (
        "authorization",
        lambda: (get("http://a.test/", (("authorization", f"Bearer {VALUE}"),)), answer()),
    ),
    "a cookie": ("sessionid", lambda: (get("http://a.test/", (("cookie", f"sessionid={VALUE}"),)), answer())),
    "a URL": ("password", lambda: (post("http://a.test/", as_json({"at": f"http://me:{VALUE}@b.test/"})), answer())),
    "XML": ("password", lambda: (post("http://a.test/", f"<a><password>{VALUE}</password></a>".encode(), TEXT), answer())),
    "HTML": (
        "csrf_token",
        lambda: (get("http://a.test/"), answer(f'<input name="csrf_token" value="{VALUE}">'.encode(), TEXT)),
    ),
    "YAML": ("password", lambda: (get("http://a.test/"), answer(f"password: {VALUE}\n".encode(), TEXT))),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_kept_name_and_a_kept_value_stay(place: str) -> None:
    name, exchange = PLACES[place]

    for redact, keep in (
        ([], [name]),
        ([], [r"/(?:Bearer )?t0k_test_\w+/", "/1234567/"]),
        (["pin"], ["/1234567/", f"/{VALUE}/"]),
    ):
        cassette = take_of(exchange(), redactor=Redactor({}, redact, keep))

        assert "<secret" not in dump_cassette(cassette)


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_kept_is_hidden(place: str) -> None:
    name, exchange = PLACES[place]

    cassette = take_of(exchange(), redactor=Redactor({}, [name], ["another"]))

    assert VALUE not in dump_cassette(cassette)
    assert "1234567" not in dump_cassette(cassette)


@pytest.mark.parametrize("keep", ["password", "/hunter22x/"])
def test_the_password_of_a_basic_header_may_be_kept(keep: str) -> None:
    credentials = base64.b64encode(b"me:hunter22x").decode()
    exchange = (
        get("http://a.test/", (("authorization", f"Basic {credentials}"),)),
        answer(as_json({"text": "the word is hunter22x"})),
    )

    shown = [dump_cassette(take_of(exchange, redactor=Redactor({}, [], kept))) for kept in ([], [keep])]

    assert ["hunter22x" in text for text in shown] == [False, True]
    assert [credentials in text for text in shown] == [False, False]


def test_a_key_in_the_place_of_a_user_is_hidden_everywhere() -> None:
    credentials = base64.b64encode(b"key_live_AbC123xYz789:").decode()
    exchange = (
        get("http://a.test/", (("authorization", f"Basic {credentials}"),)),
        answer(as_json({"text": "you are key_live_AbC123xYz789"})),
    )

    assert "AbC123xYz789" not in dump_cassette(take_of(exchange))


def test_a_variable_whose_value_is_kept_is_no_secret() -> None:
    exchange = (get("http://a.test/"), answer(as_json({"text": VALUE})))

    text = dump_cassette(take_of(exchange, redactor=Redactor({"API_TOKEN": VALUE}, [], [r"/t0k_test_\w+/"])))

    assert VALUE in text


@pytest.mark.parametrize(
    ("redact", "exchange", "stored"),
    [
        (
            "data.user.code_name",
            (get("http://a.test/"), answer(as_json({"data": {"user": {"code_name": "Otto"}}}))),
            "code_name: <secret:code_name>",
        ),
        (
            "data.user.number",
            (get("http://a.test/"), answer(as_json({"data": {"user": {"number": 4711}}}))),
            "number: <secret:number",
        ),
        (
            "cookie:flavour",
            (get("http://a.test/", (("cookie", "lang=de; flavour=vanilla"),)), answer()),
            "cookie: lang=de; flavour=<secret:flavour>",
        ),
        (
            r"/VIN-[A-Z0-9]{8}/",
            (get("http://a.test/"), answer(as_json({"note": "the car VIN-ABCD1234 is red"}))),
            "note: the car <secret:redact:",
        ),
        (r"/VIN-[A-Z0-9]{8}/", (get("http://a.test/?car=VIN-ABCD1234"), answer()), "<secret:redact>"),
    ],
)
def test_a_project_lists_secrets_by_path_cookie_and_pattern(
    redact: str, exchange: tuple[LiveRequest, LiveResponse], stored: str
) -> None:
    assert "<secret:" not in dump_cassette(take_of(exchange))
    assert stored in dump_cassette(take_of(exchange, redactor=Redactor({}, [redact])))


@pytest.mark.parametrize("keep", ["code_name", "user.code_name", "/Ot+o/"])
def test_what_is_kept_counts_before_what_is_listed(keep: str) -> None:
    exchange = get("http://a.test/"), answer(as_json({"data": {"user": {"code_name": "Otto"}}}))

    text = dump_cassette(take_of(exchange, redactor=Redactor({}, ["data.user.code_name"], [keep])))

    assert "code_name: Otto" in text
