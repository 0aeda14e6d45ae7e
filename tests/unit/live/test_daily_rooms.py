"""
What is said when Daily does not do what it is asked, without Daily: every answer is given by the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.live.daily_imitation import Rooms
from tests.live.daily_rooms import DailyError, DailyRooms, Room, open_daily

KEY = "d41ly-s3cret"
NOW = 1_800_000_000
LATER = NOW + 600


class ImitatedTransport(httpx.BaseTransport):
    """
    The imitation of Daily without a socket; keeps what it was asked.
    """

    def __init__(self, rooms: Rooms) -> None:
        self.asked: list[str] = []
        self._rooms = rooms

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        path = request.url.path.removeprefix("/v1/")
        authorization = request.headers.get("authorization", "")
        status, body = self._rooms.answer(request.method, path, authorization, request.read())
        return httpx.Response(status, json=body)


@pytest.fixture
def transport() -> ImitatedTransport:
    return ImitatedTransport(Rooms(key=KEY, clock=lambda: NOW))


@pytest.fixture
def daily(transport: ImitatedTransport) -> Iterator[DailyRooms]:
    with open_daily("http://daily.test/v1", KEY, transport=transport) as opened:
        yield opened


def test_a_room_is_created_once(daily: DailyRooms, transport: ImitatedTransport) -> None:
    first = daily.ensure("ours", expires=LATER)
    second = daily.ensure("ours", expires=LATER)

    url = "https://imitation.daily.co/ours"
    assert (first, second) == (Room("ours", url, is_new=True), Room("ours", url, is_new=False))
    assert transport.asked == ["GET /v1/rooms/ours", "POST /v1/rooms", "GET /v1/rooms/ours"]


def test_a_room_that_another_run_creates_in_between_is_used(transport: ImitatedTransport) -> None:
    answers = iter((httpx.Response(404, json={"error": "not-found"}),))

    class Between(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if (late := next(answers, None)) is not None:
                with open_daily("http://daily.test/v1", KEY, transport=transport) as other:
                    other.ensure("ours", expires=LATER)
                return late
            return transport.handle_request(request)

    with open_daily("http://daily.test/v1", KEY, transport=Between()) as daily:
        room = daily.ensure("ours", expires=LATER)

    assert room.is_new is False


def test_a_deleted_room_is_gone(daily: DailyRooms) -> None:
    daily.ensure("ours", expires=LATER)

    assert (daily.delete("ours"), daily.delete("ours")) == (True, False)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda daily: daily.ensure("a room", expires=LATER),
            "POST /rooms: invalid-request-error: the name 'a room' is not 1 to 128 letters, digits, - and _",
        ),
        (
            lambda daily: daily.ensure("ours", expires=NOW),
            f"POST /rooms: invalid-request-error: exp is {NOW}, which has passed; it counts seconds",
        ),
        (
            lambda daily: daily.token("nowhere", user_name="Ada", is_owner=False, expires=LATER),
            "POST /meeting-tokens: invalid-request-error: room nowhere not found",
        ),
    ],
)
def test_what_daily_refuses_is_named(
    daily: DailyRooms, act: Callable[[DailyRooms], object], message: str
) -> None:
    with pytest.raises(DailyError) as raised:
        act(daily)

    assert str(raised.value) == f"Daily answered 400 to {message}"


def test_a_wrong_key_is_named_and_not_shown(transport: ImitatedTransport) -> None:
    with (
        open_daily("http://daily.test/v1", "wr0ng-key", transport=transport) as daily,
        pytest.raises(DailyError) as raised,
    ):
        daily.ensure("ours", expires=LATER)

    assert str(raised.value) == (
        "Daily refused DAILY_API_KEY: GET /rooms/ours was answered 401, authentication-error: "
        "the API key is missing or not of this domain\n"
        "copy the key of this domain from https://dashboard.daily.co/developers"
    )


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (httpx.Response(502, text="<html>"), "Daily answered 502 to GET /rooms/ours: no reason given"),
        (httpx.Response(200, text="<html>"), "Daily answered 200 to GET /rooms/ours: no reason given"),
        (
            httpx.Response(200, json={"name": "ours", "id": 1}),
            "Daily's answer to GET /rooms/ours has no text 'url'; it has id, name",
        ),
        (
            httpx.Response(200, json={}),
            "Daily's answer to GET /rooms/ours has no text 'name'; it has nothing",
        ),
    ],
)
def test_answers_that_are_not_daily_s(response: httpx.Response, message: str) -> None:
    transport = httpx.MockTransport(lambda _: response)

    with (
        open_daily("http://daily.test/v1", KEY, transport=transport) as daily,
        pytest.raises(DailyError) as raised,
    ):
        daily.ensure("ours", expires=LATER)

    assert str(raised.value) == message


def test_a_daily_that_cannot_be_reached_is_named() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    with (
        open_daily("http://daily.test/v1", KEY, transport=httpx.MockTransport(refuse)) as daily,
        pytest.raises(DailyError) as raised,
    ):
        daily.delete("ours")

    assert str(raised.value) == (
        "Daily could not be reached at http://daily.test/v1/: ConnectError: connection refused\n"
        "live tests need the internet; DAILY_API_URL names another address"
    )
