"""
The smallest set of changes that still has an effect.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from taketwo.features.survive.shrink import smallest_set

MANY = 40


@given(st.sets(st.integers(0, MANY - 1), min_size=1, max_size=6))
def test_what_is_needed_together_is_left_in_its_order(needed: set[int]) -> None:
    assert smallest_set(range(MANY), lambda some: needed <= set(some)) == sorted(needed)


@given(st.lists(st.sets(st.integers(0, 11), min_size=1, max_size=4), min_size=1, max_size=4))
def test_of_what_is_left_no_single_change_can_go(causes: list[set[int]]) -> None:
    """
    Also where several sets have the effect.
    """

    def has_effect(some: Sequence[int]) -> bool:
        return any(cause <= set(some) for cause in causes)

    left = smallest_set(range(12), has_effect)

    assert has_effect(left)
    assert not any(has_effect([*left[:place], *left[place + 1 :]]) for place in range(len(left)))


def test_one_of_many_is_found_in_few_tries() -> None:
    tried: list[int] = []

    def has_effect(some: Sequence[int]) -> bool:
        tried.append(len(some))
        return 700 in some

    assert smallest_set(range(1000), has_effect) == [700]
    assert len(tried) < 50


def test_a_single_change_is_tried_no_more() -> None:
    def never(_: Sequence[str]) -> bool:
        raise AssertionError

    assert smallest_set(["only"], never) == ["only"]
