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


CLIENTS = """
import asyncio
import ssl

import httpx
import pytest

KEPT = []


def transport(client):
    return vars(client._transport)


@pytest.mark.vcr
def test_a_client_that_is_replayed():
    with httpx.Client(base_url=os.environ["NOTEBOOK_URL"]) as c:
        assert c.get("/notes").json() == []
        assert ("_pool" in transport(c)) is bool(os.environ.get("RECORDING"))
    KEPT.append(httpx.Client())


@pytest.mark.vcr
def test_an_asynchronous_client_that_is_replayed():
    async def ask():
        async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"]) as c:
            answer = await c.get("/notes")
            assert ("_pool" in transport(c)) is bool(os.environ.get("RECORDING"))
            return answer.json()

    assert asyncio.run(ask()) == []


@pytest.mark.vcr
def test_certificates_that_are_not_there_are_told_at_once():
    with pytest.raises(OSError):
        httpx.Client(verify=ssl.create_default_context(cafile="nowhere.pem"))
    with pytest.raises(ValueError):
        httpx.Client(proxy="nonsense://a.test")
    get("/notes")


def test_a_client_that_outlives_its_test_connects(another):
    [kept] = KEPT
    with kept:
        assert kept.get(another + "/notes").status_code == 200
        assert "_pool" in transport(kept)


def test_a_client_of_a_test_without_a_cassette_connects(another):
    with httpx.Client() as c:
        assert "_pool" in transport(c)
        assert c.get(another + "/notes").status_code == 200
"""


def test_no_pool_of_connections_is_made_for_a_client_that_is_replayed(project: Project, another: str) -> None:
    project.write(
        "conftest.py", f"import pytest\n\n\n@pytest.fixture\ndef another():\n    return {another!r}\n"
    )
    project.test(CLIENTS)

    recorded = project.pytest("--record-mode=rewrite", environment={"RECORDING": "1"})
    replayed = project.pytest()

    assert (recorded.tail, replayed.tail) == ("5 passed", "5 passed"), replayed.output
