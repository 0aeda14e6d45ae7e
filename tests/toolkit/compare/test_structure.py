"""
What differs between two values, as structure.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.model import JsonValue
from taketwo.compare.structure import ValueDifference, canonical, differences, same
from taketwo.results import DifferenceKind

ADDED, REMOVED, CHANGED = DifferenceKind.ADDED, DifferenceKind.REMOVED, DifferenceKind.CHANGED


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        (1, 2, [ValueDifference(CHANGED, (), 1, 2)]),
        (1, True, [ValueDifference(CHANGED, (), before=1, after=True)]),
        (1, 1.0, [ValueDifference(CHANGED, (), 1, 1.0)]),
        (0.0, -0.0, [ValueDifference(CHANGED, (), 0.0, -0.0)]),
        (None, [], [ValueDifference(CHANGED, (), None, [])]),
        ({}, [], [ValueDifference(CHANGED, (), {}, [])]),
        ("abc", ["a", "b", "c"], [ValueDifference(CHANGED, (), "abc", ["a", "b", "c"])]),
        ({"a": None}, {}, [ValueDifference(REMOVED, ("a",), None, None)]),
        (
            {"a": {"b": 1, "c": 2}},
            {"a": {"c": 3, "d": None}},
            [
                ValueDifference(REMOVED, ("a", "b"), 1, None),
                ValueDifference(CHANGED, ("a", "c"), 2, 3),
                ValueDifference(ADDED, ("a", "d"), None, None),
            ],
        ),
        ([1, 2, 3], [1, 2, 3], []),
        ([1, 2, 3], [2, 3], [ValueDifference(REMOVED, (0,), 1, None)]),
        ([2, 3], [1, 2, 3], [ValueDifference(ADDED, (0,), None, 1)]),
        ([], [1, 2], [ValueDifference(ADDED, (0,), None, 1), ValueDifference(ADDED, (1,), None, 2)]),
        ([1, 2], [], [ValueDifference(REMOVED, (0,), 1, None), ValueDifference(REMOVED, (1,), 2, None)]),
        (
            {"rows": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"id": 3, "n": "c"}]},
            {"rows": [{"id": 2, "n": "b"}, {"id": 3, "n": "x"}]},
            [
                ValueDifference(REMOVED, ("rows", 0), {"id": 1, "n": "a"}, None),
                ValueDifference(CHANGED, ("rows", 2, "n"), "c", "x"),
            ],
        ),
        ([[1], [2]], [[1], [2, 3]], [ValueDifference(ADDED, (1, 1), None, 3)]),
    ],
)
def test_every_difference_is_told_with_its_path(
    before: JsonValue, after: JsonValue, expected: list[ValueDifference]
) -> None:
    assert list(map(repr, differences(before, after))) == list(map(repr, expected))


def test_paths_begin_where_they_are_told_to() -> None:
    found = [difference.path for difference in differences({"a": [1]}, {"a": [2], "b": 1}, "response")]

    assert found == ["response.a[0]", "response.b"]


def test_the_same_is_of_the_same_type() -> None:
    pairs: list[tuple[JsonValue, JsonValue]] = [(1, 1), (1, 1.0), (True, 1), ({"a": [1]}, {"a": [True]})]

    assert [same(before, after) for before, after in pairs] == [
        True,
        False,
        False,
        False,
    ]


def test_the_canonical_text_has_one_order() -> None:
    assert canonical({"b": [1, 1.0, None], "a": "ä"}) == '{"a":"\\u00e4","b":[1,1.0,null]}'
