"""
``taketwo review`` in a terminal, as somebody types it, and without one.
"""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

import pytest

from taketwo.cassette.text.writer import dump_cassette
from taketwo.results import cause_id
from tests.toolkit.cli.conftest import MADE, made, taketwo
from tests.toolkit.conftest import Project, Run

OLD, NEW = dump_cassette(made()), dump_cassette(made("two"))
OTHER = "cassettes/test_notes/test_other.yaml"
CAUSE = cause_id("POST http://notebook.test/notes  response.json.text", "changed")
PROMPT = "> "


@pytest.fixture
def waits(project: Project) -> Project:
    """
    Two cassettes that differ by one cause.
    """
    for name in (MADE, OTHER):
        project.write(name, OLD)
        project.write(f"{name}.new", NEW)
    return project


def typed(project: Project, *answers: str | signal.Signals) -> Run:
    """
    ``taketwo review`` with a terminal of its own; each answer is given when it asks.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "taketwo", "review"],
        cwd=project.root,
        env=project.environment({"TERM": "dumb"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    told = ""
    for answer in answers:
        told += _until(ours, PROMPT)
        if isinstance(answer, signal.Signals):
            _signalled(process, answer)
        else:
            os.write(ours, answer.encode())
    told += _until(ours, None)
    os.close(ours)
    return Run(process.wait(timeout=30), re.sub(r"\x1b\[[0-9;]*m", "", told).replace("\r\n", "\n"))


def _signalled(process: subprocess.Popen[bytes], wanted: signal.Signals) -> None:
    """
    As a user does it: again when nothing happens, since between a prompt and the wait for an answer Python
    notes a signal and then waits all the same.
    """
    for _ in range(20):
        process.send_signal(wanted)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.5)
            return


def _until(terminal: int, end: str | None) -> str:
    """
    What is printed until *end*, or until nobody holds the other side any more.
    """
    told = ""
    while end is None or not told.endswith(end):
        try:
            read = os.read(terminal, 4096)
        except OSError:  # Linux says so when the last one has gone
            break
        if not read:
            break
        told += read.decode("utf-8", "replace")
    return told


def states(project: Project) -> Sequence[str]:
    """
    Of both cassettes: what is accepted, and whether a recording waits.
    """
    return [
        f"{'new' if (project.root / name).read_text() == NEW else 'old'}"
        f"{', waits' if (project.root / f'{name}.new').exists() else ''}"
        for name in (MADE, OTHER)
    ]


def test_what_one_cause_explains_is_one_decision(waits: Project) -> None:
    run = typed(waits, "a\n")

    assert (run.code, states(waits)) == (0, ["new", "new"])
    assert run.output.startswith(
        "\n1 of 1\n"
        '  dangerous  POST http://notebook.test/notes  response.json.text: changed: "one" -> "two"\n'
        f"    seen in 2 cassettes  (cause {CAUSE})\n"
        f"{MADE}\n"
        "  1. POST http://notebook.test/notes  (dangerous)\n"
        "    response body\n"
        "      {\n"
        '        id: "<uuid:1>"\n'
        '    -   text: "one"\n'
        '    +   text: "two"\n'
        "      }\n"
        f"2 cassettes: {MADE}, {OTHER}\n"
        "[a] accept  [r] reject  [s] skip  [o] one by one  [d] differences  [q] quit > "
    )
    assert run.output.endswith(f"accepted {MADE}, {OTHER}\n2 accepted, 0 rejected, 0 skipped\n")


def test_each_can_be_decided_on_by_itself(waits: Project) -> None:
    run = typed(waits, "x\n", "d\n", "o\n", "r\n", "a\n")

    assert "type one of a, r, s, o, d, q, then Enter\n" in run.output
    assert (run.code, states(waits)) == (0, ["old", "new"])
    assert run.output.endswith("1 accepted, 1 rejected, 0 skipped\n")


@pytest.mark.parametrize("end", ["q\n", "\x04", signal.SIGINT])
def test_who_leaves_keeps_what_was_decided_and_the_rest_waits(
    waits: Project, end: str | signal.Signals
) -> None:
    run = typed(waits, "o\n", "a\n", end)

    assert states(waits) == ["new", "old, waits"]
    assert run.code == (130 if end is signal.SIGINT else 1)
    assert run.output.endswith(
        "1 accepted, 0 rejected, 0 skipped\n"
        "some recordings are still pending; to go on: taketwo refresh --review\n"
    )


def test_what_is_skipped_waits(waits: Project) -> None:
    run = typed(waits, "s\n")

    assert (run.code, states(waits)) == (1, ["old, waits", "old, waits"])
    assert "0 accepted, 0 rejected, 2 skipped\n" in run.output


def test_without_a_terminal_the_commands_that_do_the_same_are_told(waits: Project) -> None:
    run = taketwo(waits, "review")
    done = taketwo(waits, "accept", "--cause", CAUSE)

    assert (run.code, run.output) == (
        3,
        (
            "a review needs a terminal; the same without one:\n"
            '  dangerous  POST http://notebook.test/notes  response.json.text: changed: "one" -> "two"\n'
            f"    seen in 2 cassettes  (cause {CAUSE})\n"
            f"    taketwo refresh --accept --cause {CAUSE}\n"
            f"    taketwo refresh --reject --cause {CAUSE}\n"
            "  taketwo refresh --accept    taketwo refresh --reject    (all of it)\n"
        ),
    )
    assert (done.code, done.output) == (0, f"accepted {MADE}\naccepted {OTHER}\n")
    assert taketwo(waits, "review").output == "nothing is pending\n"


def test_an_unknown_cause_is_told_with_those_that_there_are(waits: Project) -> None:
    run = taketwo(waits, "reject", "--cause", "000000")

    assert (run.code, states(waits)) == (3, ["old, waits", "old, waits"])
    assert run.errors == (
        "error: no pending recording is due to a cause 000000; the causes of the pending recordings:\n"
        f'  {CAUSE}  POST http://notebook.test/notes  response.json.text: changed: "one" -> "two"\n'
    )


def test_what_waits_is_reported_again_without_recording(waits: Project) -> None:
    run = taketwo(
        waits, "report", "--markdown", "-", "--html", "out/report.html", "--json", "out/report.json"
    )

    assert run.code == 1
    assert run.output.startswith("## taketwo: unexplained: recordings changed")
    assert "2 tests recorded again: 2 changed\n" in run.errors
    assert (waits.root / "out/report.html").read_text().startswith("<!doctype html>")
    assert '"taketwo_refresh": 1' in (waits.root / "out/report.json").read_text()
    assert "k3y-of-the-notebook" not in "".join(path.read_text() for path in (waits.root / "out").iterdir())
