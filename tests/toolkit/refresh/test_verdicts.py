"""
What is said of real changes of a contract and of real bugs beside them: explained or not, by which cause.

The service and its bugs are those of ``catalogue.py``; each scenario is recorded, changed and checked.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.toolkit.conftest import OF_PYTEST, Project

CATALOGUE = Path(__file__).with_name("catalogue.py")
CLEAN, TO_REVIEW, BREAKING = 0, 1, 2

PYPROJECT = f"""
[tool.taketwo.services.catalogue]
command = ["python", "{CATALOGUE}", "{{port}}"]
health = "/health"
reset = "/reset"
contract = {{ openapi = "/openapi.json" }}
address = "NOTEBOOK_URL"
environment = {{ NOTEBOOK_URL = "{{url}}" }}
{OF_PYTEST}"""

#: None asserts anything that a change touches, but the last two.
TESTS = """
pytestmark = pytest.mark.vcr


def test_made():
    with client() as c:
        made = c.post("/items", json={"title": "first"}).json()
        c.get(f"/items/{made.get('id')}")


def test_listed():
    with client() as c:
        c.post("/items", json={"title": "a"})
        c.post("/items", json={"title": "b", "status": "live"})
        c.get("/items")


def test_deleted():
    with client() as c:
        made = c.post("/items", json={"title": "x"}).json()
        c.delete(f"/items/{made.get('id')}")


def test_motd():
    get("/motd")


def test_author():
    with client() as c:
        made = c.post("/items", json={"title": "y"}).json()
        assert made["author"] == "Ada"


def test_live():
    with client() as c:
        made = c.post("/items", json={"title": "z"}).json()
        assert made["status"] == "draft"
"""


@dataclass(frozen=True, slots=True)
class Found:
    """
    What a check said: of each cassette that differs its explained and its unexplained differences.
    """

    code: int
    verdict: str
    explained: dict[str, set[str]]
    unexplained: dict[str, set[str]]
    causes: dict[str, str]
    failing: dict[str, bool]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("catalogue") / "project"
    made = Project(root)
    made.write("pyproject.toml", PYPROJECT)
    made.test(TESTS, "tests/test_items.py")
    assert made.pytest("--record-mode=rewrite", "-p", "no:cacheprovider").tail == "6 passed"
    return root


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Project:
    ignored = shutil.ignore_patterns("__pycache__")
    return Project(shutil.copytree(template, tmp_path / "checked/project", ignore=ignored))


def environment(changes: str, bugs: str) -> dict[str, str]:
    return {"CATALOGUE_CHANGES": changes, "CATALOGUE_BUGS": bugs}


def check(project: Project, changes: str, bugs: str) -> Found:
    run = project.refresh("--all", "--check", "--json", "-", environment=environment(changes, bugs))
    assert run.code in {CLEAN, TO_REVIEW, BREAKING}, run.errors
    return found(run.code, json.loads(run.output))


def found(code: int, told: dict[str, Any]) -> Found:
    split: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
    for one in told["cassettes"]:
        for difference in one["differences"]:
            side = split[0] if difference["explained"] else split[1]
            where = f"{difference['location']['interaction']} {difference['path']}"
            side.setdefault(name(one["test"]), set()).add(where)
    return Found(
        code=code,
        verdict=told["verdict"],
        explained=split[0],
        unexplained=split[1],
        causes={
            one["rule"] or one["coordinate"]: one["severity"] for one in told["causes"] if one["explained"]
        },
        failing={
            name(one["test"]): one["verdict"] == "explained"
            for one in told["cassettes"]
            if one["status"] == "failed"
        },
    )


def name(test: str) -> str:
    return test.partition("::test_")[2]
