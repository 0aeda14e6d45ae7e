"""
What a suite pays: per test, with one client or many, over workers; and for a plugin that it does not use.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import processes
from tests.benchmarks.measured import Measured
from tests.benchmarks.peers.ours import PROJECT
from tests.benchmarks.peers.registry import FLOOR, OURS, Peer
from tests.benchmarks.samples import gets

FIRST_RUN = "per test, first run"
AGAIN = "per test"
_ASKED = 3
_EMPTY = "an_empty_plugin"

CONFTEST = """
import json
import os
import time

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtestloop(session):
    began = time.perf_counter(), time.process_time()
    yield
    ended = time.perf_counter(), time.process_time()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with open(f"took-{worker}.json", "w") as file:
        json.dump([1000 * (after - before) for before, after in zip(began, ended)], file)
"""

_HEAD = """
import asyncio
import atexit
import json

import {library}
import pytest

URLS = {urls!r}
SHARED = []
# One for all tests: it is the client of each test that is to be measured, not its loop.
LOOP = asyncio.new_event_loop()
atexit.register(LOOP.close)


def shared():
    if not SHARED:
        SHARED.append({client})
    return SHARED[0]


async def own():
    async with {own} as client:
        return [(await client.get(url)).content for url in URLS]


def check(answers):
    assert [json.loads(answer)["id"] for answer in answers] == list(range(len(URLS)))
"""
_SHARED = "check([shared().get(url).content for url in URLS])"
_OWN = "check(LOOP.run_until_complete(own()))"
_HANDLER = """
from tests.benchmarks.peers.mock import handler
from tests.benchmarks.samples import gets

HANDLER = handler(gets(len(URLS)))
"""
_ROUTES = """
@pytest.fixture(autouse=True)
def routes(respx_mock):
    for url, answer in ANSWERS.items():
        respx_mock.get(url).respond(content=answer)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """
    How a peer's users write a test, and where its cassette lies.
    """

    decorator: str = ""
    argument: str = ""
    around: str = ""
    cassette: str = ""
    library: str = "httpx"
    client: str = "httpx.Client(trust_env=False)"
    own: str = "httpx.AsyncClient(trust_env=False)"
    extra: str = ""


STYLES = {
    OURS: Style(decorator="@pytest.mark.vcr", cassette="cassettes/{module}/{test}.yaml"),
    "vcrpy": Style(decorator="@pytest.mark.vcr", cassette="suite/cassettes/{module}/{test}.yaml"),
    "cassetter": Style(decorator="@pytest.mark.vcr", cassette="suite/cassettes/{module}/{test}.yaml"),
    "nimax": Style(
        argument="nimax_session",
        cassette="cassettes/{module}/{test}.json",
        library="niquests",
        client="niquests.Session()",
        own="niquests.AsyncSession()",
    ),
    "replayx": Style(
        argument="replayx_cassette",
        around="with replayx_cassette(record_mode='none'):",
        cassette="suite/cassettes/{test}.json",
    ),
    "respx": Style(extra=_ROUTES),
    FLOOR: Style(
        client="httpx.Client(transport=httpx.MockTransport(HANDLER))",
        own="httpx.AsyncClient(transport=httpx.MockTransport(HANDLER))",
        extra=_HANDLER,
    ),
}


def per_test(peer: Peer, tests: int, *, own_client: bool, workers: int, limit: float) -> Measured:
    """
    Milliseconds for each of *tests*, which ask three times each; with workers, of the whole run.

    Run twice, as suites are: what a peer keeps of the first run helps in the second.
    """
    with TemporaryDirectory(prefix="taketwo-benchmark-") as name:
        folder = Path(name)
        write_suite(folder, peer, tests, own_client=own_client)
        options = ["-p", "xdist", "-n", str(workers)] if workers else []
        measured = Measured(checked=2 * tests * _ASKED)
        for label in (FIRST_RUN, AGAIN):
            ran = run_pytest(folder, peer.plugins, options, limit)
            if ran.failure:
                return Measured(failure=ran.failure)
            took = [ran.took, ran.processor]
            if not workers:
                took = json.loads((folder / "took-main.json").read_text())
            measured.add(label, *(each / tests for each in took))
        return measured


def start_up(peer: Peer | None, tests: int, *, limit: float) -> Measured:
    """
    The whole run of a suite without cassettes, with the plugins of *peer* or with an empty one: to look for
    plugins takes pytest longer than to load most of them, and it always looks.
    """
    with TemporaryDirectory(prefix="taketwo-benchmark-") as name:
        folder = Path(name)
        lines = (f"def test_{number:03}():\n    assert {number} + 1\n" for number in range(tests))
        plain = {"pyproject.toml": PROJECT, "suite/test_plain.py": "\n\n".join(lines)}
        write_files(folder, {**plain, f"{_EMPTY}.py": ""})
        ran = run_pytest(folder, peer.plugins if peer else (_EMPTY,), [], limit)
        measured = Measured(failure=ran.failure)
        if not ran.failure:
            measured.add("whole run", ran.took, ran.processor)
        return measured


def write_suite(folder: Path, peer: Peer, tests: int, *, own_client: bool) -> None:
    style, samples, module = STYLES[peer.name], gets(_ASKED), "test_suite"
    urls = [sample.url for sample in samples]
    answers = {sample.url: sample.answer for sample in samples}
    head = _HEAD.format(urls=urls, library=style.library, client=style.client, own=style.own)
    bodies = (_test(number, style, own_client=own_client) for number in range(tests))
    text = "\n\n".join([head, f"ANSWERS = {answers!r}", style.extra, *bodies])
    write_files(
        folder, {"pyproject.toml": PROJECT, "suite/conftest.py": CONFTEST, f"suite/{module}.py": text}
    )
    if style.cassette:
        first = folder / style.cassette.format(module=module, test=_name(0))
        first.parent.mkdir(parents=True)
        peer.load_module().record(samples, first)()
        for number in range(1, tests):
            other = folder / style.cassette.format(module=module, test=_name(number))
            other.write_bytes(first.read_bytes())


def _test(number: int, style: Style, *, own_client: bool) -> str:
    act = _OWN if own_client else _SHARED
    body = f"{style.around}\n    {act}" if style.around else act
    return f"{style.decorator}\ndef {_name(number)}({style.argument}):\n{textwrap.indent(body, '    ')}\n"


def _name(number: int) -> str:
    return f"test_{number:04}"


def run_pytest(folder: Path, plugins: Sequence[str], options: Sequence[str], limit: float) -> processes.Ran:
    loaded = [part for plugin in plugins for part in ("-p", plugin)]
    environment = {**processes.clean(folder), "PYTHONPATH": str(processes.ROOT)}
    command = ["-m", "pytest", "-q", *loaded, *options]
    return processes.run(command, folder=folder, environment=environment, limit=limit)


def write_files(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
