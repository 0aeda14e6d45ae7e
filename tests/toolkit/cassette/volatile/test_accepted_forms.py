"""
What is read from one value alone stays as the accepted recording has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from taketwo.cassette.model import Cassette, Interaction, JsonBody, JsonValue, StoredRequest, StoredResponse
from taketwo.cassette.stabilize import stabilize
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.volatile.accepted_forms import with_accepted_forms
from taketwo.cassette.volatile.detect import Detector
from taketwo.config.placeholders import PlaceholderType, Rule
from tests.toolkit.cassette.exchanges import answer, as_json, get, take_of

COST = Rule(PlaceholderType.ANY, "response.json.cost")
NOISE = Rule(PlaceholderType.TEXT, "response.json.noise")


def recorded(**members: object) -> Cassette:
    finder = Detector([COST, NOISE])
    return take_of((get("http://a.test/"), answer(as_json(members))), finder=finder)


def holding(value: Mapping[str, JsonValue], chunks: tuple[int, ...] = ()) -> Cassette:
    response = StoredResponse(status=200, body=JsonBody(value), chunks=chunks)
    return Cassette(
        test="t", interactions=(Interaction(StoredRequest(method="GET", url="http://a.test/"), response),)
    )


def text(cassette: Cassette) -> str:
    return dump_cassette(cassette)


@pytest.mark.parametrize("fingerprint", ["fp_0239866599", "fp_eacbfdcafe", "fp_44709d6fcb"])
def test_an_id_of_hexadecimal_digits_is_one_whichever_it_has(fingerprint: str) -> None:
    assert "<id:1:fp_[0-9a-f]{10}>" in text(recorded(system_fingerprint=fingerprint))


@pytest.mark.parametrize("noise", ["7", "1s", "kX"])
def test_random_characters_are_a_text_whatever_they_look_like(noise: str) -> None:
    assert "noise: <any:text>" in text(recorded(noise=noise))


@pytest.mark.parametrize("value", [3, True, None])
def test_what_is_no_text_is_left_as_it_is(value: object) -> None:
    assert f"noise: {json.dumps(value)}" in text(recorded(noise=value))


@pytest.mark.parametrize(("accepted", "new"), [("a while", "12"), ("a while", "3ms")])
def test_what_may_be_any_text_stays_so(accepted: str, new: str) -> None:
    before = recorded(cost=accepted)

    assert text(stabilize(before, recorded(cost=new))) == text(before)


def test_what_was_digits_becomes_a_text_with_the_first_one() -> None:
    new = recorded(cost="a while")

    assert text(stabilize(recorded(cost="12"), new)) == text(new)


@pytest.mark.parametrize(
    ("accepted", "new", "kept"),
    [
        ("run_[A-Za-z0-9]{8}", "run_[0-9a-f]{8}", True),
        ("run_[a-z0-9]{8}", "run_[0-9a-f]{8}", True),
        ("run_[0-9a-f]{8}", "run_[A-Za-z0-9]{8}", False),
        ("run_[A-Z0-9]{8}", "run_[0-9a-f]{8}", False),
        ("run_[A-Za-z0-9]{9}", "run_[0-9a-f]{8}", False),
        ("job_[A-Za-z0-9]{8}", "run_[0-9a-f]{8}", False),
        ("run_[A-Za-z0-9_]{8}", "run_[0-9a-f]{8}", False),
    ],
)
def test_an_id_keeps_the_signs_of_the_accepted_one_where_these_are_more(
    accepted: str, new: str, *, kept: bool
) -> None:
    before, after = holding({"id": f"<id:1:{accepted}>"}), holding({"id": f"<id:1:{new}>"})

    assert with_accepted_forms(before, after) == (before if kept else after)


@pytest.mark.parametrize("other", ["<id:2:run_[0-9a-f]{8}>", "<time:1:seconds>", "run 1", "of <any:digits>"])
def test_another_placeholder_stays_another_one(other: str) -> None:
    after = holding({"id": other})

    assert with_accepted_forms(holding({"id": "<id:1:run_[A-Za-z0-9]{8}>"}), after) == after


def test_another_value_stays_another_one() -> None:
    before, after = recorded(cost="a while", name="a"), recorded(cost="12", name="b")

    made = text(stabilize(before, after))

    assert "name: b" in made
    assert "cost: <any:text>" in made


def test_the_cuts_of_a_stream_fit_the_text_that_is_kept() -> None:
    before = holding({"a": "<any:text>", "b": 1}, chunks=(10, 25))
    same, other = (holding({"a": "<any:digits>", "b": b}, chunks=(12, 25)) for b in (1, 2))

    assert (
        with_accepted_forms(before, same).interactions[0].response.body
        == before.interactions[0].response.body
    )
    assert stabilize(before, same) == before
    assert with_accepted_forms(before, other) == other
