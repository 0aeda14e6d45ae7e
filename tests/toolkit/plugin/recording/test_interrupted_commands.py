"""
SIGKILL and Ctrl-C at random moments of every command that writes: no cassette is lost, and running it again
ends in the same state, with nothing left over.

``TAKETWO_KILLS`` says how often each command is killed, and how often it is interrupted; by hand:
``TAKETWO_KILLS=30 pytest tests/toolkit/plugin/recording/test_interrupted_commands.py``.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from taketwo.cassette.parts import parts_of
from taketwo.cassette.store.names import find_cassettes
from taketwo.cassette.store.read import read_cassette
from tests.toolkit.conftest import OPTIONS, Project
from tests.toolkit.plugin.recording.test_kills import SUITE, restore, snapshot

KILLS = int(os.environ.get("TAKETWO_KILLS", "1"))
TAKETWO = ("-m", "taketwo")
RECORD = ("-m", "pytest", *OPTIONS, "--record-mode=rewrite")
MODULE = "tests/test_notes.py"


def _recorded(project: Project) -> None:
    project.test(SUITE.replace("WORD", "old"))
    assert project.pytest("--record-mode=rewrite").tail == "9 passed"


def _edited(project: Project) -> None:
    _recorded(project)
    project.test(SUITE.replace("WORD", "new"))


def _refreshed(project: Project) -> None:
    _edited(project)
    assert project.refresh("--all").code == 1


def _accepted(project: Project) -> None:
    _refreshed(project)
    assert project.run(*TAKETWO, "accept").code == 0


def _without_tests(project: Project) -> None:
    _recorded(project)
    project.test(SUITE.replace("WORD", "old").partition("@pytest.mark.vcr\n@pytest.mark.default_cassette")[0])


def _of_vcrpy(project: Project) -> None:
    _recorded(project)
    assert project.run(*TAKETWO, "convert", "cassettes", "--to", "vcrpy", "-o", "theirs").code == 0
    for path in find_cassettes(project.root / "cassettes"):
        path.unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    A *command*, and what *prepares* a project for it.
    """

    prepare: Callable[[Project], None]
    command: tuple[str, ...]


CASES = {
    "record": Case(prepare=_edited, command=RECORD),
    "refresh": Case(prepare=_edited, command=(*TAKETWO, "refresh", "--all")),
    "accept": Case(prepare=_refreshed, command=(*TAKETWO, "accept")),
    "undo": Case(prepare=_accepted, command=(*TAKETWO, "undo")),
    "prune": Case(prepare=_without_tests, command=(*TAKETWO, "prune", "--yes")),
    "rename": Case(prepare=_recorded, command=(*TAKETWO, "rename", MODULE, "tests/test_pages.py")),
    "convert": Case(
        prepare=_of_vcrpy,
        command=(*TAKETWO, "convert", "theirs", "--to", "taketwo", "-o", "cassettes", "--force"),
    ),
}


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
@pytest.mark.parametrize("name", CASES)
def test_an_interrupted_command_loses_nothing_and_ends_the_same_when_it_is_run_again(
    project: Project, tmp_path: Path, name: str, way: signal.Signals
) -> None:
    case = CASES[name]
    case.prepare(project)
    before, old = snapshot(project), _requests(project)
    start = time.monotonic()
    project.run(*case.command)
    seconds = time.monotonic() - start
    final, new = project.files(), _requests(project)
    chance = random.Random(f"{name} {way} {KILLS}")  # noqa: S311 - the same moments again

    for number in range(KILLS):
        restore(project, before)
        _interrupted(project, case.command, seconds * (number + chance.random()) / KILLS, way)

        found = _requests(project)
        assert all(found.get(test, set()) & (old[test] | new[test]) for test in old.keys() & new.keys())
        again = project.run(*case.command, environment={"TMPDIR": str(_empty(tmp_path / "again"))})
        assert project.files() == final, again.output
        assert not _left_over(project, tmp_path / "again")

    assert project.alive(within=10) == []


def _interrupted(project: Project, command: tuple[str, ...], moment: float, way: signal.Signals) -> None:
    process = project.start(*command)
    time.sleep(moment)
    os.killpg(process.pid, way)
    if way is signal.SIGINT and moment * 10 % 2 < 1:  # each second time it is pressed twice
        time.sleep(0.05)
        os.killpg(process.pid, way)
    process.communicate(timeout=60)


def _requests(project: Project) -> dict[str, set[str]]:
    """
    What each test finds in a cassette; one that is damaged is an error.
    """
    found: dict[str, set[str]] = {}
    for path in find_cassettes(project.root / "cassettes"):
        cassette = read_cassette(path)
        for part in parts_of(cassette) if cassette is not None else ():
            found.setdefault(part.test.rpartition("::")[2], set()).add(repr(part.interactions))
    return found


def _left_over(project: Project, temporary: Path) -> list[str]:
    hidden = project.root / "cassettes/.taketwo"
    shared = temporary / f"taketwo-{os.getuid()}"  # of all processes of this user, and empty
    left = [path for path in temporary.iterdir() if path != shared or any(path.iterdir())]
    return [str(path) for path in [*hidden.glob("run-*"), *hidden.glob("recording/*"), *left]]


def _empty(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder
