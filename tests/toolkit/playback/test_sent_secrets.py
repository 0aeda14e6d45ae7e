"""
What the test itself sends under the name of a secret, the replay plays where the service repeated it.
"""

# ruff: noqa: E501 - a place in each line

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

import pytest

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import whole
from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.playback.player import Player, play
from tests.toolkit.cassette.exchanges import (
    FORM,
    JSON,
    NO_BASES,
    NO_SECRETS,
    TEXT,
    answer,
    as_json,
    get,
    post,
    take_of,
)

FIRST, SECOND = "aB3dE5gH7jK9mN1pQ3sT5vW7", "Zy9Xw8Vu7Ts6Rq5Po4Nm3Lk2"
Exchanged = tuple[LiveRequest, LiveResponse]


def played(*exchanges: Exchanged, sent: Sequence[LiveRequest] | None = None) -> list[LiveResponse]:
    """
    What a replay of *exchanges* answers to their requests, or to those that are *sent* instead.
    """
    player = player_of(*exchanges)
    responses = []
    for request in sent or [request for request, _ in exchanges]:
        number = player.take(request)
        assert number is not None, player.refuse(request)
        responses.append(player.replay.response(number))
    return responses


def player_of(*exchanges: Exchanged) -> Player:
    cassette = take_of(*exchanges)
    text = dump_cassette(cassette)
    assert FIRST not in text
    assert SECOND not in text
    files = attachments(cassette)
    loaded = load_cassette(text, name="a.yaml", attached=lambda name, _size: files.get(name))
    return play(loaded, name="a.yaml", test=cassette.test, redactor=NO_SECRETS, reveal={}, bases=NO_BASES)


REPEATED: dict[str, Exchanged] = {
    "JSON": (post("http://a.test/", as_json({"password": FIRST})), answer(as_json({"password": FIRST}))),
    "a word": (post("http://a.test/", as_json({"password": "hunter"})), answer(as_json({"password": "hunter"}))),
    "another name": (post("http://a.test/", as_json({"password": FIRST})), answer(as_json({"said": FIRST}))),
    "base64": (
        post("http://a.test/", as_json({"password": FIRST})),
        answer(as_json({"said": base64.b64encode(FIRST.encode()).decode()})),
    ),
    "form": (post("http://a.test/", f"api_key={FIRST}".encode(), FORM), answer(f"you are {FIRST}".encode(), TEXT)),
    "query": (get(f"http://a.test/?api_key={FIRST}"), answer(as_json({"next": f"http://a.test/?api_key={FIRST}"}))),
    "header": (get("http://a.test/", (("x-api-key", FIRST),)), answer(b"", (*JSON, ("x-said", FIRST)))),
    "bearer": (get("http://a.test/", (("authorization", f"Bearer {FIRST}"),)), answer(as_json([f"Bearer {FIRST}"]))),
    "cookie": (get("http://a.test/", (("cookie", f"sessionid={FIRST}"),)), answer(as_json({"got": f"sessionid={FIRST}"}))),
}  # fmt: skip


@pytest.mark.parametrize("place", REPEATED)
def test_what_the_service_repeated_is_played_as_the_test_sends_it(place: str) -> None:
    exchange = REPEATED[place]

    (response,) = played(exchange)

    assert response.body == exchange[1].body
    assert dict(response.headers).get("x-said") == dict(exchange[1].headers).get("x-said")


def test_each_of_two_values_comes_back_to_the_request_that_sends_it() -> None:
    exchanges = [
        (post(f"http://a.test/{number}", as_json({"password": value})), answer(as_json({"password": value})))
        for number, value in enumerate((FIRST, SECOND))
    ]

    assert [json.loads(whole(response.body)) for response in played(*exchanges)] == [
        {"password": FIRST},
        {"password": SECOND},
    ]


def test_a_replay_plays_what_is_sent_now_not_what_was_sent_then() -> None:
    exchange = (post("http://a.test/", as_json({"password": FIRST})), answer(as_json({"password": FIRST})))

    (response,) = played(exchange, sent=[post("http://a.test/", as_json({"password": SECOND}))])

    assert json.loads(whole(response.body)) == {"password": SECOND}


def test_a_later_answer_repeats_what_was_sent_before() -> None:
    exchanges = [
        (post("http://a.test/login", as_json({"api_key": FIRST})), answer()),
        (get("http://a.test/me"), answer(as_json({"api_key": FIRST}))),
    ]

    assert json.loads(whole(played(*exchanges)[1].body)) == {"api_key": FIRST}


def test_a_token_that_the_service_issued_anew_is_not_the_one_that_was_sent() -> None:
    exchange = (
        post("http://a.test/", as_json({"access_token": FIRST})),
        answer(as_json({"access_token": SECOND})),
    )

    (response,) = played(exchange)

    token = json.loads(whole(response.body))["access_token"]
    assert len(token) == len(SECOND)
    assert token not in {FIRST, SECOND}


def test_what_was_played_is_known_when_it_is_sent_back() -> None:
    exchanges = [
        (post("http://a.test/", as_json({"password": FIRST})), answer(as_json({"said": FIRST}))),
        (post("http://a.test/", as_json({"again": FIRST})), answer(as_json({"again": FIRST}))),
    ]

    assert json.loads(whole(played(*exchanges)[1].body)) == {"again": FIRST}
