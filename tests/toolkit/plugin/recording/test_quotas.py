"""
A service that refuses requests for the number of them, recorded by pytest.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.toolkit.conftest import Project

PYPROJECT = """
[tool.taketwo]
[tool.taketwo.services.shop]
address = "SHOP_URL"
environment = { SHOP_URL = "{url}" }
retry = true
"""

SUITE = """
import os
import httpx
import pytest

@pytest.mark.vcr
def test_patient():
    assert httpx.get(os.environ["SHOP_URL"] + "/patient").status_code == 200

@pytest.mark.vcr(retry=False)
def test_about_the_refusal():
    assert httpx.get(os.environ["SHOP_URL"] + "/refusal").status_code == 429
"""


class Refusing(BaseHTTPRequestHandler):
    """
    Refuses the first request for each path.
    """

    seen: list[str]

    def do_GET(self) -> None:
        is_refused = self.path not in self.seen
        self.seen.append(self.path)
        self.send_response(429 if is_refused else 200)
        if is_refused:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """
        Nothing: the test tells what it has seen.
        """


@pytest.fixture
def url() -> Iterator[str]:
    handler = type("Handler", (Refusing,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_refusal_is_waited_for_unless_the_test_is_about_it(project: Project, url: str) -> None:
    project.write("pyproject.toml", PYPROJECT)
    project.write("tests/test_shop.py", SUITE)

    recorded = project.pytest(
        "--record-mode=rewrite", environment={"SHOP_URL": url, "TMPDIR": str(project.root.parent)}
    )
    replayed = project.pytest("--record-mode=none")

    assert (recorded.tail, replayed.tail) == ("2 passed", "2 passed"), recorded
    assert f"waiting 0.05 s: shop answered 429 to GET {url}/patient" in recorded.output
    assert "shop answered 429 or 503 to 1 request; " in recorded.output
    patient = (project.root / "cassettes/test_shop/test_patient.yaml").read_text(encoding="utf-8")
    assert "status: 429" not in patient
