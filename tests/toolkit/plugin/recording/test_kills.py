"""
SIGKILL at random moments: every cassette is the old one or the complete new one, and no service stays.

``TAKETWO_KILLS`` says how many processes are killed in each test.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.toolkit.conftest import OPTIONS, Project

KILLS = int(os.environ.get("TAKETWO_KILLS", "4"))
RECORDING = ("-m", "pytest", *OPTIONS, "--record-mode=rewrite")
SUITE = """
import time

SAID = b"RIFF" + "WORD".encode() * 300 + bytes(range(256))


@pytest.mark.vcr
@pytest.mark.parametrize("number", range(3))
def test_own(number):
    with client() as c:
        c.post("/notes", json={"text": f"WORD {number}"})
        c.get("/slow/10")


@pytest.mark.vcr
@pytest.mark.default_cassette("together")
@pytest.mark.parametrize("number", range(3))
def test_shared(number):
    with client() as c:
        c.post("/notes", json={"text": f"WORD {number}"})
        c.get("/slow/10")


@pytest.mark.vcr
@pytest.mark.parametrize("number", range(3))
def test_spoken(number):
    with client() as c:
        said = SAID + bytes([255, number])
        assert c.post("/echo", content=said, headers={"content-type": "audio/wav"}).content == said
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """
    A project with the cassettes of its older text in place; its files as they were, and as they are to be.
    """

    project: Project
    old: dict[str, str]
    new: dict[str, str]
    kept: dict[Path, bytes]


@pytest.fixture
def recorded(project: Project) -> Recorded:
    versions = []
    for word in ("new", "old"):
        project.test(SUITE.replace("WORD", word))
        assert project.pytest("--record-mode=rewrite").tail == "9 passed"
        versions.append(project.files())
    project.test(SUITE.replace("WORD", "new"))
    new, old = versions
    return Recorded(project=project, old=old, new=new, kept=snapshot(project))


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_recording_that_is_killed(recorded: Recorded, workers: str) -> None:
    project, old, new = recorded.project, recorded.old, recorded.new
    command = [*RECORDING, workers]
    seconds = seconds_of(project, command)
    restore(project, recorded.kept)

    for moment in moments_in(seconds):
        _kill(project, command, moment)
        _check(project, old, new)

    assert project.alive(within=10) == []
    assert project.run(*command).tail == "9 passed"
    assert project.files() == new
    assert not list((project.root / "cassettes/.taketwo").glob("run-*"))


def seconds_of(project: Project, command: Sequence[str]) -> float:
    start = time.monotonic()
    assert project.run(*command).code == 0
    return time.monotonic() - start


def moments_in(seconds: float) -> list[float]:
    """
    Spread over the time that the command takes, at random within their part of it.
    """
    chance = random.Random(KILLS)  # noqa: S311 - it picks moments, and the same ones again
    return [seconds * (number + chance.random()) / KILLS for number in range(KILLS)]


def _kill(project: Project, command: Sequence[str], moment: float) -> None:
    process = project.start(*command)
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)


def _check(project: Project, old: dict[str, str], new: dict[str, str]) -> None:
    """
    Each cassette is the old or the new one, and every file that it refers to is there.
    """
    files = project.files()
    damaged = project.run("-m", "taketwo", "list")
    shared = _shared_versions(old, new)
    assert damaged.code == 0, damaged.output
    assert {name for name in files if name.endswith(".yaml")} == {n for n in old if n.endswith(".yaml")}
    for name, text in files.items():
        if name.endswith("together.yaml"):
            assert all(part in shared for part in _parts(text))
        elif name.endswith(".yaml"):
            assert text in {old[name], new[name]}, name


def _shared_versions(old: dict[str, str], new: dict[str, str]) -> set[str]:
    name = "test_notes/together.yaml"
    return {part for files in (old, new) for part in _parts(files[name])}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n- test: ")[1:]]


def snapshot(project: Project) -> dict[Path, bytes]:
    folder = project.root / "cassettes"
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def restore(project: Project, files: dict[Path, bytes]) -> None:
    for path in snapshot(project).keys() - files.keys():
        path.unlink()
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
