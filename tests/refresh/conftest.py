"""
A small project of its own, recorded once against the real Mesh, to be refreshed under other contracts.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from taketwo.cli.main import main

if TYPE_CHECKING:
    from tests.refresh.mesh_in_thread import MeshInThread

_NEEDED: Final = ("asyncpg", "pgmem", "starlette", "uvicorn")

# Whoever only replays has no server installed, and nothing to refresh.
collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in _NEEDED) else ["test_*.py"]

REFRESH: Final = Path(__file__).parents[2] / "tools" / "refresh_cassettes.py"
CHECK: Final = ("--check", "--json", "-")

PYPROJECT: Final = """
[tool.taketwo.services.mesh]
command = ["python", "-m", "mesh_inmemory", "--port", "{port}", "--test-mode"]
health = "/health"
reset = "/test/reset-db"
address = "MESH_URL"
environment = { MESH_URL = "{url}" }

[tool.taketwo.services.mesh.contract]
graphql = "/graphql"
openapi = "/docs/docs.json"
definitions = "/api/definitions"
content = ["/api/content/{definition}"]

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "recording", "-p", "taketwo"]
"""

#: What Mesh's own document does not have, and its changes are about: limits, enums, ``oneOf``.
BASE: Final = """
[[requests]]
add = "ContentPayload.label"
schema = { type = "string", maxLength = 20 }
[[requests]]
add = "ContentPayload.rank"
schema = { type = "integer", minimum = 0 }
[[requests]]
add = "ContentPayload.on"
schema = { type = "string" }
[[requests]]
add = "ContentPayload.source"
schema = { type = "string", enum = ["bot", "web"] }
[[requests]]
add = "ContentPayload.target"
schema = { oneOf = [{ type = "string", pattern = "^a" }, { type = "string", pattern = "^b" }] }
[[endpoints]]
describe = "GET /api/content/{type}"
parameter = "limit"
schema = { type = "integer", minimum = 0 }
[[answers]]
add = "DeletedAnswer.mood"
schema = { type = "string", enum = ["calm", "glad"] }
value = "calm"
[[answers]]
add = "DeletedAnswer.left"
schema = { type = "integer" }
value = 0
"""

#: Each test uses another part of the contract, and none asserts what a change of it would answer.
TESTS: Final = '''
import os

import httpx
import pytest

pytestmark = pytest.mark.vcr
TENANT = {"tenant": "11111111-1111-4111-8111-111111111111"}


@pytest.fixture
def mesh(vcr):
    with httpx.Client(base_url=os.environ["MESH_URL"], trust_env=False) as client:
        yield client


def graphql(mesh, query, **variables):
    return mesh.post("/graphql", json={"query": query, "variables": variables}).json()


def test_rows(mesh):
    """Creates a row, and lists rows with variables, a filter and an order."""
    graphql(mesh, 'mutation { createNotionModel(input: {type: "Row", content: 1, order: 3}) { id type } }')
    graphql(
        mesh,
        "query Rows($where: NotionModelFilter, $direction: OrderDirection!) {"
        " notionModel(where: $where, limit: 5, orderBy: [{field: \\"id\\", direction: $direction}])"
        " { id order } }",
        where={"type": {"eq": "Row"}},
        direction="ASC",
    )


def test_versions(mesh):
    """Lists all rows, without any argument."""
    graphql(mesh, "{ notionModel { version page_id } }")


def test_user(mesh):
    made = mesh.post("/api/content/User", json={"content": {"name": "Ada", "email": "a@b.c", "image": "i"}})
    mesh.get(f"/api/content/User/{made.json()['data']['_id']}")


@pytest.mark.parametrize("name", ["Ada", "Bea"])
def test_profiles(mesh, name):
    mesh.post("/api/content/UserProfile", json={"content": {"first_name": name, "userId": "u"}})
    mesh.get("/api/content/UserProfile", params={"tenant": "any", "limit": "3"})


def test_personality(mesh):
    content = {"name": "P", "key": "p", "primaryPrompt": "You are P", "version": 2}
    made = mesh.post("/api/content/Personality", json={"content": content}).json()["data"]
    mesh.patch(f"/api/content/Personality/{made['_id']}", json={"content": {"name": "Q"}})


def test_gone(mesh):
    made = mesh.post("/api/content/Sprite", json={"content": {"name": "S"}}).json()["data"]
    mesh.delete(f"/api/content/Sprite/{made['_id']}")


def test_labelled(mesh):
    """Says in the body all that is described by limits."""
    said = {"label": "a label", "rank": 3, "on": "a Monday", "source": "bot", "target": "all"}
    mesh.post("/api/content/LinkMap", json={"content": {"key": "k", "json": "{}"}, **said})


def test_nobody(mesh):
    """Asks for what is not there."""
    mesh.get("/api/content/Sprite/c0000000-0000-4000-8000-000000000001")


def test_tenants_own(mesh):
    """Content of a type that the contract does not know: a tenant has defined it."""
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    definition = {"name": "Card", "dataModel": {"block": "Card", "jsonSchema": schema}}
    mesh.post("/api/definition", params=TENANT, json={"definition": definition})
    mesh.post("/api/content/Card", params=TENANT, json={"content": {"title": "one"}})
'''


@dataclass(frozen=True, slots=True)
class Found:
    """
    What a refresh said, by the names of the tests.
    """

    code: int
    verdict: str
    changes: dict[str, str]
    recorded: set[str]
    drifted: set[str]


#: Refreshes with the given options, under a contract of Mesh's with the given changes.
Check = Callable[..., Found]


def _run(root: Path, *arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=120,
        check=False,
    )


def _environment(**more: str) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name != "CI" and not name.startswith(("MESH_", "POSTGRES_", "AUTH_", "PYTEST_", "GITHUB_"))
    }
    # Each of the plugins that happen to be installed takes its time to load, hundreds of times over.
    return {**inherited, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **more}


def _found(code: int, output: str, errors: str) -> Found:
    assert code in {0, 1, 2}, errors
    told: dict[str, Any] = json.loads(output)
    contract = [cause for cause in told["causes"] if cause["kind"] == "contract"]
    return Found(
        code=code,
        verdict=told["verdict"],
        changes={f"{one['rule']} {one['coordinate']}": one["severity"] for one in contract},
        recorded={_name(one["test"]) for one in told["cassettes"]},
        drifted={_name(one["test"]) for one in told["cassettes"] if one["status"] in {"changed", "failed"}},
    )


def _name(test: str) -> str:
    return test.partition("::test_")[2]


@pytest.fixture(scope="session")
def mesh() -> Iterator[MeshInThread]:
    from tests.refresh.mesh_in_thread import mesh_in_thread  # noqa: PLC0415 - only where Mesh is installed

    with mesh_in_thread() as mesh:
        yield mesh


def _written(folder: Path, changes: str) -> Path:
    file = folder / "contract.toml"
    file.write_text(f"{BASE}{changes}", encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mesh") / "project"
    (root / "tests").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (root / "tests/test_mesh.py").write_text(TESTS, encoding="utf-8")
    done = _run(
        root,
        *("-m", "pytest", "--record-mode=rewrite", "-q", "-p", "no:cacheprovider"),
        environment=_environment(MESH_CONTRACT=str(_written(root.parent, ""))),
    )
    assert done.returncode == 0, done.stdout
    return root


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def check_as_a_process(project: Path, tmp_path: Path) -> Check:
    """
    Checks as CI does: a process of its own, with a Mesh of its own that has another contract.
    """

    def check(*options: str, contract: str) -> Found:
        environment = _environment(MESH_CONTRACT=str(_written(tmp_path, contract)))
        done = _run(project, str(REFRESH), *CHECK, *options, environment=environment)
        return _found(done.returncode, done.stdout, done.stderr)

    return check


@pytest.fixture
def check(
    project: Path,
    mesh: MeshInThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Check:
    """
    Checks in this process, with a Mesh that runs already; only what is recorded is recorded in another one.
    """

    def check(*options: str, contract: str) -> Found:
        mesh.serve(_written(tmp_path, contract))
        environment = _environment(MESH_URL=mesh.url)
        for name in os.environ.keys() - environment.keys():
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(project)
        code = main(["refresh", *CHECK, *options])
        return _found(code, *capsys.readouterr())

    return check
