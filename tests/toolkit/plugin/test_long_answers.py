"""
A long answer passes through: neither a recording nor a replay has it in memory.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.toolkit.conftest import Project

MIB = 1024 * 1024
SIZE = 128 * MIB
GROWTH = 40 * MIB
BLOCK = bytes(range(128, 256)) * (MIB // 128)

CONFTEST = """
import resource

def pytest_unconfigure():
    with open("peak", "w") as file:
        file.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))
"""

START = """
import hashlib, os, pathlib, resource
import pytest

@pytest.fixture(autouse=True)
def start():
    with open("start", "w") as file:
        file.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))

def keep(pieces):
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    pathlib.Path("digest").write_text(digest.hexdigest())

def named_files():
    return [path.stat().st_size for path in pathlib.Path("cassettes").rglob("*") if path.is_file()]
"""

CLIENTS = {
    "httpx": """
import httpx

@pytest.mark.vcr
def test_long():
    with httpx.stream("GET", URL) as answer:
        keep(answer.iter_bytes())
        assert max(named_files(), default=0) < 1_000_000 or not RECORDS
""",
    "requests": """
import requests

@pytest.mark.vcr(filter_headers=["authorization"])
def test_long():
    with requests.get(URL, stream=True) as answer:
        keep(answer.iter_content(65536))
""",
    "aiohttp": """
import aiohttp, asyncio

@pytest.mark.vcr
def test_long():
    async def pieces():
        async with aiohttp.ClientSession() as session, session.get(URL) as answer:
            return await keep_async(answer.content.iter_chunked(65536))
    asyncio.run(pieces())

async def keep_async(pieces):
    digest = hashlib.sha256()
    async for piece in pieces:
        digest.update(piece)
    pathlib.Path("digest").write_text(digest.hexdigest())
""",
}


class _Long(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        in_chunks = self.path == "/chunks"
        framing = ("Transfer-Encoding", "chunked") if in_chunks else ("Content-Length", str(SIZE))
        self.send_header(*framing)
        self.end_headers()
        for _ in range(SIZE // MIB):
            self.wfile.write(b"%x\r\n%b\r\n" % (MIB, BLOCK) if in_chunks else BLOCK)
        if in_chunks:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """
        Nothing.
        """


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Long)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/whole", "/chunks"])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_long_answer_is_never_in_memory(client: str, path: str, service: str, project: Project) -> None:
    """
    Also where secrets are looked for in it, and where it is recorded again.
    """
    project.write("conftest.py", CONFTEST)
    known = f'import os\nURL = "{service}{path}"\nRECORDS = "RECORDS" in os.environ\n'
    project.test(f"{known}{START}{CLIENTS[client]}")
    digest = hashlib.sha256(BLOCK * (SIZE // MIB)).hexdigest()
    recording = {"SHOP_API_KEY": "s3cret-of-the-environment", "RECORDS": "1"}

    again = {"SHOP_API_KEY": recording["SHOP_API_KEY"]}
    for mode, environment in [("rewrite", recording), ("rewrite", again), ("none", {})]:
        run = project.pytest(f"--record-mode={mode}", environment=environment)

        assert run.code == 0, run.tail
        assert (project.root / "digest").read_text() == digest
        grown = int((project.root / "peak").read_text()) - int((project.root / "start").read_text())
        assert grown < GROWTH, (mode, grown)
    sizes = [path.stat().st_size for path in project.root.rglob("*.bin")]
    assert sizes == [SIZE]
