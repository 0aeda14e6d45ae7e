"""
The matrix of the toolkit beside those of VCR.py with pytest-recording and of cassetter, in the same run.

``python -m tests.toolkit.clients.compare [FAMILY ...]``, in an environment that has the extra ``clients`` and
cassetter. Each recorder is asked that a cell passes while it is recorded and that every answer is in the
cassette, that it passes without the service, that a changed request fails, and that recording again changes
no byte. The table names the first of these that does not hold; the totals count for each client the cells up
to which each of them holds, with those before it. Peers keep the date of an answer, so that few of their
recordings are the same again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.toolkit.clients.certificates import write_certificates
from tests.toolkit.clients.passes import Pass, run_passes, write_project
from tests.toolkit.clients.recorders import CASSETTER, OURS, VCRPY, Recorder
from tests.toolkit.clients.table import ROWS, Row, is_installed, rows_of
from tests.toolkit.clients.verdict import is_refused, problems

RECORDERS = (OURS, VCRPY, CASSETTER)
_OK = "ok"
_WORDS = {
    Pass.RECORD: "not recorded",
    Pass.REPLAY: "not replayed",
    Pass.CHANGED: "change not noticed",
    Pass.AGAIN: "not the same again",
}
# How many of the four hold where this is what does not.
_HELD = {_OK: len(_WORDS), **{word: number for number, word in enumerate(_WORDS.values())}}

# For each client and thing, what came of it by the recorder's name.
Results = dict[tuple[str, str], dict[str, str]]


def compare(families: Sequence[str], root: Path) -> Iterator[Results]:
    """
    What came of each family, one after the other.
    """
    for family in families:
        found: Results = {}
        rows = [row for row in rows_of(family) if not row.missing()]
        for recorder in RECORDERS:
            if rows and is_installed(recorder.needs):
                sys.stderr.write(f"{family}: {recorder.name}\n")
                for cell, word in _results(rows, recorder, root / recorder.name / family):
                    found.setdefault(cell, {})[recorder.name] = word
        yield found


def _results(rows: Sequence[Row], recorder: Recorder, folder: Path) -> Iterator[tuple[tuple[str, str], str]]:
    write_project(folder, rows, recorder=recorder)
    runs = run_passes(folder, write_certificates(folder / "certificates"), recorder=recorder)
    for row in rows:
        for thing in row.cells():
            if not row.missing(thing) and not is_refused(thing):
                yield (row.name, thing), _word(problems(row, thing, runs, recorder=recorder))


def _word(wrong: Mapping[Pass, str]) -> str:
    return next((word for which, word in _WORDS.items() if which in wrong), _OK)


def render(results: Results) -> str:
    """
    The cells, and what they come to for each client.
    """
    names = [recorder.name for recorder in RECORDERS if any(recorder.name in one for one in results.values())]
    cells = [
        [client, thing, *(one.get(name, "") for name in names)] for (client, thing), one in results.items()
    ]
    return "\n".join(
        [
            *_table(["client", "thing", *names], cells),
            "",
            "recorded / replayed / change noticed / the same again",
            "",
            *_table(["client", "cells", *names], list(_totals(results, names))),
        ]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


def _totals(results: Results, names: Sequence[str]) -> Iterator[list[str]]:
    for client in [*dict.fromkeys(client for client, _ in results), ""]:
        cells = [one for (name, _), one in results.items() if client in {name, ""}]
        counts = ([_HELD[one[name]] for one in cells if name in one] for name in names)
        yield [client or "all", str(len(cells)), *map(_steps, counts)]


def _steps(held: Sequence[int]) -> str:
    """
    How many hold the first step, how many the first two, and so on.
    """
    return " / ".join(str(sum(each > step for each in held)) for step in range(len(_WORDS)))


def main(words: Sequence[str]) -> None:
    known = list(dict.fromkeys(row.family for row in ROWS))
    parser = argparse.ArgumentParser(prog="python -m tests.toolkit.clients.compare", description=__doc__)
    parser.add_argument("family", nargs="*", choices=[[], *known], help="all of them, without one")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="what came of each cell, written family by family"
    )
    asked = parser.parse_args(words)
    results: Results = {}
    with tempfile.TemporaryDirectory() as folder:
        for found in compare(asked.family or known, Path(folder)):
            results |= found
            if asked.json:
                asked.json.write_text(
                    json.dumps([[*cell, one] for cell, one in results.items()], indent=1) + "\n"
                )
    sys.stdout.write(render(results) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
