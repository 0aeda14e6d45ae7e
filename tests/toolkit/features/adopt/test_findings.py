"""
What differs for a suite that moves in, by how its tests ended in three runs.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.model import JsonValue
from taketwo.config.placeholders import PlaceholderType
from taketwo.features.adopt.findings import Ended, Kind, Looseness, findings_of, hosts_of, rules_of
from taketwo.features.adopt.runs import outcomes_of

TEST = "tests/test_a.py::test_a"
PASSED = {TEST: Ended(outcome="passed")}


def sent(value: JsonValue, *, recorded: JsonValue = "recorded", path: str = "json.kind") -> dict[str, Ended]:
    """
    A test that passes, with a body in which one value is not the recorded one.
    """
    loose = Looseness(request="POST /echo", differences=((path, recorded, value),))
    return {TEST: Ended(outcome="passed", loose=(loose,))}


def failed(message: str) -> dict[str, Ended]:
    return {TEST: Ended(outcome="failed", message=message)}


def test_nothing_differs_for_a_test_that_passes_in_all_runs() -> None:
    assert findings_of(PASSED, PASSED, PASSED) == []


def test_a_test_that_fails_as_it_is_is_not_judged() -> None:
    assert findings_of(failed("E   assert 1 == 2"), failed("E   assert 1 == 2"), PASSED) == []


def test_a_body_that_is_the_same_in_both_runs_was_never_matched() -> None:
    (found,) = findings_of(PASSED, sent("new"), sent("new"))

    assert (found.kind, found.is_settled) == (Kind.BODY, False)
    assert found.text == "POST /echo: json.kind: recorded 'recorded', sent 'new'"


@pytest.mark.parametrize(
    ("recorded", "first", "second", "kind"),
    [
        ("abc", "def", "ghi", PlaceholderType.ANY),
        (
            "0b4b7e0c-6a55-4f43-9d1c-2f4b7b6f6a01",
            "0b4b7e0c-6a55-4f43-9d1c-2f4b7b6f6a02",
            "0b4b7e0c-6a55-4f43-9d1c-2f4b7b6f6a03",
            PlaceholderType.UUID,
        ),
        (1795862191.78, 1795862222.44, 1795862222.50, PlaceholderType.TIME),
        ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-02-01T00:00:01Z", PlaceholderType.TIME),
    ],
)
def test_a_value_that_is_another_one_each_time_is_settled_by_a_rule(
    recorded: JsonValue, first: JsonValue, second: JsonValue, kind: PlaceholderType
) -> None:
    found = findings_of(
        PASSED,
        sent(first, recorded=recorded, path="json.items[0].id"),
        sent(second, recorded=recorded, path="json.items[0].id"),
    )

    assert [one.kind for one in found] == [Kind.VOLATILE]
    assert [(rule.type, rule.path) for rule in rules_of(found)] == [(kind, "request.json.items.*.id")]


def test_items_of_a_list_differ_in_one_place() -> None:
    differences = (("json.items[0].id", "a", "b"), ("json.items[1].id", "c", "d"))
    loose = Looseness(request="POST /echo", differences=differences)
    run = {TEST: Ended(outcome="passed", loose=(loose,))}

    found = findings_of(PASSED, run, run)

    assert [one.place for one in found] == ["json.items[*].id"]


@pytest.mark.parametrize(
    ("message", "kind", "text"),
    [
        (
            "tests/test_a.py:3: in test_a\nE   NoMatch: c.yaml has no answer to GET /b\nE   more",
            Kind.REAL,
            "NoMatch: c.yaml has no answer to GET /b",
        ),
        ("E   assert 1 == 2", Kind.REAL, "assert 1 == 2"),
        (
            "this test asks VCR.py for what has no effect with taketwo:\n  - persister: …",
            Kind.OPTION,
            "this test asks VCR.py for what has no effect with taketwo:",
        ),
        ("E   Network is disabled for host 'api.test' (port 1): …", Kind.BLOCKED, "it reaches api.test"),
    ],
)
def test_a_test_that_fails_only_here_is_told_by_its_message(message: str, kind: Kind, text: str) -> None:
    (found,) = findings_of(PASSED, failed(message), failed(message))

    assert (found.kind, found.text, found.is_settled) == (kind, text, False)


@pytest.mark.parametrize(("host", "hosts"), [("127.0.0.1", ["127.0.0.1"]), ("api.test", [])])
def test_a_host_of_this_machine_is_allowed_and_no_other(host: str, hosts: list[str]) -> None:
    run = failed(f"E   Network is disabled for host '{host}' (port 1): …")

    assert hosts_of(findings_of(PASSED, run, run)) == hosts


def test_what_is_recorded_and_never_asked_for_is_told() -> None:
    run = {TEST: Ended(outcome="passed", unplayed=2)}

    (found,) = findings_of(PASSED, run, run)

    assert (found.kind, found.text) == (Kind.UNPLAYED, "2 recorded, and never asked for")


def test_a_test_ends_as_the_worst_of_its_phases() -> None:
    phases = [
        {"test": "a", "outcome": "passed", "message": "", "loose": [], "unplayed": 0},
        {"test": "a", "outcome": "failed", "message": "k3y was sent", "loose": [], "unplayed": 0},
        {"test": "b", "outcome": "skipped", "message": "", "loose": [], "unplayed": 1},
    ]

    found = outcomes_of(phases, redact=lambda text: text.replace("k3y", "***"))

    assert found == {
        "a": Ended(outcome="failed", message="*** was sent"),
        "b": Ended(outcome="skipped", unplayed=1),
    }
