"""
Secrets by places by encodings, each through a real service that gives back what it is told.

None may be in a file, in an error, or in a report; binary bodies, in which nothing can stand for it, are
refused.
"""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

SECRET = "k3y+of/the=note book"
RAW = SECRET.encode()
ENCODED = {
    "plain": SECRET,
    "base64": base64.b64encode(RAW).decode(),
    "base64url": base64.urlsafe_b64encode(RAW).decode().rstrip("="),
    "basic": base64.b64encode(b"me:" + RAW).decode(),
    "inside": base64.b64encode(json.dumps({"user": "me", "key": SECRET}).encode()).decode(),
    "hex": RAW.hex(),
    "HEX": RAW.hex().upper(),
    "url": quote(SECRET, safe=""),
    "form": quote_plus(SECRET),
    "twice": quote(quote(SECRET, safe=""), safe=""),
    "json": json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    "html": html.escape(SECRET).replace("+", "&#43;"),
}
TABLE = """
import base64, html, json
from urllib.parse import quote, quote_plus

NAMES = [
    "plain", "base64", "base64url", "basic", "inside", "hex", "HEX", "url", "form", "twice", "json", "html"
]


def encoded(name):
    secret = os.environ["NOTEBOOK_KEY"]
    raw = secret.encode()
    return {
        "plain": secret,
        "base64": base64.b64encode(raw).decode(),
        "base64url": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "basic": base64.b64encode(b"me:" + raw).decode(),
        "inside": base64.b64encode(json.dumps({"user": "me", "key": secret}).encode()).decode(),
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
        "url": quote(secret, safe=""),
        "form": quote_plus(secret),
        "twice": quote(quote(secret, safe=""), safe=""),
        "json": json.dumps(secret)[1:-1].replace("/", chr(92) + "/"),
        "html": html.escape(secret).replace("+", "&#43;"),
    }[name]


PLACES = {
    "header and response header, set-cookie, location": dict(headers={"x-said": "%s"}),
    "query": dict(params={"any": "%s"}),
    "JSON value": dict(json={"any": ["a %s b"]}),
    "JSON key": dict(json={"a %s b": 1, "other": 2}),
    "JSON in JSON": dict(json={"any": '{"inside": "%s"}'}),
    "text": dict(content="before %s after", headers={"content-type": "text/plain"}),
    "form": dict(data={"any": "%s"}),
    "cookie": dict(headers={"cookie": "any=%s"}),
}


def put(value, secret):
    if isinstance(value, dict):
        return {put(key, secret): put(item, secret) for key, item in value.items()}
    if isinstance(value, list):
        return [put(item, secret) for item in value]
    return value.replace("%s", secret) if isinstance(value, str) else value


@pytest.mark.vcr
@pytest.mark.parametrize("name", NAMES)
def test_table(name):
    said = encoded(name)
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
    return project


def left_in(text: str) -> list[str]:
    return [name for name, encoded in ENCODED.items() if encoded in text]


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
    assert left_in(recorded.output + replayed.output) == []
    assert written.count("<secret:NOTEBOOK_KEY") > 8 * len(ENCODED)


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
    assert "NOTEBOOK_KEY in interaction 10, request body\n" in run.output
    assert table.files() == {}
    assert left_in(run.output.partition("short test summary")[2]) == []
