"""
A suite of forty tests over the clients and the options that users of VCR.py have; written into a project.
"""

from __future__ import annotations

CONFTEST = """
import json

import pytest


@pytest.fixture(scope="session")
def vcr_config():
    return {
        "filter_headers": ["authorization", ("x-api-key", "DUMMY"), ("x-trace", None), ("x-agent", shorter)],
        "filter_query_parameters": ["api_key", ("page_token", "TOKEN")],
        "filter_post_data_parameters": ["pin", ("password", "REDACTED")],
        "decode_compressed_response": True,
        "ignore_hosts": ["ignored.test"],
    }


def shorter(key, value, request):
    return value.partition("/")[0]


def same_depth(one, other):
    assert one.path.count("/") == other.path.count("/"), "another depth"


def pytest_recording_configure(config, vcr):
    vcr.register_matcher("depth", same_depth)
    vcr.match_on = ("method", "scheme", "host", "port", "path", "query")
"""

CLIENTS = """
import asyncio
import http.client
import os
import urllib.request
from urllib.parse import urlsplit

import aiohttp
import boto3
import httplib2
import httpx
import httpx2
import pytest
import requests
import urllib3
from botocore.config import Config

URL = os.environ["SHOP"]
pytestmark = pytest.mark.vcr


@pytest.fixture(scope="module")
def vcr_config(vcr_config):
    return {**vcr_config, "before_record_response": scrubbed}


def scrubbed(response):
    response["headers"].pop("Date", None)
    response["headers"]["X-Scrubbed"] = ["yes"]
    return response


@pytest.fixture
def session():
    with requests.Session() as made:
        made.trust_env = False
        yield made


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_requests_methods(session, method):
    answer = session.request(method, f"{URL}/json/{method}")
    assert answer.json() == {"path": f"/json/{method}", "method": method}


def test_requests_head(session):
    answer = session.head(f"{URL}/json")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 20


def test_requests_redirects(session):
    answer = session.get(f"{URL}/redirect/2")
    assert answer.json() == {"arrived": True}
    assert [each.status_code for each in answer.history] == [302, 302]


def test_requests_cookies(session):
    session.get(f"{URL}/cookie")
    assert session.get(f"{URL}/basket").json() == {"cookie": "basket=42"}


def test_requests_upload(session):
    answer = session.post(f"{URL}/echo", files={"file": ("a.txt", b"content")}, data={"name": "a"})
    assert b'filename="a.txt"' in answer.content


def test_requests_stream(session):
    with session.get(f"{URL}/chunks", stream=True) as answer:
        assert list(answer.iter_lines()) == [b"one", b"two", b"three"]


def test_requests_binary_and_text(session):
    assert session.get(f"{URL}/binary").content == bytes(range(256))
    assert session.get(f"{URL}/text").text == "gr\\u00fc\\u00dfe\\n"
    assert session.get(f"{URL}/latin").text == "gr\\u00fc\\u00dfe"


def test_requests_statuses(session):
    found = [session.get(f"{URL}/status/{number}").status_code for number in (204, 404, 418, 503)]
    assert found == [204, 404, 418, 503]


def test_urllib3():
    with urllib3.PoolManager() as pool:
        answer = pool.request("POST", f"{URL}/echo", fields={"a": "1"}, encode_multipart=False)
        assert (answer.status, answer.data) == (200, b"a=1")


def test_the_standard_library():
    with urllib.request.urlopen(f"{URL}/text") as answer:
        assert answer.read().decode() == "gr\\u00fc\\u00dfe\\n"
    connection = http.client.HTTPConnection(urlsplit(URL).netloc)
    connection.request("GET", "/chunks")
    assert connection.getresponse().read() == b"one\\ntwo\\nthree\\n"
    connection.close()


def test_httplib2():
    answer, content = httplib2.Http().request(f"{URL}/json/lib2")
    assert (answer.status, b"lib2" in content) == (200, True)


def test_httpx():
    with httpx.Client(base_url=URL, trust_env=False) as client:
        assert client.post("/echo", json={"a": [1, None]}).json() == {"a": [1, None]}
        assert client.get("/redirect/1", follow_redirects=True).json() == {"arrived": True}


@pytest.mark.asyncio
async def test_httpx_async():
    async with httpx.AsyncClient(base_url=URL, trust_env=False) as client:
        answers = await asyncio.gather(*(client.get(f"/json/{number}") for number in range(3)))
        assert [answer.json()["path"] for answer in answers] == ["/json/0", "/json/1", "/json/2"]


def test_httpx_stream():
    with httpx.Client(trust_env=False) as client, client.stream("GET", f"{URL}/chunks") as answer:
        assert b"".join(answer.iter_bytes()) == b"one\\ntwo\\nthree\\n"


def test_httpx2():
    with httpx2.Client(base_url=URL, trust_env=False) as client:
        assert client.put("/json/two").json() == {"path": "/json/two", "method": "PUT"}


@pytest.mark.asyncio
async def test_aiohttp():
    async with aiohttp.ClientSession() as client:
        async with client.post(f"{URL}/echo", json={"a": 1}) as answer:
            assert await answer.json() == {"a": 1}
        async with client.get(f"{URL}/gzip") as answer:
            assert await answer.json() == {"packed": True}


@pytest.mark.asyncio
async def test_aiohttp_redirects():
    async with aiohttp.ClientSession() as client, client.get(f"{URL}/redirect/1") as answer:
        assert (await answer.json(), len(answer.history)) == ({"arrived": True}, 1)


@pytest.mark.asyncio
async def test_aiohttp_forms():
    async with aiohttp.ClientSession(URL) as client, client.post("/echo", data={"a": "1"}) as answer:
        assert await answer.text() == "a=1"


def test_boto3():
    keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "example"}
    settings = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
    client = boto3.client("s3", endpoint_url=URL, region_name="eu-west-1", config=settings, **keys)
    client.put_object(Bucket="bucket", Key="note", Body=b"kept")
    assert client.get_object(Bucket="bucket", Key="note")["Body"].read() == b"kept"
"""

