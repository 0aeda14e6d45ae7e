"""
Starting, stopping, and ending with the parent.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.servers.processes import alive, children, ended, family_of_killed_parent, soon

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.conftest import Start


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_one_line_says_where_it_listens_and_the_log_goes_to_stderr(start: Start) -> None:
    server = start()

    assert server.line == f"mesh listens on {server.url} (in memory)\n"
    assert httpx.get(f"{server.url}/health", trust_env=False).json() == {"status": "ok"}
    server.stop()
    assert server.process.stdout is not None
    assert server.process.stdout.read() == ""
    assert "INFO" in server.log.read_text()


@on_linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly_with_everything_it_started(start: Start, number: signal.Signals) -> None:
    server = start()
    started = children(server.process.pid)

    with httpx.Client(base_url=server.url, trust_env=False) as keeping_alive:
        keeping_alive.get("/health")
        server.process.send_signal(number)
        status = server.process.wait(10)

    assert status == 0
    assert started
    assert soon(lambda: not any(map(alive, started)))
    assert "Traceback" not in server.log.read_text()


@on_linux
def test_nothing_is_left_when_it_is_killed(start: Start) -> None:
    server = start()
    started = children(server.process.pid)

    server.process.kill()
    server.process.wait(10)

    assert started
    assert soon(lambda: not any(map(alive, started)))


@on_linux
def test_without_its_database_it_is_not_healthy(start: Start) -> None:
    server = start(environment={})
    for child in children(server.process.pid):
        os.kill(child, signal.SIGKILL)

    def healthy() -> int:
        return httpx.get(f"{server.url}/health", trust_env=False).status_code

    assert soon(lambda: healthy() == 503)
    answer = httpx.get(f"{server.url}/api/content/User", trust_env=False)
    assert (answer.status_code, answer.json()["success"]) == (500, False)
    assert server.stop() == 0


@on_linux
def test_it_ends_with_its_parent() -> None:
    family = family_of_killed_parent("mesh_inmemory")

    assert len(family) == 2
    assert soon(lambda: not any(map(alive, family)))


def test_a_busy_port_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        outcome = ended("mesh_inmemory", "--port", str(port))

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr == f"mesh_inmemory: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_a_database_that_is_not_there_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"postgresql://u:hidden@127.0.0.1:{closed.getsockname()[1]}/d"

    outcome = ended("mesh_inmemory", "--port", "0", "--database", address)

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith("mesh_inmemory: cannot use the database: ")
    assert outcome.stderr.count("\n") == 1
    assert "hidden" not in outcome.stderr


@pytest.mark.parametrize("module", ["pgmem", "starlette"])
def test_what_is_not_installed_is_named_in_one_line(module: str, tmp_path: Path) -> None:
    missing = f"raise ModuleNotFoundError('not here', name={module!r})\n"
    (tmp_path / f"{module}.py").write_text(missing, encoding="ascii")

    outcome = ended("mesh_inmemory", "--port", "0", environment={"PYTHONPATH": str(tmp_path)})

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr == f"mesh_inmemory: {module} is not installed; try: pip install -e '.[record]'\n"


def test_help_stands_alone() -> None:
    outcome = ended("mesh_inmemory", "--help")

    options = "--port --host --test-mode --database --contract --validate --max-body --log-level"
    assert outcome.returncode == 0
    assert all(option in outcome.stdout for option in options.split())


def test_validation_refuses_what_the_definition_does_not_allow(start: Start) -> None:
    server = start("--validate", environment={})
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        good = client.post(
            "/api/content/UserTenantRole",
            json={"content": {"userId": str(os.getpid()), "tenantId": "t", "role": "owner"}},
        )
        assert good.json()["error"]["code"] == "BAD_ID"
        user = client.post("/api/content/User", json={"content": {"name": "Ada"}}).json()["data"]
        wrong = client.post("/api/content/User", json={"content": {"name": 5}})
        patched = client.patch(f"/api/content/User/{user['_id']}", json={"content": {"image": 5}})
        stored = client.get(f"/api/content/User/{user['_id']}").json()["data"]

    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "INVALID_CONTENT")
    assert (patched.status_code, patched.json()["error"]["details"]) == (
        400,
        "image: 5 is not of type 'string'",
    )
    assert stored == user
