"""
Clients on http.client: recorded as they are sent, and replayed by their own code.
"""

from __future__ import annotations

import http.client
import io
import json
import socket
import tracemalloc
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import urllib3
from botocore.awsrequest import AWSHTTPConnection

from taketwo.errors import NoMatch
from taketwo.intercept.http_client.replayed import MemorySocket
from tests.toolkit.intercept.conftest import Laboratory


def connection(lab: Laboratory) -> http.client.HTTPConnection:
    where = urlsplit(lab.url)
    return http.client.HTTPConnection(where.hostname or "", where.port, timeout=2)


def asked(line: http.client.HTTPConnection, method: str, path: str, **options: Any) -> tuple[int, bytes]:  # noqa: ANN401
    line.request(method, path, **options)
    answer = line.getresponse()
    return answer.status, answer.read()


BODIES: dict[str, Callable[[], Any]] = {
    "bytes": lambda: b"some \xff bytes",
    "text": lambda: "some text",
    "file": lambda: io.BytesIO(b"some file " * 2000),
    "text file": lambda: io.StringIO("some text file"),
    "generator": lambda: iter([b"one", b"two", b""]),
    "list": lambda: [b"one", b"two"],
    "bytearray": lambda: bytearray(b"some array"),
    "none": lambda: None,
}


@pytest.mark.parametrize("kind", BODIES)
def test_every_kind_of_body_is_sent_recorded_and_compared(lab: Laboratory, kind: str) -> None:
    def send(body: Any) -> tuple[int, bytes]:  # noqa: ANN401 - whatever http.client takes
        line = connection(lab)
        try:
            return asked(line, "POST", "/echo/a?q=1", body=body, headers={"Content-Type": "text/plain"})
        finally:
            line.close()

    first, second = lab.both(lambda: send(BODIES[kind]()))

    assert first == second
    assert first[0] == 200
    assert lab.requests == ["POST /echo/a"]
    with pytest.raises(NoMatch, match="which differs in"):
        lab.replay(lambda: send(b"something else"))


def test_urllib_follows_redirects_itself(lab: Laboratory) -> None:
    def act() -> tuple[str, bytes]:
        with urllib.request.urlopen(f"{lab.url}/redirect/302/2") as answer:
            return answer.url.removeprefix(lab.url), answer.read()

    first, second = lab.both(act)

    assert first == second
    assert first[0] == "/echo/target"
    assert lab.requests == ["GET /redirect/302/2", "GET /redirect/302/1", "GET /echo/target"]


