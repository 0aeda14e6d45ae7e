"""
Every caller gets its own answer, however many ask at once.
"""

from __future__ import annotations

import os
import re

from tests.toolkit.conftest import Project

# A hundred runs of it take minutes: TAKETWO_RUNS=100 pytest tests/toolkit/plugin/test_concurrency.py
RUNS = int(os.environ.get("TAKETWO_RUNS", "1"))

# Threads that share a client keep no connection: httpcore's pool may close one that another thread has just
# been given (encode/httpcore#1110), and its request waits for an answer until it times out.
CROWD = """
import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

MIXED = random.Random(7).sample(range(0, 64, 4), 16)


def shared():
    c = client()
    c.headers["connection"] = "close"
    return c


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
    with shared() as c, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: c.get(f"/slow/{number}").json()["slept"], MIXED))
    assert answers == MIXED


@pytest.mark.vcr
def test_threads_that_are_equal():
    with shared() as c, ThreadPoolExecutor(16) as pool:
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


SIXTY_FOUR = """
import asyncio
from concurrent.futures import ThreadPoolExecutor

DIFFERENT = [(number * 37) % 64 for number in range(64)]
MIXED = [number if number % 2 else 0 for number in DIFFERENT]


def patient():
    closing = {"connection": "close"}
    return httpx.Client(base_url=os.environ["NOTEBOOK_URL"], trust_env=False, timeout=60, headers=closing)


def echo(c, number):
    return c.post("/echo", json={"number": number}).json()["number"]


async def echo_async(c, number):
    return (await c.post("/echo", json={"number": number})).json()["number"]


def note(c, number):
    made = c.post("/notes", json={"text": str(number)}).json()
    assert made["text"] == str(number)
    assert c.get("/notes/" + made["id"]).json() == made
    return number


def pooled(act, numbers):
    with patient() as c, ThreadPoolExecutor(64) as pool:
        return list(pool.map(lambda number: act(c, number), numbers))


@pytest.mark.vcr
@pytest.mark.parametrize("numbers", [DIFFERENT, MIXED], ids=["different", "mixed"])
def test_threads(numbers):
    assert pooled(echo, numbers) == numbers


@pytest.mark.vcr
@pytest.mark.parametrize("numbers", [DIFFERENT, MIXED], ids=["different", "mixed"])
def test_threads_that_make_notes(numbers):
    assert pooled(note, numbers) == numbers


@pytest.mark.vcr
@pytest.mark.asyncio
@pytest.mark.parametrize("numbers", [DIFFERENT, MIXED], ids=["different", "mixed"])
async def test_gathered(numbers):
    async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"], trust_env=False, timeout=60) as c:
        assert await asyncio.gather(*(echo_async(c, number) for number in numbers)) == numbers


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_task_group():
    async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"], trust_env=False, timeout=60) as c:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(echo_async(c, number)) for number in MIXED]
    assert [task.result() for task in tasks] == MIXED


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_threads_of_a_loop():
    with patient() as c:
        assert await asyncio.gather(*(asyncio.to_thread(echo, c, number) for number in MIXED)) == MIXED
"""


def test_sixty_four_callers_get_each_its_own_answer_and_the_same_bytes_again(project: Project) -> None:
    project.test(SIXTY_FOUR)
    first = project.pytest("--record-mode=rewrite")
    files = without_times(project)
    assert first.tail == "8 passed", first.output[-3500:]

    for _ in range(RUNS):
        replayed, recorded = project.pytest(), project.pytest("--record-mode=rewrite")

        assert replayed.tail == "8 passed", replayed.output[-3500:]
        assert recorded.tail == "8 passed", recorded.output[-3500:]
        assert without_times(project) == files


def without_times(project: Project) -> dict[str, str]:
    """
    The files without the order of their times: which of two notes made at once is the first is chance.
    """
    return {name: re.sub("<time:[0-9]+>", "<time>", text) for name, text in project.files().items()}
