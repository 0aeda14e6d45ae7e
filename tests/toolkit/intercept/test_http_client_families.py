"""
Libraries on http.client, each with what it does in a way of its own.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import docker
import httplib2
import pytest
import requests
import requests_cache
import urllib3
from requests.adapters import HTTPAdapter
from requests_toolbelt import MultipartEncoder
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from taketwo.errors import NoMatch
from tests.toolkit.intercept.conftest import Laboratory


def bucket(lab: Laboratory, **options: Any) -> Any:  # noqa: ANN401 - botocore's clients are made at run time
    return boto3.client(
        "s3",
        endpoint_url=lab.url,
        region_name="eu-west-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=botocore.config.Config(s3={"addressing_style": "path"}, **options),
    )


def test_boto3_uploads_in_pieces_and_waits_to_be_asked(lab: Laboratory) -> None:
    def act(content: bytes = b"content " * 100) -> int:
        answer = bucket(lab).put_object(Bucket="stored", Key="file", Body=io.BytesIO(content))
        return int(answer["ResponseMetadata"]["HTTPHeaders"]["x-length"])

    first, second = lab.both(act)

    assert first == second >= 800
    assert lab.requests == ["PUT /stored/file"]
    with pytest.raises(NoMatch, match="which differs in"):
        lab.replay(lambda: act(b"other"))


def test_boto3_streams_an_answer(lab: Laboratory) -> None:
    def act() -> list[bytes]:
        body = bucket(lab).get_object(Bucket="binary", Key="2048")["Body"]
        return list(body.iter_chunks(500))

    first, second = lab.both(act)

    assert first == second
    assert sum(map(len, first)) == 2048


def test_boto3_tries_again_itself_and_a_miss_is_told_without_another_try(lab: Laboratory) -> None:
    def act(name: str) -> int:
        client = bucket(lab, retries={"max_attempts": 5, "mode": "standard"})
        return int(client.get_object(Bucket="flaky", Key=name)["ResponseMetadata"]["RetryAttempts"])

    first, second = lab.both(lambda: act("boto"))

    assert first == second == 2
    with pytest.raises(NoMatch):
        lab.replay(lambda: act("other"))
    assert len(lab.unmatched) == 1


def test_each_thread_of_boto3_has_its_own_answer(lab: Laboratory) -> None:
    client = bucket(lab, max_pool_connections=10)

    def ask(number: int) -> bytes:
        content: bytes = client.get_object(Bucket="number", Key=str(number))["Body"].read()
        return content

    def act() -> list[bytes]:
        with ThreadPoolExecutor(10) as threads:
            return list(threads.map(ask, range(40)))

    first, second = lab.both(act)
    client.close()

    assert first == second == [b'{"number": %d}' % number for number in range(40)]
    assert len(lab.requests) == 40


def test_httplib2_keeps_its_redirects(lab: Laboratory) -> None:
    def act() -> tuple[int, bytes, str]:
        client = httplib2.Http()
        answer, content = client.request(f"{lab.url}/redirect/302/2")
        client.close()
        return answer.status, content, answer["content-type"]

    first, second = lab.both(act)

    assert first == second
    assert len(lab.requests) == 3


class UnixConnection(http.client.HTTPConnection):
    """
    What people write to talk to a daemon.
    """

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class UnixPool(HTTPConnectionPool):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self.path = path

    def _new_conn(self) -> Any:  # noqa: ANN401 - of a class of its own
        return UnixOfUrllib3(self.path)


class UnixOfUrllib3(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=2)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def by_http_client(path: str) -> bytes:
    line = UnixConnection(path)
    try:
        line.request("POST", "/echo/unix", body=b"a")
        return line.getresponse().read()
    finally:
        line.close()


def by_urllib3(path: str) -> bytes:
    with UnixPool(path) as pool:
        return pool.request("POST", "/echo/unix", body=b"a").data


def by_an_adapter_of_requests(path: str) -> bytes:
    class Adapter(HTTPAdapter):
        def get_connection_with_tls_context(self, *_: object, **__: object) -> UnixPool:
            return UnixPool(path)

    with requests.Session() as session:
        session.mount("http+unix://", Adapter())
        return session.post("http+unix://daemon/echo/unix", data=b"a").content


@pytest.mark.parametrize("ask", [by_http_client, by_urllib3, by_an_adapter_of_requests])
def test_connections_with_a_connect_of_their_own_are_recorded(
    lab: Laboratory, unix_socket: str, ask: Callable[[str], bytes]
) -> None:
    first = lab.record(lambda: ask(unix_socket))
    second = lab.replay(lambda: ask("/nowhere/at/all.sock"))

    assert first == second
    assert b'"body": "a"' in first
    assert lab.requests == ["POST http://localhost/echo/unix"]


def test_docker_talks_to_a_daemon_that_is_not_there(lab: Laboratory, unix_socket: str) -> None:
    def act(path: str) -> tuple[object, list[bytes]]:
        client = docker.APIClient(base_url=f"unix://{Path(path).absolute()}", version="1.40", timeout=3)
        url = client._url("/status/200")  # noqa: SLF001 - the daemon here has no versions
        answer = client.get(url.replace("/v1.40", ""))
        stream = client.get(client._url("/events").replace("/v1.40", ""), stream=True)  # noqa: SLF001 - as above
        pieces = list(client._stream_raw_result(stream, decode=False))  # noqa: SLF001 - how docker reads streams
        client.close()
        return answer.text, pieces

    first, second = lab.record(lambda: act(unix_socket)), lab.replay(lambda: act("/nowhere.sock"))

    assert first == second
    assert first[0] == "status 200"


def test_a_session_that_caches_asks_once(lab: Laboratory) -> None:
    def act() -> tuple[object, object, bool]:
        with requests_cache.CachedSession(backend="memory") as session:
            first, second = (session.get(f"{lab.url}/echo/c") for _ in range(2))
            return first.json(), second.json(), bool(getattr(second, "from_cache", False))

    first, second = lab.both(act)

    assert first == second
    assert first[2] is True
    assert lab.requests == ["GET /echo/c"]


def test_a_streamed_multipart_is_sent_as_it_is_made(lab: Laboratory) -> None:
    def act() -> str:
        form = MultipartEncoder({"a": "1", "f": ("f.txt", io.BytesIO(b"in a file"))}, boundary="b")
        answer = requests.post(
            f"{lab.url}/echo/m", data=form, headers={"content-type": form.content_type}, timeout=5
        )
        return str(answer.json()["body"])

    first, second = lab.both(act)

    assert first == second
    assert "in a file" in first


def test_a_file_is_read_again_where_a_redirect_asks_for_it(lab: Laboratory, tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(b"0123456789" * 5000)

    def act() -> tuple[int, int]:
        with file.open("rb") as content, requests.Session() as session:
            answer = session.put(f"{lab.url}/redirect/307", data=content)
            return len(answer.json()["body"]), content.tell()

    assert lab.both(act) == ((50000, 50000), (50000, 50000))
    assert len(lab.requests) == 2


def test_a_generator_is_sent_in_chunks(lab: Laboratory) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    def act() -> object:
        return requests.post(f"{lab.url}/echo/g", data=pieces(), timeout=5).json()["body"]

    assert lab.both(act) == ("one two", "one two")


def test_a_proxy_is_told_the_whole_address_and_the_cassette_has_it(lab: Laboratory) -> None:
    def act() -> int:
        with urllib3.ProxyManager(lab.url) as pool:
            return pool.request("GET", "http://elsewhere.test/status/200?a=1").status

    assert lab.both(act) == (200, 200)
    assert "url: http://elsewhere.test/status/200" in lab.cassette


def test_a_tunnel_through_a_proxy_is_not_dug_in_a_replay(lab: Laboratory) -> None:
    lab.record(lambda: requests.get(f"{lab.url}/echo/s", timeout=5))
    lab.path.write_text(lab.cassette.replace("http://s.test", "https://s.test"))
    proxies = {"https": "http://proxy.test:3128"}

    def by_urllib() -> int:
        line = http.client.HTTPSConnection("proxy.test", 3128)
        line.set_tunnel("s.test")
        line.request("GET", "/echo/s")
        status = line.getresponse().status
        line.close()
        return status

    assert (
        lab.replay(lambda: requests.get("https://s.test/echo/s", proxies=proxies, timeout=5).status_code)
        == 200
    )
    assert lab.replay(by_urllib) == 200


def test_no_tls_is_spoken_in_a_replay(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.record(lambda: requests.get(f"{lab.url}/echo/s", timeout=5))
    lab.path.write_text(lab.cassette.replace("http://s.test", "https://s.test"))

    def no_context(*_: object, **__: object) -> None:
        raise AssertionError("an SSL context is made")

    monkeypatch.setattr("urllib3.util.ssl_.create_urllib3_context", no_context)
    monkeypatch.setattr("urllib3.connection.create_urllib3_context", no_context)

    assert lab.replay(lambda: requests.get("https://s.test/echo/s", timeout=5).status_code) == 200
    pool = urllib3.PoolManager(cert_reqs="CERT_NONE")
    with pool, pytest.warns(urllib3.exceptions.InsecureRequestWarning):
        assert lab.replay(lambda: pool.request("GET", "https://s.test/echo/s").status) == 200
