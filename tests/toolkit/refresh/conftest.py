"""
A project that has been recorded, to be refreshed.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.toolkit.conftest import OF_PYTEST, PYPROJECT, Project

TESTS = """
@pytest.mark.vcr
def test_made():
    with client() as c:
        made = c.post("/notes", json={"text": "one"}).json()
        assert c.get("/notes").json() == [made]


@pytest.mark.vcr
def test_none():
    with client() as c:
        assert c.get("/notes").json() == []


def test_without_a_cassette():
    pass
"""


CATALOGUE = Path(__file__).with_name("catalogue.py")

CATALOGUE_PROJECT = f"""
[tool.taketwo.services.catalogue]
command = ["python", "{CATALOGUE}", "{{port}}"]
health = "/health"
reset = "/reset"
contract = {{ openapi = "/openapi.json" }}
address = "NOTEBOOK_URL"
environment = {{ NOTEBOOK_URL = "{{url}}" }}
{OF_PYTEST}"""

#: None asserts anything that a change touches, but the last two.
CATALOGUE_TESTS = """
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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Recorded once; each test has a copy.
    """
    root = tmp_path_factory.mktemp("template") / "project"
    made = Project(root)
    made.write("pyproject.toml", PYPROJECT)
    made.test(TESTS)
    assert made.pytest("--record-mode=rewrite", "-p", "no:cacheprovider").tail == "3 passed"
    return root


@pytest.fixture
def recorded(template: Path, tmp_path: Path) -> Project:
    ignored = shutil.ignore_patterns("__pycache__")
    return Project(shutil.copytree(template, tmp_path / "recorded/project", ignore=ignored))


@pytest.fixture
def contract(tmp_path: Path) -> dict[str, str]:
    """
    An environment in which the notebook shows another contract than the one in the lock: all read notes,
    none deletes any.
    """
    responses = {"responses": {"200": {"description": "every note"}}}
    answer = {"content": {"application/json": {"schema": {"type": "array"}}}, "description": "every note"}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Notebook", "version": "1"},
        "paths": {"/notes": {"get": {"responses": {"200": answer}}, "delete": responses}},
    }
    file = tmp_path / "contract.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return {"NOTEBOOK_CONTRACT": str(file)}


@pytest.fixture(scope="session")
def catalogue_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("catalogue") / "project"
    made = Project(root)
    made.write("pyproject.toml", CATALOGUE_PROJECT)
    made.test(CATALOGUE_TESTS, "tests/test_items.py")
    assert made.pytest("--record-mode=rewrite", "-p", "no:cacheprovider").tail == "6 passed"
    return root


@pytest.fixture
def catalogue(catalogue_template: Path, tmp_path: Path) -> Project:
    ignored = shutil.ignore_patterns("__pycache__")
    return Project(shutil.copytree(catalogue_template, tmp_path / "checked/project", ignore=ignored))


def environment(changes: str, bugs: str) -> dict[str, str]:
    return {"CATALOGUE_CHANGES": changes, "CATALOGUE_BUGS": bugs}
