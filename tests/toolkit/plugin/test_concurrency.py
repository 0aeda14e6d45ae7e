"""
Every caller gets its own answer, however many ask at once.
"""

from __future__ import annotations

from tests.toolkit.conftest import Project

CROWD = """
import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

MIXED = random.Random(7).sample(range(0, 64, 4), 16)


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_tasks_that_differ():
    async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as c:
        answers = await asyncio.gather(*(c.get(f"/slow/{number}") for number in MIXED))
    assert [answer.json()["slept"] for answer in answers] == MIXED


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_tasks_that_are_equal():
    async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as c:
        made = await asyncio.gather(*(c.post("/notes", json={"text": "same"}) for _ in range(16)))
        ids = [answer.json()["id"] for answer in made]
        read = await asyncio.gather(*(c.get(f"/notes/{one}") for one in ids))
    assert len(set(ids)) == 16
    assert [answer.json()["id"] for answer in read] == ids


@pytest.mark.vcr
def test_threads_that_differ():
    with client() as c, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: c.get(f"/slow/{number}").json()["slept"], MIXED))
    assert answers == MIXED


@pytest.mark.vcr
def test_threads_that_are_equal():
    with client() as c, ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: c.post("/notes", json={"text": "same"}).json()["id"], range(16)))
        read = list(pool.map(lambda one: c.get(f"/notes/{one}").json()["id"], made))
    assert len(set(made)) == 16
    assert read == made
"""


def test_sixteen_at_once_are_recorded_and_replayed(project: Project) -> None:
    project.test(CROWD)

    runs = [
        project.pytest("--record-mode=rewrite"),
        project.pytest(),
        project.pytest("--record-mode=rewrite"),
        project.pytest(),
    ]

    assert [run.tail for run in runs] == ["4 passed"] * 4
    for test in ("tasks_that_differ", "threads_that_differ"):
        assert project.cassette(f"test_{test}").read_text().count("- request:") == 16
    for test in ("tasks_that_are_equal", "threads_that_are_equal"):
        assert project.cassette(f"test_{test}").read_text().count("- request:") == 32
