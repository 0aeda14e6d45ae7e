"""
Each step with a recording takes as many more calls as the recording is larger, whatever it holds.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from taketwo.cassette.model import JsonValue
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.volatile.detect import Detector
from taketwo.compare.alignment import MOST_ALIGNED, opcodes
from taketwo.compare.structure import differences
from tests.benchmarks.growth import STEPS, steps
from tests.benchmarks.inputs import KINDS
from tests.toolkit.effort import calls_of

pytestmark = pytest.mark.slow

SMALL, TIMES = 1, 4
MOST = 1.5
"""How much faster than the recording the calls may grow; quadratic ones would grow four times as fast."""


def calls_by_step(kind: str, size: int, folder: Path) -> dict[str, int]:
    folder.mkdir()
    return {name: calls_of(act).total() for name, act in steps(KINDS[kind](size), folder)}


@pytest.mark.parametrize("kind", KINDS)
def test_no_step_grows_faster_than_the_recording(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKETWO_CACHE", "off")

    before = calls_by_step(kind, SMALL, tmp_path / "small")
    after = calls_by_step(kind, TIMES * SMALL, tmp_path / "large")

    assert set(before) == set(after)
    assert set(after) <= set(STEPS)
    steep = {name: after[name] / before[name] for name in after if after[name] > MOST * TIMES * before[name]}
    assert steep == {}


def test_values_that_overlap_are_sorted_out_without_comparing_each_with_each() -> None:
    text = " ".join(f"{number:08x}-0000-4000-8000-000000000000" for number in range(400))

    calls = calls_of(lambda: Detector().find(("response", "text"), text))

    assert len(Detector().find(("response", "text"), text)) == 400
    assert calls["<genexpr>"] < 2_000


def test_bytes_are_blanked_in_one_pass_over_many_secrets() -> None:
    redactor = Redactor({"MY_TOKEN": "abcdef123456"})
    content = b"abcdef123456 \xff " * 300

    blanked = redactor.blanked(content)

    assert blanked == b"************ \xff " * 300


def test_what_two_sequences_have_in_common_at_both_ends_is_not_aligned() -> None:
    before = ["same"] * 10_000
    after = [*before[:5_000], "new", *before[5_000:]]

    assert [*opcodes(before, after)] == [
        ("equal", 0, 5_000, 0, 5_000),
        ("insert", 5_000, 5_000, 5_000, 5_001),
        ("equal", 5_000, 10_000, 5_001, 10_001),
    ]


def test_of_sequences_that_are_too_long_to_be_aligned_the_middle_is_replaced() -> None:
    before = ["first", *["old"] * MOST_ALIGNED, "last"]
    after = ["first", *["new"] * (MOST_ALIGNED + 1), "last"]

    assert [*opcodes(before, after)] == [
        ("equal", 0, 1, 0, 1),
        ("replace", 1, MOST_ALIGNED + 1, 1, MOST_ALIGNED + 2),
        ("equal", MOST_ALIGNED + 1, MOST_ALIGNED + 2, MOST_ALIGNED + 2, MOST_ALIGNED + 3),
    ]


def test_a_list_of_equal_items_is_compared_in_one_pass() -> None:
    zeros: list[JsonValue] = [0] * 20_000

    found = [*differences(zeros, [*zeros, 1])]

    assert [(one.kind.value, one.after) for one in found] == [("added", 1)]
