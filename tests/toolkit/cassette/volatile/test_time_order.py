"""
Times are numbered by the order of time, as far as it does not hang on chance.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from taketwo.cassette.volatile.time_order import Chance, TimeInMessage, in_order

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def time(
    seconds: float, message: int = 1, name: str = "at", *, chance: Chance = Chance.SECONDS
) -> TimeInMessage:
    return TimeInMessage((START + timedelta(seconds=seconds), "000"), message, name, chance)


def exact(seconds: float, message: int = 1) -> TimeInMessage:
    return time(seconds, message, chance=Chance.NONE)


@pytest.mark.parametrize("second", [0, 1, 2, -1])
def test_near_each_other_times_to_the_second_follow_the_order_of_messages(second: int) -> None:
    assert in_order([time(1, 1), time(second, 3)]) == [0, 1]
    assert in_order([exact(1.2, 1), time(second, 3)]) == [0, 1]


def test_times_that_are_far_from_each_other_follow_the_order_of_time() -> None:
    assert in_order([time(60, 1), time(0, 3)]) == [1, 0]


def test_exact_times_follow_the_order_of_time() -> None:
    assert in_order([exact(1, 1), exact(0, 3)]) == [1, 0]
    assert in_order([exact(1, 1), time(1, 1), exact(0, 3)]) == [1, 2, 0]


def test_in_one_message_times_to_the_second_follow_the_order_of_time() -> None:
    assert in_order([time(2), time(1), time(3)]) == [1, 0, 2]


@pytest.mark.parametrize(("begin", "end"), [("createdAt", "completed_at"), ("iat", "at"), ("at", "ended")])
@pytest.mark.parametrize("seconds", [0, 1])
def test_of_equal_ones_in_a_message_what_begins_comes_first(begin: str, end: str, seconds: int) -> None:
    assert in_order([time(seconds, name=end), time(0, name=begin)]) == [1, 0]


def test_what_is_planned_keeps_the_order_of_time_with_all_that_is_not() -> None:
    assert in_order([time(3, 1, "expires_at"), time(0, 3), time(4, 5)]) == [1, 0, 2]
    assert in_order([time(3, 1, "expires_at"), time(2, 3, "expires_at")]) == [0, 1]


def test_what_was_made_for_requests_beside_each_other_follows_the_order_of_messages() -> None:
    def beside(seconds: float, message: int) -> TimeInMessage:
        return time(seconds, message, "", chance=Chance.BESIDE)

    assert in_order([beside(90.5, 1), beside(0.2, 3), beside(30.1, 5)]) == [0, 1, 2]
    assert in_order([beside(2, 1), beside(1, 1)]) == [1, 0]
    assert in_order([beside(9, 3), beside(8, 5), exact(10, 7), exact(1, 1)]) == [3, 0, 1, 2]
    assert in_order([beside(3600, 1), beside(0, 3)]) == [1, 0]


def test_the_end_of_all_time_is_a_time() -> None:
    never = TimeInMessage((datetime.max.replace(tzinfo=UTC), "999"), 1, "validUntil", Chance.SECONDS)

    assert in_order([never, time(0, 3), exact(1, 5)]) == [1, 2, 0]
    assert in_order([]) == []


def test_each_time_has_its_place_and_exact_ones_are_in_order() -> None:
    dice = Random(7)  # noqa: S311 - the same each time
    for _ in range(300):
        names = ["at", "created", "expires_at", "completed"]
        times = [
            time(
                dice.randrange(12),
                dice.randrange(8),
                dice.choice(names),
                chance=dice.choice([Chance.NONE, Chance.SECONDS]),
            )
            for _ in range(dice.randrange(20))
        ]
        ordered = in_order(times)

        assert sorted(ordered) == list(range(len(times)))
        placed = [times[number] for number in ordered]
        firm = [one.instant for one in placed if one.chance is Chance.NONE]
        assert firm == sorted(firm)
        assert all(
            after.instant[0] - before.instant[0] >= -timedelta(seconds=5)
            for before, after in pairwise(placed)
        )
