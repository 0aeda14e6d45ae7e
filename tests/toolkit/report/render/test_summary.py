"""
What a pytest run says about cassettes when it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taketwo.plugin.summary import recorded_elsewhere
from taketwo.report.render.summary import one_a_test, summary_lines


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
        {"state": "kept", "cassette": "cassettes/f.yaml", "kept_because": "its test failed"},
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
        "  cassettes/f.yaml: its test failed",
        "2 cassettes with interactions that were never played",
        "  cassettes/g.yaml: 1",
        "  cassettes/h.yaml: 2",
        (
            "the contract of mesh is not the one in the lock; it is pending beside the lock, and what was "
            "recorded now is replayed by it; what changed: taketwo report; to accept it: taketwo accept"
        ),
    ]


def test_cassettes_that_a_worker_wrote_on_another_host_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    states = {"a.yaml": "new", "b.yaml": "new", "c.yaml": "changed", "d.yaml": "kept", "e.yaml": "removed"}
    results = [{"state": state, "cassette": name} for name, state in states.items()]

    elsewhere = recorded_elsewhere(results, tmp_path)
    lines = summary_lines(results[:2], errors=[], locks_behind=[], elsewhere=elsewhere)

    assert elsewhere == ["b.yaml", "c.yaml"]
    assert lines[-1] == (
        "2 of them are not here: removed, or where a worker of pytest-xdist on another host recorded; "
        "copy the cassettes from there, or divide the recording by: taketwo refresh --shard"
    )


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


def test_a_test_that_is_run_several_times_counts_once() -> None:
    def attempt(test: str, state: str) -> dict[str, object]:
        return {"test": test, "state": state, "cassette": f"{test}.yaml", "kept_because": "its test failed"}

    results = [
        *(attempt("rerun", state) for state in ("kept", "kept", "new")),
        *(attempt("repeated", state) for state in ("changed", "unchanged")),
        *(attempt("failing", state) for state in ("kept", "kept")),
    ]

    assert summary_lines(one_a_test(results), errors=[], locks_behind=[]) == [
        "1 cassette recorded for the first time",
        "  rerun.yaml",
        "1 cassette recorded again, and changed",
        "  repeated.yaml",
        "1 cassette recorded, and not put in place",
        "  failing.yaml: its test failed",
    ]


def test_a_cassette_that_several_tests_share_counts_once() -> None:
    shared = {"cassette": "cassettes/shared.yaml"}
    results = [{"test": "a", "state": "new", **shared}, {"test": "b", "state": "changed", **shared}]

    assert summary_lines(one_a_test(results), errors=[], locks_behind=[]) == [
        "1 cassette recorded for the first time",
        "  cassettes/shared.yaml",
    ]


def test_recordings_of_tests_that_did_not_pass_are_named_with_how_they_ended() -> None:
    results = [{"state": "new", "cassette": "a.yaml", "ended": "xfailed (KeyError)"}]

    assert summary_lines(results, errors=[], locks_behind=[]) == [
        "1 cassette recorded for the first time",
        "  a.yaml",
        "1 cassette of a test that did not pass",
        "  a.yaml: xfailed (KeyError)",
    ]


def test_new_cassettes_whose_names_differ_only_in_case_are_named_together() -> None:
    new = [{"state": "new", "cassette": f"cassettes/{name}.yaml"} for name in ("Test_a", "test_b")]
    old = [{"state": "replayed", "cassette": f"cassettes/{name}.yaml"} for name in ("test_a", "C", "c")]

    lines = summary_lines([*new, *old], errors=[], locks_behind=[])

    assert lines[3:] == [
        (
            "names that differ only in case, and are one file on macOS and Windows; rename a test, or name "
            'its cassette: @pytest.mark.default_cassette("...")'
        ),
        "  cassettes/Test_a.yaml, cassettes/test_a.yaml",
    ]
