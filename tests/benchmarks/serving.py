"""
What a served request costs with ``taketwo serve``, beside other servers of recorded or made-up answers.

All answer one request of a chat to a language model by about the same JSON, over kept connections. They run
in turn, each in a process of its own; of the rounds the best counts. The processor time is that of the server
alone, so it says more than requests a second on a machine where the client takes its share of the cores.

  npm install --prefix DIR @copilotkit/aimock wiremock
  python -m tests.benchmarks.serving --npm DIR --mitmdump OTHER_ENVIRONMENT/bin/mitmdump
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from taketwo.cassette.model import Cassette, Interaction, JsonBody, JsonValue, StoredRequest, StoredResponse
from taketwo.cassette.text.writer import dump_cassette
from tests.benchmarks.tables import aligned

OURS = "taketwo serve"
PATH = "/v1/chat/completions"
ASKED: JsonValue = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
ANSWER: JsonValue = {
    "id": "chatcmpl-benchmark",
    "object": "chat.completion",
    "created": 1_767_225_600,
    "model": "gpt-4o",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello!"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}
_JSON = (("content-type", "application/json"),)
_CONNECTIONS = 8
_PATIENCE = 60.0
_FLOWS = """
import json, sys
from mitmproxy import http, io
from mitmproxy.test import tflow
asked, answer, path, file = sys.argv[1:]
flow = tflow.tflow(resp=True)
kind = {"content-type": "application/json"}
flow.request = http.Request.make("POST", "http://127.0.0.1:9" + path, asked, kind)
flow.response = http.Response.make(200, answer, kind)
with open(file, "wb") as target:
    io.FlowWriter(target).add(flow)