OPTIONS = """
import json
import os
import uuid

import httpx
import pytest
import requests

URL = os.environ["SHOP"]
REPLAYED = "NOT_RECORDED" in os.environ


@pytest.fixture(scope="module")
def vcr_cassette_dir():
    return "tests/kept/options"


def get(path, **more):
    return requests.get(f"{URL}{path}", timeout=5, **more)


@pytest.mark.vcr
def test_filtered_headers():
    headers = {"Authorization": f"Bearer {uuid.uuid4()}", "X-API-Key": "k3y", "X-Trace": str(uuid.uuid4())}
    assert get("/headers", headers={**headers, "X-Agent": "shop/1"}).json() == {"agent": "shop/1"}


@pytest.mark.vcr
def test_filtered_query():
    assert get("/json", params={"api_key": str(uuid.uuid4()), "page": "2"}).json()["method"] == "GET"


@pytest.mark.vcr
def test_filtered_form():
    form = {"user": "ada", "pin": "0000", "password": str(uuid.uuid4())}
    assert requests.post(f"{URL}/echo", data=form, timeout=5).text.startswith("user=ada")


@pytest.mark.vcr(match_on=["method", "depth"])
def test_own_matcher():
    assert get(f"/json/{uuid.uuid4().hex if REPLAYED else 'recorded'}").status_code == 200


@pytest.mark.vcr(match_on=["method", "uri", "body"])
def test_matched_bodies():
    for number in (1, 2):
        answer = requests.post(f"{URL}/echo", json={"number": number}, timeout=5)
        assert answer.json() == {"number": number}


@pytest.mark.vcr(match_on=["method", "path", "headers"])
def test_matched_headers():
    assert get("/headers", headers={"X-Agent": "matched"}).json() == {"agent": "matched"}


@pytest.mark.vcr(serializer="json")
def test_json_serializer():
    assert get("/json/serialized").json()["path"] == "/json/serialized"


@pytest.mark.vcr(allow_playback_repeats=True)
def test_repeats():
    first = get("/count").json()
    if REPLAYED:
        assert [get("/count").json() for _ in range(3)] == [first] * 3


@pytest.mark.vcr
def test_each_answer_once():
    first, second = get("/count").json(), get("/count").json()
    assert second["count"] == first["count"] + 1


@pytest.mark.vcr(before_record_request=lambda request: None if "cookie" in request.path else request)
def test_dropped_request(vcr):
    if not REPLAYED:
        get("/cookie")
    assert get("/json/kept").status_code == 200
    assert [request.path for request in vcr.requests] == ["/json/kept"]


def renamed(request):
    request.uri = request.uri.replace("/secret-plan/", "/plan/")
    return request


@pytest.mark.vcr(before_record_request=[renamed])
def test_changed_request(vcr):
    assert get("/json/secret-plan/1").status_code == 200
    assert [request.path for request in vcr.requests] == ["/json/plan/1"]


def shortened(response):
    response["body"]["string"] = b'{"short": true}'
    return response


@pytest.mark.vcr(before_record_response=shortened)
def test_changed_response():
    answer = get("/json/long")
    assert answer.json() == {"short": True} or not REPLAYED


@pytest.mark.vcr
@pytest.mark.default_cassette("shared.yaml")
def test_named_cassette(vcr):
    assert get("/json/shared").status_code == 200
    assert len(vcr) == 1


@pytest.mark.vcr
def test_volatile_body():
    assert requests.post(f"{URL}/echo", json={"order": str(uuid.uuid4())}, timeout=5).status_code == 200


@pytest.mark.vcr
def test_body_that_was_never_matched():
    step = "replayed" if REPLAYED else "recorded"
    assert requests.post(f"{URL}/echo", json={"step": step}, timeout=5).status_code == 200


@pytest.mark.vcr
def test_unplayed():
    get("/json/1")
    if not REPLAYED:
        get("/json/2")
"""

COUNT = 40
