"""
What a child process asks for is never asked live unsaid: refused in a replay, told in a recording.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.toolkit.conftest import Project

PYTHON = Path(sys.executable).name
CHILDREN = """
import asyncio
import multiprocessing
import os
import subprocess
import sys
import urllib.request

import pytest

HERE = os.environ["ASKED"]
PORT = HERE.rpartition(":")[2]
CONNECTING = f"import socket; socket.create_connection(('127.0.0.1', {PORT})); print('live')"
ASKING = f"import urllib.request; print(urllib.request.urlopen('{HERE}/notes?key=k3y').status)"


def run(code, **options):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, **options).stdout


@pytest.mark.vcr
def test_through_a_proxy():
    run(ASKING)


@pytest.mark.vcr
def test_past_any_proxy():
    run(CONNECTING)


@pytest.mark.vcr
def test_with_an_environment_of_its_own():
    run(ASKING, env={"NO_PROXY": "*"})


@pytest.mark.vcr
def test_asyncio():
    async def start():
        child = [sys.executable, "-c", CONNECTING]
        process = await asyncio.create_subprocess_exec(*child, stderr=subprocess.DEVNULL)
        await process.wait()

    asyncio.run(start())


def ask():
    try:
        urllib.request.urlopen(HERE + "/notes").close()
    except OSError:
        pass


@pytest.mark.vcr
def test_multiprocessing():
    child = multiprocessing.get_context("spawn").Process(target=ask)
    child.start()
    child.join()


@pytest.mark.vcr
def test_the_shell():
    os.system(f"{sys.executable} -c \\"{ASKING}\\" > {os.devnull} 2>&1")


@pytest.mark.vcr
def test_that_asks_nobody():
    assert run("print('hello')") == b"hello\\n"


@pytest.fixture(scope="module")
def started():
    run(ASKING)


@pytest.mark.vcr
def test_of_a_fixture(started):
    pass


@pytest.mark.vcr
@pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
def test_that_is_allowed():
    assert run(ASKING) == b"200\\n"
    assert run(CONNECTING) == b"live\\n"


def test_without_a_cassette():
    assert run(ASKING) == b"200\\n"
"""


@pytest.fixture
def children(project: Project) -> Project:
    project.write("tests/test_children.py", CHILDREN)
    return project


def test_a_replay_refuses_them_and_names_what_they_asked_for(children: Project, another: str) -> None:
    run = children.pytest("--record-mode=none", environment={"ASKED": another})

    port = another.rpartition(":")[2]
    assert run.tail == "9 passed, 7 errors", run.output
    assert f"a child process ({PYTHON}) asked for GET http://127.0.0.1:{port}/notes?…" in run.said
    assert f"a child process ({PYTHON}) asked for a connection to 127.0.0.1:{port}" in run.said
    assert "what a child process asks for is not recorded, so a replay refuses it" in run.said
    assert "k3y" not in run.output


def test_a_recording_lets_them_through_and_tells_it(children: Project, another: str) -> None:
    run = children.pytest("--record-mode=rewrite", environment={"ASKED": another})

    port = another.rpartition(":")[2]
    told = run.output.partition("child processes asked for what is not recorded; a replay refuses it")[2]
    assert run.tail == "10 passed", run.output
    assert told.count(f"a child process ({PYTHON}) asked for") == 7
    assert (
        f"tests/test_children.py::started (module fixture): a child process ({PYTHON}) asked for GET" in told
    )
    assert (
        f"test_past_any_proxy: a child process ({PYTHON}) asked for a connection to 127.0.0.1:{port}" in told
    )


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")
def test_so_does_one_that_is_node(project: Project, another: str) -> None:
    project.write(
        "tests/test_node.py",
        """
        import os
        import subprocess

        import pytest


        @pytest.mark.vcr
        def test_node():
            code = f"fetch('{os.environ['ASKED']}/notes').then(r => console.log(r.status), () => 0)"
            subprocess.run(["node", "-e", code], check=True, env={"PATH": os.environ["PATH"]})
        """,
    )

    run = project.pytest("--record-mode=none", environment={"ASKED": another})

    assert run.tail == "1 passed, 1 error", run.output
    assert (
        f"a child process (node) asked for a connection to 127.0.0.1:{another.rpartition(':')[2]}" in run.said
    )
