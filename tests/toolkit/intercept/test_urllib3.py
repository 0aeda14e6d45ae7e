"""
Calls of urllib3 and requests that a replay answers without a connection, and those that it does not.
"""

from __future__ import annotations

import copy
import http.client
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from taketwo.cassette.model import LiveRequest
from taketwo.errors import NoMatch
from taketwo.intercept.cassette import open_cassette
from taketwo.intercept.urllib3 import direct
from taketwo.intercept.urllib3.written import written
from taketwo.playback.player import IncomingRequest, incoming_request
from taketwo.playback.recorder import Recorder
from tests.toolkit.intercept.conftest import Laboratory

Options = dict[str, Any]

CALLS: dict[str, tuple[str, str, Options]] = {
    "plain": ("GET", "/number/3", {}),
    "query": ("GET", "/echo/a%20b?q=1&q=2&r=%C3%A9", {}),
    "headers": ("GET", "/echo/a", {"headers": {"X-One": "1", "accept-encoding": "gzip", "User-Agent": "me"}}),
    "bytes": ("POST", "/echo/a", {"body": b"\xff\x00", "headers": {"Content-Type": "image/x"}}),
    "text": ("PUT", "/echo/a", {"body": "some text"}),
    "json": ("POST", "/echo/a", {"json": {"a": [1, "é"]}}),
    "form": ("POST", "/echo/a", {"fields": {"a": "1"}, "encode_multipart": False}),
    "nothing": ("POST", "/echo/a", {}),
    "head": ("HEAD", "/echo/a", {}),
    "204": ("GET", "/health", {}),
    "404": ("GET", "/status/404", {"retries": 0}),
    "packed": ("GET", "/gzip", {}),
    "cookies": ("GET", "/cookies", {}),
    "spelled": ("GET", "/spelled", {}),
    "in chunks, whole": ("GET", "/events", {}),
    "not decoded": ("GET", "/gzip", {"decode_content": False}),
    "in parts": ("GET", "/binary/100", {"preload_content": False}),
}


@contextmanager
def read_log() -> Iterator[None]:
    """
    While open, somebody reads of each connection of urllib3.
    """
    log = logging.getLogger("urllib3.connectionpool")
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.setLevel(logging.NOTSET)


def described(answer: urllib3.BaseHTTPResponse) -> dict[str, object]:
    assert answer.retries is not None
    of_pool: Any = answer
    original = of_pool._original_response  # noqa: SLF001 - some read it all the same
    return {
        "status": (answer.status, answer.reason, answer.version, answer.version_string),
        "headers": [(name, value) for name, value in answer.headers.items() if name.lower() != "date"],
        "left": answer.length_remaining,
        "read": [answer.read(7), answer.read()] if not answer.closed else [answer.data],
        "is closed": (answer.closed, of_pool.isclosed(), original.isclosed()),
        "url": answer.url,
        "retries": (answer.retries.total, answer.retries.history),
        "original": (original.status, original.reason, original.msg.get_all("Set-Cookie")),
    }


