"""
A shop over HTTP, in a thread of the test: every method, redirects, cookies, packed, cut and binary answers.
"""

from __future__ import annotations

import gzip
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count: ClassVar[Iterator[int]] = itertools.count(1)

    def _route(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        name, *rest = self.path.partition("?")[0].split("/")[1:]
        action = getattr(self, f"on_{name}", None)
        if action is None:
            self._send(b'{"error": "no such path"}', status=404)
        else:
            action(*rest)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _route  # noqa: N815 - as the base class wants

    def on_json(self, *_: str) -> None:
        self._send(json.dumps({"path": self.path, "method": self.command}).encode())

    def on_echo(self) -> None:
        self._send(self.body, kind=self.headers.get("content-type", "text/plain"))

    def on_headers(self) -> None:
        self._send(json.dumps({"agent": self.headers.get("x-agent", "")}).encode())

    def on_gzip(self) -> None:
        self._send(gzip.compress(b'{"packed": true}'), extra={"Content-Encoding": "gzip"})

    def on_binary(self) -> None:
        self._send(bytes(range(256)), kind="application/octet-stream")

    def on_text(self) -> None:
        self._send("gr\u00fc\u00dfe\n".encode(), kind="text/plain; charset=utf-8")

    def on_latin(self) -> None:
        self._send("gr\u00fc\u00dfe".encode("latin-1"), kind="text/plain; charset=iso-8859-1")

    def on_count(self) -> None:
        self._send(json.dumps({"count": next(self.count)}).encode())

    def on_redirect(self, number: str) -> None:
        if int(number):
            self._send(b"", status=302, extra={"Location": f"/redirect/{int(number) - 1}"})
        else:
            self._send(b'{"arrived": true}')

    def on_cookie(self) -> None:
        self._send(b"{}", extra={"Set-Cookie": "basket=42; Path=/"})

    def on_basket(self) -> None:
        self._send(json.dumps({"cookie": self.headers.get("cookie", "")}).encode())

    def on_status(self, number: str) -> None:
        self._send(b"" if number == "204" else b'{"error": true}', status=int(number))

    def on_chunks(self) -> None:
        self._chunks([b"one\n", b"two\n", b"three\n"])

    def on_bucket(self, *_: str) -> None:
        kept = b"kept" if self.command == "GET" else b""
        self._send(kept, kind="text/plain", extra={"ETag": '"1"'})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def _send(
        self,
        content: bytes,
        *,
        status: int = 200,
        kind: str = "application/json",
        extra: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _chunks(self, pieces: list[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in [*pieces, b""]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


@contextmanager
def shop() -> Iterator[str]:
    """
    Its address, while it runs.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
