"""
Which request meets a fault that a test asks for, and what it may ask for.
"""

from __future__ import annotations

from itertools import count

import pytest

from taketwo.cassette.model import LiveRequest, StoredRequest
from taketwo.config.faults import Fault, Kind, faults_of_test, read_fault
from taketwo.errors import ConfigError, RepeatedRequest, WaitsForever
from taketwo.playback.faults import Faults

_URL = "http://shop.test/orders/7"


def _strikes(faults: Faults, number: int = 0, method: str = "GET") -> bool:
    recorded = StoredRequest(method=method, url=_URL)
    return faults.strike(number, recorded, LiveRequest(method=method, url=_URL))


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ("reset", Fault(kind=Kind.RESET)),
        (429, Fault(kind=Kind.STATUS, status=429)),
        ("401", Fault(kind=Kind.STATUS, status=401)),
        ({"status": 503, "retry_after": 2}, Fault(kind=Kind.STATUS, retry_after=2)),
        ({"kind": "close", "code": 1012, "after": 0}, Fault(kind=Kind.CLOSE, code=1012, after=0)),
        (
            {"kind": "slow", "seconds": 5, "on": 2, "times": 1},
            Fault(kind=Kind.SLOW, seconds=5, on=2, times=1),
        ),
    ],
)
def test_a_fault_is_written_as_a_name_a_status_or_a_table(asked: object, fault: Fault) -> None:
    assert faults_of_test({"fault": asked}) == (fault,)


def test_several_faults_are_a_list() -> None:
    assert [fault.name for fault in faults_of_test({"fault": ["dns", 503]})] == ["dns", "503"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("rest", "or one of"),
        (200, "a number from 400 to 599"),
        ({"kind": "reset", "tims": 2}, "vcr.fault.tims is not known; did you mean times?"),
        ({"times": 2}, "needs a kind"),
        (
            {"status": 503, "after": 1},
            "vcr.fault.after is for read-timeout, reset, end, short, malformed-chunk, close, not status",
        ),
        ({"kind": "slow", "code": 1011}, "vcr.fault.code is for close, not slow"),
        ({"kind": "reset", "times": 0}, "a number from 1"),
        ({"kind": "reset", "repeat": "no"}, "vcr.fault.repeat"),
        (1.5, "expected the name of a fault, a status or a table, got a number"),
    ],
)
def test_a_mistake_in_a_fault_is_reported(asked: object, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_fault(asked)

    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("on", "is_met"),
    [
        (1, True),
        (2, False),
        ("interaction 1", True),
        ("conversation 1", False),
        ("GET */orders/*", True),
        ("get /orders/7", True),
        ("*/orders/7", True),
        ("POST */orders/*", False),
        ("GET /orders", False),
    ],
)
def test_on_names_an_interaction_by_number_or_by_method_and_address(on: object, *, is_met: bool) -> None:
    assert _strikes(Faults([read_fault("reset", on=on)])) is is_met


def test_so_many_requests_meet_a_fault_and_then_the_recorded_answer_comes() -> None:
    faults = Faults([read_fault("reset", times=2)])

    assert [_strikes(faults) for _ in range(3)] == [True, True, False]


def test_a_fault_is_given_once_for_each_request_that_meets_it() -> None:
    faults = Faults([read_fault("reset", times=1)])
    _strikes(faults)

    assert faults.take(0) == Fault(kind=Kind.RESET, times=1)
    assert faults.take(0) is None


def test_a_close_concerns_conversations_alone() -> None:
    faults = Faults([read_fault("close")])

    assert not _strikes(faults)
    recorded = StoredRequest(method="GET", url="ws://shop.test/")
    assert faults.strike_conversation(0, recorded, "ws://shop.test/") == Fault(kind=Kind.CLOSE)


def test_a_client_that_repeats_a_request_without_an_end_is_stopped() -> None:
    faults, problems = Faults([read_fault(503)]), list[str]()
    faults.report = problems.append

    with pytest.raises(WaitsForever):
        [_strikes(faults) for _ in count()]

    assert problems == [
        f"the client sent GET {_URL} 100 times, and repeats it without an end\nlimit its retries"
    ]


def _post(key: str = "") -> LiveRequest:
    headers = (("Idempotency-Key", key),) if key else ()
    return LiveRequest(method="POST", url=_URL, headers=headers)


@pytest.mark.parametrize("times", [None, 1])
def test_a_request_that_may_have_been_carried_out_is_not_sent_again(times: int | None) -> None:
    faults, problems = Faults([read_fault("reset", times=times, repeat=False)]), list[str]()
    faults.report = problems.append
    recorded = StoredRequest(method="POST", url=_URL)
    faults.strike(0, recorded, _post())

    with pytest.raises(RepeatedRequest):
        faults.strike(0, recorded, _post())

    assert "\n".join(problems) == (
        f"the client sent POST {_URL} again, and the service may have carried it out the first time\n"
        "send an idempotency key with it, the same both times, or do not repeat it"
    )


def test_a_request_with_the_same_idempotency_key_may_be_sent_again() -> None:
    faults = Faults([read_fault("reset", times=1, repeat=False)])
    recorded = StoredRequest(method="POST", url=_URL)

    assert faults.strike(0, recorded, _post("a"))
    assert not faults.strike(0, recorded, _post("a"))
    with pytest.raises(RepeatedRequest):
        faults.strike(0, recorded, _post("b"))


def test_as_many_equal_requests_as_were_recorded_repeat_none() -> None:
    faults = Faults([read_fault("reset", repeat=False)])
    recorded = StoredRequest(method="POST", url=_URL)

    for _ in range(2):
        assert faults.strike(0, recorded, _post(), alike=2)
    with pytest.raises(RepeatedRequest):
        faults.strike(0, recorded, _post(), alike=2)
