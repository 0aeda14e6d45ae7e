"""
The pacts that ``taketwo contract export`` writes, verified against Mesh by the verifier of Pact.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from taketwo.config.project import load_config
from taketwo.contract.locks import read_locks
from taketwo.features.impact.consumers.export import consumer_of
from taketwo.features.impact.consumers.pact import pact_of
from taketwo.usage.usage import UsageReader
from tests.servers.conftest import BOT_SECRET, SECRET, Mesh, Server

pact = pytest.importorskip("pact", reason="pact-python, of the extra dev, is not installed")

ROOT = Path(__file__).parents[2]
CREDENTIALS = {"x-mesh-secret": SECRET, "x-bot-control-secret": BOT_SECRET}
TESTS = (
    "test_a_created_page_is_read_back",
    "test_a_deleted_page_is_gone",
)
_VALUE = re.compile(r"\$\{(\w+)\}")

Json = dict[str, Any]


@pytest.fixture(scope="module")
def exported() -> Json:
    """
    The pact of the bot's suite, with the interactions of some tests.
    """
    config = load_config(ROOT)
    assert config is not None
    consumer = consumer_of(config, "mesh", "bot")
    whole = pact_of(consumer, UsageReader(consumer.service, read_locks(config.locks, "mesh")))
    kept = [one for one in whole["interactions"] if one["description"].rpartition("::")[2] in TESTS]
    return {**whole, "interactions": kept}


@pytest.fixture
def states(mesh: Mesh, exported: Json) -> Iterator[str]:
    """
    The address that the verifier asks for the state of an interaction.
    """
    with _serving(mesh, exported["metadata"]["taketwo"]["tests"]) as url:
        yield url


def test_the_pact_of_the_suite_holds_against_mesh(
    server: Server, states: str, exported: Json, tmp_path: Path
) -> None:
    _verifier(server, states, exported, tmp_path).verify()

    assert len(exported["interactions"]) > len(TESTS)


def test_a_pact_that_reads_what_mesh_does_not_answer_is_refused(
    server: Server, states: str, exported: Json, tmp_path: Path
) -> None:
    one = next(one for one in exported["interactions"] if one["response"]["status"] == 200)
    body = one["response"]["body"]
    other = {**body, "content": {**body["content"], "price": 1}}
    asked = {**exported, "interactions": [{**one, "response": {**one["response"], "body": other}}]}

    with pytest.raises(RuntimeError):
        _verifier(server, states, asked, tmp_path).verify()


def _verifier(server: Server, states: str, content: Json, folder: Path) -> Any:  # noqa: ANN401 - untyped
    path = folder / "bot-mesh.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    verifier = pact.Verifier("mesh", host="127.0.0.1").add_transport(url=server.url).add_source(path)
    verifier.state_handler(states, body=True)
    for name, value in CREDENTIALS.items():
        verifier.add_custom_header(name, value)
    return verifier


@contextmanager
def _serving(mesh: Mesh, tests: Mapping[str, list[Json]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            content = json.dumps(_put_in_state(mesh.http, tests, asked.get("params", {}))).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()
        thread.join()


def _put_in_state(client: httpx.Client, tests: Mapping[str, list[Json]], params: Json) -> dict[str, str]:
    """
    Reset Mesh, send what the test had sent before, and return the values that the answers gave.
    """
    client.post("/test/reset-db").raise_for_status()
    values: dict[str, str] = {}
    for sent in tests[params["test"]][: params["requests"]] if params else ():
        request = json.loads(_VALUE.sub(lambda found: values[found[1]], json.dumps(sent)))
        answer = client.request(
            request["method"],
            request["path"],
            params=request["query"],
            headers={**{name: each[0] for name, each in request["headers"].items()}, **CREDENTIALS},
            content=json.dumps(request["body"]["content"]) if "body" in request else None,
        )
        for name, path in sent["gives"].items():
            values[name] = str(_at(answer.json(), path))
    return values


def _at(value: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    for name, index in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path):
        value = value[name] if name else value[int(index)]
    return value
