"""
Uploads and answers in parts, through the clients that people use, against a service in another process.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolkit.conftest import OF_PYTEST, Project

SERVICE = Path(__file__).parents[1] / "uploads.py"
PYPROJECT = f"""
[tool.taketwo.services.uploads]
command = ["python", "{SERVICE}", "{{port}}"]
health = "/health"
environment = {{ UPLOADS = "{{url}}" }}
{OF_PYTEST}"""

CLIENTS = """
import asyncio
import email.message
import json
import os

import httpx
import pytest
import requests
import urllib3
from requests_toolbelt import MultipartEncoder

pytestmark = pytest.mark.vcr
NOTE = os.environ.get("NOTE", "hello")
IMAGE = bytes(range(256)) * 2 + os.environ.get("PIXEL", "").encode()
FILES = {"note": ("nöte.txt", NOTE, "text/plain"), "image": ("a.png", IMAGE, "image/png")}
DATA = {"kind": "x y", "meta": json.dumps({"a": [1, 2]})}


def url():
    return os.environ.get("UPLOADS", "http://uploads.test") + "/upload"


def test_httpx():
    with httpx.Client(trust_env=False) as client:
        assert client.post(url(), files=FILES, data=DATA).json()["kind"] == "multipart/form-data"


def test_httpx_async():
    async def main():
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.post(url(), files=FILES, data=DATA)).json()

    assert asyncio.run(main())["kind"] == "multipart/form-data"


def test_requests():
    with requests.Session() as session:
        session.trust_env = False
        assert session.post(url(), files=FILES, data=DATA).json()["kind"] == "multipart/form-data"


def test_urllib3():
    with urllib3.PoolManager() as pool:
        answer = pool.request("POST", url(), fields={**DATA, **FILES})
        assert json.loads(answer.data)["kind"] == "multipart/form-data"


def test_toolbelt():
    fields = MultipartEncoder({**DATA, **FILES})
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(url(), data=fields, headers={"Content-Type": fields.content_type})
        assert answer.json()["kind"] == "multipart/form-data"


def test_mixed():
    message = email.message.EmailMessage()
    message.make_mixed()
    message.add_attachment(NOTE, subtype="plain")
    message.add_attachment(IMAGE, maintype="image", subtype="png")
    _, _, body = message.as_bytes().partition(b"\\n\\n")
    kind = message["content-type"].replace("\\n", "")
    with httpx.Client(trust_env=False) as client:
        answer = client.post(url(), content=body, headers={"content-type": kind})
        assert answer.json()["kind"] == "multipart/mixed"


def test_form():
    with httpx.Client(trust_env=False) as client:
        answer = client.post(url(), data={"note": NOTE, "tag": ["a", "b c"]})
        assert answer.json()["kind"] == "application/x-www-form-urlencoded"
"""

ANSWERS = """
import os
import re

import httpx
import pytest

pytestmark = pytest.mark.vcr


def url(path):
    return os.environ.get("UPLOADS", "http://uploads.test") + path


@pytest.mark.parametrize("path", ["batch", "frontier"])
def test_whole(path):
    with httpx.Client(trust_env=False) as client:
        answer = client.get(url(f"/{path}"))
    boundary = answer.headers["content-type"].partition("boundary=")[2]
    _, first, second, third, last = answer.content.split(f"--{boundary}".encode())
    assert int(answer.headers["content-length"]) == len(answer.content)
    made = re.search(b'"id": "(.{36})"', first)[1]
    assert second.endswith(b"made " + made + b"\\r\\n")
    assert third.endswith(bytes(range(256)) * 2 + b"\\r\\n")
    assert last == b"--\\r\\n"


def test_stream():
    with httpx.Client(trust_env=False) as client, client.stream("GET", url("/stream")) as answer:
        pieces = list(answer.iter_raw())
    boundary = answer.headers["content-type"].partition("boundary=")[2].encode()
    assert len(pieces) == 4
    assert all(piece.startswith(b"--" + boundary) for piece in pieces)
"""


@pytest.fixture
def uploads(project: Project) -> Project:
    project.write("pyproject.toml", PYPROJECT)
    return project


def test_an_upload_is_recorded_by_its_parts_and_found_again_by_them(uploads: Project) -> None:
    uploads.test(CLIENTS)

    recorded = uploads.pytest("--record-mode=rewrite")
    files = uploads.files()
    replayed = uploads.pytest("--record-mode=none")
    again = uploads.pytest("--record-mode=rewrite")

    assert (recorded.tail, replayed.tail, again.tail) == ("7 passed",) * 3
    assert uploads.files() == files
    assert "7 cassettes recorded again, not one byte changed" in again.output
    assert {name.partition("/")[2] for name in files if not name.endswith(".yaml")} == {
        "110009dcee21620b.png"
    }


def test_what_differs_in_an_upload_is_named_by_its_part(uploads: Project) -> None:
    uploads.test(CLIENTS)
    uploads.pytest("--record-mode=rewrite")

    other = uploads.pytest("--record-mode=none", environment={"NOTE": "hullo"})
    larger = uploads.pytest("--record-mode=none", environment={"PIXEL": "x"})

    assert other.tail == "7 failed"
    assert other.said.count('  - parts.note.text: recorded "hello", received "hullo"\n') == 5
    assert other.said.count('  - form.note: recorded "hello", received "hullo"\n') == 1
    assert larger.tail == "6 failed, 1 passed"
    assert larger.said.count("(the first difference is at byte 513; 512 bytes, 513 now)\n") == 6


def test_answers_in_parts_are_replayed_as_they_came(uploads: Project) -> None:
    uploads.test(ANSWERS)

    recorded = uploads.pytest("--record-mode=rewrite")
    files = uploads.files()
    replayed = uploads.pytest("--record-mode=none")
    again = uploads.pytest("--record-mode=rewrite")

    assert (recorded.tail, replayed.tail, again.tail) == ("3 passed",) * 3
    assert uploads.files() == files
    assert "boundary=frontier" in files["test_notes/test_whole[frontier].yaml"]


def test_matchers_of_vcrpy_see_one_boundary(uploads: Project) -> None:
    uploads.test(
        """
        @pytest.fixture(scope="module")
        def vcr_config():
            return {"match_on": ["method", "path", "body"]}

        @pytest.mark.vcr
        def test_upload():
            url = os.environ.get("UPLOADS", "http://uploads.test") + "/upload"
            with httpx.Client(trust_env=False) as client:
                assert client.post(url, files={"a": b"1"}).json()["kind"] == "multipart/form-data"
        """
    )

    recorded = uploads.pytest("--record-mode=rewrite")
    replayed = uploads.pytest("--record-mode=none")

    assert (recorded.tail, replayed.tail) == ("1 passed", "1 passed")
