"""
What records the cells and replays them: the toolkit, and the peers that the matrix can be compared with.
"""

from __future__ import annotations

from dataclasses import dataclass

_PYTEST = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "--strict-markers"]
asyncio_default_fixture_loop_scope = "function"
"""

_SERVICES = """
[tool.taketwo.services.matrix]
address = "MATRIX_URL"
environment = { MATRIX_URL = "{url}" }
health = "/any/echo"

[tool.taketwo.services.secure]
url = "https://secure.test"
address = "MATRIX_SECURE_URL"
environment = { MATRIX_SECURE_URL = "{url}" }
health = "/any/echo"
"""

_CONFTEST = '''
"""
What every cell is given.
"""

import os

import pytest

pytest.register_assert_rewrite("tests.toolkit.clients.suite")

from tests.toolkit.clients.suite.cell import Cell, TURNED, WORD


@pytest.fixture
def cell(request):
    name = f"{request.module.CLIENT}-{request.function.__name__.removeprefix('test_')}"
    return Cell(name, os.environ[WORD], is_turned=TURNED in os.environ)
'''

# A peer may wait for ever; whatever it waits for is interrupted, and so is what it waits for after that.
_LIMIT = """

import signal


def _interrupt(_number, _frame):
    raise TimeoutError("the test hangs")


signal.signal(signal.SIGALRM, _interrupt)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    signal.setitimer(signal.ITIMER_REAL, 15, 2)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
"""

_CONFIG = """

@pytest.fixture(scope="module")
def vcr_config():
    return {{"match_on": {match_on}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """
    *without* are the plugins that it is run without. One that knows the service *by_name* needs no address of
    it in a replay; to another, it has the same one whenever it is recorded.
    """

    name: str
    needs: str
    pyproject: str
    conftest: str
    without: tuple[str, ...]
    by_name: bool = False


OURS = Recorder(
    name="taketwo",
    needs="taketwo",
    pyproject=_SERVICES + _PYTEST,
    conftest=_CONFTEST,
    without=("cassetter",),
    by_name=True,
)
VCRPY = Recorder(
    name="VCR.py",
    needs="vcr",
    pyproject=_PYTEST,
    conftest=_CONFTEST
    + _LIMIT
    + _CONFIG.format(match_on=["method", "scheme", "host", "port", "path", "query", "body"]),
    without=("cassetter", "taketwo"),
)
CASSETTER = Recorder(
    name="cassetter",
    needs="cassetter",
    pyproject=_PYTEST,
    conftest=_CONFTEST + _LIMIT + _CONFIG.format(match_on=["method", "uri", "body"]),
    without=("recording", "taketwo"),
)
