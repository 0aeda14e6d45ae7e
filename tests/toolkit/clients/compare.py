"""
The matrix of the toolkit beside those of VCR.py and cassetter: every cell, run in turn by each that is here.

``python -m tests.toolkit.clients.compare [FAMILY ...]``, in an environment that has the extra ``clients`` and
cassetter. Of each recorder is asked that the cell passes when it is recorded, that every answer is in the
cassette, that it passes without the service, that another request fails, and that recording again changes
nothing; the table names the first of these that does not hold. Peers keep the date of an answer, so that none
of their recordings is ever the same again: that is only counted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.toolkit.clients.certificates import write_certificates
from tests.toolkit.clients.passes import Pass, run_passes, write_project
from tests.toolkit.clients.recorders import CASSETTER, OURS, VCRPY, Recorder
from tests.toolkit.clients.table import ROWS, Row, is_installed, rows_of
from tests.toolkit.clients.verdict import problems

RECORDERS = (OURS, VCRPY, CASSETTER)
_OK = "ok"
_WORDS = {Pass.RECORD: "not recorded", Pass.REPLAY: "not replayed", Pass.CHANGED: "change not noticed"}
_MOVES = "ok, not the same again"

# By the recorder's name, for each cell.
Results = Mapping[tuple[str, str], Mapping[str, str]]


def compare(families: Sequence[str], root: Path) -> Results:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for family in families:
        rows = [row for row in rows_of(family) if not row.missing()]
        for recorder in RECORDERS:
            if rows and is_installed(recorder.needs):
                sys.stderr.write(f"{family}: {recorder.name}\n")
                for cell, word in _results(rows, recorder, root / recorder.name / family):
                    found.setdefault(cell, {})[recorder.name] = word
    return found


def _results(rows: Sequence[Row], recorder: Recorder, folder: Path) -> Iterator[tuple[tuple[str, str], str]]:
    write_project(folder, rows, recorder=recorder)
    runs = run_passes(folder, write_certificates(folder / "certificates"), recorder=recorder)
    for row in rows:
        for thing in row.cells():
            if not row.missing(thing):
                yield (row.name, thing), _word(problems(row, thing, runs, recorder=recorder))


def _word(wrong: Mapping[Pass, str]) -> str:
    for which, word in _WORDS.items():
        if which in wrong:
            return word
    return _MOVES if wrong else _OK


def render(results: Results) -> str:
    names = [recorder.name for recorder in RECORDERS if is_installed(recorder.needs)]
    head = [f"| client | thing | {' | '.join(names)} |", "| --- " * (2 + len(names)) + "|"]
    lines = [
        f"| {client} | {thing} | {' | '.join(told.get(name, '') for name in names)} |"
        for (client, thing), told in results.items()
    ]
    return "\n".join([*head, *lines, "", *_totals(results, names)])


def _totals(results: Results, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        words = Counter(told.get(name, "") for told in results.values())
        counted = ", ".join(f"{count} {word}" for word, count in words.most_common())
        yield f"{name}: {counted}"


def main(words: Sequence[str]) -> None:
    known = list(dict.fromkeys(row.family for row in ROWS))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", nargs="*", choices=[[], *known], help="all of them, without one")
    families = parser.parse_args(words).family or known
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(render(compare(families, Path(folder))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
