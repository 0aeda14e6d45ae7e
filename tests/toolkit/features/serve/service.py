"""
A service for child processes to ask: HTTP, HTTPS and a WebSocket, in threads of this process.
"""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from websockets.sync.server import ServerConnection, serve


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/stream":
            self._stream()
            return
        made = {"id": str(uuid.uuid4()), "path": self.path, "auth": self.headers.get("authorization")}
        body = json.dumps(made).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as above
        """
        Say nothing.
        """

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"data: one\n\n", b"data: two\n\n", b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()


def talk(line: ServerConnection) -> None:
    line.send("welcome")
    for message in line:
        line.send(f"heard {message!s}")


@dataclass(frozen=True)
class Service:
    """
    Where it listens; ``ca`` is a file of the authority that signs for it.
    """

    http: str
    https: str
    ws: str
    ca: Path


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "service.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    with serve(talk, "127.0.0.1", 0) as socket_server:
        servers = (plain, secure, socket_server)
        threads = [threading.Thread(target=one.serve_forever) for one in servers]
        for thread in threads:
            thread.start()
        try:
            yield Service(
                http=f"http://127.0.0.1:{plain.server_port}",
                https=f"https://localhost:{secure.server_port}",
                ws=f"ws://127.0.0.1:{socket_server.socket.getsockname()[1]}",
                ca=folder / "service.pem",
            )
        finally:
            for one in servers:
                one.shutdown()
            for thread in threads:
                thread.join()
            plain.server_close()
            secure.server_close()
