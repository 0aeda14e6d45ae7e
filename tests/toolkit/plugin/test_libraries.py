"""
Whatever library makes the requests, they are recorded and replayed; vcrpy is loaded when one needs it.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

LIBRARIES = """
import http.client
import sys
import urllib.request
from urllib.parse import urlsplit


def url(path):
    return os.environ["NOTEBOOK_URL"] + path


@pytest.mark.vcr
def test_httpx():
    assert get("/notes").json() == []
    assert "vcr" not in sys.modules


@pytest.mark.vcr
def test_http_client():
    where = urlsplit(url(""))
    line = http.client.HTTPConnection(where.hostname, where.port or 80)
    line.request("GET", "/notes")
    assert line.getresponse().read() == b"[]"
    line.close()


@pytest.mark.vcr
def test_urllib():
    with urllib.request.urlopen(url("/notes")) as answer:
        assert answer.read() == b"[]"


@pytest.mark.vcr
def test_requests():
    import requests

    with requests.Session() as session:
        made = session.post(url("/notes"), json={"text": "a"}).json()
        assert session.get(url("/notes/") + made["id"]).json() == made


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_aiohttp():
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(url("/notes")) as answer:
        assert await answer.json() == []


@pytest.mark.vcr
def test_httplib2():
    import httplib2

    client = httplib2.Http()
    assert client.request(url("/notes"))[1] == b"[]"
    client.close()


@pytest.mark.vcr
def test_together(vcr):
    import requests

    assert requests.get(url("/notes")).json() == get("/notes").json() == []
    assert [request.path for request in vcr.requests] == ["/notes", "/notes"]
"""
TESTS = ["http_client", "urllib", "requests", "aiohttp", "httplib2", "together"]


def test_every_library_is_recorded_and_replayed_in_one_session(project: Project) -> None:
    project.test(LIBRARIES)

    runs = [project.pytest(mode) for mode in ("--record-mode=rewrite", "--record-mode=none")]

    assert [run.tail for run in runs] == ["7 passed", "7 passed"]


@pytest.mark.parametrize("test", TESTS)
def test_each_is_replayed_where_it_is_the_first_that_is_used(project: Project, test: str) -> None:
    project.test(LIBRARIES)
    project.pytest("--record-mode=rewrite", "-k", test)

    run = project.pytest("-k", f"test_{test}")

    assert run.tail.startswith("1 passed")
