"""
What no contract explains is told of whatever was said, over HTTP and in conversations alike.
"""

from __future__ import annotations

import pytest

from taketwo.compare.recordings import Difference
from taketwo.compare.structure import Kind
from taketwo.contract.changes import Severity
from taketwo.refresh.explain import explained, unexplained_of
from taketwo.results import CassetteResult, Status


def drifted(place: str) -> CassetteResult:
    difference = Difference(
        kind=Kind.CHANGED, place=place, before="one", after="another", severity=Severity.DANGEROUS
    )
    return explained(
        CassetteResult(test="t", cassette="c", status=Status.CHANGED, differences=(difference,)), None, {}
    )


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
    assert [one.place for one in unexplained_of([drifted(place)])] == [told]


def test_the_head_says_nothing() -> None:
    assert unexplained_of([drifted("head  time")]) == ()
