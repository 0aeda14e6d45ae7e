"""
``taketwo run`` and ``taketwo proxy``: programs in any language, recorded, and replayed without the service.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.toolkit.features.serve.service import running

pytestmark = pytest.mark.slow

TOKEN = "tok-0123456789abcdefABCDEF"
FETCH = "fetch('{url}/page').then(r => r.text()).then(t => process.stdout.write(t))"
AIOHTTP = """
import asyncio, aiohttp, ssl
async def main():
    async with aiohttp.ClientSession() as session:
        print(await (await session.get("{url}/page", ssl=ssl.create_default_context())).text())
asyncio.run(main())
"""
ANYIO = """
import anyio, httpx
async def main():
    async with httpx.AsyncClient(trust_env=False) as client:
        print((await client.get("http://notes.test/page")).text)
anyio.run(main)
"""
CLIENTS = {
    "curl": ["curl", "-sS", "{url}/page"],
    "node": ["node", "-e", FETCH],
    "httpx": [sys.executable, "-c", "import httpx; print(httpx.get('{url}/page').text)"],
    "aiohttp": [sys.executable, "-c", AIOHTTP],
    "requests": [sys.executable, "-c", "import requests; print(requests.get('{url}/page').text)"],
}
TALK = """
from websockets.sync.client import connect
with connect("{url}/talk") as line:
    print(line.recv())
    line.send("hello")
    print(line.recv())
