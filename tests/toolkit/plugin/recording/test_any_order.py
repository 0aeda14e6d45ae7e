"""
Recordings in any order, of any subset, by any number of workers end in the same bytes.

``TAKETWO_ORDERS`` says how many recordings are made.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence

from tests.toolkit.conftest import Project

ORDERS = int(os.environ.get("TAKETWO_ORDERS", "3"))
TESTS = [
    f"tests/test_{module}.py::{name}"
    for module in ("notes", "others")
    for name in (
        "test_own[1]",
        "test_own[2]",
        "test_shared[a]",
        "test_shared[b]",
        "TestClass::test_spoken",
        "test_last",
    )
]
SUITE = """
@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2])
def test_own(number):
    with client() as c:
        made = [c.post("/notes", json={"text": f"note {n}"}).json() for n in range(number)]
        assert sorted(c.get("/notes").json(), key=str) == sorted(made, key=str)


@pytest.mark.vcr
@pytest.mark.default_cassette("together")
@pytest.mark.parametrize("word", ["a", "b"])
def test_shared(word):
    with client() as c:
        made = c.post("/notes", json={"text": word}).json()
        assert c.get("/notes/" + made["id"]).json() == made


class TestClass:
    @pytest.mark.vcr
    def test_spoken(self):
        said = b"RIFF" + bytes(range(256)) * 4
        with client() as c:
            assert c.post("/echo", content=said, headers={"content-type": "audio/wav"}).content == said


@pytest.mark.vcr
@pytest.mark.default_cassette("together")
def test_last():
    assert get("/notes").json() == []
"""


def recorded(project: Project, tests: Sequence[str], *options: str) -> None:
    run = project.pytest("--record-mode=rewrite", *options, *tests)
    assert run.code == 0, run.output


def test_no_byte_depends_on_them(project: Project) -> None:
    project.test(SUITE)
    project.test(SUITE, "tests/test_others.py")
    recorded(project, [])
    files = project.files()
    assert len(files) == 1 + 2 * 5

    chance = random.Random(ORDERS)  # noqa: S311 - it shuffles, and in the same way again
    for number in range(ORDERS):
        order = chance.sample(TESTS, len(TESTS))
        parts = chance.randrange(1, len(TESTS))
        _forget(project, files)
        recorded(project, order[:parts], f"-n{(0, 2, 1, 4)[number % 4]}")
        recorded(project, order[parts:], "-n2" if number % 2 else "-n0")
        recorded(project, chance.sample(order, 3), "-n0")

        assert project.files() == files, order
    assert project.pytest("-n2").tail == f"{len(TESTS)} passed"


def _forget(project: Project, files: dict[str, str]) -> None:
    """
    Half of the files are there before, the other half is not.
    """
    for name in [name for number, name in enumerate(files) if number % 2]:
        (project.root / "cassettes" / name).unlink(missing_ok=True)
