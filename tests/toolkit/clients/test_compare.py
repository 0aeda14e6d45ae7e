"""
The table that compares recorders names the first step that a cell fails, and counts the steps that hold.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from taketwo.cassette.model import Cassette
from tests.toolkit.clients.compare import render
from tests.toolkit.clients.crowds import Laboratory, Tried
from tests.toolkit.clients.passes import Outcome, Pass, Ran
from tests.toolkit.clients.recorders import OURS, VCRPY, Recorder
from tests.toolkit.clients.suite.cell import Cell
from tests.toolkit.clients.table import ROWS
from tests.toolkit.clients.verdict import problems

pytestmark = pytest.mark.slow

TABLE = """\
| client | thing | taketwo | VCR.py |
| --- | --- | --- | --- |
| requests | get | ok | not the same again |
| requests | headers | ok | not replayed |
| tornado | get | ok | not recorded |

recorded / replayed / change noticed / the same again

| client | cells | taketwo | VCR.py |
| --- | --- | --- | --- |
| requests | 2 | 2 / 2 / 2 / 2 | 2 / 1 / 1 / 0 |
| tornado | 1 | 1 / 1 / 1 / 1 | 0 / 0 / 0 / 0 |
| all | 3 | 3 / 3 / 3 / 3 | 2 / 1 / 1 / 0 |"""


def test_a_step_counts_where_those_before_it_hold() -> None:
    results = {
        ("requests", "get"): {"taketwo": "ok", "VCR.py": "not the same again"},
        ("requests", "headers"): {"taketwo": "ok", "VCR.py": "not replayed"},
        ("tornado", "get"): {"taketwo": "ok", "VCR.py": "not recorded"},
    }

    assert render(results) == TABLE


@pytest.mark.parametrize(("recorder", "found"), [(OURS, {Pass.CHANGED}), (VCRPY, set())])
def test_of_a_peer_a_change_has_to_fail_whatever_is_said(recorder: Recorder, found: set[Pass]) -> None:
    row = next(row for row in ROWS if row.name == "requests")
    cell, cassette = "test_requests::test_get", {"test_requests::test_get": "  - request:\n"}
    passed, failed = Outcome(passed=True), Outcome(passed=False, text="ConnectionError")
    runs = {
        which: Ran(
            outcomes={cell: failed if which is Pass.CHANGED else passed},
            answered={"requests-get": 1},
            cassettes=cassette,
        )
        for which in Pass
    }

    assert set(problems(row, "get", runs, recorder=recorder)) == found


def test_a_crowd_whose_requests_are_not_all_recorded_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Laboratory, "record", lambda *_: Cassette(test="t"))
    monkeypatch.setattr(Laboratory, "replay", lambda *_: None)
    tried = Tried("requests", crowd=_nobody)

    tried.run(Laboratory("http://127.0.0.1:9", tmp_path))

    assert capsys.readouterr().out == "requests, run 1: 0 were answered, 0 are recorded\n"
    assert str(tried) == "requests: 0 of 1 runs as they should be"


def _nobody(_cell: Cell) -> None: ...