def ask(lab: Laboratory, method: str, path: str, options: Options) -> tuple[dict[str, object], int]:
    """
    What urllib3 gave, and how many requests it wrote to a connection.
    """
    with urllib3.PoolManager() as manager:
        found = described(manager.request(method, f"{lab.url}{path}", **options))
        pool = manager.connection_from_url(lab.url)
        return found, pool.num_requests


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_answer_without_a_connection_is_the_same(lab: Laboratory, call: tuple[str, str, Options]) -> None:
    recorded, sent = lab.record(lambda: ask(lab, *call))
    given, written_directly = lab.replay(lambda: ask(lab, *call))
    with read_log():
        over_connection, written_over_it = lab.replay(lambda: ask(lab, *call))

    assert given == over_connection
    # What was packed is packed again, by another hand.
    differ = {"headers", "status", *({"read"} if "decode_content" in call[2] else ())}
    assert {**given, **dict.fromkeys(differ)} == {**recorded, **dict.fromkeys(differ)}
    assert (sent, written_directly, written_over_it) == (1, 0, 1)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_would_be_written_is_told(
    lab: Laboratory, call: tuple[str, str, Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[LiveRequest] = []

    def telling(*args: Any) -> IncomingRequest | None:  # noqa: ANN401 - those of the original
        found = written(*args)
        assert found is not None
        told.append(found.whole())
        assert found.wire == incoming_request(found.whole()).wire
        return found

    recorder = Recorder()
    with open_cassette("a.yaml", {}, player=lab.player(None), recorder=recorder, configure=None):
        ask(lab, *call)
    lab.record(lambda: ask(lab, *call))
    monkeypatch.setattr(direct, "written", telling)
    lab.replay(lambda: ask(lab, *call))

    sent = recorder.exchanges[0].request
    assert [(one.method, one.url, one.body) for one in told] == [(sent.method, sent.url, sent.body)]
    assert sorted(told[0].headers) == sorted(sent.headers)


def requests_ask(lab: Laboratory, path: str, **options: Any) -> tuple[dict[str, object], int]:  # noqa: ANN401 - of requests
    """
    What requests gave, and how many pools it chose.
    """
    with requests.Session() as session:
        answer = session.request(options.pop("method", "GET"), f"{lab.url}{path}", **options)
        adapter = session.get_adapter(lab.url)
        assert isinstance(adapter, HTTPAdapter)
        found = {
            "status": (answer.status_code, answer.reason),
            "pieces": list(answer.iter_content(5)),
            "type": answer.headers.get("content-type"),
            "cookies": (answer.cookies.get_dict(), session.cookies.get_dict()),
            "url": answer.url,
            "hops": [hop.status_code for hop in answer.history],
            "closed": answer.raw.closed,
            "elapsed": answer.elapsed.total_seconds() < 60,
        }
        return found, len(adapter.poolmanager.pools)


REQUESTS: dict[str, Options] = {
    "plain": {"path": "/number/3"},
    "params": {"path": "/echo/a b", "params": {"q": ["1", "é"]}},
    "json": {"path": "/echo/a", "method": "POST", "json": {"a": "é"}},
    "form": {"path": "/echo/a", "method": "POST", "data": {"a": "1"}},
    "file": {"path": "/echo/a", "method": "POST", "files": {"f": ("f.txt", b"content")}},
    "auth": {"path": "/echo/a", "auth": ("me", "word")},
    "redirect": {"path": "/redirect/302/2"},
    "cookies": {"path": "/cookies"},
    "404": {"path": "/status/404"},
    "503": {"path": "/status/503"},
    "head": {"path": "/echo/a", "method": "HEAD"},
    "packed": {"path": "/gzip"},
    "streamed": {"path": "/binary/1024", "stream": True},
    "in chunks, whole": {"path": "/events"},
    "timeout": {"path": "/number/3", "timeout": (1, 2.5)},
}


@pytest.mark.parametrize("options", REQUESTS.values(), ids=REQUESTS)
def test_an_answer_to_requests_is_the_same(lab: Laboratory, options: Options) -> None:
    recorded, pools = lab.record(lambda: requests_ask(lab, **options))
    direct_one, pools_directly = lab.replay(lambda: requests_ask(lab, **options))
    with read_log():
        over_connection, pools_over_it = lab.replay(lambda: requests_ask(lab, **options))

    assert direct_one == over_connection == recorded
    assert (pools, pools_directly, pools_over_it) == (1, 0, 1)


def test_a_stream_in_chunks_comes_over_a_connection(lab: Laboratory) -> None:
    def act() -> tuple[dict[str, object], int]:
        return requests_ask(lab, "/events", stream=True)

    first, second = lab.both(act)

    assert first == second
    assert second[1] == 1


@pytest.mark.parametrize("retried", [True, False])
def test_only_what_urllib3_tries_again_goes_over_a_connection(lab: Laboratory, *, retried: bool) -> None:
    retries = urllib3.Retry(total=3, status_forcelist=[503], backoff_factor=0)
    path = "/flaky/direct" if retried else "/status/502"

    def act() -> tuple[dict[str, object], int]:
        return ask(lab, "GET", path, {"retries": retries})

    lab.record(act)
    found, written_requests = lab.replay(act)

    assert found["status"][0] == (200 if retried else 502)  # type: ignore[index]  # a tuple
    assert written_requests == (3 if retried else 0)


def test_the_answer_that_was_found_is_played_once(lab: Laboratory) -> None:
    """
    It is found before the connection, and given over it.
    """

    def act() -> list[bytes]:
        with requests.Session() as session:
            answers = [session.get(f"{lab.url}/events", stream=True) for _ in range(3)]
            return [b"".join(answer.iter_content(None)) for answer in answers]

    first, second = lab.both(act)

    assert first == second
    assert lab.unmatched == []


@pytest.mark.parametrize("is_requests", [True, False])
def test_who_replaces_a_method_of_connections_sees_requests(lab: Laboratory, *, is_requests: bool) -> None:
    seen: list[str] = []
    original = http.client.HTTPConnection.putrequest

    @wraps(original)
    def watching(self: Any, method: str, url: str, *args: Any, **options: Any) -> None:  # noqa: ANN401
        seen.append(url)
        original(self, method, url, *args, **options)

    def act() -> tuple[dict[str, object], int]:
        return ask(lab, "GET", "/number/3", {}) if is_requests else requests_ask(lab, "/number/3")

    lab.record(act)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http.client.HTTPConnection, "putrequest", watching)
        lab.replay(act)
    assert seen == ["/number/3"]
    assert lab.replay(act)[1] == 0


class _Marked(HTTPAdapter):
    def add_headers(self, request: requests.PreparedRequest, **_: object) -> None:
        request.headers["X-Marked"] = "yes"


def test_an_adapter_of_the_test_keeps_its_methods(lab: Laboratory) -> None:
    def act() -> tuple[bytes, int]:
        with requests.Session() as session:
            session.mount(lab.url, adapter := _Marked())
            content = session.get(f"{lab.url}/echo/a").content
            return content, len(adapter.poolmanager.pools)

    recorded, replayed = lab.both(act)

    assert recorded == replayed
    assert replayed[1] == 1  # the pool was chosen, and answered by itself


def test_the_response_of_http_client_can_be_copied(lab: Laboratory) -> None:
    def act() -> tuple[int, list[str]]:
        with urllib3.PoolManager() as manager:
            answer: Any = manager.request("GET", f"{lab.url}/cookies")
            copied = copy.copy(answer._original_response)  # noqa: SLF001 - some read it all the same
            return copied.status, copied.msg.get_all("Set-Cookie")

    lab.record(lambda: ask(lab, "GET", "/cookies", {}))

    assert lab.replay(act) == (200, ["a=1; Path=/", "b=2; Path=/; HttpOnly"])


def test_what_differs_fails_as_over_a_connection(lab: Laboratory) -> None:
    lab.record(lambda: requests_ask(lab, "/echo/a", method="POST", json={"a": 1}))

    def other() -> object:
        return requests_ask(lab, "/echo/a", method="POST", json={"a": 2})

    with pytest.raises(NoMatch) as direct_error:
        lab.replay(other)
    with read_log(), pytest.raises(NoMatch) as error:
        lab.replay(other)

    assert str(direct_error.value) == str(error.value)
    assert "json.a: recorded 1, received 2" in str(error.value)


def test_requests_refuses_what_it_always_refuses(lab: Laboratory) -> None:
    lab.record(lambda: requests_ask(lab, "/number/3"))

    with pytest.raises(OSError, match="TLS certificate file"):
        lab.replay(lambda: requests_ask(lab, "/number/3", cert="/no/such/file"))
    with pytest.raises(ValueError, match="Invalid timeout"):
        lab.replay(lambda: requests_ask(lab, "/number/3", timeout=(1, 2, 3)))
