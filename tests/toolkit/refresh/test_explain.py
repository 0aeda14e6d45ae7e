"""
What no contract explains is reported of HTTP and of conversations alike.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.model import Cassette
from taketwo.contract.changes import Severity
from taketwo.refresh.explain import Explanation, behaviour_causes
from taketwo.results import CassetteResult, Difference, DifferenceKind, Status
from tests.toolkit.locations import location


def changed(place: str) -> CassetteResult:
    difference = Difference(
        kind=DifferenceKind.CHANGED,
        location=location(place),
        before="one",
        after="another",
        severity=Severity.DANGEROUS,
    )
    return Explanation(changes={}).explained(
        CassetteResult(
            test="t",
            cassette="c",
            status=Status.CHANGED,
            differences=(difference,),
            before=Cassette(test="t"),
            after=Cassette(test="t"),
        ),
        None,
    )


@pytest.mark.parametrize(
    ("place", "pattern"),
    [
        ("1. GET http://a.test/notes  response.json.title", "GET http://a.test/notes  response.json.title"),
        (
            "2. GET http://a.test/notes/<uuid:1>  response.json[3].title",
            "GET http://a.test/notes/…  response.json[].title",
        ),
        (
            "conversation 2. ws://a.test/talk  frames[3].receive.json.title",
            "ws://a.test/talk  frames[].receive.json.title",
        ),
    ],
)
def test_what_no_contract_explains_is_one_cause_wherever_it_was_seen(place: str, pattern: str) -> None:
    assert [one.coordinate for one in behaviour_causes([changed(place)])] == [pattern]


def test_a_change_in_the_head_is_no_behaviour_of_a_service() -> None:
    assert behaviour_causes([changed("head  time")]) == ()
