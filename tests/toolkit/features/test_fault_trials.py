"""
Which faults ``taketwo faults`` tries, and the marker that reproduces one.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.model import (
    Cassette,
    Conversation,
    Direction,
    Frame,
    Interaction,
    JsonBody,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.features.faults.judge import Finding, What
from taketwo.features.faults.trials import Trial, chosen_names, may_pass_for_whole, sample, trials_of

_GET = StoredRequest(method="GET", url="http://shop.test/orders")
_JSON = Cassette(test="t", interactions=(Interaction(_GET, StoredResponse(status=200, body=JsonBody({}))),))
_BARE = Cassette(test="t", interactions=(Interaction(_GET, StoredResponse(status=204)),))
_SPOKEN = Cassette(
    test="t",
    conversations=(
        Conversation(
            request=StoredRequest(method="GET", url="ws://shop.test/"),
            response=StoredResponse(status=101),
            frames=(Frame(direction=Direction.RECEIVE, at=0, body=TextBody("hello")),),
        ),
    ),
)


def _names(trials: list[Trial]) -> list[str]:
    return [trial.fault.name for trial in trials]


def test_a_group_stands_for_several_faults() -> None:
    assert chosen_names(["connection", "reset"]) == {"dns", "refused", "tls", "reset"}


def test_no_body_is_broken_that_is_not_there() -> None:
    names = chosen_names(["break"])

    assert _names(trials_of(_BARE, names)) == ["no-answer"]
    assert _names(trials_of(_JSON, names)) == [
        "end",
        "malformed-chunk",
        "malformed-json",
        "no-answer",
        "reset",
    ]


def test_a_conversation_meets_the_faults_of_conversations() -> None:
    assert _names(trials_of(_SPOKEN, chosen_names([]))) == [
        "401",
        "429",
        "503",
        "close",
        "connect-timeout",
        "dns",
        "read-timeout",
        "reset",
        "tls",
    ]


@pytest.mark.parametrize(
    ("cassette", "name", "marker"),
    [
        (_JSON, "reset", '@pytest.mark.vcr(fault={"kind": "reset", "on": 1})'),
        (_JSON, "503", '@pytest.mark.vcr(fault={"status": 503, "retry_after": 1, "on": 1})'),
        (_SPOKEN, "close", '@pytest.mark.vcr(fault={"kind": "close", "on": "conversation 1"})'),
    ],
)
def test_a_trial_has_a_marker_that_reproduces_it(cassette: Cassette, name: str, marker: str) -> None:
    [trial] = trials_of(cassette, frozenset({name}))

    assert trial.marker == marker


def test_half_of_a_json_document_never_passes_for_a_whole_one() -> None:
    [of_json], [of_conversation] = (
        trials_of(cassette, frozenset({"reset"})) for cassette in (_JSON, _SPOKEN)
    )

    assert not may_pass_for_whole(of_json, _JSON)
    assert may_pass_for_whole(of_conversation, _SPOKEN)


def test_a_limit_chooses_the_same_trials_each_time() -> None:
    every = trials_of(_JSON, chosen_names([]))

    assert len(sample(every, 3, test="a")) == 3
    assert sample(every, 3, test="a") == sample(every, 3, test="a")
    assert sample(every, 0, test="a") == every


@pytest.mark.parametrize(
    ("what", "marker"),
    [
        (What.LEAKS, '@pytest.mark.vcr(fault={"kind": "reset", "on": 1})'),
        (What.REPEATS, '@pytest.mark.vcr(fault={"kind": "reset", "on": 1, "repeat": False})'),
    ],
)
def test_the_marker_of_a_finding_fails_a_test_that_does_the_same(what: What, marker: str) -> None:
    [trial] = trials_of(_JSON, chosen_names(["reset"]))

    assert Finding(what=what, trial=trial, line="shop.py:1", detail="").marker == marker