"""


@dataclass(frozen=True)
class Ran:
    code: int
    output: str
    errors: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """
    Runs the command ``taketwo`` in an empty folder, which is a project of its own.
    """
    (tmp_path / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")

    def ran(*arguments: str, ca: Path | None = None) -> Ran:
        environment = {**os.environ, "TAKETWO_RECORD_MODE": "", "CI": ""}
        if ca is not None:
            environment["SSL_CERT_FILE"] = str(ca)
        process = subprocess.run(
            [sys.executable, "-m", "taketwo", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(process.returncode, process.stdout, process.stderr)

    return ran


@pytest.mark.parametrize("name", CLIENTS)
def test_a_program_is_recorded_over_https_and_replayed_without_the_service(
    run: Run, tmp_path: Path, name: str
) -> None:
    if shutil.which(CLIENTS[name][0]) is None:
        pytest.skip(f"{name} is not installed")
    with running(tmp_path) as service:
        command = [word.replace("{url}", service.https) for word in CLIENTS[name]]
        recorded = run("run", "--cassette", "page", "--", *command, ca=service.ca)
    replayed, again = (run("run", "--cassette", "page", "--", *command) for _ in range(2))

    assert (recorded.code, recorded.errors) == (0, "recorded page.yaml\n")
    assert '"path": "/page"' in recorded.output
    assert (replayed.code, replayed.errors) == (0, "")
    assert replayed == again
    assert "id: <uuid:1>" in (tmp_path / "page.yaml").read_text(encoding="utf-8")


def test_a_stream_is_recorded_in_its_pieces(run: Run, tmp_path: Path) -> None:
    with running(tmp_path) as service:
        command = ["curl", "-sSN", f"{service.http}/stream"]
        recorded = run("run", "--cassette", "stream", "--", *command)
    replayed = run("run", "--cassette", "stream", "--", *command)

    assert recorded.output == replayed.output == "data: one\n\ndata: two\n\n"
    assert 'chunks: "11*2"' in (tmp_path / "stream.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_websocket_goes_through_the_proxy(run: Run, tmp_path: Path, scheme: str) -> None:
    with running(tmp_path) as service:
        url = {"ws": service.ws, "wss": service.wss}[scheme]
        command = [sys.executable, "-c", TALK.replace("{url}", url)]
        recorded = run("run", "--cassette", "talk", "--", *command, ca=service.ca)
    replayed = run("run", "--cassette", "talk", "--", *command)

    assert (recorded.code, recorded.output) == (0, "welcome\nheard hello\n"), recorded.errors
    assert (replayed.code, replayed.output) == (0, "welcome\nheard hello\n"), replayed.errors


def test_a_client_that_looks_up_a_name_first_means_its_host(run: Run, tmp_path: Path) -> None:
    """
    Anyio connects to the addresses of a name with the port that it has, and says the name to nobody.
    """
    with running(tmp_path) as service:
        run("run", "--cassette", "page", "--", "curl", "-sS", f"{service.http}/page")
    cassette = tmp_path / "page.yaml"
    recorded = cassette.read_text(encoding="utf-8")
    cassette.write_text(recorded.replace(service.http, "http://notes.test"), encoding="utf-8")

    replayed = run("run", "--cassette", "page", "--", sys.executable, "-c", ANYIO)

    assert (replayed.code, replayed.errors) == (0, "")
    assert '"path": "/page"' in replayed.output


def test_no_secret_of_a_program_reaches_the_cassette(run: Run, tmp_path: Path) -> None:
    with running(tmp_path) as service:
        command = ["curl", "-sS", "-H", f"Authorization: Bearer {TOKEN}", f"{service.http}/page"]
        recorded = run("run", "--cassette", "page", "--", *command)

    assert TOKEN in recorded.output
    assert TOKEN not in (tmp_path / "page.yaml").read_text(encoding="utf-8")


def test_secrets_are_hidden_wherever_a_program_sends_them(run: Run, tmp_path: Path) -> None:
    """
    In a URL, a form, a member of JSON, a cookie, a header of its own and the user of a URL.
    """
    secrets = [f"Zk{number}vQ8xLw3Rt7Yp1Nm5" for number in range(6)]
    query, form, member, cookie, own, password = secrets
    with running(tmp_path) as service:
        named = service.http.replace("http://", f"http://ada:{password}@")
        asked = [
            f"curl -sS '{service.http}/one?api_key={query}'",
            f"curl -sS -X PUT --data 'client_secret={form}&note=plain' {service.http}/two",
            f"""curl -sS -X PUT --json '{{"password": "{member}", "note": "plain"}}' {service.http}/three""",
            f"curl -sS -b 'session={cookie}' -H 'X-Api-Key: {own}' {service.http}/four",
            f"curl -sS {named}/five",
        ]
        command = ["sh", "-ec", "; ".join(asked)]
        recorded = run("run", "--cassette", "many", "--", *command)
    replayed = run("run", "--cassette", "many", "--", *command)
    content = (tmp_path / "many.yaml").read_text(encoding="utf-8")

    assert (recorded.code, recorded.errors) == (0, "recorded many.yaml\n")
    assert content.count("- request:") == len(asked)
    assert "plain" in content  # what is no secret
    assert (replayed.code, replayed.errors) == (0, "")
    assert [secret for secret in secrets if secret in content] == []
    assert b64encode(f"ada:{password}".encode()).decode() not in content


def test_the_program_ends_with_a_run_that_is_killed_and_the_cassette_is_kept(
    run: Run, tmp_path: Path
) -> None:
    with running(tmp_path) as service:
        ask = f"curl -sS {service.http}/page"
        run("run", "--cassette", "page", "--", "sh", "-c", ask)
        before = (tmp_path / "page.yaml").read_bytes()
        command = [sys.executable, "-m", "taketwo", "run", "--cassette", "page", "--record-mode=rewrite"]
        waiting = ["--", "sh", "-c", f"{ask} >answer; echo asked; exec sleep 600"]
        with subprocess.Popen([*command, *waiting], cwd=tmp_path, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"asked\n"
            process.kill()
            rest = process.stdout.read()  # to its end, which comes when nobody holds it any more

    assert (rest, b'"path": "/page"' in (tmp_path / "answer").read_bytes()) == (b"", True)
    assert (tmp_path / "page.yaml").read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("page*")) == ["page.yaml"]


def test_a_changed_request_gets_the_message_and_the_exit_code_one(run: Run, tmp_path: Path) -> None:
    with running(tmp_path) as service:
        run("run", "--cassette", "page", "--", "curl", "-sS", f"{service.http}/page")
    found = run("run", "--cassette", "page", "--", "curl", "-sS", f"{service.http}/pge")

    expected = (
        f"page.yaml has no answer to GET {service.http}/pge\n"
        f"nearest is GET {service.http}/page, which differs in:\n"
        f'  - url: recorded "{service.http}/page", received "{service.http}/pge"\n'
        "if the code is right to send it like this, record again: "
        'run it with TAKETWO_RECORD_MODE=rewrite, or say record_mode="rewrite"\n'
    )
    assert found == Ran(1, expected, expected)


@pytest.mark.parametrize("mode", ["rewrite", "none"])
def test_the_exit_code_is_that_of_the_program(run: Run, tmp_path: Path, mode: str) -> None:
    with running(tmp_path) as service:
        ask = f"curl -sS {service.http}/page"
        run("run", "--cassette", "page", "--", "sh", "-c", ask)
        before = (tmp_path / "page.yaml").read_bytes()
        found = run("run", "--cassette", "page", "--record-mode", mode, "--", "sh", "-c", f"{ask}; exit 7")

    assert found.code == 7
    assert (tmp_path / "page.yaml").read_bytes() == before
    assert ("page.yaml is as it was" in found.errors) == (mode == "rewrite")


def test_a_program_that_is_killed_while_it_is_recorded_keeps_the_cassette(run: Run, tmp_path: Path) -> None:
    with running(tmp_path) as service:
        ask = f"curl -sS {service.http}/page"
        run("run", "--cassette", "page", "--", "sh", "-c", ask)
        before = (tmp_path / "page.yaml").read_bytes()
        killed = run(
            "run", "--cassette", "page", "--record-mode=rewrite", "--", "sh", "-c", f"{ask}; kill -9 $$"
        )

    assert killed.code == 128 + signal.SIGKILL
    assert (tmp_path / "page.yaml").read_bytes() == before


def test_a_program_that_is_not_there_is_named(run: Run) -> None:
    assert run("run", "--", "no-such-program") == Ran(3, "", "error: there is no program no-such-program\n")


def test_the_proxy_records_programs_that_are_started_elsewhere(run: Run, tmp_path: Path) -> None:
    with running(tmp_path) as service:
        command = [sys.executable, "-m", "taketwo", "proxy", "--cassette", "page"]
        run("run", "--cassette", "warm", "--", "true")
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as proxy:
            assert proxy.stdout is not None
            variables = {}
            while "SSL_CERT_FILE" not in variables:
                name, _, value = proxy.stdout.readline().removeprefix("export ").strip().partition("=")
                variables[name] = value.strip("'")
            ask = [*CLIENTS["curl"][:-1], f"{service.http}/page"]
            asked = subprocess.run(ask, env={**os.environ, **variables}, capture_output=True, check=True)
            proxy.send_signal(signal.SIGINT)
            code = proxy.wait(60)

    assert (code, b'"path": "/page"' in asked.stdout) == (0, True)
    assert "/page" in (tmp_path / "page.yaml").read_text(encoding="utf-8")


CHILDREN = """
import subprocess

