"""
What a pytest run says about cassettes when it ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from taketwo.report.render.summary import summary_lines


def test_a_run_that_only_replayed_says_nothing() -> None:
    results = [{"state": "replayed", "cassette": "cassettes/a.yaml", "unplayed": 0}]

    assert summary_lines(results, errors=[], locks_behind=[]) == []


def test_a_run_tells_what_became_of_the_cassettes() -> None:
    results: list[Mapping[str, object]] = [
        {"state": "new", "cassette": "cassettes/b.yaml"},
        {"state": "new", "cassette": "cassettes/a.yaml"},
        {"state": "changed", "cassette": "cassettes/c.yaml"},
        {"state": "unchanged", "cassette": "cassettes/d.yaml"},
        {"state": "unchanged", "cassette": "cassettes/e.yaml"},
        {"state": "kept", "cassette": "cassettes/f.yaml"},
        {"state": "replayed", "cassette": "cassettes/h.yaml", "unplayed": 2},
        {"state": "replayed", "cassette": "cassettes/g.yaml", "unplayed": 1},
    ]

    lines = summary_lines(results, errors=["cassettes/z.yaml: the file is empty"], locks_behind=["mesh"])

    assert lines == [
        "cassettes/z.yaml: the file is empty",
        "2 cassettes recorded for the first time",
        "  cassettes/a.yaml",
        "  cassettes/b.yaml",
        "1 cassette recorded again, and changed",
        "  cassettes/c.yaml",
        "2 cassettes recorded again, not one byte changed",
        "1 cassette recorded, and not put in place",
        "2 cassettes with interactions that were never played",
        "  cassettes/g.yaml: 1",
        "  cassettes/h.yaml: 2",
        (
            "the contract of mesh is not the one in the lock; "
            "see what changed, and what it touches: taketwo refresh"
        ),
    ]


def test_a_long_list_is_cut_and_says_so() -> None:
    new: list[dict[str, object]] = [{"state": "new", "cassette": f"n{number:02}"} for number in range(22)]
    unplayed: list[dict[str, object]] = [
        {"state": "replayed", "cassette": f"u{number:02}", "unplayed": 1} for number in range(21)
    ]
    results: list[Mapping[str, object]] = [*new, *unplayed]

    lines = summary_lines(results, errors=[], locks_behind=[])

    assert lines == [
        "22 cassettes recorded for the first time",
        *(f"  n{number:02}" for number in range(20)),
        "  and 2 more",
        "21 cassettes with interactions that were never played",
        *(f"  u{number:02}: 1" for number in range(20)),
        "  and 1 more",
    ]