"""


@dataclass(frozen=True, slots=True)
class Server:
    """
    One that can be started: its name, and the command, for which ``{port}`` is replaced.
    """

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """
    Requests a second, and milliseconds of the server's processor time for each.
    """

    per_second: float
    processor: float


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    with TemporaryDirectory() as folder:
        servers = list(_servers(Path(folder), asked.npm, asked.mitmdump))
        found: dict[str, list[Measured]] = {server.name: [] for server in servers}
        for number in range(asked.rounds):
            for server in servers:
                sys.stderr.write(f"round {number + 1}: {server.name}\n")
                found[server.name].append(measure(server, asked.requests))
    sys.stdout.write(table(found) + "\n")
    return 0


def measure(server: Server, requests: int) -> Measured:
    """
    Ask *server* so often, after a fifth of that to warm up; a wrong answer is an error.
    """
    with _started(server) as (process, port):
        _ask(port, max(_CONNECTIONS, requests // 5))
        before, begin = _processor_time(process.pid), time.perf_counter()
        _ask(port, requests)
        took, after = time.perf_counter() - begin, _processor_time(process.pid)
    return Measured(requests / took, 1000 * (after - before) / requests)


def table(found: dict[str, list[Measured]]) -> str:
    """
    The best of each, and how many times that of ours it is.
    """
    best = {
        name: Measured(max(one.per_second for one in rounds), min(one.processor for one in rounds))
        for name, rounds in found.items()
    }
    ours = best[OURS]
    rows = [
        (
            name,
            f"{one.per_second:.0f}",
            f"{one.per_second / ours.per_second:.2f}",
            f"{one.processor:.2f}",
            f"{one.processor / ours.processor:.2f}",
        )
        for name, one in best.items()
    ]
    head = ("server", "requests/s", "ratio", "ms of processor", "ratio")
    return aligned([head, *rows])


def _servers(folder: Path, npm: Path | None, mitmdump: Path | None) -> Iterator[Server]:
    cassette = folder / "chat.yaml"
    cassette.write_text(dump_cassette(_cassette()), encoding="utf-8")
    options = ("--port", "{port}", "--repeats", "--unplayed", "allow")
    yield Server(OURS, (sys.executable, "-m", "taketwo", "serve", str(cassette), *options))
    modules = npm / "node_modules" if npm is not None else folder
    if (modules / "@copilotkit/aimock").is_dir():
        fixtures = folder / "aimock.json"
        reply = {"match": {"userMessage": "hello"}, "response": {"content": "Hello!"}}
        fixtures.write_text(json.dumps({"fixtures": [reply]}), encoding="utf-8")
        script = modules / "@copilotkit/aimock/dist/cli.js"
        yield Server(
            "aimock", ("node", str(script), "-p", "{port}", "-f", str(fixtures), "--log-level", "silent")
        )
    for jar in sorted((modules / "wiremock/build").glob("wiremock-standalone-*.jar")):
        if shutil.which("java"):
            mappings = folder / "wiremock/mappings"
            mappings.mkdir(parents=True)
            (mappings / "chat.json").write_text(json.dumps(_mapping()), encoding="utf-8")
            own = ("--bind-address", "127.0.0.1", "--no-request-journal", "--disable-banner")
            yield Server(
                "WireMock",
                ("java", "-jar", str(jar), "--port", "{port}", "--root-dir", str(mappings.parent), *own),
            )
    if mitmdump is not None:
        flows = folder / "chat.flows"
        sent = [json.dumps(ASKED), json.dumps(ANSWER), PATH, str(flows)]
        subprocess.run([str(mitmdump.with_name("python")), "-c", _FLOWS, *sent], check=True)
        settings = (
            "connection_strategy=lazy",
            "listen_host=127.0.0.1",
            "server_replay_extra=kill",
            "server_replay_reuse=true",
        )
        replay = ("--mode", "reverse:http://127.0.0.1:9", "--server-replay", str(flows), "-q")
        yield Server(
            "mitmproxy",
            (str(mitmdump), *replay, "-p", "{port}", *(part for one in settings for part in ("--set", one))),
        )


def _cassette() -> Cassette:
    request = StoredRequest(
        method="POST", url=f"https://api.openai.com{PATH}", headers=_JSON, body=JsonBody(ASKED)
    )
    response = StoredResponse(status=200, headers=_JSON, body=JsonBody(ANSWER))
    return Cassette(test="tests/test_chat.py::test_hello", interactions=(Interaction(request, response),))


def _mapping() -> object:
    return {
        "request": {
            "method": "POST",
            "urlPath": PATH,
            "bodyPatterns": [{"equalToJson": ASKED}],
        },
        "response": {"status": 200, "headers": dict(_JSON), "jsonBody": ANSWER},
    }


@contextmanager
def _started(server: Server) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [word.replace("{port}", str(port)) for word in server.command]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield process, port
        finally:
            process.send_signal(signal.SIGKILL)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens: {process.args!r}")


def _ask(port: int, requests: int) -> None:
    problems: list[BaseException] = []

    def ask() -> None:
        try:
            _ask_one_by_one(port, requests // _CONNECTIONS)
        except (OSError, AssertionError, ValueError) as error:
            problems.append(error)

    threads = [threading.Thread(target=ask) for _ in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def _ask_one_by_one(port: int, requests: int) -> None:
    body = json.dumps(ASKED).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as client, client.makefile("rb") as answers:
        for _ in range(requests):
            client.sendall(request)
            status, length, is_chunked = answers.readline(), 0, False
            while (line := answers.readline().lower()) not in {b"\r\n", b""}:
                length = int(line[15:]) if line.startswith(b"content-length:") else length
                is_chunked = is_chunked or line.startswith(b"transfer-encoding: chunked")
            content = _chunks(answers) if is_chunked else answers.read(length)
            if b" 200 " not in status or b"Hello!" not in content:
                raise ValueError(f"a wrong answer: {status!r} {content[:200]!r}")


def _chunks(answers: BinaryIO) -> bytes:
    content = b""
    while size := int(answers.readline(), 16):
        content += answers.read(size)
        answers.readline()
    answers.readline()
    return content


def _processor_time(pid: int) -> float:
    """
    Seconds that the process with all of its threads has had, as Linux tells.
    """
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.serving",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--npm", type=Path, metavar="DIR", help="where npm installed aimock and wiremock")
    parser.add_argument("--mitmdump", type=Path, metavar="FILE", help="mitmproxy's command, with its python")
    parser.add_argument("--requests", type=int, default=4000, metavar="N", help="of each round (4000)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of which the best counts (3)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