import pytest


@pytest.mark.vcr(children=True)
def test_child():
    found = subprocess.run(["curl", "-sS", "{url}/page"], capture_output=True, text=True, check=True)
    assert '"path": "/page"' in found.stdout
"""


def pytest_in(folder: Path, *arguments: str) -> str:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    ).stdout


def test_children_of_a_test_record_into_its_cassette(run: Run, tmp_path: Path) -> None:
    assert run is not None
    (tmp_path / "tests").mkdir()
    test = tmp_path / "tests/test_children.py"
    with running(tmp_path) as service:
        test.write_text(CHILDREN.replace("{url}", service.http), encoding="utf-8")
        recorded = pytest_in(tmp_path, "--record-mode=rewrite")
    replayed = pytest_in(tmp_path)
    test.write_text(test.read_text(encoding="utf-8").replace('/page"]', '/pge"]'), encoding="utf-8")
    changed = pytest_in(tmp_path)

    cassette = tmp_path / "cassettes/test_children/test_child.yaml"
    assert "1 passed" in recorded, recorded
    assert f"url: {service.http}/page" in cassette.read_text(encoding="utf-8")
    assert "1 passed" in replayed, replayed
    assert f"has no answer to GET {service.http}/pge" in changed
    assert "1 failed" in changed


def test_what_is_no_http_passes_while_it_is_recorded_and_is_refused_in_a_replay(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        thread = threading.Thread(target=_greet, args=(other,))
        thread.start()
        port = other.getsockname()[1]
        command = [
            sys.executable,
            "-c",
            f"import socket; print(socket.create_connection(('127.0.0.1', {port})).recv(9))",
        ]
        recorded = run("run", "--cassette", "none", "--", *command)
        thread.join()
    replayed = run("run", "--cassette", "none", "--record-mode", "none", "--", *command)

    asked = f"asked for a connection to 127.0.0.1:{port}, without the proxy, so it is in no cassette"
    assert recorded.output == "b'hello'\n"
    assert (asked in recorded.errors, asked in replayed.errors) == (True, True)
    assert (recorded.code, replayed.code) == (0, 1)


def _greet(server: socket.socket) -> None:
    client, _ = server.accept()
    with client:
        client.sendall(b"hello")


def test_nothing_is_left_running_when_it_is_killed(run: Run, tmp_path: Path) -> None:
    assert run is not None
    command = [sys.executable, "-m", "taketwo", "run", "--", "sh", "-c", "echo $$; exec sleep 600"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        process.kill()
        # The pipe ends when the last process that holds it does.
        assert process.stdout.read() == ""
