"""
Mesh as a process of its own, spoken to over real sockets.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.servers.processes import serving

if TYPE_CHECKING:
    from pathlib import Path

_NEEDED: Final = ("asyncpg", "pgmem", "starlette", "uvicorn")

# Whoever only replays has no servers installed, and no tests of them.
collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in _NEEDED) else ["test_*.py"]

SECRET: Final = "test-secret"
BOT_SECRET: Final = "test-bot-secret"
TENANT: Final = "11111111-1111-4111-8111-111111111111"
ENVIRONMENT: Final = {"MESH_SHARED_SECRET": SECRET, "BOT_CONTROL_SHARED_SECRET": BOT_SECRET}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Server:
    process: subprocess.Popen[str]
    line: str
    log: Path

    @property
    def url(self) -> str:
        return self.line.split()[3]

    def stop(self, *, within: float = 10) -> int:
        self.process.terminate()
        return self.process.wait(within)


Start = Callable[..., Server]


@dataclass(frozen=True, slots=True)
class Mesh:
    """
    A client with the service's secret, and the words that most tests need.
    """

    http: httpx.Client
    tenant: str = TENANT

    def register(self, name: str, **model: Any) -> Json:  # noqa: ANN401 - JSON
        schema = {"type": "object", "properties": {}}
        definition = {"name": name, "dataModel": {"block": name, "jsonSchema": schema, **model}}
        answer = self.http.post(
            "/api/definition", params={"tenant": self.tenant}, json={"definition": definition}
        )
        return self._data(answer)

    def create(self, type_name: str, content: Json) -> Json:
        answer = self.http.post(
            f"/api/content/{type_name}", params={"tenant": self.tenant}, json={"content": content}
        )
        return self._data(answer)

    def page(self, type_name: str, **params: Any) -> Json:  # noqa: ANN401 - JSON
        answer = self.http.get(f"/api/content/{type_name}", params={"tenant": self.tenant, **params})
        assert answer.status_code == 200, answer.text
        page: Json = answer.json()
        return page

    def graphql(self, query: str, **variables: Any) -> Json:  # noqa: ANN401 - JSON
        answer = self.http.post("/graphql", json={"query": query, "variables": variables})
        payload: Json = answer.json()
        return payload

    def _data(self, answer: httpx.Response) -> Json:
        assert answer.status_code == 200, answer.text
        data: Json = answer.json()["data"]
        return data


@contextmanager
def running(log: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Server]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MESH_", "POSTGRES_", "AUTH_"))
    }
    given = {**inherited, **(ENVIRONMENT if environment is None else environment)}
    with serving("mesh_inmemory", *options, log=log, environment=given, patience=10) as (process, line):
        yield Server(process, line, log)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """
    Starts servers with options of the test's own; all of them end with the test.
    """
    entered: list[Any] = []

    def begin(*options: str, environment: dict[str, str] | None = None) -> Server:
        context = running(tmp_path / f"mesh-{len(entered)}.log", *options, environment=environment)
        entered.append(context)
        return context.__enter__()

    yield begin
    for context in entered:
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("mesh") / "mesh.log"
    with running(log, "--test-mode", "--max-body", "300000", "--body-timeout", "1") as started:
        yield started


@pytest.fixture
def anyone(server: Server) -> Iterator[httpx.Client]:
    """
    A client without any secret.
    """
    with httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def mesh(server: Server) -> Iterator[Mesh]:
    """
    An empty Mesh.
    """
    headers = {"x-mesh-secret": SECRET}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=20) as client:
        assert client.post("/test/reset-db").status_code == 200
        yield Mesh(client)
