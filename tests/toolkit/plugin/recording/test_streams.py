"""
Streamed answers: each piece reaches the caller as it comes; a replay has the same pieces, and the same end.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

STREAMER = '''
"""
Streams what its paths say: a piece for each number, one after the other when the client has asked for it.
"""

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KINDS = {
    "audio": ("audio/pcm", [bytes([n]) * 960 for n in range(6)] + [b"\\\\xff" * 17]),
    "events": ("text/event-stream", [b"data: %d\\\\n\\\\n" % n for n in range(5)]),
    "lines": ("application/x-ndjson", [b'{"n":%d}\\\\n' % n for n in range(5)]),
}
go_on = threading.Semaphore(0)


class Streamer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        _, kind, how = (self.path + "/").split("/")[:3]
        if kind == "go":
            go_on.release()
        if kind not in KINDS:
            self.send_response(204)
            self.end_headers()
            return
        media_type, pieces = KINDS[kind]
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(pieces):
            if number and how == "hold":
                time.sleep(2)
                self.close_connection = True
                return
            if number and how != "cut":
                go_on.acquire(timeout=20)
            if number == 3 and how == "cut":
                self.close_connection = True
                return
            self.wfile.write(b"%x\\\\r\\\\n%s\\\\r\\\\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\\\\r\\\\n\\\\r\\\\n")

    do_POST = do_GET

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Streamer).serve_forever()
'''.replace("\\\\", "\\")

PYPROJECT = """
[tool.taketwo.services.streamer]
command = ["python", "streamer.py", "{port}"]
health = "/health"
address = "STREAMER_URL"
environment = { STREAMER_URL = "{url}" }

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "no:anyio", "-p", "no:pgmem", "-p", "no:respx"]
filterwarnings = ["error"]
asyncio_default_fixture_loop_scope = "function"
"""

# The service sends the next piece when it is told to, which the test does when it has the one before: a
# recording that held back a piece would wait for ever.
TESTS = """
import asyncio
import json
import os
import urllib.request

import httpx
import pytest

URL = os.environ.get("STREAMER_URL")
AUDIO = [bytes([n]) * 960 for n in range(6)] + [b"\\xff" * 17]


@pytest.fixture
def go_on(vcr):
    # Beside the cassette: what drives the service is no part of the test.
    import socket
    url = httpx.URL(os.environ["STREAMER_URL"])

    def send():
        if vcr.record_mode.name != "NONE":
            with socket.create_connection((url.host, url.port)) as line:
                line.sendall(b"GET /go/ HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n")
                line.recv(100)

    return send


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_audio(go_on):
    pieces = []
    async with httpx.AsyncClient(base_url=os.environ["STREAMER_URL"]) as c:
        async with c.stream("GET", "/audio/") as answer:
            async for piece in answer.aiter_bytes():
                pieces.append(piece)
                go_on()
    assert pieces == AUDIO


@pytest.mark.vcr
def test_events(go_on):
    pieces = []
    with httpx.Client(base_url=os.environ["STREAMER_URL"]) as c, c.stream("GET", "/events/") as answer:
        for piece in answer.iter_raw():
            pieces.append(piece)
            go_on()
    assert pieces == [b"data: %d\\n\\n" % n for n in range(5)]


@pytest.mark.vcr
def test_lines(go_on):
    with httpx.Client(base_url=os.environ["STREAMER_URL"]) as c, c.stream("GET", "/lines/") as answer:
        found = []
        for line in answer.iter_lines():
            found.append(json.loads(line)["n"])
            go_on()
    assert found == [0, 1, 2, 3, 4]


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_left_early(go_on):
    async with httpx.AsyncClient(base_url=os.environ["STREAMER_URL"]) as c:
        async with c.stream("GET", "/events/") as answer:
            async for line in answer.aiter_lines():
                if line == "data: 2":
                    break
                if line:
                    go_on()


@pytest.mark.vcr
def test_cut_by_the_service():
    pieces = []
    with httpx.Client(base_url=os.environ["STREAMER_URL"]) as c, c.stream("GET", "/audio/cut") as answer:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read") as caught:
            for piece in answer.iter_bytes():
                pieces.append(piece)
    assert b"".join(pieces) == b"".join(AUDIO[:3])
    assert caught.value.request.url.path == "/audio/cut"


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_cancelled_while_it_waits():
    pieces = []
    async with httpx.AsyncClient(base_url=os.environ["STREAMER_URL"]) as c:
        async with c.stream("GET", "/audio/hold") as answer:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(None) as limit:
                    async for piece in answer.aiter_bytes():
                        pieces.append(piece)
                        limit.reschedule(asyncio.get_running_loop().time() + 0.1)
    assert pieces == AUDIO[:1]
"""


@pytest.fixture
def streaming(project: Project) -> Project:
    project.write("pyproject.toml", PYPROJECT)
    project.write("streamer.py", STREAMER)
    project.write("tests/test_notes.py", TESTS)
    return project


def test_streams_are_recorded_as_they_come_and_replayed_as_they_came(streaming: Project) -> None:
    recorded = streaming.pytest("--record-mode=rewrite")
    files = {path.name: path.read_bytes() for path in streaming.cassette("x").parent.iterdir()}
    replayed = streaming.pytest()
    again = streaming.pytest("--record-mode=rewrite")

    assert (recorded.tail, replayed.tail, again.tail) == ("6 passed",) * 3, recorded.output
    assert 'chunks: "960*6 17"' in streaming.cassette("test_audio").read_text()
    assert 'chunks: "9*5"' in streaming.cassette("test_events").read_text()
    assert "ended: client\n" in streaming.cassette("test_left_early").read_text()
    assert "ended: client, waiting\n" in streaming.cassette("test_cancelled_while_it_waits").read_text()
    assert 'ended: "RemoteProtocolError: ' in streaming.cassette("test_cut_by_the_service").read_text()
    assert {path.name: path.read_bytes() for path in streaming.cassette("x").parent.iterdir()} == files


def test_who_reads_on_where_the_recording_ends_is_told(streaming: Project) -> None:
    streaming.pytest("--record-mode=rewrite", "-k", "left_early")
    streaming.write("tests/test_notes.py", TESTS.replace('"data: 2"', '"data: 4"'))

    run = streaming.pytest("-k", "left_early", "--tb=short")

    assert run.tail.startswith("1 failed")
    assert "the recording ends here, where the client closed the stream" in run.said
