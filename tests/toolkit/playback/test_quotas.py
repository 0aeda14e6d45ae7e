"""
The quotas of services: how requests are spaced, and which answers are waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from taketwo.cassette.model import Pairs
from taketwo.config.quotas import Quota
from taketwo.errors import QuotaExceeded
from taketwo.playback.quotas import Quotas, Turn
from taketwo.playback.throttle import refusal_delay

URL = "http://shop.test/notes"


class Clock:
    """
    A clock that only sleeping moves.
    """

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quotas_of(tmp_path: Path, clock: Clock) -> Callable[..., Quotas]:
    def made(say: Callable[[str], None] = lambda _: None, **options: float | str) -> Quotas:
        quota = Quota(**options)  # type: ignore[arg-type]  # of each field its own kind
        return Quotas(
            {"shop": quota},
            root=tmp_path,
            find=lambda url: "shop" if url.startswith("http://shop.test") else None,
            say=say,
            folder=tmp_path / "shared",
            clock=clock,
            sleep=clock.sleep,
        )

    return made


def turn_of(quotas: Quotas, *, retries: bool = True, note: Callable[[str], object] = lambda _: None) -> Turn:
    turn = quotas.turn("GET", URL, retries=retries, note=note)
    assert turn is not None
    return turn


@pytest.mark.parametrize(
    ("status", "headers", "delay"),
    [
        (200, (), None),
        (429, (("Retry-After", "3"),), 3.0),
        (429, (("retry-after-ms", "250"), ("retry-after", "1")), 0.25),
        (429, (), 4.0),
        (429, (("Retry-After", "soon"),), 4.0),
        (503, (("retry-after", "7"),), 7.0),
        (503, (), None),
        (500, (("Retry-After", "3"),), None),
    ],
)
def test_a_refusal_is_429_or_503_with_retry_after(status: int, headers: Pairs, delay: float | None) -> None:
    assert refusal_delay(status, headers, attempt=2) == delay


def test_a_date_to_wait_for_is_one_by_the_clock_of_the_service() -> None:
    now = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    told = (
        ("Date", format_datetime(now, usegmt=True)),
        ("Retry-After", format_datetime(now + timedelta(seconds=90), usegmt=True)),
    )

    assert refusal_delay(429, told, attempt=0) == 90.0


def test_a_date_that_is_over_is_not_waited_for() -> None:
    assert refusal_delay(429, (("Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"),), attempt=0) == 0.0


def test_a_service_without_a_quota_is_asked_at_once(quotas_of: Callable[..., Quotas]) -> None:
    quotas = quotas_of(interval=1.0)

    assert quotas.turn("GET", "http://other.test/", retries=True, note=lambda _: None) is None


def test_requests_of_two_processes_are_spaced_evenly(quotas_of: Callable[..., Quotas], clock: Clock) -> None:
    """
    Also the first ones: there is no burst that a bucket would be full for.
    """
    processes = [quotas_of(interval=0.5), quotas_of(interval=0.5)]
    sent: list[float] = []

    for number in range(6):
        turn_of(processes[number % 2]).take()
        sent.append(clock.now)

    assert sent == [100.0, 100.5, 101.0, 101.5, 102.0, 102.5]


def test_a_moment_of_before_a_restart_of_the_machine_is_not_waited_for(
    quotas_of: Callable[..., Quotas], clock: Clock
) -> None:
    turn_of(quotas_of(interval=60.0)).take()
    clock.now = 3.0

    turn_of(quotas_of(interval=60.0)).take()

    assert clock.now == 3.0


def test_a_refused_request_waits_and_everybody_with_it(
    quotas_of: Callable[..., Quotas], clock: Clock
) -> None:
    said: list[str] = []
    quotas, other = quotas_of(say=said.append), quotas_of()
    turn = turn_of(quotas)
    turn.take()

    assert not turn.is_over(429, (("Retry-After", "3"),))
    turn_of(other).take()

    assert clock.now == 103.0
    assert turn.is_over(200, ())
    assert said == ["waiting 3 s: shop answered 429 to GET http://shop.test/notes"]
    assert quotas.repeated == {"shop": 1}


def test_without_retries_every_answer_is_kept(quotas_of: Callable[..., Quotas]) -> None:
    turn = turn_of(quotas_of(), retries=False)

    assert turn.is_over(429, (("Retry-After", "3"),))
    assert not turn.refuses(429, ())


def test_waiting_ends_with_an_error_that_says_what_to_do(
    quotas_of: Callable[..., Quotas], clock: Clock
) -> None:
    """
    The message is noted too, since a client may hide the error.
    """
    noted: list[str] = []
    turn = turn_of(quotas_of(retry=10.0), note=noted.append)

    assert not turn.is_over(429, (("Retry-After", "6"),))
    with pytest.raises(QuotaExceeded) as caught:
        turn.is_over(429, (("Retry-After", "6"),))

    assert noted == [str(caught.value)]
    assert str(caught.value) == (
        "shop answered 429 to GET http://shop.test/notes after 6 s of waiting, and asks for 6 s more, where "
        "retry = 10 is the most that is waited for one request\n"
        "lower rate or raise retry in [tool.taketwo.services.shop]; for a test about that answer: "
        "@pytest.mark.vcr(retry=False)"
    )
    assert clock.now == 100.0


def test_a_service_that_says_now_again_and_again_is_left_in_the_end(quotas_of: Callable[..., Quotas]) -> None:
    turn = turn_of(quotas_of(retry=5.0))

    def send() -> None:
        while not turn.is_over(429, (("Retry-After", "0"),)):
            turn.take()

    with pytest.raises(QuotaExceeded):
        send()


def test_no_more_requests_are_under_way_than_may_be(quotas_of: Callable[..., Quotas], clock: Clock) -> None:
    first, second, third = (turn_of(quotas_of(concurrency=2)) for _ in range(3))
    first.take()
    second.take()

    with pytest.raises(QuotaExceeded, match="shop has concurrency = 2, and no other request ended for 120 s"):
        third.take()
    first.release()
    third.take()

    assert clock.now > 220.0


def test_a_request_that_cannot_be_sent_frees_its_place(quotas_of: Callable[..., Quotas]) -> None:
    first, second = (turn_of(quotas_of(concurrency=1)) for _ in range(2))
    first.take()

    with pytest.raises(OSError, match="no route"), first.sending():
        raise OSError("no route")
    second.take()

    second.release()


def test_a_loop_is_left_to_others(quotas_of: Callable[..., Quotas], clock: Clock) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.sleep(seconds)

    async def act() -> None:
        quotas = quotas_of(interval=2.5)
        await turn_of(quotas).take_async(sleep)
        await turn_of(quotas).take_async(sleep)

    asyncio.run(act())

    assert slept == [1.0, 1.0, 0.5]
