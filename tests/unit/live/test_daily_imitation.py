"""
The imitation of Daily accepts what Daily accepts, and refuses the rest.
"""

from __future__ import annotations

import base64
import json

import pytest

from tests.live.daily_imitation import KEY, Rooms

NOW = 1_800_000_000
BEARER = f"Bearer {KEY}"


@pytest.fixture
def rooms() -> Rooms:
    return Rooms(clock=lambda: NOW)


def asked(rooms: Rooms, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
    sent = b"" if body is None else json.dumps(body).encode()
    status, answer = rooms.answer(method, path, BEARER, sent)
    return status, dict(answer)


@pytest.mark.parametrize("authorization", ["", KEY, f"Basic {KEY}", "Bearer other", "Bearer ü"])
def test_nobody_gets_in_without_the_key(rooms: Rooms, authorization: str) -> None:
    status, answer = rooms.answer("GET", "rooms/ours", authorization, b"")

    assert (status, answer["error"]) == (401, "authentication-error")


@pytest.mark.parametrize(
    ("path", "body", "info"),
    [
        ("rooms", {"nme": "ours"}, "unknown parameter 'nme'"),
        ("rooms", {"name": 1}, "name is of type str, not int"),
        ("rooms", {"properties": {"exp": True}}, "exp is of type int, not bool"),
        ("rooms", {"properties": {"expires": 1}}, "unknown parameter 'expires'"),
        ("rooms", {"privacy": "secret"}, "privacy is public or private, not 'secret'"),
        ("rooms", {"properties": []}, "properties is of type dict, not list"),
        ("rooms", [], "the body is not a JSON object"),
        ("meeting-tokens", {"room_name": "ours"}, "unknown parameter 'room_name'"),
        ("meeting-tokens", {"properties": {"is_owner": "yes"}}, "is_owner is of type bool, not str"),
    ],
)
def test_what_is_sent_is_checked(rooms: Rooms, path: str, body: object, info: str) -> None:
    status, answer = asked(rooms, "POST", path, body)

    assert (status, answer) == (400, {"error": "invalid-request-error", "info": info})


def test_a_body_that_is_no_json_is_refused(rooms: Rooms) -> None:
    status, answer = rooms.answer("POST", "rooms", BEARER, b"{")

    assert status == 400
    assert str(answer["info"]).startswith("the body is not JSON: ")


def test_a_name_can_be_taken_once(rooms: Rooms) -> None:
    asked(rooms, "POST", "rooms", {"name": "ours"})

    status, answer = asked(rooms, "POST", "rooms", {"name": "ours"})

    assert (status, answer["info"]) == (400, "a room named ours already exists")


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "rooms"), ("GET", "recordings"), ("DELETE", "rooms/ours")]
)
def test_what_is_not_there_is_not_found(rooms: Rooms, method: str, path: str) -> None:
    status, answer = asked(rooms, method, path)

    assert (status, answer["error"]) == (404, "not-found")


def test_a_token_says_what_it_is_for(rooms: Rooms) -> None:
    asked(rooms, "POST", "rooms", {"name": "ours"})

    _, answer = asked(
        rooms,
        "POST",
        "meeting-tokens",
        {"properties": {"room_name": "ours", "is_owner": True, "exp": NOW + 1}},
    )

    payload = str(answer["token"]).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims == {"room_name": "ours", "is_owner": True, "domain": "imitation"}


def test_a_reset_forgets_every_room(rooms: Rooms) -> None:
    asked(rooms, "POST", "rooms", {"name": "ours"})

    rooms.reset()

    assert asked(rooms, "GET", "rooms/ours")[0] == 404
