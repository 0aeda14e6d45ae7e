"""
A suite of httpx2 replays without the libraries that only other clients, or reading a cassette for the first
time, need.
"""

from __future__ import annotations

from tests.toolkit.conftest import Project

SUITE = """
import asyncio

import httpx2


@pytest.mark.vcr
def test_one_client():
    with httpx2.Client() as c:
        assert c.get(os.environ["NOTEBOOK_URL"] + "/notes").json() == []
        assert c.post(os.environ["NOTEBOOK_URL"] + "/notes", json={"text": "milk"}).json()["text"] == "milk"


@pytest.mark.vcr
def test_an_asynchronous_one():
    async def ask():
        async with httpx2.AsyncClient() as c:
            return (await c.get(os.environ["NOTEBOOK_URL"] + "/notes")).json()

    assert asyncio.run(ask()) == []
"""
LOADED = """
import sys


def pytest_unconfigure():
    print("loaded:", sorted({"graphql", "vcr", "yaml"} & set(sys.modules)))
"""


def test_a_suite_of_httpx2_loads_neither_vcrpy_nor_yaml_when_it_is_replayed_again(project: Project) -> None:
    project.test(SUITE)
    project.write("conftest.py", LOADED)
    assert project.pytest("--record-mode=rewrite").code == 0
    assert project.pytest().code == 0

    run = project.pytest("-s")

    assert (run.code, "loaded: []" in run.output) == (0, True), run.output
