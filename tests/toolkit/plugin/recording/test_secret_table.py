"""
Secrets by places by encodings, each through a real service that gives back what it is told.

None may be in a file, in an error, or in a report; binary bodies, in which nothing can stand for it, are
refused.
"""

from __future__ import annotations

import base64
import json

import pytest

from tests.toolkit.conftest import PYPROJECT, Project
from tests.toolkit.encodings import ENCODED, SECRET, left_in

TABLE = """
import json
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

# Not in this text, which pytest shows where a test fails.
ENCODED = json.loads(Path("encoded.json").read_text())


PLACES = {
    "header and response header, set-cookie, location": dict(headers={"x-said": "%s"}),
    "query": dict(params={"any": "%s"}),
    "JSON value": dict(json={"any": ["a %s b"]}),
    "JSON key": dict(json={"a %s b": 1, "other": 2}),
    "JSON in JSON": dict(json={"any": '{"inside": "%s"}'}),
    "text": dict(content="before %s after", headers={"content-type": "text/plain"}),
    "form": dict(data={"any": "%s"}),
    "cookie": dict(headers={"cookie": "any=%s"}),
    "bearer": dict(headers={"authorization": "Bearer %s", "x-said": "Bearer %s"}),
    "scheme of its own": dict(headers={"authorization": "%s", "x-said": "%s"}),
    "proxy": dict(headers={"proxy-authorization": "Basic %s", "x-said": "%s"}),
    "user and password": dict(auth=("me", "%s")),
    "basic that is told again": dict(headers={"authorization": "Basic %b", "x-said": "Basic %b"}),
    "user": dict(auth=("%s", "")),
}


def put(value, secret):
    if isinstance(value, dict):
        return {put(key, secret): put(item, secret) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(put(item, secret) for item in value)
    if not isinstance(value, str):
        return value
    return value.replace("%s", secret).replace("%b", b64encode(f"me:{secret}".encode()).decode())


@pytest.mark.vcr
@pytest.mark.parametrize("name", ENCODED)
def test_table(name):
    said = ENCODED[name]
    with client() as c:
        for place, sent in PLACES.items():
            c.post("/mirror", **put(sent, said))
        c.get("/notes/" + quote(said, safe=""))
        MORE
"""


@pytest.fixture
def table(project: Project) -> Project:
    assert 'NOTEBOOK_KEY = "k3y-of-the-notebook"' in PYPROJECT
    project.write("pyproject.toml", PYPROJECT.replace("k3y-of-the-notebook", SECRET))
    project.write("encoded.json", json.dumps(ENCODED))
    return project


def in_basic(name: str) -> str:
    return base64.b64encode(f"me:{ENCODED[name]}".encode()).decode()


def test_no_secret_is_on_the_disk_in_any_place_or_encoding(table: Project) -> None:
    """
    And what was recorded plays: the test sends each of them once more, written as it was.
    """
    table.test(TABLE.replace("MORE", ""))

    recorded = table.pytest("--record-mode=rewrite")
    replayed = table.pytest()

    count = f"{len(ENCODED)} passed"
    assert (recorded.tail, replayed.tail) == (count, count), recorded.output + replayed.output
    written = "\n".join(table.files().values())
    assert left_in(written) == []
    assert [name for name in ENCODED if in_basic(name) in written] == []
    assert left_in(recorded.output + replayed.output) == []
    assert written.count("<secret:NOTEBOOK_KEY") > 12 * len(ENCODED)


def test_no_secret_is_in_an_error(table: Project) -> None:
    """
    Each request differs from the recorded one, and the message shows both.
    """
    table.test(TABLE.replace("MORE", ""))
    table.pytest("--record-mode=rewrite")
    table.test(TABLE.replace("MORE", 'c.post("/mirror", json={"else": said})'))

    run = table.pytest("--tb=line")

    assert run.tail == f"{len(ENCODED)} failed"
    assert "which differs in" in run.output
    assert left_in(run.output) == []


def test_a_binary_body_that_holds_one_is_refused(table: Project) -> None:
    binary = 'c.post("/mirror", content=b"\\x00\\xff" + said.encode(), headers={"content-type": "a/b"})'
    table.test(TABLE.replace("MORE", binary))

    run = table.pytest("--record-mode=rewrite")

    assert f"{len(ENCODED)} errors" in run.tail
    assert "NOTEBOOK_KEY in interaction 16, request body\n" in run.output
    assert table.files() == {}
    assert left_in(run.output.partition("short test summary")[2]) == []
