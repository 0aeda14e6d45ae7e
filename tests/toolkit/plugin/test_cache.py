"""
A suite replays the same whatever became of the compiled cassettes: none yet, all there, damaged, read-only.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.toolkit.conftest import Project, Run

SUITE = """
@pytest.mark.vcr
def test_notes():
    with client() as c:
        made = [c.post("/notes", json={"text": f"note {number}"}).json() for number in range(25)]
        assert [note["text"] for note in c.get("/notes").json()] == [f"note {n}" for n in range(25)]
        assert c.get("/notes/" + made[7]["id"]).json() == made[7]


@pytest.mark.vcr
def test_kinds():
    sound = bytes(range(256)) * 40
    with client() as c:
        for kind in ("audio/wav", "application/octet-stream"):
            assert c.post("/echo", content=sound, headers={"content-type": kind}).content == sound
        assert c.get("/gzip").json() == {"packed": True}
        text = "\\n".join(f"line {number}: ä" for number in range(2000))
        assert c.post("/echo", content=text.encode(), headers={"content-type": "text/plain"}).text == text
        odd = '{"a" : 1.10,  "b":[ ]}' + " " * 3000
        answer = c.post("/echo", content=odd.encode(), headers={"content-type": "application/json"})
        assert answer.text == odd


@pytest.mark.vcr
def test_asks_for_more_than_was_recorded():
    with client() as c:
        for number in range(25):
            c.post("/notes", json={"text": f"{number}"})
        if os.environ.get("ASK_MORE"):
            c.get("/notes/unheard-of")
"""
ASKING = {"ASK_MORE": "1"}


@pytest.fixture
def recorded(project: Project) -> Project:
    project.test(SUITE)
    assert project.pytest("--record-mode=rewrite").tail == "3 passed"
    shutil.rmtree(project.root.with_name("cache"), ignore_errors=True)
    return project


def told(run: Run) -> str:
    return re.sub(r" in [0-9.]+s", "", run.output)


def test_a_suite_replays_the_same_in_every_state_of_the_cache(recorded: Project) -> None:
    cache = recorded.root.with_name("cache")
    nowhere = {"TAKETWO_CACHE": str(recorded.root / "pyproject.toml" / "cache")}
    before = recorded.tree()

    off = recorded.pytest(environment={**ASKING, "TAKETWO_CACHE": "off"})
    assert not cache.exists()
    cold = recorded.pytest(environment=ASKING)
    compiled = _compiled(cache)
    warm = recorded.pytest(environment=ASKING)
    untouched = _compiled(cache)
    _damage(cache)
    corrupted = recorded.pytest(environment=ASKING)
    mended = _compiled(cache)
    for path in (*cache.iterdir(), cache):
        path.chmod(path.stat().st_mode & ~0o222)
    read_only = recorded.pytest(environment=ASKING)
    unwritable = recorded.pytest(environment={**ASKING, **nowhere})

    assert off.tail == "1 failed, 2 passed"
    assert {told(run) for run in (cold, warm, corrupted, read_only, unwritable)} == {told(off)}
    assert len(compiled) == 1
    assert compiled == untouched == mended
    assert recorded.tree() == before


def test_workers_share_what_is_compiled(recorded: Project) -> None:
    run = recorded.pytest("-p", "xdist", "-n", "2")

    assert run.tail == "3 passed"
    assert len(_compiled(recorded.root.with_name("cache"))) == 1


def test_of_the_cassettes_of_a_folder_those_stay_compiled_that_are_used(recorded: Project) -> None:
    cache, cassette = recorded.root.with_name("cache"), recorded.cassette("test_notes")
    recorded.pytest()
    before = _together(cache)
    for number in range(15):
        cassette.write_text(re.sub('"?note 24[^"\\n]*"?', f"note 24-{number}", cassette.read_text()))
        recorded.pytest()

    assert len(before) == 3
    assert len(_together(cache)) < 13
    assert before.keys() & _together(cache).keys()


def _together(cache: Path) -> dict[str, list[object]]:
    """
    What is kept of the cassettes of the folder, by their keys.
    """
    [content] = _compiled(cache).values()
    places: dict[str, list[object]] = json.loads(content.split(b"\n")[1])
    return places


def _compiled(cache: Path) -> dict[Path, bytes]:
    """
    The compiled cassettes; what else a run keeps there has no part in this.
    """
    found = {path: path.read_bytes() for path in cache.iterdir()}
    return {path: content for path, content in found.items() if b'\n{"taketwo":' in content}


def _damage(cache: Path) -> None:
    for number, path in enumerate(sorted(cache.iterdir())):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 4
        path.write_bytes([b"", bytes(content[:-20]), bytes(content)][number % 3])
