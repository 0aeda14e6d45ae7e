"""
``taketwo adopt``, on a suite that pytest-recording recorded.
"""

from __future__ import annotations

from tests.toolkit.cli.conftest import taketwo
from tests.toolkit.conftest import OF_PYTEST, Project

SUITE = """
import socket
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

pytestmark = pytest.mark.vcr


def send(path, body=None):
    kind = {"content-type": "application/json"}
    urlopen(Request(f"http://shop.test{path}", data=body, headers=kind)).read()


def test_same():
    send("/same")


def test_volatile():
    send("/volatile", f'{{"id": "{uuid4()}"}}'.encode())


def test_body():
    send("/body", b'{"kind": "new"}')


def test_unplayed():
    send("/same")


def test_swallowed():
    try:
        send("/elsewhere")
    except Exception:
        pass


def test_local():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
"""
INTERACTION = """
- request:
    body: {body}
    headers:
      content-type: [application/json]
    method: {method}
    uri: http://shop.test{path}
  response:
    body: {{string: ok}}
    headers: {{}}
    status: {{code: 200, message: OK}}
"""
RECORDED = {
    "test_same": [("GET", "/same", "null")],
    "test_volatile": [("POST", "/volatile", """'{"id": "0b4b7e0c-6a55-4f43-9d1c-2f4b7b6f6a01"}'""")],
    "test_body": [("POST", "/body", """'{"kind": "old"}'""")],
    "test_unplayed": [("GET", "/same", "null"), ("GET", "/more", "null")],
    "test_swallowed": [("GET", "/swallowed", "null")],
}


def moved_in(project: Project) -> Project:
    project.write("pyproject.toml", f"[tool.taketwo]\n{OF_PYTEST}")
    project.write("tests/test_shop.py", SUITE)
    for test, requests in RECORDED.items():
        items = [INTERACTION.format(method=method, path=path, body=body) for method, path, body in requests]
        text = f"interactions:{''.join(items)}version: 1\n"
        project.write(f"tests/cassettes/test_shop/{test}.yaml", text)
    return project


def test_what_differs_is_sorted_settled_and_listed_and_a_second_run_adds_nothing(project: Project) -> None:
    moved_in(project)

    before = (project.root / "pyproject.toml").read_text()
    tried = taketwo(project, "adopt", "tests/test_shop.py")
    untouched = (project.root / "cassettes").exists()
    assert (project.root / "pyproject.toml").read_text() == before
    first = taketwo(project, "adopt")
    written = (project.root / "pyproject.toml").read_text()
    second = taketwo(project, "adopt")

    assert (tried.code, untouched, first.code, second.code) == (1, False, 1, 1), first.output + first.errors
    assert first.output.startswith("as it is:     6 passed\nwith taketwo: 4 passed, 2 failed\n")
    assert (project.root / "cassettes/adopt.txt").read_text().splitlines()[2:] == [
        "tests/test_shop.py::test_body: body that was never matched",
        "tests/test_shop.py::test_swallowed: real difference",
        "tests/test_shop.py::test_unplayed: unplayed",
    ]
    assert '[tool.taketwo]\nallowed_hosts = ["127.0.0.1"]\n' in written
    assert '[[tool.taketwo.placeholders]]\npath = "request.json.id"\ntype = "uuid"\n' in written
    assert "with taketwo: 5 passed, 1 failed" in second.output
    assert "rules" not in second.output
    assert (project.root / "pyproject.toml").read_text() == written
