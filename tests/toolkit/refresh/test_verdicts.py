"""
What no contract explains is told of whatever was said, over HTTP and in conversations alike.
"""

from __future__ import annotations

import pytest

from taketwo.compare import Drift, Kind
from taketwo.refresh import Retake, Status
from taketwo.refresh.verdicts import judged, undocumented_of
from taketwo.severity import Severity


def drifted(place: str) -> Retake:
    drift = Drift(kind=Kind.CHANGED, place=place, before="one", after="another", severity=Severity.DANGEROUS)
    return judged(Retake(test="t", cassette="c", status=Status.DRIFTED, drifts=(drift,)), None, {})


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("1. GET http://a.test/notes  response.json.title", "GET http://a.test/notes  response.json.title"),
        (
            "conversation 2. ws://a.test/talk  frames[3].receive.json.title",
            "ws://a.test/talk  frames[].receive.json.title",
        ),
    ],
)
def test_what_was_said_is_told(place: str, told: str) -> None:
    assert [one.place for one in undocumented_of([drifted(place)])] == [told]


def test_the_head_says_nothing() -> None:
    assert undocumented_of([drifted("head  time")]) == ()