def test_urllib_raises_for_a_status(lab: Laboratory) -> None:
    def act() -> tuple[int, bytes]:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{lab.url}/status/404")
        with caught.value as error:
            return error.code, error.read()

    assert lab.both(act) == ((404, b"status 404"), (404, b"status 404"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_follows_redirects_itself(lab: Laboratory, status: int, method: str) -> None:
    def act() -> tuple[object, list[int], list[str]]:
        with requests.Session() as session:
            data = io.BytesIO(b"in a file") if method == "POST" else None
            answer = session.request(method, f"{lab.url}/redirect/{status}/2", data=data)
            return answer.json(), [hop.status_code for hop in answer.history], session.cookies.keys()

    first, second = lab.both(act)

    assert first == second
    assert first[1:] == ([status, status], ["hop"])
    assert len(lab.requests) == 3


def test_urllib3_follows_redirects_and_tries_again_itself(lab: Laboratory) -> None:
    retries = urllib3.Retry(total=5, status_forcelist=[503], backoff_factor=0, redirect=3)

    def act() -> tuple[bytes, bytes, int]:
        with urllib3.PoolManager() as pool:
            moved = pool.request("GET", f"{lab.url}/redirect/307/2")
            tried = pool.request("GET", f"{lab.url}/flaky/u", retries=retries)
            assert tried.retries is not None
            return moved.data, tried.data, len(tried.retries.history)

    first, second = lab.both(act)

    assert first == second
    assert first[1:] == (b'{"tries": 3}', 2)
    assert lab.requests[-3:] == ["GET /flaky/u"] * 3


def streamed(answer: requests.Response) -> list[bytes]:
    return list(answer.iter_content(chunk_size=None))


def _read_into(answer: urllib3.BaseHTTPResponse) -> list[bytes]:
    buffer, found = bytearray(7), []
    while count := answer.readinto(buffer):
        found.append(bytes(buffer[:count]))
    return found


READERS: dict[str, Callable[[urllib3.BaseHTTPResponse], Any]] = {
    "data": lambda answer: answer.data,
    "read": lambda answer: [answer.read(4), answer.read(), answer.read()],
    "stream": lambda answer: list(answer.stream(2**16)),
    "small stream": lambda answer: list(answer.stream(3)),
    "read1": lambda answer: list(iter(answer.read1, b"")),
    "read_chunked": lambda answer: list(answer.read_chunked()) if answer.chunked else answer.read(),
    "lines": list,
    "readinto": _read_into,
}


@pytest.mark.parametrize("path", ["/events", "/gzip", "/binary/2048", "/until_close", "/status/204"])
@pytest.mark.parametrize("reader", READERS)
def test_a_streamed_answer_is_read_in_every_way(lab: Laboratory, reader: str, path: str) -> None:
    def act() -> tuple[object, int, str | None]:
        with urllib3.PoolManager() as pool:
            answer = pool.request("GET", lab.url + path, preload_content=False)
            return READERS[reader](answer), answer.status, answer.headers.get("content-type")

    first, second = lab.both(act)

    assert first == second


def test_pieces_are_those_of_the_service(lab: Laboratory) -> None:
    def act() -> list[bytes]:
        with requests.get(f"{lab.url}/events", stream=True, timeout=5) as answer:
            return streamed(answer)

    first, second = lab.both(act)

    assert first == second == [b"data: %d\n\n" % number for number in range(5)]
    assert 'chunks: "9*5"' in lab.cassette


def test_each_piece_reaches_the_client_while_it_is_recorded(lab: Laboratory) -> None:
    """
    The service sends the next one when it is asked to, so what holds one back waits for ever.
    """

    def go_on() -> None:
        line = connection(lab)
        line.sock = None
        line.close()
        with socket.create_connection((line.host, line.port)) as sock:
            sock.sendall(b"GET /go HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            sock.recv(100)

    def act(*, live: bool) -> list[bytes]:
        found = []
        with requests.get(f"{lab.url}/events/held", stream=True, timeout=5) as answer:
            for piece in answer.iter_content(chunk_size=None):
                found.append(piece)
                if live and len(found) < 5:
                    go_on()
        return found

    assert lab.record(lambda: act(live=True)) == lab.replay(lambda: act(live=False))


def test_what_a_client_leaves_early_is_recorded_as_far_as_it_was_read(lab: Laboratory) -> None:
    def act(count: int) -> list[bytes]:
        with requests.get(f"{lab.url}/events", stream=True, timeout=5) as answer:
            pieces: Iterator[bytes] = answer.iter_content(chunk_size=None)
            return [next(pieces) for _ in range(count)]

    assert lab.record(lambda: act(2)) == lab.replay(lambda: act(2)) == [b"data: 0\n\n", b"data: 1\n\n"]
    assert "ended: client\n" in lab.cassette
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="the recording ends here"):
        lab.replay(lambda: act(3))


def test_a_client_that_looks_at_the_length_and_leaves_finds_it_in_the_replay(lab: Laboratory) -> None:
    def act() -> str:
        with requests.get(f"{lab.url}/binary/2048", stream=True, timeout=5) as answer:
            return str(answer.headers["Content-Length"])

    assert lab.both(act) == ("2048", "2048")


BROKEN: dict[str, tuple[str, type[Exception], type[Exception]]] = {
    "cut between chunks": (
        "/events/cut",
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.ProtocolError,
    ),
    "shorter than promised": (
        "/short",
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.ProtocolError,
    ),
    "reset": ("/reset", requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError),
    "stalled": ("/stall", requests.exceptions.ConnectionError, urllib3.exceptions.ReadTimeoutError),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_answer_breaks_in_the_same_way(lab: Laboratory, kind: str) -> None:
    path, of_requests, of_urllib3 = BROKEN[kind]

    def by_requests() -> tuple[list[bytes], type[BaseException]]:
        found: list[bytes] = []
        with requests.get(lab.url + path, stream=True, timeout=0.7) as answer:
            with pytest.raises(of_requests) as caught:
                found.extend(answer.iter_content(chunk_size=None))
            return found, type(caught.value)

    def by_urllib3() -> type[BaseException]:
        with urllib3.PoolManager(timeout=0.7) as pool:
            answer = pool.request("GET", lab.url + path, preload_content=False, retries=False)
            with pytest.raises(of_urllib3) as caught:
                answer.read()
            return type(caught.value)

    def by_http_client() -> tuple[type[BaseException] | None, bytes]:
        line = connection(lab)
        line.timeout = 0.7
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return None, answer.read()
        except (OSError, http.client.HTTPException) as error:
            return type(error), getattr(error, "partial", b"")
        finally:
            line.close()

    for act in (by_requests, by_urllib3, by_http_client):
        first, second = lab.both(act)
        assert first == second
        assert "ended: " in lab.cassette


def test_a_request_without_an_answer_is_counted_and_not_recorded(lab: Laboratory) -> None:
    def act() -> None:
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.get(f"{lab.url}/hang", timeout=0.3)

    lab.record(act)

    assert (lab.requests, lab.unanswered) == ([], 1)


def test_a_kept_connection_is_used_again(lab: Laboratory) -> None:
    line = connection(lab)

    def act() -> list[tuple[int, bytes]]:
        return [asked(line, "GET", f"/number/{number}") for number in range(3)]

    first, second = lab.both(act)
    live = act()
    line.close()

    assert first == second == live


def test_connections_outlive_the_cassettes_they_were_used_with(lab: Laboratory) -> None:
    session = requests.Session()

    def act() -> object:
        return session.get(f"{lab.url}/number/1").json()

    live = act()
    recorded = lab.record(act)
    replayed = lab.replay(act)
    again = lab.replay(act)
    live_again = act()
    session.close()

    assert live == recorded == replayed == again == live_again


def test_only_what_is_new_is_sent_where_a_cassette_is_added_to(lab: Laboratory) -> None:
    def act(*paths: str) -> list[bytes]:
        with requests.Session() as session:
            return [session.post(lab.url + path, data=b"body").content for path in paths]

    lab.record(lambda: act("/echo/1"))
    both = lab.record(lambda: act("/echo/1", "/echo/2"), adding=True)

    assert lab.requests == ["POST /echo/1", "POST /echo/2"]
    assert lab.replay(lambda: act("/echo/2", "/echo/1")) == both[::-1]


@pytest.mark.parametrize("client", ["requests", "urllib3", "http.client"])
def test_each_of_many_threads_has_its_own_answer(lab: Laboratory, client: str) -> None:
    pool = urllib3.PoolManager(maxsize=20)
    session = requests.Session()

    def ask(number: int) -> object:
        path = f"/number/{number}"
        if client == "requests":
            return session.get(lab.url + path).json()["number"]
        if client == "urllib3":
            return json.loads(pool.request("GET", lab.url + path).data)["number"]
        line = connection(lab)
        try:
            return json.loads(asked(line, "GET", path)[1])["number"]
        finally:
            line.close()

    def act() -> list[object]:
        with ThreadPoolExecutor(20) as threads:
            return list(threads.map(ask, range(100)))

    first, second = lab.both(act)
    pool.clear()
    session.close()

    assert first == second == list(range(100))
    assert sorted(lab.requests) == sorted(f"GET /number/{number}" for number in range(100))
    assert lab.unanswered == 0


def test_a_refused_upload_is_recorded_without_its_body(lab: Laboratory) -> None:
    class Waiting(AWSHTTPConnection):  # type: ignore[misc]  # botocore ships no types
        pass

    def act() -> tuple[int, bytes]:
        where = urlsplit(lab.url)
        line = Waiting(where.hostname or "", where.port)
        try:
            line.request(
                "PUT", "/refuse", body=b"large", headers={"Expect": b"100-continue", "Content-Length": "5"}
            )
            answer = line.getresponse()
            return answer.status, answer.data if hasattr(answer, "data") else answer.read()
        finally:
            line.close()

    first, second = lab.both(act)

    assert first == second == (403, b"no")
    assert "large" not in lab.cassette


def test_what_is_left_of_a_large_answer_is_not_copied_with_each_read() -> None:
    content = bytes(1 << 20)
    sock = MemorySocket(lambda: True)
    sock.answer_with_pieces(iter([content]))
    file = sock.makefile(buffering=0)
    tracemalloc.start()

    try:
        read = sum(file.readinto(bytearray(1 << 10)) for _ in range(1 << 10))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert read == len(content)
    assert peak < len(content) // 4
