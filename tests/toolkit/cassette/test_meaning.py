"""
A new recording that means the same as the accepted one is the accepted one.
"""

from __future__ import annotations

import json

import pytest

from taketwo.cassette.meaning import means_the_same, with_accepted_meaning
from taketwo.cassette.model import Cassette, Pairs
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.volatile.detect import Detector
from tests.toolkit.cassette.exchanges import JSON, answer, get, take_of

ONE = "11111111-aaaa-4bbb-8ccc-dddddddddddd"
TWO = "22222222-aaaa-4bbb-8ccc-dddddddddddd"


def recorded(*values: object, headers: Pairs = (), indent: int | None = None) -> Cassette:
    pairs = [
        (get(f"http://a.test/{n}"), answer(json.dumps(value, indent=indent).encode(), (*JSON, *headers)))
        for n, value in enumerate(values)
    ]
    return take_of(*pairs, finder=Detector(now=1_790_000_000))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (recorded({"a": 1, "b": [{"c": 2, "d": 3}]}), recorded({"b": [{"d": 3, "c": 2}], "a": 1})),
        (recorded({"a": ONE, "b": TWO}), recorded({"b": ONE, "a": TWO})),
        (recorded({"a": 1}), recorded({"a": 1}, headers=(("etag", '"1"'),))),
        (recorded({"a": 1}), recorded({"a": 1}, indent=2)),
        (recorded({"a": f"{ONE} {TWO}"}, {"b": TWO}), recorded({"a": f"{TWO} {ONE}"}, {"b": ONE})),
    ],
)
def test_order_layout_and_headers_of_the_server_change_nothing(before: Cassette, after: Cassette) -> None:
    assert dump_cassette(before) != dump_cassette(after) or before == after
    assert dump_cassette(with_accepted_meaning(before, after)) == dump_cassette(before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (recorded({"a": 1}), recorded({"a": 2})),
        (recorded({"a": 1}), recorded({"a": True})),
        (recorded({"a": 1}), recorded({"a": 1.0})),
        (recorded([1, 2]), recorded([2, 1])),
        (recorded({"a": 1}), recorded({"a": 1, "b": 2})),
        (recorded({"a": 1}), recorded({"a": 1}, headers=(("x-mode", "b"),))),
        (recorded({"a": ONE, "b": ONE}), recorded({"a": ONE, "b": TWO})),
        (
            recorded({"a": "2026-01-01T00:00:00.123Z", "b": "2026-01-01T00:00:01.123Z"}),
            recorded({"b": "2026-01-01T00:00:00.123Z", "a": "2026-01-01T00:00:01.123Z"}),
        ),
    ],
)
def test_whatever_a_reader_could_notice_is_a_change(before: Cassette, after: Cassette) -> None:
    assert not means_the_same(before, after)
    assert with_accepted_meaning(before, after) is after


def test_values_that_are_equal_by_chance_keep_the_numbers_they_had() -> None:
    apart, together = recorded({"a": ONE, "b": TWO}), recorded({"a": ONE, "b": ONE})

    assert dump_cassette(with_accepted_meaning(apart, together)) == dump_cassette(apart)
