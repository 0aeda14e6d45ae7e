"""
A service with a token bucket, recorded by several workers of pytest-xdist.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.toolkit.conftest import OF_PYTEST, Project

TESTS, RATE, BURST = 24, 40, 3

SUITE = """
import httpx
import pytest


@pytest.mark.vcr
@pytest.mark.parametrize("number", range({tests}))
def test_asked(number):
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{url}/{{number}}").json() == {{"number": number}}
"""


@dataclass
class Bucket:
    """
    Refills by RATE tokens a second; ``given`` and ``refused`` count the answers to each path.
    """

    tokens: float = BURST
    filled: float = field(default_factory=time.monotonic)
    given: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    under_way: int = 0
    most_under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, path: str) -> bool:
        with self.lock:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            now = time.monotonic()
            self.tokens, self.filled = min(BURST, self.tokens + (now - self.filled) * RATE), now
            is_given = self.tokens >= 1
            self.tokens -= is_given
            (self.given if is_given else self.refused)[path] += 1
            return is_given

    def end(self) -> None:
        with self.lock:
            self.under_way -= 1


@contextmanager
def limited() -> Iterator[tuple[str, Bucket]]:
    bucket = Bucket()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_given = bucket.take(self.path)
            body = json.dumps({"number": int(self.path[1:])} if is_given else {"error": "too many"}).encode()
            bucket.end()  # before the client knows it: the next request may be there at once
            self.send_response(200 if is_given else 429)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if not is_given:
                self.send_header("Retry-After", "0.1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the signature of the base
            """
            Say nothing.
            """

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_workers_share_the_quota_and_no_refusal_reaches_a_cassette(project: Project) -> None:
    with limited() as (url, bucket):
        service = f'[tool.taketwo.services.shop]\nurl = "{url}"\nrate = "{RATE}/s"\nconcurrency = 2\n'
        project.write("pyproject.toml", f"{service}\n{OF_PYTEST}")
        project.write("tests/test_shop.py", SUITE.format(tests=TESTS, url=url))
        recorded = project.pytest("-n", "4", "--record-mode=rewrite")
    replayed = project.pytest("-n", "2")

    files = [content for name, content in project.files().items() if name.startswith("test_shop/")]
    assert (recorded.tail, replayed.tail) == (f"{TESTS} passed", f"{TESTS} passed"), recorded.output
    assert dict(bucket.given) == {f"/{number}": 1 for number in range(TESTS)}
    assert bucket.most_under_way <= 2
    assert len(files) == TESTS
    assert not [content for content in files if "status: 429" in content or "too many" in content]
