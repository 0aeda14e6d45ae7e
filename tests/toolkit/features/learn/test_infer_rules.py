"""
What two recordings teach, as a decision: no service, no process.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.model import Cassette, Interaction, JsonBody, JsonValue, StoredRequest, StoredResponse
from taketwo.features.learn.infer_rules import InferredRules, infer_rules


def take(*answers: JsonValue, sent: JsonValue = None, url: str = "http://a.test/") -> Cassette:
    return Cassette(
        test="a",
        interactions=tuple(
            Interaction(
                StoredRequest(method="GET", url=url, body=JsonBody(sent)),
                StoredResponse(status=200, body=JsonBody(value)),
            )
            for value in answers
        ),
    )


def rules_of(learned: InferredRules) -> list[str]:
    return [str(proposal.rule) for proposal in learned.proposals]


def reasons_of(learned: InferredRules) -> list[tuple[str, str]]:
    return [(one.place, one.reason) for one in learned.unexplained]


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ({"n": 17}, {"n": 21}, 'path = "response.json.n", type = "counter"'),
        ({"n": "17"}, {"n": "21"}, 'path = "response.json.n", type = "counter"'),
        ([{"n": 17}, {"n": 18}], [{"n": 21}, {"n": 22}], 'path = "response.json.*.n", type = "counter"'),
        ({"a.b": 17}, {"a.b": 21}, 'path = "response.json."a.b"", type = "counter"'),
        ({"n": 21}, {"n": 17}, 'path = "response.json.n", type = "any"'),
        ([{"n": 18}, {"n": 17}], [{"n": 21}, {"n": 22}], 'path = "response.json.*.n", type = "any"'),
        ({"spent_ms": 17}, {"spent_ms": 21}, 'path = "response.json.spent_ms", type = "any"'),
        ({"n": 0.5}, {"n": 0.7}, 'path = "response.json.n", type = "any"'),
        ({"n": 1777939201}, {"n": 1777939207}, 'path = "response.json.n", type = "time"'),
        ({"n": 1777939201.5}, {"n": 1777939207.25}, 'path = "response.json.n", type = "time"'),
        ({"n": "a1" * 16}, {"n": "b2" * 16}, 'path = "response.json.n", type = "uuid"'),
        (
            {"n": "ord_Ab12Cd34"},
            {"n": "ord_Zy98Xw76"},
            'path = "response.json.n", pattern = "ord_[A-Za-z0-9]{8}", type = "id"',
        ),
        (
            {"n": "made job-1234abcd."},
            {"n": "made job-9876fedc."},
            'pattern = "job-[a-f0-9]{8}", type = "id"',
        ),
        (
            {"n": "ticket 12345 of 9"},
            {"n": "ticket 67890 of 9"},
            'path = "response.json.n", pattern = \'\\d{5}\', type = "id"',
        ),
    ],
)
def test_a_rule_is_proposed(first: JsonValue, second: JsonValue, rule: str) -> None:
    learned = infer_rules([(take(first), take(second))])

    assert (rules_of(learned), reasons_of(learned)) == ([rule.replace('."a.b""', '.\\"a.b\\""')], [])


def test_what_follows_from_a_rule_needs_none() -> None:
    """
    The request that asks for what was minted, and the answer that tells of it once more.
    """
    before = take({"n": 1700}, {"of": 1700, "say": "n 1700"})
    after = take({"n": 2100}, {"of": 2100, "say": "n 2100"})

    learned = infer_rules([(before, after)])

    assert rules_of(learned) == ['path = "response.json.n", type = "counter"']


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (take({"n": 1}), take({"n": "1"}), "a number in one recording, a text in the other"),
        (take({"n": True}), take({"n": False}), "true in one recording, false in the other"),
        (
            take({"n": "red"}),
            take({"n": "dark green"}),
            "two texts of which no pattern tells what they have in common",
        ),
        (
            take(["a", "b"]),
            take(["b", "a"]),
            "the same values in another order: have the service, or the test, sort them",
        ),
        (
            take({}, sent={"n": 1}),
            take({}, sent={"n": 2}),
            "the test itself sends another value each time: give it a fixed clock, or a fixed seed",
        ),
        (take({"n": 1}), take({"n": 1, "m": 2}), "a name is in one recording only"),
    ],
)
def test_what_no_rule_explains_is_told_with_a_reason(first: Cassette, second: Cassette, reason: str) -> None:
    learned = infer_rules([(first, second)])

    assert rules_of(learned) == []
    assert {why for _, why in reasons_of(learned)} == {reason}


def test_takes_of_different_lengths_are_told() -> None:
    learned = infer_rules([(take(1), take(1, 1))])

    assert reasons_of(learned) == [("", "1 requests in one recording, 2 in the other")]
