"""
``taketwo serve`` from outside: clients of other languages, signals, and what goes wrong before it serves.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from taketwo.cassette.model import StoredResponse, TextBody
from taketwo.cli.main import main
from tests.toolkit.features.serve.conftest import SHOP, Shelf, interaction

pytestmark = pytest.mark.slow

PYPROJECT = """
[tool.taketwo.services.shop]
url = "http://shop.test"
address = "SHOP_URL"
environment = { SHOP_API = "{url}/api", SHOP_NOTE = "{SHOP_KEY}" }
secrets = { SHOP_KEY = "k3y-of-the-shop" }
"""
NAMES = StoredResponse(
    status=200, headers=(("content-type", "text/plain; charset=utf-8"),), body=TextBody("tëa, one\ntwo")
)
CLIENTS = {
    "curl": ["curl", "-sS", "{url}/names"],
    "node": ["node", "-e", "fetch('{url}/names').then(r => r.text()).then(t => process.stdout.write(t))"],
    "httpx": [sys.executable, "-c", "import httpx, sys; sys.stdout.write(httpx.get('{url}/names').text)"],
    "requests": [
        sys.executable,
        "-c",
        "import requests, sys; sys.stdout.write(requests.get('{url}/names').text)",
    ],
}


@dataclass
class Running:
    """
    The command, whose first line of output has been read.
    """

    process: subprocess.Popen[str]
    url: str

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        output, errors = self.process.stdout.read(), self.process.stderr.read()
        return self.process.wait(30), output, errors


@contextmanager
def serving(*arguments: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "taketwo", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first.startswith("serving "), process.communicate()
            yield Running(process, first.split()[-1])
        finally:
            process.kill()


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_in_other_processes_get_what_was_recorded(shelf: Shelf, name: str) -> None:
    if shutil.which(CLIENTS[name][0]) is None:
        pytest.skip(f"{name} is not installed")
    shelf.put("names", interaction("GET", f"{SHOP}/names", NAMES))

    with serving() as server:
        command = [word.replace("{url}", server.url) for word in CLIENTS[name]]
        run = subprocess.run(command, capture_output=True, timeout=60, check=False)
        ended = server.end()

    assert (run.stdout.decode(), run.stderr.decode()) == ("tëa, one\ntwo", "")
    assert ended == (
        0,
        f"  {SHOP} is at {server.url}\nsession default: 1 played, 0 not played, 0 without an answer\n",
        "",
    )


def test_the_environment_that_points_clients_here_is_printed_without_secrets(
    shelf: Shelf, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    shelf.put("names", interaction("GET", f"{SHOP}/names", NAMES))

    with serving("--env-file", "taketwo.env") as server:
        _, output, _ = server.end(signal.SIGINT)

    assert output.splitlines()[1:] == [f"export SHOP_URL={server.url}", f"export SHOP_API={server.url}/api"]
    assert (tmp_path / "taketwo.env").read_text(encoding="utf-8") == (
        f"SHOP_URL={server.url}\nSHOP_API={server.url}/api\n"
    )


def test_a_request_without_an_answer_makes_the_exit_code_one(shelf: Shelf) -> None:
    shelf.put("names", interaction("GET", f"{SHOP}/names", NAMES))

    with serving() as server:
        command = ["curl", "-sS", "-H", "Accept: application/json", f"{server.url}/nams"]
        found = json.loads(subprocess.check_output(command, timeout=60))
        code, output, errors = server.end()

    assert (code, found["error"]) == (1, "no recorded answer")
    assert errors == f"{found['message']}\n"
    assert "session default: 0 played, 1 not played, 1 without an answer\n" in output


def test_it_listens_on_this_machine_alone(shelf: Shelf) -> None:
    shelf.put("names", interaction("GET", f"{SHOP}/names", NAMES))

    with serving() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=20)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["serve", *arguments])
    return code, capsys.readouterr().err


def test_a_port_that_is_taken_is_named(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.put("names", interaction("GET", f"{SHOP}/names", NAMES))

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = run(capsys, "cassettes", "--port", str(port))

    assert found == (
        3,
        (
            f"error: port {port} of 127.0.0.1 is in use\n"
            f"stop what listens there, or take another: --port {port + 1}, or --port 0 for any that is free\n"
        ),
    )


def test_a_folder_without_cassettes_is_named(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    assert shelf.folder.is_dir()

    assert run(capsys, "cassettes") == (
        3,
        (
            "error: there is no cassette in cassettes, so there is nothing to serve\n"
            "record one first: pytest --record-mode=rewrite; to see what there is: taketwo list\n"
        ),
    )


def test_every_damaged_cassette_is_named(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.put("names", interaction("GET", f"{SHOP}/names", NAMES))
    for name in ("one", "two"):
        (shelf.folder / f"{name}.yaml").write_text("taketwo: 99\n", encoding="utf-8")

    code, errors = run(capsys, "cassettes")

    assert code == 3
    assert errors.startswith("error: 2 cassettes cannot be read, and nothing is served:\n")
    assert ("one.yaml" in errors, "two.yaml" in errors) == (True, True)


def test_a_host_that_is_no_address_of_this_machine_is_named(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("names", interaction("GET", f"{SHOP}/names", NAMES))

    code, errors = run(capsys, "cassettes", "--host", "192.0.2.1", "--port", "0")

    assert code == 3
    assert errors.startswith("error: 192.0.2.1 is no address of this machine: ")
