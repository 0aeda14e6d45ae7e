"""
The live harness's client of Daily's REST API, recorded from the imitation that checks what it is sent.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.live.daily_rooms import DailyError, DailyRooms, open_daily

pytestmark = pytest.mark.vcr

# The end of a room is in what is sent, so it is the same in each run.
EXPIRES = 4_000_000_000
ROOM = "pipecat-int-0123456789"


@pytest.fixture
def daily(vcr: object) -> Iterator[DailyRooms]:
    del vcr  # asked for so that the environment points to the recorded Daily
    with open_daily(os.environ["DAILY_IMITATION_URL"], os.environ["DAILY_IMITATION_KEY"]) as opened:
        yield opened


def test_a_private_room_with_tokens_for_owner_and_participant(daily: DailyRooms) -> None:
    """
    What a live run asks of Daily, in its order.
    """
    room = daily.ensure(ROOM, expires=EXPIRES)
    owner, participant = (
        daily.token(room.name, user_name=name, is_owner=name == "Bot", expires=EXPIRES)
        for name in ("Bot", "Tester")
    )
    again = daily.ensure(ROOM, expires=EXPIRES)
    gone = [daily.delete(ROOM), daily.delete(ROOM)]

    assert (room.name, room.url, room.is_new) == (ROOM, f"https://imitation.daily.co/{ROOM}", True)
    assert len({owner, participant}) == 2
    assert (again.url, again.is_new) == (room.url, False)
    assert gone == [True, False]


def test_a_token_for_a_room_that_does_not_exist(daily: DailyRooms) -> None:
    with pytest.raises(DailyError, match="invalid-request-error: room nowhere not found"):
        daily.token("nowhere", user_name="Tester", is_owner=False, expires=EXPIRES)


def test_a_room_that_has_ended_before_it_begins(daily: DailyRooms) -> None:
    with pytest.raises(DailyError, match="exp is 1, which has passed"):
        daily.ensure(ROOM, expires=1)


def test_a_key_of_another_domain(vcr: object) -> None:
    del vcr
    with (
        open_daily(os.environ["DAILY_IMITATION_URL"], "key-of-somebody-else") as daily,
        pytest.raises(DailyError, match="Daily refused DAILY_API_KEY: GET /rooms/pipecat-int-0123456789"),
    ):
        daily.ensure(ROOM, expires=EXPIRES)
