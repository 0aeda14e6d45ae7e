"""
Secrets that a service issues: those that differ are played as different values, those that are equal as one.
"""

from __future__ import annotations

import base64
import json
import random
import re
import secrets
import string
from collections import Counter
from typing import Any

import pytest

from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette, LiveRequest, LiveResponse
from taketwo.cassette.secrets.stand_ins import dummy, form_of, played
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import JSON, answer, as_json, get, post, replay_of, take_of

Pair = tuple[LiveRequest, LiveResponse]


def a_token() -> str:
    return "ghp_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(36))


def login(user: str, token: str, session: str = "") -> Pair:
    cookie = (("set-cookie", f"sid={session}; Path=/"),) if session else ()
    return post("http://a.test/login", as_json({"user": user})), answer(
        as_json({"access_token": token}), (*JSON, *cookie)
    )


def me(token: str) -> Pair:
    headers = (("authorization", f"Bearer {token}"),)
    return get("http://a.test/me", headers), answer(as_json({"token": token, "text": f"sent {token}"}))


def bodies(cassette: Cassette) -> list[Any]:
    replay = replay_of(cassette)
    return [json.loads(whole(replay.response(number).body)) for number in range(len(cassette.interactions))]


def test_two_users_get_two_tokens_and_each_is_the_same_everywhere() -> None:
    one, two = a_token(), a_token()

    played_bodies = bodies(take_of(login("a", one), login("b", two), me(one), me(two), login("a", one)))

    first, second = (body["access_token"] for body in played_bodies[:2])
    assert re.fullmatch(r"ghp_[A-Za-z0-9]{36}", first)
    assert first != second
    assert played_bodies[2:] == [
        {"token": first, "text": f"sent {first}"},
        {"token": second, "text": f"sent {second}"},
        {"access_token": first},
    ]


def test_a_token_that_is_used_keeps_the_number_of_its_request() -> None:
    unused, one, two = a_token(), a_token(), a_token()

    found = bodies(take_of(login("x", unused), login("a", one), login("b", two), me(one), me(two)))

    assert len({body["access_token"] for body in found[:3]}) == 3
    assert [body["token"] for body in found[3:]] == [body["access_token"] for body in found[1:3]]


def test_rotating_sessions_are_apart_and_recorded_again_are_the_same() -> None:
    def recording() -> Cassette:
        return take_of(*(login("a", token, a_token().removeprefix("ghp_")) for token in [a_token()] * 3))

    first, second = recording(), recording()

    replay = replay_of(first)
    cookies = [dict(replay.response(number).headers)["set-cookie"] for number in range(3)]
    assert len(set(cookies)) == 3
    assert dump_cassette(first) == dump_cassette(second)


def test_a_form_does_not_depend_on_where_signs_are_by_chance() -> None:
    dice = random.Random(7)  # noqa: S311 - a test repeats itself
    signs = string.ascii_letters + string.digits + "-_"
    forms = Counter(form_of("".join(dice.choices(signs, k=43))) for _ in range(500))

    assert forms["[0-9a-zA-Z]{43}"] >= 495


def test_random_signs_of_base64_are_no_part_of_the_form() -> None:
    forms = {form_of(base64.b64encode(secrets.token_bytes(32)).decode()) for _ in range(50)}

    assert forms == {"[0-9a-zA-Z]{43}="}


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("xoxb-123456789012-123456789012-AbCdEfGh", "xoxb-[0-9a-zA-Z]{12}-[0-9a-zA-Z]{12}-[0-9a-zA-Z]{8}"),
        (
            "AKIAIOSFODNN7EXAMPLE/20250101/us-east-1/s3/aws4_request",
            "AKIA[0-9A-Z]{16}/20260101/us-east-1/s3/aws4_request",
        ),
        ("sk-proj-abCDEF123-_xyz987ABC", "sk-proj-[0-9a-zA-Z]{20}"),
    ],
)
def test_a_form_keeps_what_has_a_meaning(value: str, form: str) -> None:
    assert form_of(value) == form
    assert re.fullmatch(form, played(f"a:{form}", dummy))
