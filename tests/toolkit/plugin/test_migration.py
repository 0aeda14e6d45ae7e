"""
A suite that was written for pytest-recording, with its cassettes, moves here by adding ``[tool.taketwo]``.

It is recorded by pytest-recording alone, and neither it nor its cassettes are changed after that.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

PLAIN = """
[tool.pytest.ini_options]
addopts = ["--strict-markers", "-p", "no:anyio", "-p", "no:pgmem", "-p", "no:respx"]
asyncio_default_fixture_loop_scope = "function"
"""
CONFTEST = '''
import json

import pytest


@pytest.fixture(scope="module")
def vcr_config():
    return {
        "filter_headers": ["authorization", ("x-api-key", "DUMMY")],
        "filter_query_parameters": ["api_key", ("page_token", "TOKEN")],
        "filter_post_data_parameters": [("password", "REDACTED")],
        "before_record_request": drop_health,
        "before_record_response": [scrub_cookies],
        "ignore_hosts": ["ignored.test"],
        "decode_compressed_response": True,
        "record_on_exception": False,
    }


def drop_health(request):
    return None if request.path == "/health" else request


def scrub_cookies(response):
    response["headers"].pop("set-cookie", None)
    response["headers"]["x-scrubbed"] = ["yes"]
    return response


def same_number_of_segments(one, other):
    assert one.path.count("/") == other.path.count("/"), "another depth"


class Lines:
    """A serializer of somebody's own."""

    @staticmethod
    def serialize(cassette):
        return "LINES\\n" + json.dumps(cassette, default=lambda value: value.decode())

    @staticmethod
    def deserialize(text):
        return json.loads(text.removeprefix("LINES\\n"))


def pytest_recording_configure(config, vcr):
    vcr.register_matcher("depth", same_number_of_segments)
    vcr.register_serializer("lines", Lines)
'''
SUITE = '''
import json
import os
import urllib.request
import uuid

import aiohttp
import httpx
import pytest
import requests
import urllib3

URL = os.environ["NOTEBOOK_URL"]
pytestmark = pytest.mark.vcr


def test_requests(record_mode):
    session = requests.Session()
    session.trust_env = False
    answer = session.get(
        f"{URL}/notes", params={"api_key": str(uuid.uuid4()), "b": 2, "a": 1},
        headers={"Authorization": f"Bearer {uuid.uuid4()}"},
    )
    assert answer.status_code == 200
    if record_mode == "none":
        assert answer.headers["x-scrubbed"] == "yes"
    assert session.get(f"{URL}/gzip").json() == {"packed": True}
    assert session.get(f"{URL}/binary").content == bytes(range(256))


def test_a_body_that_is_another_each_time():
    """What pytest-recording matches by tells nothing of bodies."""
    for _ in range(2):
        requests.post(f"{URL}/echo", json={"id": str(uuid.uuid4())}, timeout=5).raise_for_status()


def test_a_form():
    answer = requests.post(f"{URL}/echo", data={"user": "me", "password": str(uuid.uuid4())}, timeout=5)
    assert answer.text.startswith("user=me")


def test_httpx():
    with httpx.Client(base_url=URL, trust_env=False) as client:
        assert client.get("/notes").status_code == 200
        assert client.get("/notes").status_code == 200
        assert client.get("/nowhere").status_code == 404


def test_urllib3():
    with urllib3.PoolManager() as pool:
        assert pool.request("GET", f"{URL}/notes").status == 200


def test_urllib():
    with urllib.request.urlopen(f"{URL}/notes") as answer:
        assert answer.status == 200


@pytest.mark.asyncio
async def test_aiohttp():
    async with aiohttp.ClientSession() as session, session.get(f"{URL}/gzip") as answer:
        assert await answer.json(content_type=None) == {"packed": True}


@pytest.mark.asyncio
async def test_httpx_async():
    async with httpx.AsyncClient(base_url=URL, trust_env=False) as client:
        assert (await client.post("/echo", json={"a": [1, 2]})).json() == {"a": [1, 2]}


class TestClass:
    @pytest.mark.parametrize("path", ["a/b", "c:d", "e f", "\u00e9", "x" * 150])
    def test_method(self, path):
        assert requests.get(f"{URL}/{path}", timeout=5).status_code == 404


@pytest.mark.default_cassette("both.yaml")
def test_first_of_two():
    assert requests.get(f"{URL}/slow/1", timeout=5).json() == {"slept": 1}


@pytest.mark.default_cassette("both.yaml")
def test_second_of_two():
    assert requests.get(f"{URL}/slow/2", timeout=5).json() == {"slept": 2}


