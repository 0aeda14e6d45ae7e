"""
The network is closed from the first import of a run to its end.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

ASKING = """
import os
import socket
import urllib.request

import pytest


def ask():
    return urllib.request.urlopen(os.environ["ASKED"] + "/notes").status
"""
PLAIN = """
def test_plain():
    pass
"""
REFUSED = "Network is disabled for host '127.0.0.1' (port"
TOO_EARLY = "what is asked for before any test runs is in no cassette: ask for it in a fixture or in the test"


@pytest.mark.parametrize("mode", ["none", "rewrite"])
def test_what_a_module_asks_for_when_it_is_imported_is_refused(
    project: Project, another: str, mode: str
) -> None:
    """
    In a recording too: nothing of it would be in any cassette, and the replay could not have it.
    """
    project.write("tests/test_early.py", f"{ASKING}\n\nSTATUS = ask()\n{PLAIN}")

    run = project.pytest(f"--record-mode={mode}", environment={"ASKED": another})

    assert run.tail == "1 error"
    assert f"{REFUSED} {another.rpartition(':')[2]}): tests/test_early.py is imported" in run.output
    assert TOO_EARLY in run.output


def test_so_is_what_a_conftest_asks_for(project: Project, another: str) -> None:
    project.write("conftest.py", f"{ASKING}\n\nSTATUS = ask()\n")
    project.write("tests/test_plain.py", PLAIN)

    run = project.pytest(environment={"ASKED": another})

    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "conftest.py is imported" in run.output


@pytest.mark.parametrize(
    ("table", "options"),
    [
        ("", ["--allowed-hosts=127.0.0.1"]),
        ('allowed_hosts = ["localhost"]', []),
        ("block_network = false", []),
    ],
)
def test_a_project_may_allow_it(project: Project, another: str, table: str, options: list[str]) -> None:
    project.write("pyproject.toml", f"[tool.taketwo]\n{table}\n{PYPROJECT}")
    project.write("tests/test_early.py", f"{ASKING}\n\nSTATUS = ask()\n{PLAIN}")

    run = project.pytest(*options, environment={"ASKED": another})

    assert run.tail == "1 passed", run.output


def test_between_tests_this_machine_is_reached_and_no_other(project: Project, another: str) -> None:
    project.write(
        "conftest.py",
        f"""{ASKING}

def pytest_sessionstart():
    print("asked:", ask())
    with pytest.raises(RuntimeError, match="'192.0.2.1' .port 80.: no test is running"):
        socket.create_connection(("192.0.2.1", 80))
""",
    )
    project.write("tests/test_plain.py", PLAIN)

    run = project.pytest("-s", environment={"ASKED": another})

    assert run.tail == "1 passed", run.output
    assert "asked: 200" in run.output


@pytest.mark.parametrize(
    ("table", "options", "header"),
    [
        ("", [], "the network is blocked"),
        (
            'allowed_hosts = ["db"]',
            ["--allowed-hosts=10.0.0.1"],
            "the network is blocked but for db, 10.0.0.1",
        ),
        ("block_network = false", [], "the network is blocked for tests with a cassette"),
    ],
)
def test_the_header_tells_what_is_blocked(
    project: Project, table: str, options: list[str], header: str
) -> None:
    project.write("pyproject.toml", f"[tool.taketwo]\n{table}\n{PYPROJECT}")
    project.write("tests/test_plain.py", PLAIN)

    run = project.pytest(*options)

    assert f"taketwo: replays cassettes/, {header}\n" in run.output


def test_a_host_that_means_nothing_is_refused_before_any_test(project: Project) -> None:
    project.write("tests/test_plain.py", PLAIN)

    run = project.pytest("--allowed-hosts=*.example.com")

    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "allowed_hosts: '*.example.com' is no host, no network and no regular expression" in run.output


IGNORING = """
@pytest.fixture
def vcr_config():
    return {options}


@pytest.mark.vcr
def test_beside(vcr_config):
    assert ask() == 200
    socket.create_connection(("127.0.0.1", int(os.environ["ASKED"].rpartition(":")[2]))).close()
"""


@pytest.mark.parametrize(
    "options",
    [
        '{"ignore_localhost": True}',
        '{"ignore_hosts": ["127.0.0.1"]}',
        '{"before_record_request": lambda request: None}',
        '{"allowed_hosts": ["127.0.0.1"], "ignore_hosts": ["127.0.0.1"]}',
    ],
)
def test_what_the_options_of_a_test_leave_alone_is_reached_in_a_replay(
    project: Project, another: str, options: str
) -> None:
    """
    A live server of the test itself, or a database beside it.
    """
    project.write("tests/test_beside.py", ASKING + IGNORING.replace("{options}", options))

    run = project.pytest("--record-mode=none", environment={"ASKED": another})

    assert run.tail == "1 passed", run.output


SHARED = """
import socket

import pytest


def look_up():
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("allowed.invalid", 80)


@pytest.fixture(scope="session")
def vcr_config():
    return {"allowed_hosts": HOSTS}


@pytest.fixture(scope="session")
def shared():
    look_up()
    yield
    look_up()


@pytest.mark.MARKER
def test_with_it(shared):
    pass
"""


@pytest.mark.parametrize("hosts", ['["allowed.invalid"]', '"shop.invalid,allowed.invalid"'])
@pytest.mark.parametrize("marker", ["vcr", "filterwarnings"])
def test_a_fixture_of_wider_scope_reaches_what_its_configuration_allows(
    project: Project, marker: str, hosts: str
) -> None:
    module = SHARED.replace("MARKER", marker).replace("HOSTS", hosts)
    project.write("tests/test_shared.py", module)

    run = project.pytest("--record-mode=none")
    project.write("tests/test_shared.py", module.replace("allowed.invalid", "other.invalid", 1))
    closed = project.pytest("--record-mode=none")

    assert run.tail == "1 passed", run.output
    assert closed.tail == "1 error", closed.output
    assert "Network is disabled for host 'other.invalid'" in closed.output
