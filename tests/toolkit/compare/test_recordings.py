"""
What differs between two recordings, and how bad it is.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Interaction,
    JsonBody,
    JsonStyle,
    JsonValue,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.compare.recordings import compare_cassettes
from taketwo.contract.changes import Severity
from taketwo.results import Difference, DifferenceKind, worst_severity
from tests.toolkit.locations import location

BREAKING, DANGEROUS, SAFE = Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE
ADDED, REMOVED, CHANGED = DifferenceKind.ADDED, DifferenceKind.REMOVED, DifferenceKind.CHANGED


def told(
    body: Body = None,
    *,
    path: str = "/",
    method: str = "GET",
    query: Pairs = (),
    sent: Body = None,
    status: int = 200,
    reason: str = "",
    headers: Pairs = (),
) -> Interaction:
    return Interaction(
        StoredRequest(method=method, url=f"http://a.test{path}", query=query, body=sent),
        StoredResponse(status=status, reason=reason, headers=headers, body=body),
    )


def take(*interactions: Interaction) -> Cassette:
    return Cassette(test="a", interactions=interactions)


def difference(
    kind: DifferenceKind, place: str, before: JsonValue, after: JsonValue, severity: Severity
) -> Difference:
    at = location(place)
    return Difference(kind=kind, location=at, before=before, after=after, severity=severity)


def placed(found: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """
    Without where each is in the new recording.
    """
    return tuple(replace(one, new_location=None) for one in found)


@pytest.mark.parametrize(
    ("before", "after", "kind", "path", "severity"),
    [
        (told(JsonBody({"a": 1})), told(JsonBody({})), REMOVED, "response.json.a", BREAKING),
        (told(JsonBody({"a": 1})), told(JsonBody({"a": "1"})), CHANGED, "response.json.a", BREAKING),
        (told(JsonBody({"a": 1})), told(JsonBody({"a": None})), CHANGED, "response.json.a", BREAKING),
        (told(JsonBody({"a": 1})), told(JsonBody({"a": True})), CHANGED, "response.json.a", BREAKING),
        (told(JsonBody({"a": 1})), told(JsonBody({"a": 2})), CHANGED, "response.json.a", DANGEROUS),
        (told(JsonBody({"a": 1})), told(JsonBody({"a": 1.0})), CHANGED, "response.json.a", DANGEROUS),
        (told(JsonBody({"a": 1})), told(JsonBody({"a": 1, "b": 2})), ADDED, "response.json.b", SAFE),
        (told(JsonBody([1])), told(JsonBody([])), REMOVED, "response.json[0]", BREAKING),
        (told(TextBody("a")), told(TextBody("b")), CHANGED, "response.text", DANGEROUS),
        (told(TextBody("a")), told(), REMOVED, "response.text", BREAKING),
        (told(), told(TextBody("a")), ADDED, "response.text", SAFE),
        (told(BinaryBody(b"a")), told(BinaryBody(b"b")), CHANGED, "response.base64", DANGEROUS),
        (told(status=200), told(status=201), CHANGED, "response.status", BREAKING),
        (told(status=404), told(status=200), CHANGED, "response.status", BREAKING),
        (told(reason="A"), told(reason="B"), CHANGED, "response.reason", SAFE),
        (told(reason="A"), told(), REMOVED, "response.reason", SAFE),
        (
            told(headers=(("x-a", "1"), ("x-b", "1"))),
            told(headers=(("x-b", "1"),)),
            REMOVED,
            "response.headers.x-a",
            DANGEROUS,
        ),
        (
            told(headers=(("x-a", "1"),)),
            told(headers=(("x-a", "2"),)),
            CHANGED,
            "response.headers.x-a",
            DANGEROUS,
        ),
        (
            told(headers=(("x-a", "1"),)),
            told(headers=(("x-a", "1"), ("x-a", "2"))),
            CHANGED,
            "response.headers.x-a",
            DANGEROUS,
        ),
        (
            told(headers=(("x-a", "1"),)),
            told(headers=(("x-a", "1"), ("x-b", "2"))),
            ADDED,
            "response.headers.x-b",
            SAFE,
        ),
        (
            told(JsonBody({"a": 1})),
            told(JsonBody({"a": 1}, JsonStyle.SPACED)),
            CHANGED,
            "response.style",
            SAFE,
        ),
        (
            told(JsonBody({"a": 1}, JsonStyle.SPACED)),
            told(TextBody('{"a" : 1}')),
            CHANGED,
            "response.style",
            SAFE,
        ),
        (told(TextBody('{"a" : 1}')), told(TextBody('{"a" : 2}')), CHANGED, "response.json.a", DANGEROUS),
        (told(TextBody('{"a" : 1}')), told(JsonBody({})), REMOVED, "response.json.a", BREAKING),
        (
            told(sent=JsonBody({"a": 1})),
            told(sent=JsonBody({"a": "1"})),
            CHANGED,
            "request.json.a",
            DANGEROUS,
        ),
        (told(query=(("a", "1"),)), told(query=(("a", "2"),)), CHANGED, "request.query.a", DANGEROUS),
    ],
)
def test_a_difference_is_as_bad_as_its_kind(
    before: Interaction, after: Interaction, kind: DifferenceKind, path: str, severity: Severity
) -> None:
    found = compare_cassettes(take(before), take(after))

    assert [(item.kind, str(item.location), item.severity) for item in found] == [
        (kind, f"1. GET http://a.test/  {path}", severity)
    ]


def test_equal_takes_do_not_drift() -> None:
    one = take(told(JsonBody({"a": 1})), told(TextBody('{"a" : 1}')), told(BinaryBody(b"\xff")))

    assert compare_cassettes(one, one) == ()


def test_json_beside_what_is_no_json_is_compared_as_the_file_shows_it() -> None:
    assert placed(compare_cassettes(take(told(JsonBody({"a": 1}))), take(told(TextBody("{broken"))))) == (
        difference(REMOVED, "1. GET http://a.test/  response.json", {"a": 1}, None, BREAKING),
        difference(ADDED, "1. GET http://a.test/  response.text", None, "{broken", SAFE),
    )


def test_an_interaction_that_was_added_does_not_make_those_behind_it_look_changed() -> None:
    first, second, third = told(path="/1"), told(path="/2"), told(JsonBody([1]), path="/3")
    changed = told(JsonBody([2]), path="/3")

    found = compare_cassettes(take(first, third), take(first, second, changed))

    shown: JsonValue = {"request": {"method": "GET", "url": "http://a.test/2"}, "response": {"status": 200}}
    assert placed(found) == (
        difference(ADDED, "2. GET http://a.test/2", None, shown, DANGEROUS),
        difference(CHANGED, "2. GET http://a.test/3  response.json[0]", 1, 2, DANGEROUS),
    )


def test_an_interaction_that_is_gone_is_told_whole() -> None:
    first, second = told(path="/1"), told(path="/2", method="DELETE", status=204)

    found = compare_cassettes(take(first, second), take(first))

    shown: JsonValue = {
        "request": {"method": "DELETE", "url": "http://a.test/2"},
        "response": {"status": 204},
    }
    assert placed(found) == (difference(REMOVED, "2. DELETE http://a.test/2", shown, None, DANGEROUS),)


def test_another_request_in_its_place_is_one_gone_and_one_new() -> None:
    found = compare_cassettes(take(told(path="/1")), take(told(path="/2")))

    assert [(item.kind, str(item.location)) for item in found] == [
        (REMOVED, "1. GET http://a.test/1"),
        (ADDED, "1. GET http://a.test/2"),
    ]


def test_of_the_head_only_what_a_person_wrote_counts() -> None:
    before = Cassette(test="a", services={"mesh": "1"}, seed=1)
    after = replace(before, services={"mesh": "2"}, seed=2)
    renamed = replace(before, test="b", services={"mesh": "1", "chorus": "1"}, time="2027-01-01T00:00:00Z")

    assert compare_cassettes(before, after) == ()
    assert placed(compare_cassettes(before, renamed)) == (
        difference(CHANGED, "head  test", "a", "b", SAFE),
        difference(ADDED, "head  services[0]", None, "chorus", SAFE),
        difference(CHANGED, "head  time", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", SAFE),
    )


def test_the_worst_of_many_drifts_counts() -> None:
    safe, dangerous, breaking = (
        difference(ADDED, "head  test", None, None, item) for item in (SAFE, DANGEROUS, BREAKING)
    )

    assert [
        worst_severity(()),
        worst_severity((safe,)),
        worst_severity((safe, dangerous)),
        worst_severity((breaking, safe)),
    ] == [
        None,
        SAFE,
        DANGEROUS,
        BREAKING,
    ]


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ("<counter:1>", "<counter:1:text>", BREAKING),
        ("<counter:1>", None, BREAKING),
        ("<counter:1>", 7, DANGEROUS),
        ("<time:1:seconds>", "<time:1>", BREAKING),
        ("<counter:1:text>", "seven", DANGEROUS),
    ],
)
def test_a_placeholder_hides_no_change_of_type(before: str, after: JsonValue, severity: Severity) -> None:
    """
    In the file a placeholder is a text, also that of a number.
    """
    differences = compare_cassettes(take(told(JsonBody({"a": before}))), take(told(JsonBody({"a": after}))))

    assert placed(differences) == (
        difference(CHANGED, "1. GET http://a.test/  response.json.a", before, after, severity),
    )
