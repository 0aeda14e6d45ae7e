"""Titles: which are alike, and which are free."""

from __future__ import annotations

import pytest

from bot.actions.titles import alike, reading_order, unique_title


@pytest.mark.parametrize(
    ("wanted", "taken", "unique"),
    [
        ("Pong", [], "Pong"),
        ("Pong", ["Tetris"], "Pong"),
        ("Pong", ["Pong"], "Pong 2"),
        ("pong ", ["PONG"], "pong 2"),
        ("Pong", ["Pong", "Pong 2", "Pong 4"], "Pong 3"),
        ("Pong 2", ["Pong 2"], "Pong 2 2"),
        ("Area 51", ["area  51"], "Area 51 2"),
        ("Pong", ["Pong 2"], "Pong"),
    ],
)
def test_a_taken_title_gets_the_first_free_number(wanted: str, taken: list[str], unique: str) -> None:
    assert unique_title(wanted, taken) == unique


def test_the_most_alike_comes_first_and_the_unlike_not_at_all() -> None:
    titled = [(title, title) for title in ("Shopping List", "Pong with Sound", "Pang", "Pong", "")]

    assert alike("PONG", titled, threshold=0.7) == ["Pong", "Pong with Sound", "Pang"]


def test_of_equal_titles_the_later_comes_first() -> None:
    assert alike("plan", [("Plan", 1), ("PLAN", 2), ("Plan", 3)], threshold=0.6) == [3, 2, 1]


def test_titles_are_sorted_as_one_hears_them() -> None:
    titles = ["Pong 10", "zoo", "Pong 2", " pong  1 b", "Apple", "", "Pong"]

    assert sorted(titles, key=reading_order) == [
        "",
        "Apple",
        "Pong",
        " pong  1 b",
        "Pong 2",
        "Pong 10",
        "zoo",
    ]


def test_likeness_of_exactly_the_threshold_is_enough() -> None:
    assert alike("pong", [("pang", 1)], threshold=0.75) == [1]
    assert alike("pong", [("pang", 1)], threshold=0.76) == []


def test_among_no_titles_none_is_alike() -> None:
    assert alike("plan", [], threshold=0.0) == []
