"""
SIGKILL in the midst of a recording by the proxy: no cassette is lost, and nothing is left running.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RECORDED = """\
taketwo: 1
test: tests/test_children.py::test_child
services: {}
seed: 1
time: "2026-01-01T00:00:00Z"
holds:
  interactions: 0
interactions: []
"""
CHILDREN = """
import subprocess

import pytest


@pytest.mark.vcr(children=True)
def test_child():
    subprocess.run(["curl", "-sS", "{url}/answered", "{url}/never"], check=True)
"""


@contextmanager
def half_answering() -> Iterator[tuple[str, threading.Event]]:
    """
    A service that answers one path, and never the other; the event is set when it was asked for that.
    """
    asked = threading.Event()
    held: list[socket.socket] = []

    def serve(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                held.append(client)
                threading.Thread(target=answer, args=(client,)).start()

    def answer(client: socket.socket) -> None:
        with suppress(OSError):
            while head := client.recv(65_536):
                if b" /never " in head.partition(b"\r\n")[0]:
                    asked.set()
                else:
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        finally:
            for client in held:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
                client.close()
            server.shutdown(socket.SHUT_RDWR)
    thread.join()


def is_refused(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def test_a_proxy_that_is_killed_loses_no_cassette_and_holds_no_port(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")
    cassette = tmp_path / "page.yaml"
    cassette.write_text(RECORDED, encoding="utf-8")
    command = [sys.executable, "-m", "taketwo", "proxy", "--cassette", "page", "--record-mode=rewrite"]
    with (
        half_answering() as (url, asked),
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as proxy,
    ):
        variables: dict[str, str] = {}
        assert proxy.stdout is not None
        while "SSL_CERT_FILE" not in variables:
            name, _, value = proxy.stdout.readline().removeprefix("export ").strip().partition("=")
            variables[name] = value.strip("'")
        ask = ["curl", "-sS", f"{url}/answered", f"{url}/never"]
        with subprocess.Popen(
            ask, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as client:
            assert asked.wait(60)
            proxy.kill()
            answered, _ = client.communicate(timeout=60)
        code = proxy.wait(60)

    assert (answered, client.returncode != 0, code) == (b"ok", True, -signal.SIGKILL)
    assert is_refused(int(variables["HTTP_PROXY"].rpartition(":")[2]))
    assert cassette.read_text(encoding="utf-8") == RECORDED
    assert sorted(path.name for path in tmp_path.glob("page*")) == ["page.yaml"]


def test_pytest_that_is_killed_loses_no_cassette_and_its_child_ends(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    cassette = tmp_path / "cassettes/test_children/test_child.yaml"
    cassette.parent.mkdir(parents=True)
    cassette.write_text(RECORDED, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--record-mode=rewrite"]
    with half_answering() as (url, asked):
        (tmp_path / "tests/test_children.py").write_text(CHILDREN.replace("{url}", url), encoding="utf-8")
        with subprocess.Popen([*command, "-s"], cwd=tmp_path, stdout=subprocess.PIPE) as process:
            assert asked.wait(120)
            process.kill()
            assert process.stdout is not None
            process.stdout.read()  # to its end, which comes when the child does not hold it any more
        (tmp_path / "tests/test_children.py").write_text(
            CHILDREN.replace("{url}", url).replace("/never", "/other"), encoding="utf-8"
        )
        kept = cassette.read_text(encoding="utf-8")
        again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (process.returncode, kept) == (-signal.SIGKILL, RECORDED)
    assert again.returncode == 0, again.stdout
    assert cassette.read_text(encoding="utf-8").count("- request:") == 2
    left = [path.name for path in (tmp_path / "cassettes/.taketwo").glob("run-*")]
    assert left == []
