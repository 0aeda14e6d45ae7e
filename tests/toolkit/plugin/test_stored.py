"""
Replays whose cassettes are kept in a store: what is missing is fetched once, with the network closed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

pytest.importorskip("fsspec")

SUITE = """
@pytest.fixture(scope="module")
def shared():
    return get("/picture").content


@pytest.mark.vcr
@pytest.mark.parametrize("number", range(3))
def test_notes(number, shared):
    assert get(f"/notes?number={number}").status_code == 200
    assert len(shared) > 0
"""


def names(project: Project) -> list[str]:
    return sorted(project.files())


@pytest.fixture
def stored(project: Project, tmp_path: Path) -> Project:
    """
    A project whose recordings are all in a store, and none here.
    """
    store = f'[tool.taketwo.store]\nurl = "{(tmp_path / "store").as_uri()}"\nlarger_than = 0\n'
    project.write("pyproject.toml", PYPROJECT.replace("[tool.pytest", f"{store}\n[tool.pytest", 1))
    project.test(SUITE)
    assert project.pytest("--record-mode=rewrite").tail == "3 passed"
    pushed = project.told("-m", "taketwo", "push")
    assert pushed.code == 0, pushed
    shutil.rmtree(project.root / "cassettes" / "test_notes")
    return project


def test_a_run_fetches_what_it_lacks_once_and_is_offline_then(stored: Project, tmp_path: Path) -> None:
    first = stored.pytest("-n", "2")
    fetched = names(stored)
    (tmp_path / "store").rename(tmp_path / "gone")
    second = stored.pytest()

    assert (first.tail, second.tail) == ("3 passed", "3 passed"), first.output
    assert fetched == names(stored)
    assert len([name for name in fetched if name.endswith(".yaml")]) == 4


def test_an_object_that_is_missing_fails_the_tests_that_need_it(stored: Project, tmp_path: Path) -> None:
    objects = sorted(path for path in (tmp_path / "store").rglob("*.zst"))
    for path in objects:
        path.write_bytes(b"damaged")

    run = stored.pytest()

    assert "is damaged: its content is not what store.lock names" in run.output
    assert "3 errors" in run.tail
    assert not list((stored.root / "cassettes" / "test_notes").rglob("*.yaml"))