@pytest.mark.vcr("both.yaml")
def test_with_another_cassette():
    assert requests.get(f"{URL}/slow/1", timeout=5).json() == {"slept": 1}
    assert requests.get(f"{URL}/slow/3", timeout=5).json() == {"slept": 3}


@pytest.mark.vcr(match_on=["method", "depth"])
def test_a_matcher_of_their_own():
    assert requests.get(f"{URL}/slow/{os.environ['MILLISECONDS']}", timeout=5).json() == {"slept": 4}


@pytest.mark.vcr(serializer="json")
def test_json():
    assert requests.get(f"{URL}/notes", timeout=5).status_code == 200


@pytest.mark.vcr(serializer="lines")
def test_lines():
    assert requests.get(f"{URL}/notes", timeout=5).status_code == 200


@pytest.mark.vcr(cassette_library_dir="tests/elsewhere")
def test_in_a_folder_of_its_own():
    assert requests.get(f"{URL}/notes", timeout=5).status_code == 200


@pytest.mark.vcr(allow_playback_repeats=True)
def test_repeats(record_mode):
    for _ in range(1 if record_mode == "once" else 3):
        assert requests.get(f"{URL}/notes", timeout=5).status_code == 200


@pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
def test_dropped_requests_pass_through():
    assert requests.get(f"{URL}/health", timeout=5).json() == {"status": "ok"}


def test_the_cassette(vcr, record_mode):
    requests.get(f"{URL}/notes", timeout=5)
    requests.get(f"{URL}/slow/5", timeout=5)
    assert len(vcr) == 2
    assert [request.path for request in vcr.requests] == ["/notes", "/slow/5"]
    assert json.loads(vcr.responses[1]["body"]["string"]) == {"slept": 5}
    if record_mode == "none":
        assert (vcr.play_count, vcr.all_played) == (2, True)


@pytest.fixture
def vcr_cassette_dir_of(vcr_cassette_dir):
    return vcr_cassette_dir


def test_the_folder(vcr_cassette_dir_of):
    assert vcr_cassette_dir_of.endswith("test_suite")
'''
COUNT = 24


@pytest.fixture
def moved(project: Project, another: str) -> tuple[Project, dict[str, str]]:
    project.write("pyproject.toml", PLAIN)
    project.write("tests/conftest.py", CONFTEST)
    project.write("tests/test_suite.py", SUITE)
    environment = {"NOTEBOOK_URL": another, "MILLISECONDS": "4"}
    # Its second test would find the cassette of the first, and refuse to record: they record one by one.
    run = project.pytest("--record-mode=new_episodes", environment=environment)
    assert run.tail == f"{COUNT} passed", run.output
    project.write("pyproject.toml", "[tool.taketwo]\n" + PLAIN)
    return project, {**environment, "MILLISECONDS": "14"}


def theirs(project: Project) -> dict[str, bytes]:
    folder = project.root / "tests"
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts and path.is_file()
    }


def test_its_cassettes_are_played(moved: tuple[Project, dict[str, str]]) -> None:
    project, environment = moved
    before = theirs(project)

    run = project.pytest("--record-mode=none", "--block-network", environment=environment)

    assert run.tail == f"{COUNT} passed", run.output
    assert (theirs(project), project.files()) == (before, {})


def test_it_is_recorded_and_replayed(moved: tuple[Project, dict[str, str]]) -> None:
    """
    A body that is another each time as well: an id that the test draws is none of what has to match.
    """
    project, environment = moved
    recorded = project.pytest("--record-mode=rewrite", environment={**environment, "MILLISECONDS": "4"})
    files = project.files()

    replayed = project.pytest("--block-network", "--tb=line", environment=environment)

    assert recorded.tail == f"{COUNT} passed", recorded.output
    assert replayed.tail == f"{COUNT} passed", replayed.output
    assert project.files() == files
    written = "\n".join(files.values())
    assert "authorization" not in written.lower()
    assert "x-scrubbed" in written


def test_a_suite_that_records_once_records_what_is_missing(moved: tuple[Project, dict[str, str]]) -> None:
    project, environment = moved
    theirs_before = theirs(project)
    both = project.root / "tests/cassettes/test_suite/both.yaml"
    both.unlink()

    run = project.pytest("--record-mode=once", environment=environment)

    assert run.tail == f"{COUNT} passed", run.output
    filled = [name for name, text in project.files().items() if "- request:" in text]
    assert filled == ["test_suite/both.yaml"]
    assert {**theirs(project), str(both): theirs_before[str(both)]} == theirs_before
