"""
A request belongs to the test that started its thread or its task, however late it comes.
"""

from __future__ import annotations

from tests.toolkit.conftest import PYPROJECT, Project

LATE = """
import asyncio
import atexit
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

START = threading.Event()
THREADS = []
EXECUTOR = ThreadPoolExecutor(1)
POOL = ThreadPool(1)
atexit.register(POOL.terminate)


def later(path):
    assert START.wait(30)
    with client() as c:
        THREADS.append(c.get(path))


def start(path):
    thread = threading.Thread(target=quiet, args=(path,))
    thread.start()
    THREADS.append(thread)


def quiet(path):
    with pytest.raises(Exception, match="after the test had ended"):
        later(path)


@pytest.mark.vcr
def test_a():
    start("/notes?by=a&access_token=abc")
    assert EXECUTOR.submit(get, "/notes?executor=a").result().json() == []
    assert POOL.map(get, ["/notes?pool=a"])[0].json() == []


def test_without_a_cassette():
    start("/notes")


@pytest.mark.vcr
def test_b():
    START.set()
    for thread in THREADS:
        thread.join()
    assert get("/notes?by=b").json() == []
    assert EXECUTOR.submit(get, "/notes?executor=b").result().json() == []
    assert POOL.apply(get, ("/notes?pool=b",)).json() == []
    found = []
    mine = threading.Thread(target=lambda: found.append(get("/notes?thread=b").json()))
    mine.start()
    mine.join()
    assert found == [[]]


@pytest.mark.vcr
def test_c():
    async def ask(path):
        return await asyncio.to_thread(get, path)

    async def both():
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(EXECUTOR, get, "/notes?loop=c")
        return await asyncio.gather(ask("/notes?task=c"), asked)

    assert [answer.json() for answer in asyncio.run(both())] == [[], []]
"""


def test_a_late_request_of_a_thread_is_refused_by_name_and_in_no_other_cassette(project: Project) -> None:
    project.test(LATE)

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest()

    assert (recorded.tail, replayed.tail) == ("4 passed", "4 passed"), recorded.output
    late = "a thread of tests/test_notes.py::test_a sent GET http://notebook.test/notes?by=a"
    assert late in recorded.output
    assert "abc" not in recorded.output
    assert "test_without_a_cassette sent GET" in recorded.output
    assert "2 requests refused, since the test had ended by then" in replayed.output
    assert "by: a" not in project.cassette("test_b").read_text(encoding="utf-8")
    assert project.cassette("test_a").read_text(encoding="utf-8").count("- request:") == 2
    assert project.cassette("test_b").read_text(encoding="utf-8").count("- request:") == 4
    assert project.cassette("test_c").read_text(encoding="utf-8").count("- request:") == 2


ANYIO = """
import httpx
import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.vcr]


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def kept():
    yield "one task of the runner runs from here to the end of the module"


@pytest.fixture
async def asked(kept):
    yield await ask("/notes?fixture=1")
    await ask("/notes?teardown=1")


async def ask(path):
    async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"]) as c:
        return (await c.get(path)).json()


async def test_a(asked):
    assert await ask("/notes?test=a") == asked == []


class TestB:
    @pytest.fixture
    async def mine(self):
        yield await ask(f"/notes?of={type(self).__name__}")

    async def test_b(self, asked, mine):
        assert await ask("/notes?test=b") == asked == mine == []
"""


def test_a_coroutine_belongs_to_its_test_in_whatever_task_it_is_run(project: Project) -> None:
    project.write("pyproject.toml", PYPROJECT.replace('"-p", "no:anyio", ', ""))
    project.test(ANYIO)

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest()

    assert (recorded.tail, replayed.tail) == ("2 passed", "2 passed"), recorded.output
    assert "refused" not in recorded.output + replayed.output
    assert project.cassette("test_a").read_text(encoding="utf-8").count("- request:") == 3
    assert project.cassette("TestB.test_b").read_text(encoding="utf-8").count("- request:") == 4
