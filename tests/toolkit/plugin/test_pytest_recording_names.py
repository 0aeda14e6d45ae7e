"""
What suites of pytest-recording say, and mean the same with us.

Each of these rules is one that pytest-recording's own suite checks.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import OF_PYTEST, Project

TESTS = """
from urllib.request import urlopen

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException


@pytest.mark.vcr
def test_expects_the_error():
    with pytest.raises(CannotOverwriteExistingCassetteException):
        urlopen("http://shop.test/")


@pytest.mark.vcr(record_mode="none")
def test_replays_whatever_the_command_line_says():
    with pytest.raises(CannotOverwriteExistingCassetteException):
        urlopen("http://shop.test/")
"""


def test_names_of_pytest_recording_and_vcrpy_mean_what_they_mean_there(project: Project) -> None:
    project.write("pyproject.toml", f"[tool.taketwo]\n{OF_PYTEST}")
    project.write("tests/test_shop.py", TESTS)

    replayed = project.pytest()
    recorded = project.pytest("--record-mode=all", "-k", "replays")

    assert (replayed.tail, recorded.tail.partition(",")[0]) == ("2 passed", "1 passed")


LAZY = """
import pytest


@pytest.fixture
def vcr_config():
    raise RuntimeError("should not run")


def test_without_a_cassette():
    pass
"""
ALLOWED_LATE = """
import socket

import pytest


@pytest.fixture
def vcr_config():
    return {"allowed_hosts": ["192.0.2.7"]}


def connect(host):
    with socket.socket() as mine:
        mine.settimeout(0.01)
        mine.connect((host, 9))


def test_without_a_cassette():
    with pytest.raises(OSError):
        connect("192.0.2.7")
    with pytest.raises(RuntimeError, match="192.0.2.8"):
        connect("192.0.2.8")
"""
BLOCKED = """
import socket

import pytest


@pytest.mark.block_network
def test_its_message():
    with pytest.raises(RuntimeError, match=r"^Network is disabled for host '127.0.0.1'$"):
        socket.create_connection(("127.0.0.1", 9))
    assert socket.socket.connect.__name__ == "network_guard"
    assert socket.socket.connect_ex.__name__ == "network_guard"


@pytest.mark.block_network
def test_its_advice():
    socket.create_connection(("127.0.0.1", 9))
"""
CAUGHT = """
from urllib.request import urlopen

import pytest
import vcr

pytestmark = pytest.mark.vcr


def ask():
    with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
        urlopen("http://shop.test/")


def test_by_its_full_name():
    with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
        urlopen("http://shop.test/")


def test_in_a_function_of_the_module():
    ask()


def test_another_error():
    with pytest.raises(BaseException):
        urlopen("http://shop.test/")
"""
FILTERS = """
import pytest

pytestmark = pytest.mark.vcr(ignore_localhost=True)


@pytest.fixture(scope="module")
def vcr_config():
    return {"filter_headers": ["authorization"]}


def request(**fields):
    return type("Request", (), fields)


@pytest.mark.vcr(filter_headers=[])
def test_markers_before_the_configuration(vcr):
    sent = {"authorization": "a"}
    assert vcr._before_record_request(request(headers=sent)).headers == sent
    assert vcr._before_record_request(request(host="127.0.0.1")) is None


def test_the_configuration(vcr):
    sent = request(headers={"authorization": "a"}, host="shop.test", uri="http://shop.test/")
    assert vcr._before_record_request(sent).headers == {}
"""


@pytest.mark.parametrize(
    ("module", "tail"),
    [
        pytest.param(LAZY, "1 passed", id="vcr_config of a test without a cassette is not evaluated"),
        pytest.param(ALLOWED_LATE, "1 passed", id="unless it reaches out of this machine"),
        pytest.param(FILTERS, "2 passed", id="the fixture vcr filters as it is configured"),
    ],
)
def test_a_rule_of_pytest_recording(project: Project, module: str, tail: str) -> None:
    project.write("pyproject.toml", f"[tool.taketwo]\n{OF_PYTEST}")
    project.write("tests/test_shop.py", module)

    run = project.pytest()

    assert run.tail == tail, run.output


def test_a_block_that_the_project_asks_for_has_the_message_of_pytest_recording(project: Project) -> None:
    """
    Word for word, since tests match it; what to do about it is shown beside it.
    """
    project.write("pyproject.toml", f"[tool.taketwo]\n{OF_PYTEST}")
    project.write("tests/test_shop.py", BLOCKED)

    run = project.pytest()

    assert run.tail == "1 failed, 1 passed", run.output
    assert (
        "tests/test_shop.py::test_its_advice is run with its network blocked\n"
        'to allow it: allowed_hosts = ["127.0.0.1"] in [tool.taketwo], in vcr_config or in '
        "@pytest.mark.block_network; or --allowed-hosts=127.0.0.1"
    ) in run.output


def test_who_names_the_error_of_vcrpy_expects_it(project: Project) -> None:
    """
    Another expectation hides that nothing was answered, and fails.
    """
    project.write("pyproject.toml", f"[tool.taketwo]\n{OF_PYTEST}")
    project.write("tests/test_shop.py", CAUGHT)

    run = project.pytest()

    assert run.tail == "3 passed, 1 error", run.output
    assert "ERROR tests/test_shop.py::test_another_error" in run.output
