"""
Every client does everything that it can: recorded, replayed without the service, changed, recorded again.

The cells of one family of clients run together, in four runs of pytest that every worker shares; each cell is
reported here by its name. Read what is tried in ``suite/``, and what is asked of each cell in ``verdict.py``.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.toolkit.clients.certificates import write_certificates
from tests.toolkit.clients.gaps import GAPS
from tests.toolkit.clients.passes import Pass, run_passes, write_project
from tests.toolkit.clients.table import ROWS, Row, cells, rows_of
from tests.toolkit.clients.verdict import problems

pytestmark = pytest.mark.slow

# What is wrong with each cell of a family, by the pass that shows it.
Found: TypeAlias = Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Found]:
    """
    What was found out about a family; whoever asks first has it run.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base

    def of(family: str) -> Found:
        folder = shared / f"clients-{family}"
        folder.mkdir(exist_ok=True)
        with _locked(folder / "lock"):
            result = folder / "found.json"
            if not result.exists():
                result.write_text(json.dumps(_run(family, folder)))
            found: Found = json.loads(result.read_text())
            return found

    return of


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(family: str, folder: Path) -> Found:
    rows = [row for row in rows_of(family) if not row.missing()]
    write_project(folder, rows)
    runs = run_passes(folder, write_certificates(folder / "certificates"))
    return {
        f"{row.name}-{thing}": {which.value: text for which, text in problems(row, thing, runs).items()}
        for row in rows
        for thing in row.cells()
        if not row.missing(thing)
    }


def _parameters() -> Iterator[object]:
    for row, thing in cells():
        yield pytest.param(
            row, thing, id=f"{row.name}-{thing}", marks=pytest.mark.xdist_group(f"clients-{row.family}")
        )


@pytest.mark.parametrize(("row", "thing"), list(_parameters()))
def test_cell(row: Row, thing: str, found: Callable[[str], Found]) -> None:
    if missing := row.missing(thing):
        pytest.skip(f"not installed: {missing}")
    wrong = {Pass(which): text for which, text in found(row.family)[f"{row.name}-{thing}"].items()}
    gap = GAPS.get((row.name, thing))

    known = gap.passes | gap.by_chance if gap else frozenset()
    news = [f"{which.value}: {text}" for which, text in wrong.items() if which not in known]
    closed = sorted(which.value for which in gap.passes - set(wrong)) if gap else []

    assert not news, "\n\n".join(news)
    assert not closed, f"works now, take it off the list of gaps: {', '.join(closed)}"
    if known & set(wrong):
        pytest.xfail(gap.reason if gap else "")


def test_every_gap_is_one_of_a_cell() -> None:
    assert set(GAPS) <= {(row.name, thing) for row, thing in cells()}


def test_what_is_not_applicable_is_one_of_the_things_of_its_client() -> None:
    assert [row.name for row in ROWS if not set(row.not_applicable) <= set(row.things)] == []
