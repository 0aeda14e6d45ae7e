"""
A service for every client: each path does what it is called. Run as a process of its own, with a port or with
the path of a unix socket.
"""

from __future__ import annotations

import gzip
import json
import os
import socket
import socketserver
import struct
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import parse_qs, urlsplit

EVENTS = [b"data: %d\n\n" % number for number in range(5)]
go_on = threading.Semaphore(0)
tries: dict[str, int] = {}
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, BrokenPipeError):
            self.close_connection = True

    def address_string(self) -> str:
        return "client"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass

    def handle_expect_100(self) -> bool:
        if "refuse" in self.path:
            return True  # answered without the body
        return super().handle_expect_100()

    def do(self) -> None:
        split = urlsplit(self.path)
        name, *rest = split.path.strip("/").split("/")
        action = getattr(self, f"on_{name or 'health'}", None)
        if action is None:
            self.answer(404, b"no such thing", "text/plain")
        else:
            action(*rest)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do  # noqa: N815 - as the base class wants

    def answer(self, status: int, body: bytes, media_type: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        if status not in {204, 304}:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in {204, 304}:
            self.wfile.write(body)

    def json(self, value: object, status: int = 200, **headers: str) -> None:
        self.answer(status, json.dumps(value).encode(), "application/json", **headers)

    def body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        pieces = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def chunk(self, piece: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.flush()

    def in_chunks(self, media_type: str) -> None:
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def on_health(self) -> None:
        self.answer(204, b"", "text/plain")

    def on_echo(self, *path: str) -> None:
        body = self.body()
        self.json(
            {
                "method": self.command,
                "path": "/".join(path),
                "query": parse_qs(urlsplit(self.path).query),
                "body": body.decode("latin-1"),
                "type": self.headers.get("content-type"),
            }
        )

    def on_stored(self, *_: str) -> None:
        """
        What an object store says of an upload.
        """
        self.answer(200, b"", "application/xml", x_length=str(len(self.body())))

    def on_beyond_ascii(self, encoding: str) -> None:
        """
        A reason and a header in *encoding*.
        """
        word = "Grüße".encode(encoding).decode("latin-1")  # in which the base class writes
        self.send_response(299, word)
        self.send_header("x-word", word)
        self.send_header("content-length", "0")
        self.end_headers()

    def on_expiring(self) -> None:
        """
        A cookie for two weeks, and one that expired an hour ago.
        """
        self.send_response(200)
        for name, seconds in (("kept", 14 * 24 * 3600), ("gone", -3600)):
            self.send_header(
                "set-cookie", f"{name}=1; Expires={formatdate(time.time() + seconds, usegmt=True)}"
            )
        self.send_header("content-length", "0")
        self.end_headers()

    def on_number(self, number: str) -> None:
        """
        The number itself, after the others had time to ask too.
        """
        self.body()
        time.sleep(int(number) % 5 / 500)
        self.json({"number": int(number)})

    def on_status(self, status: str) -> None:
        self.body()
        self.answer(int(status), f"status {status}".encode(), "text/plain", etag='"1"')

    def on_redirect(self, status: str, left: str = "1") -> None:
        self.body()
        target = f"/redirect/{status}/{int(left) - 1}" if int(left) > 1 else "/echo/target"
        self.answer(
            int(status), b"elsewhere", "text/plain", location=target, set_cookie=f"hop={left}; Path=/"
        )

    def on_cookies(self) -> None:
        self.send_response(200)
        self.send_header("set-cookie", "a=1; Path=/")
        self.send_header("set-cookie", "b=2; Path=/; HttpOnly")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def on_spelled(self, further: str = "X-Request-Count") -> None:
        """
        Headers as most services write them, but for *further*.
        """
        self.send_response(200)
        for name, value in {"Content-Type": "text/plain", "ETag": '"1"', further: "1"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def on_mixed(self) -> None:
        self.on_spelled("x-request-count")

    def on_gzip(self) -> None:
        self.answer(200, gzip.compress(b"squeezed " * 100, mtime=0), "text/plain", content_encoding="gzip")

    def on_binary(self, size: str) -> None:
        self.answer(200, bytes(range(256)) * (int(size) // 256), "application/octet-stream")

    def on_events(self, how: str = "") -> None:
        """
        Five events: each but the first when the client has asked for it, or all at once.
        """
        self.in_chunks("text/event-stream")
        for number, event in enumerate(EVENTS):
            if number and how == "held":
                go_on.acquire(timeout=20)
            if number == 3 and how == "cut":
                self.close_connection = True
                return
            self.chunk(event)
        self.wfile.write(b"0\r\n\r\n")

    def on_go(self) -> None:
        go_on.release()
        self.answer(204, b"", "text/plain")

    def on_until_close(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(b"to the end")
        self.close_connection = True

    def on_short(self) -> None:
        """
        Less than was promised.
        """
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", "100")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def on_reset(self) -> None:
        self.in_chunks("text/plain")
        self.chunk(b"one")
        time.sleep(0.2)  # so that the client has read it before the connection is reset
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def on_stall(self) -> None:
        """
        The first piece, and then nothing for longer than any client waits.
        """
        self.in_chunks("text/plain")
        self.chunk(b"one")
        time.sleep(3)
        self.close_connection = True

    def on_hang(self) -> None:
        time.sleep(3)
        self.close_connection = True

    def on_flaky(self, name: str, failures: str = "2", wait: str = "0") -> None:
        """
        503 so many times, then 200.
        """
        self.body()
        with lock:
            tries[name] = tries.get(name, 0) + 1
            count = tries[name]
        if count <= int(failures):
            self.answer(503, b"busy", "text/plain", retry_after=wait)
        else:
            tries.clear()
            self.json({"tries": count})

    def on_refuse(self) -> None:
        self.close_connection = True
        self.answer(403, b"no", "text/plain", connection="close")


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def main(where: str) -> None:
    if where.isdecimal():
        ThreadingHTTPServer(("127.0.0.1", int(where)), Handler).serve_forever()
    if os.path.exists(where):  # noqa: PTH110 - a socket, not a file
        os.unlink(where)  # noqa: PTH108 - as above
    UnixServer(where, cast("type[socketserver.BaseRequestHandler]", Handler)).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
