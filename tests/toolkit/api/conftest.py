"""
A folder without a project, and a service that counts what it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from taketwo.playback import modes


@dataclass
class Counter:
    """
    A service on this machine; ``asked`` are the paths that it was asked for, ``says`` is what it answers.
    """

    url: str = ""
    says: str = "hello"
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Counter]:
    counter = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def do_GET(self) -> None:
            counter.asked.append(self.path)
            body = f"{counter.says} {self.path}".encode("utf-8", "surrogateescape")
            self.send_response(200)
            self.send_header("content-type", "text/plain")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as above
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    counter.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield counter
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    The current folder, as a script has it that no run of pytest is around.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(modes, "_runs", [])
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("TAKETWO_RECORD_MODE", raising=False)
    return tmp_path
